/** Models that are known to fail for good, so that the next refresh need not try them again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFiles } from "../write-files.ts";

const FILE = "models-refresh.json";
/** Raised when an older reader would misread a newer file. */
const FORMAT = 1;
/** Far beyond any real file. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_REASON = 300;

/** Failures that do not pass. Limits, outages and network failures prove nothing about a model. */
const PERMANENT = ["model_gone", "permission", "bad_request"] as const;
export type PermanentClass = (typeof PERMANENT)[number];

export interface KnownFailure {
  readonly class: PermanentClass;
  /** The provider's message, without secrets. */
  readonly reason: string;
  /** The day, ISO 8601. */
  readonly date: string;
}

/** By provider, then by upstream id. */
export type KnownFailures = ReadonlyMap<string, ReadonlyMap<string, KnownFailure>>;

export interface ReadCache {
  readonly failures: KnownFailures;
  /** The file's problem. */
  readonly warning?: string;
  /** False for the file of a newer Headgate, which is not changed. */
  readonly writable: boolean;
}

export const isPermanent = (failure: string): failure is PermanentClass =>
  PERMANENT.some((known) => known === failure);

export const cachePath = (stateDir: string): string => join(stateDir, FILE);

/** A damaged file counts as none, with a warning. */
export function readCache(stateDir: string): ReadCache {
  const path = cachePath(stateDir);
  const damaged = (why: string, writable = true): ReadCache => ({
    failures: new Map(),
    warning: `${path} ${why}; models that failed before are tested again`,
    writable,
  });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { failures: new Map(), writable: true };
    return damaged(`cannot be read (${code ?? "unknown error"})`, false);
  }
  if (text.length > MAX_BYTES) return damaged("is larger than 16 MiB");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return damaged("is damaged");
  }
  if (!isRecord(json) || !isRecord(json.failures) || typeof json.format !== "number") {
    return damaged("is damaged");
  }
  if (json.format !== FORMAT)
    return damaged(`has format ${json.format}, and this version reads format ${FORMAT}`, false);
  const failures = new Map<string, ReadonlyMap<string, KnownFailure>>();
  let damagedEntries = 0;
  for (const [provider, models] of Object.entries(json.failures)) {
    const known = new Map<string, KnownFailure>();
    for (const [upstream, entry] of Object.entries(isRecord(models) ? models : {})) {
      const failure = readEntry(entry);
      if (failure === undefined) damagedEntries += 1;
      else known.set(upstream, failure);
    }
    if (!isRecord(models)) damagedEntries += 1;
    if (known.size > 0) failures.set(provider, known);
  }
  return {
    failures,
    writable: true,
    ...(damagedEntries === 0
      ? {}
      : { warning: `${path} holds ${damagedEntries} damaged entries, which are dropped` }),
  };
}

export function writeCache(stateDir: string, failures: KnownFailures): void {
  const sorted = <Value>(map: ReadonlyMap<string, Value>): [string, Value][] =>
    [...map].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const document = {
    format: FORMAT,
    failures: Object.fromEntries(
      sorted(failures)
        .filter(([, models]) => models.size > 0)
        .map(([provider, models]) => [provider, Object.fromEntries(sorted(models))]),
    ),
  };
  writeFiles(stateDir, new Map([[FILE, `${JSON.stringify(document, null, 2)}\n`]]));
}

export const knownFailure = (failure: PermanentClass, message: string, nowMs: number): KnownFailure => ({
  class: failure,
  reason: message.slice(0, MAX_REASON),
  date: new Date(nowMs).toISOString().slice(0, 10),
});

function readEntry(entry: unknown): KnownFailure | undefined {
  if (!isRecord(entry)) return undefined;
  const { class: failure, reason, date } = entry;
  if (typeof failure !== "string" || !isPermanent(failure)) return undefined;
  if (typeof reason !== "string" || typeof date !== "string" || !/^[0-9-]{10}$/.test(date)) return undefined;
  return { class: failure, reason: reason.slice(0, MAX_REASON), date };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
