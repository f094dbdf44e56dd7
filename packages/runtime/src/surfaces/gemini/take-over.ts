/** A stream of responses that passed unread from an upstream and broke. */
import { asText } from "@headgate/adapter-kit";
import type { TakenOver } from "../../codec/surface-request.ts";
import { passedEvents } from "../passed-frames.ts";
import type { Identity } from "./encode.ts";
import { type Framing, ResponseStreamEncoder } from "./encode-stream.ts";

/** Responses have no state but their id and model. Calls come whole, so none is cut. */
export function takeOverResponses(
  passed: Buffer,
  decode: () => TakenOver["events"],
  identity: Identity,
  framing: Framing,
): TakenOver | undefined {
  const [first] = passedEvents(passed);
  if (first === undefined) return undefined;
  const id = asText(first.responseId) ?? identity.id;
  const model = asText(first.modelVersion) ?? identity.model;
  const events = decode();
  const encoder = new ResponseStreamEncoder({ ...identity, id, model }, framing);
  encoder.follow(events);
  return { events, encoder };
}
