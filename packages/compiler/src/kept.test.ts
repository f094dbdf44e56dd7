/** A compilation that is kept is the compilation. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compile } from "./compile.ts";
import { compileKept } from "./kept.ts";
import { edited, FIXTURE, type Files, GROQ, INSTALLATION, withRoot } from "./testing/fixture.ts";

let cacheDir = "";
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "headgate-kept-"));
});
afterEach(() => {
  rmSync(cacheDir, { recursive: true, force: true });
});

const keptOf = (files: Files) =>
  withRoot(files, (root) => compileKept({ root, installation: INSTALLATION, cacheDir }));

it.each<[string, Files]>([
  ["sound", FIXTURE],
  ["broken", edited(GROQ, "tier: free", "tier: fre")],
  ["unreadable", edited(GROQ, "name: Groq", "name: fast: very")],
])("of a catalogue that is %s, also the second time, which writes nothing", async (_, files) => {
  const { catalog, decisions, dialectRules, ...whole } = await withRoot(files, (root) =>
    compile({ root, installation: INSTALLATION }),
  );
  const expected = JSON.parse(JSON.stringify({ ...whole, files: [], catalog }));
  for (let time = 0; time < 2; time += 1) {
    const { files: read, ...own } = await keptOf(files);
    expect(JSON.parse(JSON.stringify({ ...own, files: [] }))).toEqual(expected);
    expect(read.map(({ path, text }) => [path, text])).toEqual(
      whole.files.map(({ path, text }) => [path, text]),
    );
  }
  const count = readdirSync(cacheDir).length;
  await keptOf(files);
  expect(readdirSync(cacheDir)).toHaveLength(count);
});

it("is another one after a change of one byte", async () => {
  await keptOf(FIXTURE);
  const { catalog } = await keptOf(edited(GROQ, "name: Groq", "name: Grok"));
  expect(catalog?.providers.map(({ name }) => name)).toContain("Grok");
});
