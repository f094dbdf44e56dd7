/** What `connect` changed, kept in the state directory, so that `--undo` restores it byte for byte. */
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../cli.ts";
import { writeWhole } from "../settings/files.ts";

export interface Change {
  readonly path: string;
  /** The bytes as they were, in base64; null where there was no file. */
  readonly before: string | null;
  readonly mode: number;
  /** The hash of what `connect` wrote. */
  readonly after: string;
  /** Folders that `connect` made for it, the innermost first. */
  readonly folders: readonly string[];
}

export interface Journal {
  /** The name of the key's client at the gateway. */
  readonly client: string;
  readonly url?: string;
  readonly changes: readonly Change[];
}

const pathOf = (stateDir: string, id: string): string => join(stateDir, "connect", `${id}.json`);

export const hashOf = (bytes: Uint8Array | string): string =>
  createHash("sha256").update(bytes).digest("hex");

export function readJournal(stateDir: string, id: string): Journal | undefined {
  const path = pathOf(stateDir, id);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Journal;
  } catch (error) {
    throw new Failure(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function writeJournal(stateDir: string, id: string, journal: Journal): void {
  writeWhole(pathOf(stateDir, id), `${JSON.stringify(journal)}\n`, 0o600);
}

export const removeJournal = (stateDir: string, id: string): void =>
  rmSync(pathOf(stateDir, id), { force: true });

/** A file as it is, before it is changed. A second `connect` keeps what was there before the first. */
export function takeStock(path: string, earlier: Change | undefined, text: string): Change {
  const after = hashOf(text);
  if (earlier !== undefined) return { ...earlier, after };
  const folders: string[] = [];
  for (let at = dirname(path); !existsSync(at); at = dirname(at)) folders.push(at);
  const there = existsSync(path);
  return {
    path,
    before: there ? readFileSync(path).toString("base64") : null,
    mode: there ? statSync(path).mode & 0o777 : 0o600,
    after,
    folders,
  };
}

/** @returns whether the file is as `connect` left it */
export const isUntouched = ({ path, after }: Change): boolean =>
  existsSync(path) && hashOf(readFileSync(path)) === after;

export function restore({ path, before, mode, folders }: Change): void {
  if (before === null) rmSync(path, { force: true });
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeWhole(path, Buffer.from(before, "base64"), mode);
    chmodSync(path, mode);
  }
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // Something else is in it by now.
      return;
    }
  }
}
