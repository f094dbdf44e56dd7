/** The committed outputs of a checkout, and their differences from the files on disk. */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile, dialectsDoc, emitCatalog } from "@headgate/compiler";
import { emitValidators } from "@headgate/compiler/validators";
import { type Diagnostic, hasErrors, type SourceFile } from "@headgate/diagnostics";
import { schemaTypes } from "../schema-types.ts";
import { adapterNames } from "./adapter-names.ts";
import { clientsSetup } from "./clients-setup.ts";
import { readmeWithSums } from "./readme.ts";

const SCHEMA_TYPES = "packages/contract/src/generated/schema.ts";
const ADAPTER_NAMES = "schemas/adapter-name.schema.json";
const VALIDATORS = "packages/compiler/src/generated/validators.ts";

/** Folders that hold only outputs, with their exceptions. */
const OUTPUT_FOLDERS = ["generated", dirname(SCHEMA_TYPES), dirname(VALIDATORS)];
const NOT_OUTPUTS =
  /^generated\/((package|tsconfig)\.json$|README\.md$|CHANGELOG\.md$|(dist|node_modules)(\/|$))/;

export type Outputs =
  | { readonly files: ReadonlyMap<string, string> }
  /** The catalogue has errors, so there is nothing to write. */
  | { readonly diagnostics: readonly Diagnostic[]; readonly sources: readonly SourceFile[] };

/** Text by path, relative to the root. Writes nothing. */
export async function outputsOf(root: string): Promise<Outputs> {
  const compilation = await compile({
    root,
    installation: { schemasDir: join(root, "schemas"), adaptersDir: join(root, "packages", "adapters") },
  });
  const { catalog, adapters, diagnostics, files } = compilation;
  if (catalog === undefined || hasErrors(diagnostics)) return { diagnostics, sources: files };
  const outputs = await emitCatalog({ catalog, adapters });
  outputs.set(ADAPTER_NAMES, adapterNames(adapters));
  outputs.set(SCHEMA_TYPES, await schemaTypes(join(root, "schemas")));
  outputs.set(VALIDATORS, emitValidators(join(root, "schemas")));
  outputs.set("docs/dialects.md", dialectsDoc(compilation.dialectRules()));
  outputs.set("docs/clients-setup.md", clientsSetup(root));
  const readme = readmeWithSums(root, catalog);
  if (readme !== undefined) outputs.set("README.md", readme);
  return { files: outputs };
}

export interface Drift {
  readonly path: string;
  readonly kind: "missing" | "stale" | "superfluous";
  /** For a stale file: the first line that differs, counted from 1, on disk and as it should be. */
  readonly line?: { readonly number: number; readonly is: string; readonly should: string };
}

/** The differences between the checkout and its outputs, sorted by path. */
export function findDrift(root: string, files: ReadonlyMap<string, string>): Drift[] {
  const drifts: Drift[] = [];
  for (const [path, text] of files) {
    const full = join(root, path);
    if (!existsSync(full)) {
      drifts.push({ path, kind: "missing" });
      continue;
    }
    const found = readFileSync(full, "utf8");
    if (found !== text) drifts.push({ path, kind: "stale", line: firstDifference(found, text) });
  }
  for (const folder of OUTPUT_FOLDERS) {
    for (const entry of globSync(`${folder}/**/*`, { cwd: root, withFileTypes: true, exclude: isForeign })) {
      const path = relativePath(root, entry.parentPath, entry.name);
      if (!entry.isDirectory() && !files.has(path) && !NOT_OUTPUTS.test(path)) {
        drifts.push({ path, kind: "superfluous" });
      }
    }
  }
  return drifts.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const isForeign = (entry: { name: string }): boolean =>
  entry.name === "node_modules" || entry.name === "dist";

const relativePath = (root: string, folder: string, name: string): string =>
  join(folder, name).slice(join(root, "/").length).replaceAll("\\", "/");

function firstDifference(is: string, should: string): NonNullable<Drift["line"]> {
  const found = is.split("\n");
  const wanted = should.split("\n");
  let at = 0;
  while (at < found.length && found[at] === wanted[at]) at += 1;
  return { number: at + 1, is: found[at] ?? "(nothing)", should: wanted[at] ?? "(nothing)" };
}

/** Writes and deletes files until the checkout holds exactly the outputs. */
export function repair(root: string, drifts: readonly Drift[], files: ReadonlyMap<string, string>): void {
  for (const { path } of drifts) {
    const text = files.get(path);
    if (text === undefined) {
      rmSync(join(root, path));
      continue;
    }
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}
