/**
 * What is sent to the shared limits without waiting: in order, many at once, kept while the server is away, and safe to send
 * twice (a ticket settles once, a sum has a name). Bounded: in a long outage the oldest is dropped, with a warning.
 */
import { randomUUID } from "node:crypto";
import type { Claim, MeterCorrection, MeterSettlement } from "@headgate/contract";
import { claimFields, correctionFields, type Keys, settlementFields } from "./encode.ts";

export type Op =
  | { readonly o: "settle"; readonly ticket: string; readonly meters: readonly MeterSettlement[] }
  | {
      readonly o: "cancel";
      readonly ticket: string;
      readonly claims: readonly Claim[];
      readonly takenAtMs: number;
    }
  | { readonly o: "renew"; readonly ticket: string; readonly claim: Claim }
  | { readonly o: "correct"; readonly correction: MeterCorrection }
  | { readonly o: "add"; readonly name: string; used: MeterSettlement };

export class Outbox {
  #ops: Op[] = [];
  /** Corrections and sums that wait, by meter: a later one replaces or joins them. */
  readonly #corrections = new Map<string, Op>();
  readonly #sums = new Map<string, Op & { o: "add" }>();
  readonly #most: number;
  dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#ops.length;
  }

  push(op: Op): void {
    this.#ops.push(op);
    if (this.#ops.length <= this.#most) return;
    const dropped = this.#ops.shift();
    if (dropped !== undefined) this.#unlist(dropped);
    this.dropped += 1;
  }

  correct(correction: MeterCorrection): void {
    if (correction.shape.kind === "concurrency") return;
    const before = this.#corrections.get(correction.id);
    if (before !== undefined) this.#ops.splice(this.#ops.indexOf(before), 1);
    const op: Op = { o: "correct", correction };
    this.#corrections.set(correction.id, op);
    this.push(op);
  }

  /** Uses of one meter in one part of its window are one sum. */
  add(used: MeterSettlement): void {
    if (used.shape.kind === "concurrency" || used.used === 0) return;
    const key = `${used.id} ${periodOf(used)}`;
    const before = this.#sums.get(key);
    if (before !== undefined) {
      before.used = { ...used, used: before.used.used + used.used };
      return;
    }
    const op = { o: "add" as const, name: randomUUID(), used };
    this.#sums.set(key, op);
    this.push(op);
  }

  /** Takes the oldest out; `giveBack` returns them when they could not be delivered. */
  next(count: number): Op[] {
    const ops = this.#ops.splice(0, count);
    for (const op of ops) this.#unlist(op);
    return ops;
  }

  giveBack(ops: readonly Op[]): void {
    const room = Math.max(0, this.#most - this.#ops.length);
    // A renewal is of a moment that is over; the next one replaces it.
    const again = ops.filter(({ o }) => o !== "renew");
    this.dropped += Math.max(0, again.length - room);
    this.#ops = [...again.slice(Math.max(0, again.length - room)), ...this.#ops];
  }

  #unlist(op: Op): void {
    if (op.o === "correct") this.#corrections.delete(op.correction.id);
    else if (op.o === "add") this.#sums.delete(`${op.used.id} ${periodOf(op.used)}`);
  }
}

function periodOf({ shape, takenAtMs, endsAtMs }: MeterSettlement): number {
  if (shape.kind === "sliding") return Math.floor((takenAtMs * shape.slices) / shape.windowMs);
  return shape.kind === "calendar" ? (endsAtMs ?? 0) : 0;
}

/** Ops as the script reads them. `ticketKey` names the key of a ticket or of a sum. */
export function opFields(keys: Keys, op: Op, ticketKey: (name: string) => string) {
  switch (op.o) {
    case "settle":
      return {
        o: "s",
        i: keys.indexOf(ticketKey(op.ticket)),
        ticket: op.ticket,
        m: op.meters.map((meter) => settlementFields(keys, meter)),
      };
    case "cancel":
      return {
        o: "x",
        i: keys.indexOf(ticketKey(op.ticket)),
        ticket: op.ticket,
        t: op.takenAtMs,
        claims: op.claims.map(({ meters }) =>
          meters.map((meter) => ({ ...claimFields(keys, meter), a: undefined })),
        ),
      };
    case "renew":
      return {
        o: "r",
        i: keys.indexOf(ticketKey(op.ticket)),
        ticket: op.ticket,
        m: op.claim.meters
          .filter(({ shape }) => shape.kind === "concurrency")
          .map((meter) => claimFields(keys, meter)),
      };
    case "correct":
      return { o: "c", m: [correctionFields(keys, op.correction)] };
    case "add":
      return { o: "a", i: keys.indexOf(ticketKey(op.name)), m: [settlementFields(keys, op.used)] };
  }
}
