/** The generator of conversations: the same seed, the same bytes; nothing of a conversation is lost on its own surface. */
import { describe, expect, it } from "vitest";
import { SURFACES, type SurfaceId } from "../support/matrix-surfaces.ts";
import { comparable, parseExact } from "./exact.ts";
import { conversationOf, KINDS } from "./generate.ts";
import { WRITERS } from "./surfaces.ts";

const surfaces = Object.keys(SURFACES) as SurfaceId[];

describe("a conversation", () => {
  it.each(KINDS)("of the kind %s is the same for the same seed, and another for another", (kind) => {
    const written = (seed: number) => JSON.stringify(conversationOf(seed, kind));
    expect(written(7)).toBe(written(7));
    expect(written(7)).not.toBe(written(8));
  });

  it("of 2,000 seeds has every kind", () => {
    const kinds = new Set(Array.from({ length: 2_000 }, (_, seed) => conversationOf(seed).kinds[0]));
    expect([...kinds].sort()).toEqual([...KINDS].sort());
  });

  it("has each of its marks once, but for the one image", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const words = conversationOf(seed)
        .marks.filter(({ kind }) => kind !== "image")
        .map(({ word }) => word);
      expect(new Set(words).size).toBe(words.length);
    }
  });

  it.each(surfaces)("is written to %s whole: every mark stands in the body", (surface) => {
    let written = 0;
    for (let seed = 0; seed < 300; seed += 1) {
      const conversation = conversationOf(seed);
      const request = WRITERS[surface].write(conversation, "model", seed % 2 === 0);
      if (request === undefined) continue;
      written += 1;
      const body = JSON.stringify(request.body);
      const missing = conversation.marks.filter(({ word }) => !body.includes(word));
      expect([conversation.kinds, missing]).toEqual([conversation.kinds, []]);
    }
    expect(written).toBeGreaterThan(200);
  });

  it("has about 200 turns where its kind says so", () => {
    expect(conversationOf(3, "200 turns").turns.length).toBeGreaterThanOrEqual(200);
  });
});

describe("exact JSON", () => {
  it("keeps the digits of long integers and compares by them, whatever the order of keys", () => {
    const text = '{"b":2512292042121000001,"a":[1,{"c":-9007199254740993}]}';
    expect(JSON.stringify(parseExact(text))).toBe(text);
    expect(comparable(text)).toBe(comparable('{"a":[1,{"c":-9007199254740993}], "b":2512292042121000001}'));
    expect(comparable(text)).not.toBe(comparable(text.replace("001,", "002,")));
    expect([comparable(""), comparable("no JSON")]).toEqual(["{}", "no JSON"]);
  });
});
