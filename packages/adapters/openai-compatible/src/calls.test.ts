/** Calls in the pieces that servers of this wire make of them. */
import { foldEvents } from "@headgate/adapter-kit";
import type { ChatEvent } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { decodeBody, decodeStream } from "./decode.ts";

const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const piece = (call: object): object => ({ tool_calls: [{ index: 0, type: "function", ...call }] });
const events = (...deltas: object[]): readonly ChatEvent[] => {
  const text = [...deltas.map((delta) => chunk(delta)), chunk({}, "tool_calls"), "data: [DONE]\n\n"].join("");
  return decodeStream().push(Buffer.from(text));
};
const callsOf = (found: readonly ChatEvent[]): [string, string][] =>
  foldEvents(found).toolCalls.map(({ name, arguments: args }) => [name, args]);
const idsOf = (found: readonly ChatEvent[]): string[] => foldEvents(found).toolCalls.map(({ id }) => id);

describe("a stream's calls", () => {
  it("are two where a name follows whole arguments under one index and without ids", () => {
    const found = events(
      piece({ id: "", function: { name: "f", arguments: '{"a":"1"}' } }),
      piece({ id: "", function: { name: "f", arguments: '{"a":"2"}' } }),
    );
    expect(callsOf(found)).toEqual([
      ["f", '{"a":"1"}'],
      ["f", '{"a":"2"}'],
    ]);
    expect(new Set(idsOf(found)).size).toBe(2);
  });

  it("are two where the second one's arguments come after its name", () => {
    const found = events(
      piece({ function: { name: "f", arguments: "{}" } }),
      piece({ function: { name: "g", arguments: "" } }),
      piece({ function: { arguments: '{"b":' } }),
      piece({ function: { arguments: "1}" } }),
    );
    expect(callsOf(found)).toEqual([
      ["f", "{}"],
      ["g", '{"b":1}'],
    ]);
  });

  it("are one where every piece repeats the name", () => {
    const found = events(
      piece({ id: "x", function: { name: "f", arguments: '{"a"' } }),
      piece({ id: "x", function: { name: "f", arguments: ":1}" } }),
      piece({ id: "x", function: { name: "f", arguments: "" } }),
    );
    expect(callsOf(found)).toEqual([["f", '{"a":1}']]);
  });

  it("begin once the name is known", () => {
    const found = events(
      piece({ id: "x", function: { arguments: '{"a"' } }),
      piece({ function: { name: "f", arguments: "" } }),
      piece({ function: { arguments: ':"1"}' } }),
    );
    expect(found.find(({ type }) => type === "tool-call")).toMatchObject({ id: "x", name: "f" });
    expect(callsOf(found)).toEqual([["f", '{"a":"1"}']]);
  });

  it("keep what has no name at all", () => {
    expect(callsOf(events(piece({ id: "x", function: { arguments: "{}" } })))).toEqual([["", "{}"]]);
  });

  it.each([{ content: "\n" }, { content: "so" }, { reasoning_content: "hm" }])(
    "are whole before %j that came between their pieces",
    (between) => {
      const found = events(
        piece({ id: "x", function: { name: "f", arguments: '{"a"' } }),
        between,
        piece({ function: { arguments: ':"1"}' } }),
      );
      const kinds = found.map(({ type }) => type);
      expect(callsOf(found)).toEqual([["f", '{"a":"1"}']]);
      expect(Math.max(kinds.indexOf("text"), kinds.indexOf("reasoning"))).toBeGreaterThan(
        kinds.lastIndexOf("tool-call"),
      );
    },
  );

  it("have ids of their answer's where the server gives none", () => {
    expect(idsOf(events(piece({ function: { name: "f", arguments: "{}" } })))).toEqual(["call_c1_0"]);
  });
});

const whole = (message: object): readonly ChatEvent[] =>
  decodeBody(
    Buffer.from(JSON.stringify({ id: "c1", choices: [{ index: 0, message, finish_reason: "tool_calls" }] })),
  );

it("arguments that are an object are its text", () => {
  const calls = [{ id: "x", type: "function", function: { name: "f", arguments: { a: "1" } } }];
  expect(callsOf(whole({ content: null, tool_calls: calls }))).toEqual([["f", '{"a":"1"}']]);
});

it("arguments keep the digits of a long integer", () => {
  const body = `{"choices":[{"index":0,"message":{"tool_calls":[{"function":{"name":"f","arguments":{"id":2512292042121000001}}}]},"finish_reason":"stop"}]}`;
  expect(callsOf(decodeBody(Buffer.from(body)))).toEqual([["f", '{"id":2512292042121000001}']]);
});

describe("OpenRouter's reasoning details", () => {
  const SEALED = { type: "reasoning.encrypted", data: "SEALED", index: 1 };

  it("are a seal right behind the reasoning of a whole answer", () => {
    const found = whole({
      content: "x",
      reasoning: "think",
      reasoning_details: [{ type: "reasoning.text", text: "think", index: 0 }, SEALED],
    });
    expect(found.map(({ type }) => type)).toEqual([
      "start",
      "reasoning",
      "reasoning",
      "text",
      "finish",
      "end",
    ]);
    const [part] = foldEvents(found).reasoningParts ?? [];
    expect(part?.text).toBe("think");
    expect(JSON.parse(part?.sealed?.data ?? "")).toEqual([
      { type: "reasoning.text", text: "think", index: 0 },
      SEALED,
    ]);
  });

  it("are joined from the pieces of a stream, before the text", () => {
    const text = (words: string): object => ({ type: "reasoning.text", text: words, index: 0 });
    const found = events(
      { reasoning: "th", reasoning_details: [text("th")] },
      { reasoning: "ink", reasoning_details: [text("ink")] },
      { reasoning_details: [SEALED] },
      { content: "x" },
    );
    const at = found.findIndex((event) => event.type === "reasoning" && event.sealed !== undefined);
    expect(found[at + 1]).toEqual({ type: "text", text: "x" });
    const [part] = foldEvents(found).reasoningParts ?? [];
    expect(JSON.parse(part?.sealed?.data ?? "")).toEqual([text("think"), SEALED]);
  });
});
