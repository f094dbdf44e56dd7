import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./settings/files.ts";

/**
 * Writes files so that a reader sees the old text or the new one, never half of it. A file that already holds its text
 * is not written, and keeps its date.
 * @param files text by path relative to `directory`
 */
export function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const target = join(directory, path);
    if (readIfThere(target) !== text) writeWhole(target, text, 0o666 & ~process.umask());
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
