/** Compiles the catalogue and resolves it for an environment, for `build`, `explain`, `providers` and others. */
import type { Kept, resolveEnvironment } from "@headgate/compiler/table";
import { type Catalog, readOptions } from "@headgate/contract";
import { type Diagnostic, hasErrors, type SourceFile } from "@headgate/diagnostics";
import type { Cli } from "./cli.ts";
import {
  type EnvFile,
  overlayOf,
  readCatalogEnvironment,
  readEnvFile,
  readOptionEnvironment,
} from "./environment.ts";
import { readFound } from "./found-file.ts";
import { findCache, findInstallation, findPlace, type Place, resolveStateDir } from "./place.ts";
import type { Findings } from "./report.ts";

export interface AssembleOptions {
  readonly root?: string;
  readonly envFile?: string;
  readonly stateDir?: string;
}

/** What is judged in place of what the user's files hold. */
export interface Drafts {
  readonly envFile?: EnvFile;
  /** A folder in place of the overlay. */
  readonly overlayDir?: string;
}

export interface Assembly extends Findings {
  readonly place: Place;
  /** The absolute path of the user's own files, which may be missing. */
  readonly overlayDir: string;
  readonly compilation: Kept;
  /** Present iff the catalogue has no errors. */
  readonly resolved?: ReturnType<typeof resolveEnvironment> & { readonly catalog: Catalog };
  /** True when an error prevents the use of the result. */
  readonly failed: boolean;
}

/** What is compiled for a folder and the user's own files. */
export const inputOf = (cli: Cli, { root }: Place, overlayDir: string) => ({
  root,
  installation: findInstallation(),
  cacheDir: findCache(cli.env),
  overlayDir,
});

export async function assemble(cli: Cli, options: AssembleOptions, drafts: Drafts = {}): Promise<Assembly> {
  const place = findPlace(cli, options.root);
  const envFile =
    drafts.envFile ?? readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const overlayDir = drafts.overlayDir ?? overlayOf(place, envFile, cli.env);
  // Loaded here, so that commands without the compiler start faster.
  const { compileKept, oddLines, resolveEnvironment } = await import("@headgate/compiler/table");
  const compilation = await compileKept(inputOf(cli, place, overlayDir));
  const { catalog } = compilation;
  if (catalog === undefined) {
    return {
      place,
      overlayDir,
      compilation,
      failed: true,
      diagnostics: compilation.diagnostics,
      files: compilation.files,
    };
  }
  const environment = readCatalogEnvironment(envFile, cli.env, catalog);
  const { options: own } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const found = readFound(resolveStateDir(cli.cwd, place.home, options.stateDir, own.stateDir));
  const odd = envFile.raw === undefined ? [] : oddLines(envFile.raw, envFile.variables);
  const resolved = resolveEnvironment(catalog, environment, envFile.source, found, odd);
  const diagnostics: readonly Diagnostic[] = [...compilation.diagnostics, ...resolved.diagnostics];
  const sources: readonly SourceFile[] = envFile.source === undefined ? [] : [envFile.source];
  return {
    place,
    overlayDir,
    compilation,
    resolved: { ...resolved, catalog },
    failed: hasErrors(diagnostics),
    diagnostics,
    files: [...compilation.files, ...sources],
  };
}
