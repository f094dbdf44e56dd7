import type { ChatEvent } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { ANSWER_CUT, EVENT_MALFORMED } from "./error-body.ts";
import { type JsonEventReader, type JsonEventWire, jsonEventDecoder } from "./json-events.ts";

const text = (piece: string): ChatEvent => ({ type: "text", text: piece });
const reader: JsonEventReader = { read: ({ word }) => [text(String(word))] };

function decode(stream: string, more: Partial<JsonEventReader> = {}, wire: JsonEventWire = {}): ChatEvent[] {
  const decoder = jsonEventDecoder(wire, { ...reader, ...more });
  return [...decoder.push(Buffer.from(stream)), ...decoder.end()];
}

describe("a stream of JSON events", () => {
  it("is cut unless its reader finds it whole", () => {
    const stream = ': ping\n\ndata: {"word":"a"}\n\ndata: \n\n';
    expect(decode(stream)).toEqual([text("a"), { type: "error", error: ANSWER_CUT }]);
    expect(decode(stream, { close: () => [{ type: "end" }] })).toEqual([text("a"), { type: "end" }]);
  });

  it("takes [DONE] only on a wire that has it", () => {
    expect(decode("data: [DONE]\n\n")).toEqual([{ type: "error", error: EVENT_MALFORMED }]);
    expect(decode("data: [DONE]\n\n", { done: () => [{ type: "end" }] })).toEqual([{ type: "end" }]);
  });

  it.each([
    ["the wire's own, in an object", 'data: {"oops":"busy"}\n\n'],
    ["an event named error", "event: error\ndata: busy\n\n"],
    ["lines that are no event stream", "busy\n\n"],
  ])("ends in an error for %s, after what the reader adds to it", (_, stream) => {
    const usage: ChatEvent = { type: "usage", usage: { inputTokens: 1, outputTokens: 2 } };
    const error = { message: "busy" };
    const wire: JsonEventWire = {
      findError: ({ oops }) => (oops === undefined ? undefined : error),
      nonStreamError: (message) => ({ message }),
    };
    expect(decode(stream, { fail: (failure) => [usage, { type: "error", error: failure }] }, wire)).toEqual([
      usage,
      { type: "error", error },
    ]);
  });
});
