import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Writes files so that a reader sees the old text or the new one, never half of it. A file that already holds its text
 * is not written, and keeps its date.
 * @param files text by path relative to `directory`
 */
export function writeFiles(directory: string, files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    const target = join(directory, path);
    if (readIfThere(target) === text) continue;
    mkdirSync(dirname(target), { recursive: true });
    const draft = `${target}.${process.pid}.tmp`;
    try {
      writeFileSync(draft, text);
      renameSync(draft, target);
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
