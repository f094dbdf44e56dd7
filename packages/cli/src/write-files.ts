import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * Writes files so that a reader sees the old text or the new one, never half of it. A file that already holds its text
 * is not written, and keeps its date.
 * @param files text by path relative to `directory`
 */
export function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const target = join(directory, path);
    if (readIfThere(target) !== text) writeWhole(target, text);
  }
}

/**
 * Writes one file so that a reader sees the old text or the new one. A symbolic link stays, and its target is replaced.
 * @param mode of the file; absent: as the old file's, or as the system makes it
 */
export function writeWhole(path: string, text: string | Uint8Array, mode?: number): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  mkdirSync(dirname(target), { recursive: true });
  const draft = `${target}.${process.pid}.tmp`;
  try {
    const wanted = mode ?? statSync(target, { throwIfNoEntry: false })?.mode;
    writeFileSync(draft, text, wanted === undefined ? {} : { mode: wanted & 0o777 });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
