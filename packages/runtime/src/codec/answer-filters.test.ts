import type { ChatEvent, JsonObject } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filtered, NestedArguments, nestingTools, StopCutter } from "./answer-filters.ts";

const END: readonly ChatEvent[] = [{ type: "finish", reason: "length" }, { type: "end" }];
const textOf = (events: readonly ChatEvent[]): string =>
  events.map((event) => (event.type === "text" ? event.text : "")).join("");

describe("a text that ends at a stop sequence", () => {
  const cut = (pieces: readonly string[], stops: readonly string[]): readonly ChatEvent[] => {
    const cutter = new StopCutter(stops);
    return [...pieces.flatMap((text) => cutter.push([{ type: "text", text }])), ...cutter.push(END)];
  };

  it("is the text before the first one, however it is cut into pieces", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "b", "\n") }),
        fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n"), minLength: 1, maxLength: 3 }), {
          minLength: 1,
        }),
        fc.array(fc.nat(40)),
        (text, stops, cuts) => {
          const points = [...new Set([0, ...cuts.filter((at) => at < text.length), text.length])].toSorted(
            (a, b) => a - b,
          );
          const pieces = points.slice(1).map((to, at) => text.slice(points[at], to));
          const found = stops
            .map((stop) => ({ at: text.indexOf(stop), end: text.indexOf(stop) + stop.length }))
            .filter(({ at }) => at >= 0)
            .toSorted((one, other) => one.end - other.end || one.at - other.at);
          const expected = text.slice(0, found[0]?.at ?? text.length);
          const events = cut(pieces, stops);
          expect(textOf(events)).toBe(expected);
          expect(events.slice(-2)).toEqual([
            { type: "finish", reason: found.length === 0 ? "length" : "stop" },
            { type: "end" },
          ]);
        },
      ),
    );
  });

  it("takes calls behind it with it, and no usage", () => {
    const cutter = new StopCutter(["END"]);
    const usage = { type: "usage", usage: { inputTokens: 1, outputTokens: 2 } } as const;
    const call = { type: "tool-call", index: 0, id: "c", name: "f" } as const;
    expect(cutter.push([{ type: "text", text: "aEND" }, call, usage])).toEqual([
      { type: "text", text: "a" },
      usage,
    ]);
    expect(new StopCutter(["END"]).push([{ type: "text", text: "aEN" }, call])).toEqual([
      { type: "text", text: "a" },
      { type: "text", text: "EN" },
      call,
    ]);
  });
});

describe("arguments that came as text once more", () => {
  const parameters: JsonObject = {
    type: "object",
    properties: {
      list: {
        type: "array",
        items: { type: "object", properties: { inner: { type: "object", properties: {} } } },
      },
      words: { type: "string" },
    },
  };
  const tools = nestingTools({
    tools: [
      { name: "f", parameters },
      { name: "plain", parameters: { type: "object", properties: { a: { type: "string" } } } },
    ],
  });
  const read = (pieces: readonly ChatEvent[]): readonly ChatEvent[] => {
    const filter = new NestedArguments(tools);
    return [...pieces.flatMap((event) => filter.push([event])), ...filter.push(END)];
  };
  const argumentsOf = (value: JsonObject | string) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const half = text.length >> 1;
    const events = read([
      { type: "tool-call", index: 0, id: "c", name: "f", arguments: text.slice(0, half) },
      { type: "tool-call", index: 0, arguments: text.slice(half) },
    ]);
    expect(events.map(({ type }) => type)).toEqual(["tool-call", "tool-call", "finish", "end"]);
    return events.map((event) => (event.type === "tool-call" ? (event.arguments ?? "") : "")).join("");
  };

  it("are read where the schema wants a list or an object, at any depth, with long integers", () => {
    expect(argumentsOf({ list: '[{"inner":"{\\"n\\":2512292042121000001}"}]', words: "[1]" })).toBe(
      '{"list":[{"inner":{"n":2512292042121000001}}],"words":"[1]"}',
    );
  });

  it("stay as they are elsewhere: text, other types, no JSON, whole calls", () => {
    for (const text of [
      '{"list": [ {"inner":{}} ]}',
      '{"list":"nothing","words":"{}"}',
      '{"list":"{}"}',
      "no JSON",
    ])
      expect(argumentsOf(text)).toBe(text);
  });

  it("of other tools pass piece by piece, and each call is whole before the next one begins", () => {
    const call = (index: number, name: string, args: string): ChatEvent => ({
      type: "tool-call",
      index,
      id: `c${index}`,
      name,
      arguments: args,
    });
    expect(read([call(0, "f", '{"list":"[]"}'), call(1, "plain", '{"a":'), call(2, "f", "{}")])).toEqual([
      { type: "tool-call", index: 0, id: "c0", name: "f" },
      call(1, "plain", '{"a":'),
      { type: "tool-call", index: 0, arguments: '{"list":[]}' },
      { type: "tool-call", index: 2, id: "c2", name: "f" },
      { type: "tool-call", index: 2, arguments: "{}" },
      ...END,
    ]);
  });
});

it("filters are made anew for each answer", () => {
  const text = (words: string): ChatEvent => ({ type: "text", text: words });
  const decoders = {
    decodeBody: () => [text("aXb"), ...END],
    decodeStream: () => ({ push: () => [text("aX")], end: () => END }),
  };
  const cutting = filtered(decoders, [() => new StopCutter(["X"])]);
  for (let round = 0; round < 2; round += 1) {
    expect(textOf(cutting.decodeBody(Buffer.alloc(0)))).toBe("a");
    const stream = cutting.decodeStream();
    expect(textOf([...stream.push(Buffer.alloc(0)), ...stream.end()])).toBe("a");
  }
  expect(filtered(decoders, [])).toBe(decoders);
});
