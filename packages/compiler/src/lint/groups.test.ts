/** Beyond the one example of each code: what is and is not said about groups that fall back to groups, and direct names. */
import { describe, expect, it } from "vitest";
import { diagnosticsAfter, type Edit, GROUPS } from "../testing/fixture.ts";

const FALLBACK = '"fallback": ["back-mode"]';
const BACK =
  '"back-mode": { "description": "Else.", "operation": "chat", "members": ["groq-llama", "local-llama"] }';
const DIRECT = '"groq-alone": { "alias": "groq-llama" }';

const said = async (...edits: Edit[]): Promise<(string | undefined)[][]> =>
  (await diagnosticsAfter(...edits)).map(({ code, message, fix }) => [code, message, fix]);

describe("groups that fall back to groups", () => {
  it("may name each other, since fallbacks are read one step deep", async () => {
    expect(await said([GROUPS, BACK, BACK.replace(" }", ', "fallback": ["own-mode"] }')])).toEqual([]);
  });

  it("name a group once, and groups only", async () => {
    expect(
      await said([GROUPS, FALLBACK, '"fallback": ["back-mode", "back-mode", "groq-llama", "constructor"]']),
    ).toEqual([
      ["HG426", "`own-mode` falls back to `back-mode` twice.", expect.any(String)],
      ["HG425", "No group is called `groq-llama`.", "It is an alias; add it to the members."],
      ["HG425", "No group is called `constructor`.", expect.any(String)],
    ]);
  });

  it("do the same thing", async () => {
    const other = BACK.replace('"chat"', '"embedding"').replace(
      '["groq-llama", "local-llama"]',
      '["local-bge"]',
    );
    expect(await said([GROUPS, BACK, other])).toEqual([
      [
        "HG422",
        "The group `back-mode` is for embedding, and this one for chat.",
        "Choose a group of the same operation.",
      ],
    ]);
  });

  it("stay in one vector space", async () => {
    const embedding = (name: string, alias: string, fields = ""): string =>
      `"${name}": { "description": "E.", "operation": "embedding", "members": ["${alias}"]${fields} }`;
    const pair = (alias: string) =>
      `${embedding("e-one", "local-bge", ', "fallback": ["e-two"]')}, ${embedding("e-two", alias)}, ${BACK}`;
    expect(await said([GROUPS, BACK, pair("local-bge")])).toEqual([]);
    expect((await said([GROUPS, BACK, pair("local-minilm")])).map(([code]) => code)).toEqual(["HG424"]);
  });
});

describe("direct names", () => {
  it.each([
    ["a group", '"own-mode"'],
    ["an alias", '"local-llama"'],
    ["an upstream id", '"bge-m3"'],
  ])("cannot be %s already", async (what, name) => {
    expect(await said([GROUPS, DIRECT, `${name}: { "alias": "groq-llama" }`])).toEqual([
      ["HG428", `\`${name.slice(1, -1)}\` is ${what} already.`, "Rename it."],
    ]);
  });

  it("suggest the alias that was probably meant", async () => {
    expect(await said([GROUPS, DIRECT, '"groq-alone": { "alias": "grok-llama" }'])).toEqual([
      ["HG427", "No model has the alias `grok-llama`.", "Did you mean `groq-llama`?"],
    ]);
  });
});
