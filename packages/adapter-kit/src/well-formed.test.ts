import type { ChatEvent } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PairJoiner, wellFormedJson } from "./well-formed.ts";

const mended = (text: string): string => wellFormedJson(Buffer.from(text)).toString("utf8");

describe("a body", () => {
  it.each([
    ['"cut \\ud83d here"', '"cut \\ufffd here"'],
    ['"\\uDE00"', '"\\ufffd"'],
    ['"\\ud83d\\ud83d\\ude00"', '"\\ufffd\\ud83d\\ude00"'],
    ['"\\\\ud83d"', '"\\\\ud83d"'],
    ['"\\\\\\ud83d"', '"\\\\\\ufffd"'],
    ['"\\u00e9 \\ud83d\\ude00"', '"\\u00e9 \\ud83d\\ude00"'],
  ])("%s becomes %s", (given, expected) => {
    expect(mended(given)).toBe(expected);
  });

  it("is the same buffer where nothing is wrong", () => {
    const bytes = Buffer.from('{"a":"😀 \\u00e9 \\ud83d\\ude00"}');
    expect(wellFormedJson(bytes)).toBe(bytes);
  });

  it("holds the same text as its parse, well-formed", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (codes) => {
        const text = String.fromCharCode(...codes);
        expect(JSON.parse(mended(JSON.stringify({ text })))).toEqual({ text: text.toWellFormed() });
      }),
    );
  });
});

describe("a stream", () => {
  const text = (words: string): ChatEvent => ({ type: "text", text: words });
  const joined = (...events: ChatEvent[]): ChatEvent[] => {
    const joiner = new PairJoiner();
    return events.flatMap((event) => [...joiner.push([event])]);
  };

  it("joins halves in two events", () => {
    expect(joined(text("a\ud83d"), text("\ude00b"))).toEqual([text("a"), text("😀b")]);
  });

  it("replaces a half that stays alone, before what follows it", () => {
    const end: ChatEvent = { type: "end" };
    const thought: ChatEvent = { type: "reasoning", text: "t" };
    expect(joined(text("\ud83d"), end)).toEqual([text("\ufffd"), end]);
    expect(joined(text("a\ud83d"), thought)).toEqual([text("a"), text("\ufffd"), thought]);
    expect(joined(text("\ude00"))).toEqual([text("\ufffd")]);
  });
});
