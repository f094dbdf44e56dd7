/** Beyond the one example of each code: what is and is not said about the model map. */
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import {
  CHAINS,
  diagnosticsAfter,
  type Edit,
  edited,
  GROQ,
  INSTALLATION,
  MODEL_MAP,
  withRoot,
} from "../testing/fixture.ts";

const GPT = '"gpt-*": ["cerebras-llama"]';
const said = async (...edits: Edit[]): Promise<(string | undefined)[][]> =>
  (await diagnosticsAfter(...edits)).map(({ code, message, fix }) => [code, message, fix]);

describe("the model map", () => {
  it("leads to aliases, groups and direct names", async () => {
    expect(await said([MODEL_MAP, GPT, '"gpt-*": ["groq-alone", "own-mode", "cerebras-llama"]'])).toEqual([]);
  });

  it("suggests the name that was probably meant, whatever it is", async () => {
    expect(await said([MODEL_MAP, GPT, '"gpt-*": ["own-mod", "groq-alon", "toString"]'])).toEqual([
      ["HG430", "Nothing is called `own-mod`.", "Did you mean `own-mode`?"],
      ["HG430", "Nothing is called `groq-alon`.", "Did you mean `groq-alone`?"],
      [
        "HG430",
        "Nothing is called `toString`.",
        "Correct the name; it is an alias, a group or a direct name.",
      ],
    ]);
  });

  it("sends a name to one operation, be the target an alias, a group or a direct name", async () => {
    for (const target of ["groq-llama", "own-mode", "groq-alone"]) {
      expect(await said([MODEL_MAP, GPT, `"gpt-*": ["local-bge", "${target}"]`]), target).toMatchObject([
        [
          "HG432",
          `\`${target}\` is for chat, and the targets before it are for embedding.`,
          "Keep to targets of one operation.",
        ],
      ]);
    }
  });

  it("stands in the catalogue in the order in which it is tried", async () => {
    const files = edited(MODEL_MAP, GPT, '"gpt-*": ["groq-llama"], "gpt-*-mini": ["groq-llama"]');
    const { catalog } = await withRoot(files, (root) => compile({ root, installation: INSTALLATION }));
    expect(catalog?.modelMap?.map(({ pattern }) => pattern)).toEqual([
      "text-embedding",
      "gpt-*-mini",
      "claude-*",
      "gpt-*",
    ]);
  });

  it("is not blamed for an alias in a fragment that cannot be read", async () => {
    expect((await said([GROQ, "name: Groq", 'name: "Groq'])).map(([code]) => code)).toEqual(["HG101"]);
  });

  it("refuses patterns with two stars, and says what a pattern is", async () => {
    expect(await said([MODEL_MAP, GPT, '"g*t-*": ["cerebras-llama"]'])).toMatchObject([
      ["HG205", expect.any(String), expect.stringContaining("at most one `*`")],
    ]);
  });

  it("may say nothing at all", async () => {
    expect(await said([MODEL_MAP, "*", '{ "map": {} }'])).toEqual([]);
    expect(await said([CHAINS, '"demo": []', '"demo": [ ]'])).toEqual([]);
  });
});
