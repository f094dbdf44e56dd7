/** The client's tool names in an answer. */
import type { ChatEvent } from "@headgate/contract";
import type { StreamDecoder } from "../adapter.ts";

/** @param names as sent → the client's */
export const restoreNames = (
  events: readonly ChatEvent[],
  names: ReadonlyMap<string, string>,
): readonly ChatEvent[] =>
  names.size === 0
    ? events
    : events.map((event) => {
        if (event.type !== "tool-call" || event.name === undefined) return event;
        const name = names.get(event.name);
        return name === undefined ? event : { ...event, name };
      });

export const restoringDecoder = (
  decoder: StreamDecoder,
  names: ReadonlyMap<string, string>,
): StreamDecoder => ({
  push: (chunk) => restoreNames(decoder.push(chunk), names),
  end: () => restoreNames(decoder.end(), names),
});
