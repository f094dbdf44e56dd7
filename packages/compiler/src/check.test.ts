/** The verdict with a cache, without one and with a broken one is the same. */
import { cpSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { compile } from "./compile.ts";
import { edited, FIXTURE, type Files, GROQ, INSTALLATION, withRoot } from "./testing/fixture.ts";

let scratch = "";
let cacheDir = "";
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "headgate-check-"));
  cacheDir = join(scratch, "cache");
});
afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const verdictOf = (files: Files, options: { cacheDir?: string; maxWorkers?: number } = {}) =>
  withRoot(files, (root) => check({ root, installation: INSTALLATION, ...options }));
const entries = (): string[] => readdirSync(cacheDir);

describe("check", () => {
  it.each<[string, Files]>([
    ["sound", FIXTURE],
    ["broken", edited(GROQ, "tier: free", "tier: fre")],
    ["unreadable", edited(GROQ, "name: Groq", "name: fast: very")],
    ["warned of", edited(GROQ, "tier: free", "tier: free\nstatus: { condition: shaky, why: 'x' }")],
  ])("finds the same in a catalogue that is %s, whether it is kept or not", async (_, files) => {
    const plain = await verdictOf(files);
    const first = await verdictOf(files, { cacheDir });
    const count = entries().length;
    const second = await verdictOf(files, { cacheDir });
    expect(first).toEqual({ ...plain, files: first.files });
    expect(second).toEqual({ ...plain, files: second.files });
    expect(second.files.map(({ path, text }) => [path, text])).toEqual(
      plain.files.map(({ path, text }) => [path, text]),
    );
    expect(entries()).toHaveLength(count);
  });

  it("keeps a fragment's entry while others change, and none that is broken", async () => {
    const fragments = Object.keys(FIXTURE).filter((path) => path.endsWith(".yaml")).length;
    await verdictOf(FIXTURE, { cacheDir });
    expect(entries()).toHaveLength(fragments + 1);
    // One more fragment and one more verdict.
    await verdictOf(edited(GROQ, "name: Groq", "name: Grok"), { cacheDir });
    expect(entries()).toHaveLength(fragments + 3);
    // One more verdict.
    await verdictOf(edited(GROQ, "tier: free", "tier: fre"), { cacheDir });
    expect(entries()).toHaveLength(fragments + 4);
  });

  it("reads everything anew where the schemas or an adapter differ", async () => {
    await verdictOf(FIXTURE, { cacheDir });
    const schemasDir = join(scratch, "schemas");
    cpSync(INSTALLATION.schemasDir, schemasDir, { recursive: true });
    writeFileSync(
      join(schemasDir, "operation.schema.json"),
      '{ "$id": "operation.schema.json", "enum": ["none"] }',
    );
    const { passed, diagnostics } = await withRoot(FIXTURE, (root) =>
      check({ root, installation: { ...INSTALLATION, schemasDir }, cacheDir }),
    );
    expect(passed).toBe(false);
    expect(diagnostics.map(({ code }) => code)).toContain("HG204");
    const bare = await withRoot(FIXTURE, (root) =>
      check({ root, installation: { ...INSTALLATION, adaptersDir: scratch }, cacheDir }),
    );
    expect(bare.diagnostics.map(({ code }) => code)).toContain("HG301");
  });

  it("keeps no verdict where a folder itself is wrong", async () => {
    const files = { ...FIXTURE, "providers/groq/stray.txt": "x" };
    await verdictOf(FIXTURE, { cacheDir });
    const { diagnostics } = await verdictOf(files, { cacheDir });
    expect(diagnostics.map(({ code }) => code)).toEqual(["HG122"]);
  });

  it("finds the same with damaged and with old entries", async () => {
    const plain = await verdictOf(FIXTURE);
    await verdictOf(FIXTURE, { cacheDir });
    for (const entry of entries()) {
      writeFileSync(join(cacheDir, entry), "damaged");
      utimesSync(join(cacheDir, entry), 1, 1);
    }
    const { files: _, ...verdict } = await verdictOf(FIXTURE, { cacheDir });
    expect({ ...verdict, files: plain.files }).toEqual(plain);
    const { files: __, ...again } = await verdictOf(FIXTURE, { cacheDir });
    expect(again).toEqual(verdict);
  });
});

describe("compile", () => {
  it("makes the same catalogue from the cache, and from worker threads", async () => {
    const padding = `\n# ${"x".repeat(70_000)}\n`;
    const large = Object.fromEntries(
      Object.entries(FIXTURE).map(([path, text]) => [path, path.endsWith(".yaml") ? text + padding : text]),
    );
    const compiled = (options: { cacheDir?: string; maxWorkers?: number }) =>
      withRoot(large, async (root) => {
        const { catalog, diagnostics } = await compile({ root, installation: INSTALLATION, ...options });
        return { catalog, diagnostics };
      });
    const alone = await compiled({ maxWorkers: 0 });
    expect(alone.catalog).toBeDefined();
    expect(await compiled({ maxWorkers: 2 })).toEqual(alone);
    expect(await compiled({ maxWorkers: 2, cacheDir })).toEqual(alone);
    expect(await compiled({ maxWorkers: 0, cacheDir })).toEqual(alone);
  });
});
