/** What earlier runs have seen, so that one that was broken off goes on from there: `facts/<provider>.json` of the state directory. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CatalogProvider } from "@headgate/contract";
import type { Observation } from "@headgate/runtime/verify-facts";
import { writeFiles } from "../write-files.ts";

const FORMAT = 1;
/** What was seen longer ago is seen anew. */
const KEEP_MS = 24 * 60 * 60 * 1000;

export interface Progress {
  readonly format: typeof FORMAT;
  /** Of the fragment's facts: after a change everything is checked again. */
  readonly facts: string;
  readonly startedAtMs: number;
  readonly observations: readonly Observation[];
}

const fileOf = (provider: string): string => join("facts", `${provider}.json`);

export const factsDigest = (provider: CatalogProvider): string =>
  createHash("sha256").update(JSON.stringify(provider)).digest("hex").slice(0, 16);

/** Undefined where there is none that still holds. */
export function readProgress(
  stateDir: string,
  provider: CatalogProvider,
  nowMs: number,
): Progress | undefined {
  try {
    const progress = JSON.parse(
      readFileSync(join(stateDir, fileOf(provider.id)), "utf8"),
    ) as Partial<Progress>;
    const { format, facts, startedAtMs = 0, observations } = progress;
    const holds =
      format === FORMAT &&
      facts === factsDigest(provider) &&
      Array.isArray(observations) &&
      nowMs - startedAtMs < KEEP_MS;
    return holds ? { format, facts, startedAtMs, observations } : undefined;
  } catch {
    return undefined;
  }
}

export function writeProgress(stateDir: string, provider: string, progress: Omit<Progress, "format">): void {
  const text = `${JSON.stringify({ format: FORMAT, ...progress }, null, 1)}\n`;
  writeFiles(stateDir, new Map([[fileOf(provider), text]]));
}
