/** The shared limits that several replicas share, as scripts on the server. */
import { randomUUID } from "node:crypto";
import type { Claim, CountedBefore, MeterClaim, MeterSettlement, SharedLimits } from "@headgate/contract";
import type { Clock } from "../clock.ts";
import { messageOf, StoreUnavailable } from "../failures.ts";
import { grantOf } from "../limits/core.ts";
import { claimsFields, Keys } from "./encode.ts";
import type { RedisLink } from "./link.ts";
import { APPLY, RESERVE } from "./lua.ts";
import { Outbox, opFields } from "./outbox.ts";

export interface RedisLimitsOptions {
  readonly link: RedisLink;
  readonly clock: Clock;
  /** With its hash tag: "{headgate}:". */
  readonly prefix: string;
  /** How long an attempt in flight is counted without a renewal: a replica that ends holds it no longer. */
  readonly leaseMs: number;
  /** Most settlements that wait for a server that is away. */
  readonly maxQueued: number;
  readonly warn: (message: string) => void;
}

export interface RedisLimits extends SharedLimits {
  /** Delivers what waits. @throws StoreUnavailable when the server went away meanwhile */
  deliver(): Promise<void>;
  close(): void;
}

/** When a ticket that never settles is dropped; longer than any answer takes. */
const TICKET_MS = 2 * 60 * 60 * 1000;
const BATCH = 500;
/** Errors of the server that end by themselves; any other refusal concerns the batch. */
const PASSES =
  /^(OOM|READONLY|LOADING|MISCONF|MASTERDOWN|NOAUTH|NOPERM|BUSY|TRYAGAIN|CLUSTERDOWN|MOVED|NOREPLICAS)/;

export function redisLimits(options: RedisLimitsOptions): RedisLimits {
  const { link, clock, prefix, leaseMs, warn } = options;
  const outbox = new Outbox(options.maxQueued);
  const open = new Map<string, { readonly claim: Claim; readonly takenAtMs: number }>();
  const replica = randomUUID().slice(0, 13);
  const ticketKey = (name: string): string => `${prefix}t:${name}`;
  const meterPrefix = `${prefix}l:`;
  let tickets = 0;
  let sending: Promise<void> | undefined;
  let warnedDropped = 0;

  const send = async (): Promise<void> => {
    while (outbox.size > 0) {
      const ops = outbox.next(BATCH);
      const keys = new Keys(meterPrefix);
      const fields = ops.map((op) => opFields(keys, op, ticketKey));
      const request = JSON.stringify({ now: clock.nowMs(), lease: leaseMs, ttl: TICKET_MS, ops: fields });
      try {
        await link.during((redis) => link.script(redis, APPLY, keys.list, [request]));
      } catch (error) {
        const refusal = error instanceof StoreUnavailable ? error.cause : undefined;
        if (typeof refusal === "string" && /^ERR /.test(refusal) && !PASSES.test(refusal)) {
          warn(`what ${ops.length} requests used could not be counted together: ${messageOf(error)}`);
          continue;
        }
        outbox.giveBack(ops);
        throw error;
      }
    }
  };

  const deliver = (): Promise<void> => {
    sending ??= send().finally(() => {
      sending = undefined;
    });
    return sending;
  };

  /** Later in this turn of the event loop, so that one message carries all that settles in it. */
  let woken = false;
  const wake = (): void => {
    if (outbox.dropped > warnedDropped) {
      if (warnedDropped === 0) {
        warn(
          `more than ${options.maxQueued} settlements wait for ${link.shown}; the oldest are dropped, and the shared counts will be lower than what was used until their windows end.`,
        );
      }
      warnedDropped = outbox.dropped;
    }
    if (woken || !link.up) return;
    woken = true;
    queueMicrotask(() => {
      woken = false;
      if (link.up) deliver().catch(() => {});
    });
  };

  let stopRenewal = (): void => {};
  const renewal = (): void => {
    stopRenewal = clock.after(leaseMs / 3, () => {
      const nowMs = clock.nowMs();
      for (const [ticket, { claim, takenAtMs }] of open) {
        if (takenAtMs + TICKET_MS <= nowMs) open.delete(ticket);
        else if (link.up && claim.meters.some(isConcurrency)) outbox.push({ o: "renew", ticket, claim });
      }
      wake();
      renewal();
    });
  };
  renewal();

  return {
    async reserve(claims, nowMs) {
      tickets += 1;
      const ticket = `${replica}-${tickets.toString(36)}`;
      const keys = new Keys(meterPrefix, [ticketKey(ticket), `${prefix}cooldowns`]);
      const request = {
        now: nowMs,
        lease: leaseMs,
        ttl: TICKET_MS,
        ticket,
        claims: claimsFields(keys, claims),
      };
      const sent = link.up;
      let answer: unknown;
      try {
        const text = JSON.stringify(request);
        answer = await link.query((redis) => link.script(redis, RESERVE, keys.list, [text]));
      } catch (error) {
        // It may have been taken all the same; then it is given back.
        if (sent) outbox.push({ o: "cancel", ticket, claims, takenAtMs: nowMs });
        wake();
        throw error;
      }
      const [index, opens, flat = []] = answer as [number, string, string[]?];
      if (index < -1) throw new StoreUnavailable(`${link.shown}: the reservation was given up before`);
      const claim = claims[index];
      if (claim !== undefined) open.set(ticket, { claim, takenAtMs: nowMs });
      if (index === -1)
        return grantOf(opens === "" ? { index } : { index, opensAtMs: Number(opens) }, ticket);
      return grantOf({ index, counted: countedOf(flat) }, ticket);
    },
    settle(ticket, meters) {
      const taken = open.get(ticket);
      if (taken === undefined) return;
      open.delete(ticket);
      outbox.push({ o: "settle", ticket, meters: [...meters, ...leasesOf(taken.claim, meters)] });
      wake();
    },
    correct(corrections) {
      for (const correction of corrections) outbox.correct(correction);
      wake();
    },
    addUsed(used) {
      for (const one of used) outbox.add(one);
      wake();
    },
    deliver,
    close: () => stopRenewal(),
  };
}

const countedOf = (flat: readonly string[]): CountedBefore[] =>
  Array.from({ length: flat.length / 2 }, (_, meter) => [
    Number(flat[2 * meter]),
    Number(flat[2 * meter + 1]),
  ]);

const isConcurrency = ({ shape }: MeterClaim): boolean => shape.kind === "concurrency";

/** A settlement that leaves a lease out still ends it. */
function leasesOf(claim: Claim, meters: readonly MeterSettlement[]): MeterSettlement[] {
  const named = new Set(meters.map(({ id }) => id));
  return claim.meters
    .filter((meter) => isConcurrency(meter) && !named.has(meter.id))
    .map(({ id, shape, need }) => ({ id, shape, reserved: need, used: 0, takenAtMs: 0 }));
}
