/** Where the gateway keeps what servers of one's own were found to have, for all commands of one state directory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FoundModels, type JsonValue, readFoundModels } from "@headgate/contract";
import { writeFiles } from "./write-files.ts";

const NAME = "found-models.json";

export const foundPath = (stateDir: string): string => join(stateDir, NAME);

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
