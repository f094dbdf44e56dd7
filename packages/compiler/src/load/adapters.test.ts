import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Report } from "../report.ts";
import { type Files, INSTALLATION, withRoot } from "../testing/fixture.ts";
import { readSchemas, Schemas } from "../validate/schemas.ts";
import { loadAdapters } from "./adapters.ts";

const MANIFEST = { adapter: "acme", transport: "http", operations: ["chat"], capabilities: ["tools"] };
const packageJson = (name: string, headgate: unknown): string => JSON.stringify({ name, headgate });

async function load(files: Files) {
  const report = new Report();
  const schemas = await Schemas.of(readSchemas(INSTALLATION.schemasDir));
  const adapters = await withRoot(files, (root) => loadAdapters(root, schemas, report));
  return { adapters, found: report.finish().map(({ code, file, message }) => `${code} ${file}: ${message}`) };
}

describe("loadAdapters", () => {
  it("takes every package with a manifest, sorted by the name that fragments use", async () => {
    const { adapters, found } = await load({
      "a/package.json": packageJson("@acme/wire", { ...MANIFEST, adapter: "zeta" }),
      "b/package.json": packageJson("@acme/other", MANIFEST),
    });
    expect(adapters).toEqual([
      { ...MANIFEST, packageName: "@acme/other" },
      { ...MANIFEST, adapter: "zeta", packageName: "@acme/wire" },
    ]);
    expect(found).toEqual([]);
  });

  it("passes over packages and folders that are no adapters", async () => {
    const { adapters, found } = await load({
      "kit/package.json": packageJson("@acme/kit", undefined),
      "keywords/package.json": JSON.stringify({ name: "x", keywords: ["headgate"] }),
      "empty/README.md": "",
    });
    expect([adapters, found]).toEqual([[], []]);
  });

  it("says which manifest is broken, and goes on with the others", async () => {
    const { adapters, found } = await load({
      "bad/package.json": packageJson("@acme/bad", { adapter: "x" }),
      "cut/package.json": '{ "headgate": {',
      "good/package.json": packageJson("@acme/good", MANIFEST),
    });
    expect(adapters.map(({ adapter }) => adapter)).toEqual(["acme"]);
    expect(found).toEqual([
      expect.stringMatching(/^HG319 bad\/package.json: .*transport/),
      expect.stringMatching(/^HG319 cut\/package.json: .*not valid JSON/),
    ]);
  });

  it("refuses two packages of one name", async () => {
    const { adapters, found } = await load({
      "a/package.json": packageJson("@acme/first", MANIFEST),
      "b/package.json": packageJson("@acme/second", MANIFEST),
    });
    expect(adapters.map(({ packageName }) => packageName)).toEqual(["@acme/first"]);
    expect(found).toEqual([expect.stringMatching(/^HG319 b\/package.json: .*@acme\/second.*@acme\/first/)]);
  });

  it("finds none where there is no folder", async () => {
    const schemas = await Schemas.of(readSchemas(INSTALLATION.schemasDir));
    const report = new Report();
    expect(loadAdapters(join(INSTALLATION.adaptersDir, "nowhere"), schemas, report)).toEqual([]);
    expect(report.errorCount).toBe(0);
  });
});
