/** load → validate → link → lint: from a folder to a catalogue, or to everything that is wrong with it. */
import type { Catalog } from "@headgate/contract";
import type { Diagnostic, SourceFile } from "@headgate/diagnostics";
import { buildCatalog } from "./link/catalog.ts";
import { link } from "./link/index.ts";
import { LINTS } from "./lint/index.ts";
import { type InstalledAdapter, loadAdapters } from "./load/adapters.ts";
import { loadFiles } from "./load/files.ts";
import { Report } from "./report.ts";
import { validate } from "./validate/index.ts";
import { Schemas } from "./validate/schemas.ts";

/** What the compiler needs of its surroundings beside the root. */
export interface Installation {
  /** Holds `*.schema.json`. */
  readonly schemasDir: string;
  /** Holds the adapter packages; each package.json with a `headgate` field is one. */
  readonly adaptersDir: string;
}

export interface Compilation {
  /** Present exactly when there are no errors; warnings do not matter. */
  readonly catalog?: Catalog;
  /** Sorted by file and place. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every file that was read, for code frames. */
  readonly files: readonly SourceFile[];
  readonly adapters: readonly InstalledAdapter[];
  readonly providerCount: number;
  readonly modelCount: number;
}

/** Never throws for anything under the root: whatever is wrong with it becomes a diagnostic. */
export function compile(input: {
  readonly root: string;
  readonly installation: Installation;
  /** Texts by path, relative to the root, to judge in place of what those files hold. */
  readonly drafts?: ReadonlyMap<string, string>;
}): Compilation {
  const { root, installation, drafts } = input;
  const report = new Report();
  const schemas = new Schemas(installation.schemasDir);
  const adapters = loadAdapters(installation.adaptersDir, schemas, report);
  const loaded = loadFiles(root, report, drafts);
  const valid = validate(loaded, schemas, report);
  const workspace = link({ root, valid, installed: adapters, blind: loaded.blind, sources: loaded.sources });
  for (const lint of LINTS) lint(workspace, report);
  const modelCount = workspace.fragments.reduce((sum, { models }) => sum + models.length, 0);
  return {
    ...(report.errorCount === 0 ? { catalog: buildCatalog(workspace) } : {}),
    diagnostics: report.finish(),
    files: loaded.sources,
    adapters,
    providerCount: workspace.fragments.length,
    modelCount,
  };
}
