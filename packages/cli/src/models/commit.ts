/** Writes edited files: all of them or none, with a backup; Ctrl-C does not interrupt it. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { present } from "@headgate/contract";
import { Failure } from "../cli.ts";
import type { FileEdit } from "./edits.ts";

const NEW_MODE = 0o644;

/** The signals of terminals and supervisors. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface CommitOptions {
  readonly stateDir: string;
  readonly nowMs: number;
  /** Moves a draft to its target; tests make it fail. */
  readonly rename?: (from: string, to: string) => void;
}

/**
 * @returns the folder with the old texts
 * @throws {Failure} when a file has changed since it was read, or cannot be written; the files are then as they were
 */
export function commitEdits(files: readonly FileEdit[], options: CommitOptions): string {
  const { stateDir, nowMs, rename = renameSync } = options;
  // A link stays a link: its target is replaced.
  const targets = files.map((file) => ({
    ...file,
    target: existsSync(file.target) ? realpathSync(file.target) : file.target,
  }));
  for (const { path, before, target } of targets) {
    if ((existsSync(target) ? readFileSync(target, "utf8") : undefined) !== before)
      throw new Failure(`${path} changed meanwhile; nothing was written, run this again`);
  }
  const backup = makeBackup(targets, stateDir, nowMs);
  const drafts: { readonly draft: string; readonly target: string; readonly before?: string }[] = [];
  const done: typeof drafts = [];
  const release = holdSignals();
  try {
    for (const { target, before, after } of targets) {
      const draft = draftOf(target);
      drafts.push({ draft, target, ...present({ before }) });
      mkdirSync(dirname(target), { recursive: true });
      writeThrough(draft, after, before === undefined ? NEW_MODE : statSync(target).mode);
    }
    for (const entry of drafts) {
      rename(entry.draft, entry.target);
      done.push(entry);
    }
  } catch (error) {
    for (const { target, before } of done) {
      if (before === undefined) {
        rmSync(target, { force: true });
        continue;
      }
      const draft = draftOf(target);
      writeThrough(draft, before, statSync(target).mode);
      renameSync(draft, target);
    }
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(`the files cannot be written (${code ?? message}); they are as they were`);
  } finally {
    for (const { draft } of drafts) rmSync(draft, { force: true });
    release();
  }
  return backup;
}

/** Beside its target, so that it can be moved; the compiler ignores names with a leading dot. */
const draftOf = (target: string): string => join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);

function writeThrough(path: string, text: string, mode: number): void {
  const file = openSync(path, "w", mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function makeBackup(files: readonly FileEdit[], stateDir: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const folder = join(stateDir, "backups", `models-refresh-${stamp}-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const { path, before } of files) {
      if (before === undefined) continue;
      const target = join(folder, `${path}.bak`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, before);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(`no backup can be made in ${folder} (${code ?? message}); nothing was written`);
  }
  return folder;
}

/** Ignores signals while files are moved: all is done a moment later. */
function holdSignals(): () => void {
  const ignore = (): void => undefined;
  for (const signal of SIGNALS) process.on(signal, ignore);
  return () => {
    for (const signal of SIGNALS) process.off(signal, ignore);
  };
}
