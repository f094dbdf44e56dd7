/** Where the gateway keeps what servers of one's own were found to have, for all commands of one state directory. */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type FoundModels, type JsonValue, readFoundModels } from "@headgate/contract";
import { writeFiles } from "./write-files.ts";

/** In a folder of its own: who watches a file watches its folder, and the databases beside it change all the time. */
const NAME = "found/models.json";

const foundPath = (stateDir: string): string => join(stateDir, NAME);

/** Makes its folder. @returns the path to watch */
export function watchableFound(stateDir: string): string {
  const path = foundPath(stateDir);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}

/** Empty where nothing was found yet, or the file cannot be read: the servers are asked again. */
export function readFound(stateDir: string): FoundModels {
  try {
    return readFoundModels(JSON.parse(readFileSync(foundPath(stateDir), "utf8")) as JsonValue) ?? {};
  } catch {
    return {};
  }
}

export function writeFound(stateDir: string, found: FoundModels): void {
  writeFiles(stateDir, new Map([[NAME, `${JSON.stringify(found, null, 2)}\n`]]));
}
