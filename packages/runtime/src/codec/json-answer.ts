/** A whole answer that must be JSON. A model that was only asked for it may write words or a code fence around it. */
import { parseJson } from "@headgate/adapter-kit";
import type { ChatEvent } from "@headgate/contract";

const FENCED = /```(?:json)?\s*\n([\s\S]*?)\n?\s*```/i;

/** The same events with the JSON alone as their text; an error where there is none. Calls and cut answers stay as they are. */
export function jsonAnswer(events: readonly ChatEvent[]): readonly ChatEvent[] {
  if (events.some(isOther)) return events;
  const text = events.map((event) => (event.type === "text" ? event.text : "")).join("");
  if (isJson(text)) return events;
  const json = [FENCED.exec(text)?.[1], between(text)].find((part) => part !== undefined && isJson(part));
  if (json === undefined)
    return [
      {
        type: "error",
        error: {
          class: "malformed",
          scope: "request",
          message: "its answer is no JSON, which the request wants",
        },
      },
    ];
  let written = false;
  return events.flatMap((event): ChatEvent[] => {
    if (event.type === "citation") return [];
    if (event.type !== "text") return [event];
    if (written) return [];
    written = true;
    return [{ ...event, text: json }];
  });
}

const isJson = (text: string): boolean => parseJson(text) !== undefined;

/** Without text, or cut. */
const isOther = (event: ChatEvent): boolean =>
  event.type === "error" ||
  event.type === "tool-call" ||
  event.type === "refusal" ||
  (event.type === "finish" && event.reason !== "stop");

/** From the first bracket to the last one. */
function between(text: string): string | undefined {
  const start = text.search(/[{[]/);
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  return start === -1 || end < start ? undefined : text.slice(start, end + 1);
}
