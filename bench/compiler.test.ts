import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "@headgate/compiler";
import { afterEach, describe, expect, it } from "vitest";
import { type CatalogueSize, writeCatalogue } from "./synthetic-catalogue.ts";

const REPOSITORY = join(import.meta.dirname, "..");
const roots: string[] = [];

function catalogue(size: CatalogueSize): string {
  const root = mkdtempSync(join(tmpdir(), "headgate-size-"));
  roots.push(root);
  writeCatalogue(root, size);
  return root;
}

const compileAt = (root: string) =>
  compile({
    root,
    installation: {
      schemasDir: join(REPOSITORY, "schemas"),
      adaptersDir: join(REPOSITORY, "packages/adapters"),
    },
  });

/** CPU time, which excludes waiting for a busy machine; the lower of two runs. */
function cpuMs(work: () => void): number {
  const runs = Array.from({ length: 2 }, () => {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...runs);
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

describe("the synthetic catalogue", () => {
  it("compiles without a finding, with the expected number of providers, models and chains", () => {
    const { catalog, diagnostics, providerCount, modelCount } = compileAt(
      catalogue({ providers: 20, modelsEach: 15 }),
    );
    expect(diagnostics).toEqual([]);
    expect([providerCount, modelCount]).toEqual([20, 300]);
    const chains = Object.values(catalog?.chains ?? {}).map(({ length }) => length);
    expect(chains.filter((length) => length >= 11)).toHaveLength(200);
    expect(chains.filter((length) => length > 0)).toHaveLength(300);
  });
});

describe("the compiler's time", () => {
  it("grows with the catalogue's size, not with its square", () => {
    const small = catalogue({ providers: 20, modelsEach: 50 });
    const large = catalogue({ providers: 200, modelsEach: 50 });
    compileAt(small);
    const ratio = cpuMs(() => compileAt(large)) / cpuMs(() => compileAt(small));
    // Ten times the size: linear is 8, since schemas cost both the same; quadratic is far above 12.
    expect(ratio).toBeLessThan(12);
  });
});
