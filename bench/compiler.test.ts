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
    maxWorkers: 0,
  });

/** CPU time, which waiting for a busy machine does not count into; the lesser of two runs. */
async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < 2; run += 1) {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    runs.push((user + system) / 1000);
  }
  return Math.min(...runs);
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

describe("the synthetic catalogue", () => {
  it("compiles without a finding, with as many providers, models and chains as it should have", async () => {
    const { catalog, diagnostics, providerCount, modelCount } = await compileAt(
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
  it("grows with the catalogue's size, not with its square", async () => {
    const small = catalogue({ providers: 20, modelsEach: 30 });
    const large = catalogue({ providers: 100, modelsEach: 30 });
    await compileAt(small);
    const ratio = (await cpuMs(() => compileAt(large))) / (await cpuMs(() => compileAt(small)));
    // Five times as much: linear is 5, quadratic 25.
    expect(ratio).toBeLessThan(9);
  });
});
