import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readVoices } from "./voices.ts";

describe("a backend's list", () => {
  const aliases = new Map([
    ["a", "alias-a"],
    ["b", "alias-b"],
  ]);

  it("may name no model: then each of its models has the voice", () => {
    expect(readVoices({ voices: ["v"] }, "p", aliases)?.map(({ model }) => model)).toEqual([
      "alias-a",
      "alias-b",
    ]);
  });

  it("may be anything, and gives nothing that is not a voice of an offered model", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.jsonValue()), (whole, entries) => {
        for (const body of [whole, { voices: entries }]) {
          for (const voice of readVoices(body as never, "p", aliases) ?? []) {
            expect(voice.voice).not.toBe("");
            expect(["alias-a", "alias-b"]).toContain(voice.model);
          }
        }
      }),
    );
    const many = readVoices(
      { voices: Array.from({ length: 10_000 }, (_, at) => ({ voice: `v${at}`, model: "a" })) },
      "p",
      aliases,
    );
    expect(many).toHaveLength(2000);
  });
});
