/** The environment of a command: an .env file and the shell, merged by the contract's rules. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import {
  type Catalog,
  type Environment,
  instanceNumber,
  keyOfVariable,
  mergeEnvironment,
  OPTIONS,
  readOptions,
} from "@headgate/contract";
import { redactAssignment, type SourceFile } from "@headgate/diagnostics";
import { parse } from "dotenv";
import { Failure } from "./cli.ts";

/** Far beyond any real .env; a larger file is not one. */
export const MAX_ENV_BYTES = 1024 * 1024;

type Variables = Readonly<Record<string, string | undefined>>;

export interface EnvFile {
  readonly variables: Readonly<Record<string, string>>;
  /** The text as it is, for what is odd about it; absent when there is no file. It holds keys and is never shown. */
  readonly raw?: string;
  /** For code frames: the lines with every value that could be a secret blanked. Absent when there is no file. */
  readonly source?: SourceFile;
}

/**
 * @param given the file of `--env-file`, which must exist; without it, `.env` in `home`, which may be missing
 * @param root messages show the file's name relative to it
 * @throws {Failure} for a file that is missing, too large, or not UTF-8
 */
export function readEnvFile(options: {
  readonly cwd: string;
  readonly home: string;
  readonly root: string;
  readonly given?: string | undefined;
}): EnvFile {
  const { cwd, home, root, given } = options;
  const path = given === undefined ? join(home, ".env") : resolve(cwd, given);
  const bytes = readBounded(path, given ?? ".env");
  if (bytes === undefined) {
    if (given !== undefined) throw new Failure(`${given} does not exist`);
    return { variables: {} };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(`${given ?? ".env"} is not UTF-8 text; save it as UTF-8`);
  }
  const shown = relative(root, path).replaceAll("\\", "/");
  return {
    variables: parse(text),
    raw: text,
    source: { path: shown, text: text.split("\n").map(redactAssignment).join("\n") },
  };
}

function readBounded(path: string, name: string): Buffer | undefined {
  try {
    const { size } = statSync(path);
    if (size > MAX_ENV_BYTES) {
      throw new Failure(
        `${name} is larger than 1 MiB, so it is not an .env file; name another one with --env-file`,
      );
    }
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new Failure(`${name} cannot be read (${code ?? "unknown error"})`);
  }
}

/** The gateway's own options only, for commands that read no catalogue. */
export const readOptionEnvironment = (file: EnvFile, shell: Variables): Environment =>
  mergeEnvironment(file.variables, shell, (name) => name.startsWith("HEADGATE_"));

/**
 * The folder of the user's own files, which may be missing.
 * @throws {Failure} where another folder than the default is named and missing
 */
export function overlayOf({ home }: { readonly home: string }, file: EnvFile, shell: Variables): string {
  const { overlayDir } = readOptions(readOptionEnvironment(file, shell).values).options;
  const directory = resolve(home, overlayDir);
  const { env, default: usual } = OPTIONS.overlayDir;
  if (overlayDir !== usual && !existsSync(directory))
    throw new Failure(`${env} names ${overlayDir}, and there is no such folder; make it, or delete the line`);
  return directory;
}

/** The variables that the catalogue names, and no other of the shell. */
export const readCatalogEnvironment = (file: EnvFile, shell: Variables, catalog: Catalog): Environment =>
  mergeEnvironment(file.variables, shell, relevantTo(catalog));

function relevantTo(catalog: Catalog): (name: string) => boolean {
  const names = new Set<string>();
  const keys = new Set<string>();
  const prefixes: string[] = [];
  for (const { flag, auth, baseUrl, modelsEnv, instances, local, plans } of catalog.providers) {
    if (instances !== undefined) prefixes.push(instances.prefix);
    names.add(flag);
    if (auth !== undefined) {
      keys.add(auth.env);
      for (const mistaken of auth.mistaken) names.add(mistaken);
    }
    if (baseUrl !== undefined) names.add(baseUrl.env);
    if (modelsEnv !== undefined) names.add(modelsEnv);
    if (local?.bringUp !== undefined) names.add(local.bringUp.env);
    if (plans !== undefined) names.add(plans.env);
  }
  // GROQ_API_KEY_2 is another key beside GROQ_API_KEY, and GROQ_API_KEY_2_ACCOUNT names its account.
  const isKey = (name: string): boolean => keys.has(name) || keys.has(name.replace(/_[1-9][0-9]?$/, ""));
  return (name) =>
    name.startsWith("HEADGATE_") ||
    names.has(name) ||
    isKey(keyOfVariable(name)) ||
    prefixes.some((prefix) => instanceNumber(prefix, name) !== undefined);
}
