/** load → validate → link → lint: from a folder to a catalogue, or to everything that is wrong with it. */
import type { Catalog } from "@headgate/contract";
import type { Diagnostic, SourceFile } from "@headgate/diagnostics";
import { Cache } from "./cache/cache.ts";
import { compilerVersion } from "./cache/version.ts";
import { latestDay } from "./day.ts";
import type { Decision } from "./link/decisions.ts";
import type { DialectRule } from "./link/proofs.ts";
import type { InstalledAdapter } from "./load/adapters.ts";
import { type Found, findFiles, whole } from "./load/find.ts";
import { SoundFragments } from "./load/sound.ts";
import { readSchemas, schemaFingerprint } from "./validate/schemas.ts";

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
  /** Which files decide what a name means; nothing for a name that is not in the catalogue. */
  decisions(name: string): readonly Decision[];
  /** Every rule of the dialects, with the exchange that proves it. */
  dialectRules(): readonly DialectRule[];
  readonly providerCount: number;
  readonly modelCount: number;
}

export interface CompileInput {
  readonly root: string;
  readonly installation: Installation;
  /** The absolute path of the user's own files, which may be missing; absent: none are looked for. */
  readonly overlayDir?: string | undefined;
  /** Texts by path, as findings name it, to judge in place of what those files hold. */
  readonly drafts?: ReadonlyMap<string, string>;
  /** The day, ISO 8601; absent: the clock's, where it is latest on earth. */
  readonly today?: string;
  /** The folder for what need not be parsed again; absent: nothing is kept. It is made where it is missing. */
  readonly cacheDir?: string | undefined;
  /** Worker threads at most; absent: what the machine has. */
  readonly maxWorkers?: number;
}

/** Never throws for anything under the root: whatever is wrong with it becomes a diagnostic. */
export async function compile(input: CompileInput): Promise<Compilation> {
  return await compileFound(input, findFiles(input.root, input.drafts, input.overlayDir));
}

export async function compileFound(input: CompileInput, found: Found): Promise<Compilation> {
  const { root, installation, cacheDir, maxWorkers } = input;
  const schemaTexts = readSchemas(installation.schemasDir);
  const sound = new SoundFragments({
    files: { provider: whole(found, "fragments"), base: whole(found, "bases") },
    schemaTexts,
    cache: cacheDir === undefined ? undefined : new Cache(cacheDir),
    basis: cacheDir === undefined ? "" : `${compilerVersion()} ${schemaFingerprint(schemaTexts)}`,
    maxWorkers,
  });
  // Worker threads start while this one loads the parser and the later stages.
  const { runStages } = await import("./stages.ts");
  return await runStages({
    root,
    today: input.today ?? latestDay(),
    adaptersDir: installation.adaptersDir,
    schemaTexts,
    found,
    sound,
  });
}
