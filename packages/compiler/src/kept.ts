/**
 * A compilation by content address. Where nothing has changed since the last time, it comes from the cache, and no parser,
 * validator or lint is loaded.
 */
import { addressOf, Cache } from "./cache/cache.ts";
import { compilerVersion } from "./cache/version.ts";
import type { Compilation, CompileInput } from "./compile.ts";
import { latestDay } from "./day.ts";
import { readManifests } from "./load/adapters.ts";
import { type Found, filesOf, findFiles } from "./load/find.ts";
import type { FoundFile } from "./load/read.ts";
import { readSchemas } from "./validate/schemas.ts";

/** A compilation without what few ask for. */
export type Kept = Omit<Compilation, "decisions" | "dialectRules">;

/** A larger catalogue is compiled each time: its entry alone would fill much of the cache. */
const MOST_MODELS = 10_000;

/** As `compile`. */
export function compileKept(input: CompileInput): Promise<Kept> {
  return kept(
    "catalogue",
    input,
    ({ passed, catalog, diagnostics, adapters, providerCount, modelCount }) => ({
      passed,
      catalog,
      diagnostics,
      adapters,
      providerCount,
      modelCount,
    }),
    ({ modelCount }) => modelCount <= MOST_MODELS,
  );
}

/**
 * @param kind tells apart what is kept of one input
 * @param part what is kept, as JSON
 * @param isWorth false: it is made anew each time
 */
export async function kept<T extends object>(
  kind: string,
  input: CompileInput,
  part: (compilation: Compilation) => T,
  isWorth: (compilation: Compilation) => boolean = () => true,
): Promise<T & Pick<Compilation, "files">> {
  const found = findFiles(input.root, input.drafts, input.overlayDir);
  // What is wrong with the folders themselves is no part of the address.
  const cache =
    input.cacheDir === undefined || found.findings.length > 0 ? undefined : new Cache(input.cacheDir);
  const address = cache === undefined ? "" : inputsAddress(kind, input, found);
  const text = cache?.read(address);
  if (text !== undefined) return { ...(JSON.parse(text) as T), files: allFiles(found) };
  const { compileFound } = await import("./compile.ts");
  const compilation = await compileFound(input, found);
  const own = part(compilation);
  if (isWorth(compilation)) cache?.write(address, JSON.stringify(own));
  return { ...own, files: compilation.files };
}

function inputsAddress(kind: string, input: CompileInput, found: Found): string {
  const { installation } = input;
  return addressOf(
    kind,
    input.today ?? latestDay(),
    compilerVersion(),
    ...[...readSchemas(installation.schemasDir)].flat(),
    ...readManifests(installation.adaptersDir).flatMap(({ name, text }) => [name, text]),
    ...allFiles(found).flatMap(({ path, text }) => [path, text]),
  );
}

const allFiles = (found: Found): FoundFile[] =>
  [found, found.overlay].flatMap((layer) => (layer === undefined ? [] : filesOf(layer)));
