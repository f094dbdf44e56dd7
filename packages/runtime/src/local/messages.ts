/**
 * The messages between a leader and its followers about local models: JSON, one message a line. Each carries the fencing
 * token of the leader. A message with another token is late and is ignored.
 */
import type { Socket } from "node:net";
import { present } from "@headgate/contract";
import type { LeaseOutcome, ModelNeed } from "@headgate/resources";
import type { Command } from "./local-memory.ts";

/** Grows when the messages change, so that two versions of Headgate do not misread each other. */
export const FORMAT = 3;

export type FromFollower = { readonly token: number; readonly id: number } & (
  | {
      readonly ask: "acquire";
      readonly need: ModelNeed;
      readonly leftMs?: number;
      readonly startLeftMs?: number;
      readonly priority?: number;
    }
  /** Ends the wait; a lease that was granted meanwhile is released. */
  | { readonly ask: "abort" }
  | { readonly ask: "release"; readonly outcome: LeaseOutcome }
  | { readonly ask: Command; readonly key: string }
  | { readonly ask: "snapshot" }
);

export type FromLeader = { readonly token: number } & (
  | { readonly is: "hello"; readonly format: number }
  /** Sent every few seconds, so that a follower notices a leader that hangs. */
  | { readonly is: "alive" }
  | { readonly is: "answer"; readonly id: number; readonly value?: unknown }
  | { readonly is: "failed"; readonly id: number; readonly why: string }
);

const MAX_LINE_CHARS = 1 << 20;
/** The most that the other side may leave unread. */
const MAX_UNREAD_BYTES = 8 << 20;

type Message = Readonly<Record<string, unknown>>;

export const isMessage = (value: unknown): value is Message =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function send(socket: Socket, message: FromFollower | FromLeader): void {
  if (!socket.writable) return;
  if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  else socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls `take` with each message. A line that is no message closes the connection. */
export function onMessages(socket: Socket, take: (message: Message) => void): void {
  let partial = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (partial + chunk).split("\n");
    partial = lines.pop() ?? "";
    if (partial.length > MAX_LINE_CHARS) socket.destroy();
    for (const line of lines) {
      if (socket.destroyed) return;
      const message = line.length > MAX_LINE_CHARS ? undefined : parsed(line);
      if (isMessage(message)) take(message);
      else socket.destroy();
    }
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** @returns undefined for what is no message of this format */
export function readFromFollower(message: Message): FromFollower | undefined {
  const { token, id, ask } = message;
  if (!isCount(token) || !isCount(id)) return undefined;
  switch (ask) {
    case "acquire": {
      const { need, leftMs, startLeftMs, priority } = message;
      if (!isNeed(need) || !isOptionalNumber(leftMs) || !isOptionalNumber(startLeftMs)) return undefined;
      if (!isOptionalNumber(priority)) return undefined;
      return {
        token,
        id,
        ask,
        need: { ...need, idleUnloadMs: need.idleUnloadMs },
        ...present({ leftMs, startLeftMs, priority }),
      };
    }
    case "release": {
      const { outcome } = message;
      if (outcome !== "done" && outcome !== "failed" && outcome !== "unreachable") return undefined;
      return { token, id, ask, outcome };
    }
    case "load":
    case "evict":
    case "pin":
    case "unpin":
      return typeof message.key === "string" ? { token, id, ask, key: message.key } : undefined;
    case "abort":
    case "snapshot":
      return { token, id, ask };
    default:
      return undefined;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isAmount = (value: unknown): boolean => Number.isFinite(value) && Number(value) >= 0;
const isOptionalNumber = (value: unknown): value is number | undefined =>
  value === undefined || Number.isFinite(value);

function isNeed(value: unknown): value is ModelNeed {
  if (!isMessage(value) || !isMessage(value.spec) || !isMessage(value.spec.options)) return false;
  const { spec, deviceClass, concurrency, idleUnloadMs } = value;
  return (
    [spec.key, spec.backend, spec.model].every((name) => typeof name === "string") &&
    Object.values(spec.options as Message).every(
      (option) => typeof option === "boolean" || Number.isFinite(option),
    ) &&
    (deviceClass === "cpu" || deviceClass === "cuda") &&
    [value.bytes, value.transientBytes, value.loadCostMs, value.minResidencyMs].every(isAmount) &&
    isCount(concurrency) &&
    concurrency > 0 &&
    typeof value.pinned === "boolean" &&
    typeof value.splits === "boolean" &&
    Number.isFinite(value.priority) &&
    (idleUnloadMs === undefined || isAmount(idleUnloadMs)) &&
    (value.warm === undefined || typeof value.warm === "boolean")
  );
}
