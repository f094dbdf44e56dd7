/**
 * What a compilation finds, without the catalogue. Where nothing has changed since the last time, the findings come
 * from the cache, and no parser, validator or lint is loaded.
 */
import { addressOf, Cache } from "./cache/cache.ts";
import { compilerVersion } from "./cache/version.ts";
import type { Compilation, CompileInput } from "./compile.ts";
import { latestDay } from "./day.ts";
import { readManifests } from "./load/adapters.ts";
import { type Found, filesOf, findFiles } from "./load/find.ts";
import type { FoundFile } from "./load/read.ts";
import { readSchemas } from "./validate/schemas.ts";

export type Verdict = Pick<Compilation, "passed" | "diagnostics" | "files" | "providerCount" | "modelCount">;

/** Never throws for anything under the root: whatever is wrong with it becomes a diagnostic. */
export async function check(input: CompileInput): Promise<Verdict> {
  const found = findFiles(input.root, input.drafts, input.overlayDir);
  // What is wrong with the folders themselves is no part of the address.
  const cache =
    input.cacheDir === undefined || found.findings.length > 0 ? undefined : new Cache(input.cacheDir);
  const address = cache === undefined ? "" : verdictAddress(input, found);
  const kept = cache?.read(address);
  if (kept !== undefined) {
    return { ...(JSON.parse(kept) as Omit<Verdict, "files">), files: allFiles(found) };
  }
  const { compileFound } = await import("./compile.ts");
  const { passed, diagnostics, files, providerCount, modelCount } = await compileFound(input, found);
  cache?.write(address, JSON.stringify({ passed, diagnostics, providerCount, modelCount }));
  return { passed, diagnostics, files, providerCount, modelCount };
}

function verdictAddress(input: CompileInput, found: Found): string {
  const { installation } = input;
  return addressOf(
    "verdict",
    input.today ?? latestDay(),
    compilerVersion(),
    ...[...readSchemas(installation.schemasDir)].flat(),
    ...readManifests(installation.adaptersDir).flatMap(({ name, text }) => [name, text]),
    ...allFiles(found).flatMap(({ path, text }) => [path, text]),
  );
}

const allFiles = (found: Found): FoundFile[] =>
  [found, found.overlay].flatMap((layer) => (layer === undefined ? [] : filesOf(layer)));
