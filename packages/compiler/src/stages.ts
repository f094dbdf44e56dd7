import type { Catalog } from "@headgate/contract";
import { buildCatalog } from "./link/catalog.ts";
import { decisionsOf } from "./link/decisions.ts";
import { link } from "./link/index.ts";
import { dialectRulesOf } from "./link/proofs.ts";
import { LINTS } from "./lint/index.ts";
import { loadAdapters } from "./load/adapters.ts";
import { parseFiles } from "./load/files.ts";
import type { Found } from "./load/find.ts";
import type { SoundFragments } from "./load/sound.ts";
import { soundJson } from "./load/sound-json.ts";
import { Report } from "./report.ts";
import { validate } from "./validate/index.ts";
import { Schemas } from "./validate/schemas.ts";

export interface StagesInput {
  readonly root: string;
  readonly today: string;
  readonly adaptersDir: string;
  readonly schemaTexts: ReadonlyMap<string, string>;
  readonly found: Found;
  readonly sound: SoundFragments;
}

/** Everything after the files were found. */
export async function runStages({ root, today, adaptersDir, schemaTexts, found, sound }: StagesInput) {
  const report = new Report();
  const schemas = await Schemas.of(schemaTexts);
  const adapters = loadAdapters(adaptersDir, schemas, report);
  const values = await sound.values((text, kind) => soundJson(text, kind, schemas));
  const loaded = parseFiles(found, report, values);
  const valid = validate(loaded, schemas, report);
  const workspace = link({
    root,
    today,
    valid,
    installed: adapters,
    blind: loaded.blind,
    sources: loaded.sources,
  });
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
    decisions: (name: string) => decisionsOf(workspace, name),
    dialectRules: () => dialectRulesOf(workspace),
    providerCount: workspace.fragments.length,
    modelCount: workspace.fragments.reduce((sum, { models }) => sum + models.length, 0),
  };
}
