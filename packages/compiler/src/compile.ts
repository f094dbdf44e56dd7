/** load → validate → link → lint: from a folder to a catalogue, or to everything that is wrong with it. */
import type { Catalog } from "@headgate/contract";
import type { Diagnostic, SourceFile } from "@headgate/diagnostics";
import { Cache } from "./cache/cache.ts";
import { compilerVersion } from "./cache/version.ts";
import { buildCatalog } from "./link/catalog.ts";
import { link } from "./link/index.ts";
import { LINTS } from "./lint/index.ts";
import { type InstalledAdapter, loadAdapters } from "./load/adapters.ts";
import { parseFiles } from "./load/files.ts";
import { type Found, findFiles } from "./load/find.ts";
import { soundValues } from "./load/sound.ts";
import { Report } from "./report.ts";
import { validate } from "./validate/index.ts";
import { readSchemas, Schemas, schemaFingerprint } from "./validate/schemas.ts";

/** What the compiler needs of its surroundings beside the root. */
export interface Installation {
  /** Holds `*.schema.json`. */
  readonly schemasDir: string;
  /** Holds the adapter packages; each package.json with a `headgate` field is one. */
  readonly adaptersDir: string;
}

export interface Compilation {
  /** True when there are no errors; warnings do not matter. */
  readonly passed: boolean;
  /** Present exactly when it passed; built when it is first read. */
  readonly catalog: Catalog | undefined;
  /** Sorted by file and place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, for code frames. */
  readonly files: readonly SourceFile[];
  readonly adapters: readonly InstalledAdapter[];
  readonly providerCount: number;
  readonly modelCount: number;
}

export interface CompileInput {
  readonly root: string;
  readonly installation: Installation;
  /** Texts by path, relative to the root, to judge in place of what those files hold. */
  readonly drafts?: ReadonlyMap<string, string>;
  /** The folder for what need not be parsed again; absent: nothing is kept. It is made where it is missing. */
  readonly cacheDir?: string | undefined;
  /** Worker threads at most; absent: what the machine has. */
  readonly maxWorkers?: number;
}

/** Never throws for anything under the root: whatever is wrong with it becomes a diagnostic. */
export async function compile(input: CompileInput): Promise<Compilation> {
  return await compileFound(input, findFiles(input.root, input.drafts));
}

export async function compileFound(input: CompileInput, found: Found): Promise<Compilation> {
  const report = new Report();
  const { root, installation, cacheDir, maxWorkers } = input;
  const schemaTexts = readSchemas(installation.schemasDir);
  const schemas = await Schemas.of(schemaTexts);
  const adapters = loadAdapters(installation.adaptersDir, schemas, report);
  const sound = await soundValues({
    files: found.fragments.map(({ file }) => file),
    schemas,
    schemaTexts,
    ...(cacheDir === undefined
      ? { cache: undefined, basis: "" }
      : { cache: new Cache(cacheDir), basis: `${compilerVersion()} ${schemaFingerprint(schemaTexts)}` }),
    ...(maxWorkers === undefined ? {} : { maxWorkers }),
  });
  const loaded = parseFiles(found, report, sound);
  const valid = validate(loaded, schemas, report);
  const workspace = link({ root, valid, installed: adapters, blind: loaded.blind, sources: loaded.sources });
  for (const lint of LINTS) lint(workspace, report);
  const passed = report.errorCount === 0;
  let catalog: Catalog | undefined;
  return {
    passed,
    get catalog() {
      if (passed) catalog ??= buildCatalog(workspace);
      return catalog;
    },
    diagnostics: report.finish(),
    files: loaded.sources,
    adapters,
    providerCount: workspace.fragments.length,
    modelCount: workspace.fragments.reduce((sum, { models }) => sum + models.length, 0),
  };
}
