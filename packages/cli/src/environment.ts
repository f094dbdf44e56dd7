/** The environment of a command: an .env file and the shell, merged by the contract's rules. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
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
import type { SourceFile } from "@headgate/diagnostics";
// All of it would load what renders findings, which most commands have none of.
import { redactAssignment } from "@headgate/diagnostics/secrets";
import { parse } from "dotenv";
import { Failure } from "./cli.ts";
import { parseKeysFile } from "./secrets/keys-file.ts";
import { openSealed, readSealed, sealedPath } from "./secrets/sealed-file.ts";
import { findSecret } from "./secrets/secret.ts";
import { quote } from "./self-command.ts";

/** Far beyond any real .env; a larger file is not one. */
export const MAX_ENV_BYTES = 1024 * 1024;

type Variables = Readonly<Record<string, string | undefined>>;

export interface EnvFile {
  /** The file's absolute path, whether it is there or not. */
  readonly path: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Keys of HEADGATE_KEYS_FILE, then sealed ones: they win over the file and over the shell. */
  readonly keys: Readonly<Record<string, string>>;
  /** The names of those that are sealed. */
  readonly sealed: readonly string[];
  /** The keys file, where one is named. */
  readonly keysPath?: string;
  /** The text as it is, for what is odd about it; absent when there is no file. It holds keys and is never shown. */
  readonly raw?: string;
  /** For code frames: the lines with every value that could be a secret blanked. Absent when there is no file. */
  readonly source?: SourceFile;
}

/**
 * @param given the file of `--env-file`, which must exist; without it, `.env` in `home`, which may be missing
 * @param root messages show the file's name relative to it
 * @param env the shell's variables, which may name a keys file or hold the secret; absent: no keys are read
 * @throws {Failure} for a file that is missing, too large, or not UTF-8; and for keys that cannot be read or opened
 */
export function readEnvFile(options: {
  readonly cwd: string;
  readonly home: string;
  readonly root: string;
  readonly given?: string | undefined;
  readonly env?: Variables;
}): EnvFile {
  const { cwd, home, root, given, env } = options;
  const path = given === undefined ? join(home, ".env") : resolve(cwd, given);
  const text = readText(path, given ?? ".env", ".env file", "--env-file");
  if (text === undefined && given !== undefined) throw new Failure(`${given} does not exist`);
  const variables = text === undefined ? {} : parse(text);
  const keys = env === undefined ? { keys: {}, sealed: [] } : readKeys(path, home, variables, env);
  if (text === undefined) return { path, variables, ...keys };
  const shown = relative(root, path).replaceAll("\\", "/");
  return { path, variables, ...keys, raw: text, source: { path: shown, text: hiddenValues(text) } };
}

/** The same file with another text. */
export const withText = (file: EnvFile, text: string): EnvFile => ({
  ...file,
  variables: parse(text),
  raw: text,
  source: { path: file.source?.path ?? ".env", text: hiddenValues(text) },
});

/** The text with every value that could be a secret blanked. */
export const hiddenValues = (text: string): string => text.split("\n").map(redactAssignment).join("\n");

function readKeys(
  envPath: string,
  home: string,
  variables: Variables,
  env: Variables,
): Pick<EnvFile, "keys" | "keysPath" | "sealed"> {
  const sealedAt = sealedPath(envPath);
  const sealed = readSealed(sealedAt);
  const opened = sealed === undefined ? {} : openSealed(sealedAt, sealed, findSecret(env, variables));
  const names = Object.keys(opened);
  const variable = OPTIONS.keysFile.env;
  const named = [env[variable], variables[variable]].find((text) => text !== undefined && text.trim() !== "");
  if (named === undefined) return { keys: opened, sealed: names };
  const keysPath = resolve(home, named.trim().replace(/^~(?=\/)/, homedir()));
  const text = readText(keysPath, `${variable} names ${named}, which`, "keys file", variable);
  if (text === undefined)
    throw new Failure(`${variable} names ${named}, and there is no such file; write it, or delete the line`);
  const { variables: keys, problems } = parseKeysFile(text);
  if (problems.length > 0) throw new Failure(problems.map((one) => `${named}: ${one}`).join("\nheadgate: "));
  return { keys: { ...opened, ...keys }, sealed: names, keysPath };
}

function readText(path: string, name: string, what: string, by: string): string | undefined {
  const bytes = readBounded(path, name, what, by);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Failure(`${name} is not UTF-8 text; save it as UTF-8`);
  }
}

/** Files with keys that other users of this machine can read, each as one sentence. */
export function exposedFiles({ path, raw, keysPath }: EnvFile): string[] {
  if (process.platform === "win32") return [];
  const secret = /^[ \t]*(?:export[ \t]+)?[A-Z0-9_]+_(?:KEY|TOKEN|SECRET)(?:_[0-9]+)?[ \t]*=[ \t]*[^\s#]/m;
  const files = [
    ...(raw !== undefined && secret.test(raw) ? [path] : []),
    ...(keysPath === undefined ? [] : [keysPath]),
  ];
  return files
    .filter((file) => ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o044) !== 0)
    .map(
      (file) =>
        `${file} holds keys and other users of this machine can read it; run chmod 600 ${quote(file)}`,
    );
}

function readBounded(path: string, name: string, what: string, by: string): Buffer | undefined {
  try {
    const { size } = statSync(path);
    if (size > MAX_ENV_BYTES) {
      throw new Failure(`${name} is larger than 1 MiB, so it is no ${what}; name another one with ${by}`);
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
  mergeEnvironment(file.variables, shell, isOption, keysOf(file, isOption));

const isOption = (name: string): boolean => name.startsWith("HEADGATE_");

const keysOf = ({ keys }: EnvFile, relevant: (name: string) => boolean): Variables =>
  Object.fromEntries(Object.entries(keys).filter(([name]) => relevant(name)));

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
  mergeEnvironment(file.variables, shell, relevantTo(catalog), file.keys);

/** The values of these variables, by the rules that resolve a table. */
export function readValues(
  file: EnvFile,
  shell: Variables,
  names: ReadonlySet<string>,
): Readonly<Record<string, string>> {
  const wanted = (name: string): boolean => names.has(name);
  const { values } = mergeEnvironment(file.variables, shell, wanted, keysOf(file, wanted));
  return Object.fromEntries(Object.entries(values).filter(([name]) => wanted(name)));
}

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
