/** What a stranger's pull request could hold: whatever it is, compiling ends soon and in diagnostics. */
import { renderGithub, renderJson, renderPretty, renderSarif } from "@headgate/diagnostics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "./compile.ts";
import { plainOf } from "./load/tree.ts";
import { parseYaml } from "./load/yaml-tree.ts";
import { CHAINS, FIXTURE, type Files, GROQ, GROUPS, INSTALLATION, withRoot } from "./testing/fixture.ts";

const compiled = (files: Files) => withRoot(files, (root) => compile({ root, installation: INSTALLATION }));

async function expectSense(files: Files): Promise<void> {
  const { diagnostics, files: read, catalog } = await compiled(files);
  expect(catalog === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"));
  for (const { file, span, message, fix } of diagnostics) {
    expect(message).not.toMatch(/undefined|\[object|\n/);
    expect(fix).not.toBe("");
    if (span === undefined) continue;
    const { length } = read.find(({ path }) => path === file)?.text ?? "";
    expect(span.start.offset).toBeLessThanOrEqual(span.end.offset);
    expect(span.end.offset).toBeLessThanOrEqual(length);
  }
  for (const text of [
    renderPretty(diagnostics, { files: read, colour: true }),
    renderGithub(diagnostics),
    renderJson(diagnostics),
    renderSarif(diagnostics, "0.0.0"),
  ])
    expect(typeof text).toBe("string");
}

const path = fc.constantFrom(...(Object.keys(FIXTURE) as (keyof typeof FIXTURE)[]));

/** Pieces that mean something to a parser, a schema or a lint. */
const piece = fc.oneof(
  fc.constantFrom(
    "\n",
    "  ",
    "\t",
    ": ",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!js ",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "|\n",
    "---\n",
    "%YAML 1.1\n",
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "\u0000",
    "\u2028",
    "\ufeff",
    "\u001b[2J",
    "null",
    "1e999",
    "groq-llama",
    "free",
  ),
  fc.string({ maxLength: 8, unit: "binary" }),
);

/** A fixture's file with a few places cut out, doubled or replaced. */
const mangled = fc
  .tuple(path, fc.array(fc.tuple(fc.nat(), fc.nat(40), piece), { minLength: 1, maxLength: 4 }))
  .map(([file, cuts]): Files => {
    const text = cuts.reduce<string>((sofar, [where, length, shows]) => {
      const at = where % (sofar.length + 1);
      return sofar.slice(0, at) + shows + sofar.slice(at + length);
    }, FIXTURE[file]);
    return { ...FIXTURE, [file]: text };
  });

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A fixture's file with one value, wherever it stands, replaced by any other. */
const transplanted = fc
  .tuple(path, fc.nat(), fc.jsonValue({ maxDepth: 3 }))
  .map(([file, where, value]): Files => {
    const { root } = parseYaml(FIXTURE[file]);
    if (root === undefined) throw new Error(`${file} does not parse`);
    const places: (() => void)[] = [];
    const collect = (node: Json): void => {
      if (typeof node !== "object" || node === null) return;
      for (const key of Object.keys(node)) {
        const holder = node as { [key: string]: Json };
        places.push(() => {
          holder[key] = value as Json;
        });
        collect(holder[key] ?? null);
      }
    };
    const top = plainOf(root);
    collect(top);
    places[where % places.length]?.();
    return { ...FIXTURE, [file]: JSON.stringify(top, null, 2) };
  });

describe("compile, whatever the files hold", () => {
  it("answers with diagnostics for any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(path, fc.uint8Array({ maxLength: 200 }), async (file, bytes) => {
        await expectSense({ ...FIXTURE, [file]: bytes });
      }),
      { numRuns: 25 },
    );
  });

  it("answers with diagnostics for files that are nearly right", async () => {
    await fc.assert(fc.asyncProperty(mangled, expectSense), { numRuns: 60 });
  });

  it("answers with diagnostics for any value in the place of another", async () => {
    await fc.assert(fc.asyncProperty(transplanted, expectSense), { numRuns: 60 });
  });
});

describe("a file that is made to be slow", () => {
  const BYTES = 120_000;
  const many = (piece: (index: number) => string): string => {
    const pieces: string[] = [];
    for (let length = 0, index = 0; length < BYTES; index += 1) {
      const next = piece(index);
      pieces.push(next);
      length += next.length;
    }
    return pieces.join("");
  };
  const groq = (was: string, shows: string): string => FIXTURE[GROQ].replace(was, () => shows);

  it.each<[string, string, () => string]>([
    ["broken models on one line", GROQ, () => `models: [${many(() => "{a: 1},")}]`],
    ["unknown keys", GROQ, () => many((index) => `key${index}: 1\n`)],
    ["doubled keys", GROQ, () => many(() => "a: 1\n")],
    [
      "doubled aliases",
      GROQ,
      () => FIXTURE[GROQ] + many(() => "  - { alias: x, upstream: y, operation: chat }\n"),
    ],
    ["unknown capabilities", GROQ, () => groq("[tools]", `[${many((index) => `c${index},`)}]`)],
    [
      "limits without a unit or a window",
      GROQ,
      () => groq("limits:\n", `limits:\n${many(() => "  - {}\n")}`),
    ],
    [
      "limits that match nothing among many models",
      GROQ,
      () =>
        groq(
          "limits:\n",
          `limits:\n  - { scope: ip, unit: usd, window: day, amount: 1, models: [${many((index) => `llma-${index}*,`)}] }\n`,
        ) + many((index) => `  - { alias: a${index}, upstream: llama${index}, operation: chat }\n`),
    ],
    ["secrets", GROQ, () => `${FIXTURE[GROQ]}${many(() => "# sk-")}\nx: 1\n`],
    ["brackets", GROQ, () => "[".repeat(BYTES)],
    [
      "unknown sources of chains",
      CHAINS,
      () => `{ "chains": {${many((index) => `"x${index}": [],`)}"y": [] } }`,
    ],
    [
      "a chain that leads to itself",
      CHAINS,
      () => `{ "chains": { "groq-llama": [${many(() => '"groq-llama",')}"y"] } }`,
    ],
    [
      "groups without known members",
      GROUPS,
      () =>
        `{ "groups": {${many((index) => `"g${index}": { "description": "x", "operation": "chat", "members": ["z"] },`)}"y": 1 } }`,
    ],
  ])("is done with soon: %s", async (_, file, text) => {
    // The processor's time, which a busy machine does not stretch.
    const before = process.threadCpuUsage();
    const { diagnostics, files } = await compiled({ ...FIXTURE, [file]: text() });
    const shown = renderPretty(diagnostics, { files });
    // Each takes a part of a second; what is quadratic takes a minute.
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(8_000);
    expect(shown.length).toBeLessThan(2_000_000);
    expect(diagnostics.length).toBeGreaterThan(0);
  });
});
