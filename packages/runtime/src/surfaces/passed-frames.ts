/** The events of a stream that passed unread, parsed after it broke. */
import { isObject, parseExact, payloadText, SseFramer } from "@headgate/adapter-kit";
import type { JsonObject } from "@headgate/contract";

/** Objects only: comments, `[DONE]` and what is no JSON are left out. */
export function passedEvents(passed: Buffer): JsonObject[] {
  const events: JsonObject[] = [];
  for (const frame of new SseFramer().push(passed)) {
    const event = frame.kind === "data" ? parseExact(payloadText(frame)) : undefined;
    if (isObject(event)) events.push(event);
  }
  return events;
}
