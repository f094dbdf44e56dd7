import { describe, expect, it } from "vitest";
import { combineDialects, PLAIN_DIALECT, type Profiles, rulesFor, withoutProfiles } from "./dialect.ts";

const PROFILES: Profiles = {
  base: { drop: ["store"], turns: { last: "user" }, effort: { values: ["low"] } },
  server: { like: "base", turns: { alternate: true } },
};

describe("combineDialects", () => {
  it("joins the lists of fields and the members of rules, of which a later layer's count", () => {
    expect(
      combineDialects([
        {
          drop: ["store", "n"],
          rename: { a: "b" },
          effort: { values: ["low"], on: true },
          cache: { marks: 4 },
        },
        { drop: ["n", "stop"], rename: { c: "d" }, effort: { values: ["high"] }, chat_path: "/x" },
      ]),
    ).toEqual({
      drop: ["store", "n", "stop"],
      rename: { a: "b", c: "d" },
      stripToolSchema: [],
      chatPath: "/x",
      effort: { values: ["high"], on: true },
      cache: { marks: 4 },
    });
  });

  it("appends conflicts and patterns", () => {
    const one = { when: "a", drop: ["b"] };
    const other = { when: "c", drop: ["d"] };
    expect(
      combineDialects([
        { conflicts: [one], prefill: ["x*"] },
        { conflicts: [other], prefill: ["y*"] },
      ]),
    ).toMatchObject({ conflicts: [one, other], prefill: ["x*", "y*"] });
  });

  it("lays a profile, and the profile that it is like, under the layer", () => {
    expect(combineDialects([{ like: "server", effort: { values: [] } }], PROFILES)).toEqual({
      ...PLAIN_DIALECT,
      drop: ["store"],
      turns: { last: "user", alternate: true },
      effort: { values: [] },
    });
  });

  it("ends a circle of profiles, and ignores one that does not exist", () => {
    const circle = { a: { like: "b", drop: ["x"] }, b: { like: "a", drop: ["y"] } };
    expect(combineDialects([{ like: "a" }], circle).drop).toEqual(["y", "x"]);
    expect(combineDialects([{ like: "toString", drop: ["z"] }], circle).drop).toEqual(["z"]);
  });
});

it("gives a model the rules of every entry that matches it and does not except it", () => {
  const entries = [
    { match: ["gpt-5*"], except: ["*-chat"], dialect: { drop: ["stop"] } },
    { match: ["*"], dialect: { drop: ["n"] } },
  ];
  expect(rulesFor(entries, "gpt-5-mini")).toEqual([{ drop: ["stop"] }, { drop: ["n"] }]);
  expect(rulesFor(entries, "gpt-5-chat")).toEqual([{ drop: ["n"] }]);
});

it("writes profiles out, so that entries need none", () => {
  const entries = withoutProfiles([{ match: ["m"], dialect: { like: "server", drop: ["n"] } }], PROFILES);
  expect(combineDialects(rulesFor(entries, "m"))).toEqual(
    combineDialects([{ like: "server", drop: ["n"] }], PROFILES),
  );
});
