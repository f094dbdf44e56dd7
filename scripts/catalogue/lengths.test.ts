import { describe, expect, it } from "vitest";
import { lengthProblems } from "./lengths.ts";

const ACME = "providers/acme-ai/provider.yaml";
const wordsOf = (files: Readonly<Record<string, string>>): string[] =>
  lengthProblems(new Map(Object.entries(files))).map(
    ({ path, line, message }) => `${path}:${line} ${message}`,
  );
const lines = (count: number): string => "a: 1\n".repeat(count);

describe("the lengths of the catalogue's files", () => {
  it("are what the limits allow, to the line", () => {
    expect(
      wordsOf({
        [ACME]: lines(150),
        "providers/b/provider.yaml": lines(40),
        "providers/c/provider.yaml": lines(40),
        "fallbacks/fallbacks.json": lines(900),
        "models/a.yaml": `${"x".repeat(120)}\n`,
      }),
    ).toEqual([]);
  });

  it("are reported at the first line too many", () => {
    expect(
      wordsOf({
        [ACME]: lines(151),
        "providers/b/provider.yaml": lines(1),
        "fallbacks/fallbacks.json": lines(901),
        "models/a.yaml": `a: 1\n${"x".repeat(121)}\n`,
      }),
    ).toEqual([
      `${ACME}:151 The fragment has 151 lines of at most 150; move what is true of a model to models/, and what several providers share to providers/dialects.yaml.`,
      "fallbacks/fallbacks.json:901 The file has 901 lines of at most 900; use ladders.",
      "models/a.yaml:2 The line has 121 columns; break it at 120.",
      `${ACME}:1 Half of the fragments have more than 76 lines; the median is 40 at most.`,
    ]);
  });

  it.each([
    ["  - { alias: acme-a, upstream: a, operation: chat }", "as a block"],
    ["    retired: { date: 2026-01-01 }", "Move the model to retired.yaml"],
    ["flag: ACME_AI", "Delete what holds without being written"],
    ["adapter: openai-compatible", "Delete what holds without being written"],
    ["auth: { env: ACME_AI_API_KEY }", "Delete what holds without being written"],
    ["base_url: { default: https://a.example/v1, env: ACME_AI_BASE_URL }", "Delete what holds"],
    ["auth: { scheme: bearer, optional: true }", "Delete what holds"],
  ])("come with what is written needlessly: %s", (line, told) => {
    expect(wordsOf({ [ACME]: `name: Acme\n${line}\n` })).toEqual([expect.stringContaining(told)]);
    expect(wordsOf({ [ACME]: `name: Acme\n${line}\n` })[0]).toMatch(/^providers\/acme-ai\/provider\.yaml:2 /);
  });

  it("leave alone what differs from the folder's name, and the models of a provider that is gone", () => {
    expect(
      wordsOf({
        [ACME]: "flag: ACME\nauth: { env: ACME_TOKEN }\nadapter: anthropic\n",
        "providers/b/provider.yaml": "status:\n  state: unusable\n    retired: { date: 2026-01-01 }\n",
      }),
    ).toEqual([]);
  });
});
