/** The files of the settings: their versions, and the writing of one. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

export const readText = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, "utf8") : undefined;

export const versionOf = (text: string | undefined): string =>
  text === undefined ? "absent" : createHash("sha256").update(text).digest("hex").slice(0, 16);

/** Of a folder: of the names and texts of everything in it. */
export function folderVersion(directory: string): string {
  if (!existsSync(directory)) return "absent";
  const files = globSync("**/*", { cwd: directory })
    .filter((name) => statSync(join(directory, name)).isFile())
    .sort();
  return versionOf(files.map((name) => `${name}\n${readFileSync(join(directory, name), "utf8")}`).join("\0"));
}

/**
 * Writes a file whole or not at all, with the mode that it has. A link stays a link: its target is replaced. A file that a
 * container mounts cannot be replaced, and is written in place.
 */
export function writeWhole(path: string, text: string | Uint8Array, newMode: number): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  const mode = existsSync(target) ? statSync(target).mode & 0o7777 : newMode;
  mkdirSync(dirname(target), { recursive: true });
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const file = openSync(draft, "w", mode);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(draft, mode);
    try {
      renameSync(draft, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
      writeFileSync(target, text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A copy of the overlay in which one file is changed, for the compiler to judge. The caller deletes it. */
export function copyOverlay(overlayDir: string, stateDir: string, path: string, text: string): string {
  mkdirSync(stateDir, { recursive: true });
  const copy = mkdtempSync(join(stateDir, "overlay-draft-"));
  if (existsSync(overlayDir)) cpSync(overlayDir, copy, { recursive: true });
  const target = join(copy, path);
  if (text === "") {
    rmSync(target, { force: true });
    if (path.startsWith("providers/")) rmSync(dirname(target), { recursive: true, force: true });
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return copy;
}
