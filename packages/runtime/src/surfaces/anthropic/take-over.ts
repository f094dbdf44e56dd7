/** A Message stream that passed unread from an upstream and broke: what its encoder must know to go on. */
import { asCount, asObject, asText } from "@headgate/adapter-kit";
import type { TakenOver } from "../../codec/surface-request.ts";
import { passedEvents } from "../passed-frames.ts";
import type { Identity } from "./encode-body.ts";
import { MessageStreamEncoder, type PassedMessage } from "./encode-stream.ts";

interface OpenBlock {
  readonly index: number;
  readonly type: string;
  /** The call's arguments so far. */
  input: string;
}

/** Undefined where the open block is of a kind that only its upstream can close, such as a server tool's. */
export function takeOverMessage(
  passed: Buffer,
  decode: () => TakenOver["events"],
  identity: Identity,
): TakenOver | undefined {
  let open: OpenBlock | undefined;
  let started = false;
  let next = 0;
  let calls = 0;
  let stopped = false;
  for (const event of passedEvents(passed)) {
    switch (event.type) {
      case "message_start":
        started = true;
        break;
      case "content_block_start": {
        const type = asText(asObject(event.content_block)?.type) ?? "";
        const index = asCount(event.index) ?? next;
        open = { index, type, input: "" };
        next = index + 1;
        if (type === "tool_use") calls += 1;
        break;
      }
      case "content_block_delta":
        if (open !== undefined) open.input += asText(asObject(event.delta)?.partial_json) ?? "";
        break;
      case "content_block_stop":
        open = undefined;
        break;
      case "message_delta":
        if (asText(asObject(event.delta)?.stop_reason) !== undefined) stopped = true;
    }
  }
  if (!started) return undefined;
  const state = openState(open, calls);
  if (state === "foreign") return undefined;
  const encoder = MessageStreamEncoder.after({ open: state, next, calls, stopped }, identity);
  return { events: decode(), encoder };
}

function openState(open: OpenBlock | undefined, calls: number): PassedMessage["open"] | "foreign" {
  switch (open?.type) {
    case undefined:
      return undefined;
    case "text":
    case "thinking":
      return open.type;
    case "tool_use":
      return { call: calls - 1, arguments: open.input };
    default:
      return "foreign";
  }
}
