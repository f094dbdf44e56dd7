/**
 * What a compilation finds, without the catalogue. Where nothing has changed since the last time, the answer comes from
 * the cache, and neither parser nor validator nor lint is loaded.
 */
import type { Diagnostic, SourceFile } from "@headgate/diagnostics";
import { addressOf, Cache } from "./cache/cache.ts";
import { compilerVersion } from "./cache/version.ts";
import type { CompileInput } from "./compile.ts";
import { readManifests } from "./load/adapters.ts";
import { type Found, findFiles } from "./load/find.ts";
import { readSchemas } from "./validate/schemas.ts";

export interface Verdict {
  /** True when there are no errors; warnings do not matter. */
  readonly passed: boolean;
  /** Sorted by file and place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, for code frames. */
  readonly files: readonly SourceFile[];
  readonly providerCount: number;
  readonly modelCount: number;
}

type Kept = Omit<Verdict, "files">;

export async function check(input: CompileInput): Promise<Verdict> {
  const { cacheDir } = input;
  const cache = cacheDir === undefined ? undefined : new Cache(cacheDir);
  const found = findFiles(input.root, input.drafts);
  const address = addressOf("verdict", compilerVersion(), ...inputsOf(input, found));
  const kept = cache?.read(address);
  if (kept !== undefined) return { ...(JSON.parse(kept) as Kept), files: filesOf(found) };
  const { compile } = await import("./compile.ts");
  const { catalog, diagnostics, files, providerCount, modelCount } = await compile({ ...input, found });
  const verdict: Kept = { passed: catalog !== undefined, diagnostics, providerCount, modelCount };
  cache?.write(address, JSON.stringify(verdict));
  return { ...verdict, files };
}
