/**
 * What lists said before: when each model was last listed, and each change that a look found, in a file for each provider
 * under `refresh/` of the state directory. No file holds a key.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { alignColumns } from "../table.ts";
import { writeFiles } from "../write-files.ts";
import type { Outcome } from "./outcome.ts";

export interface LoggedChange {
  /** The day, ISO 8601. */
  readonly date: string;
  readonly alias: string;
  readonly change: "new" | "gone" | "deprecated" | "price" | "window" | "longest answer";
  readonly from: string;
  readonly to: string;
}

const FOLDER = "refresh";
const SEEN = "seen.json";
/** An older half is dropped beyond it. */
const MAX_LINES = 4_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Provider → upstream id → the day on which it was last listed. */
export type SeenModels = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A damaged file counts as none: dates are then those of the look. */
export function readSeen(stateDir: string): SeenModels {
  const json: unknown = parsed(textOf(join(stateDir, FOLDER, SEEN)));
  if (!isRecord(json)) return {};
  return Object.fromEntries(
    Object.entries(json).map(([provider, models]) => [
      provider,
      Object.fromEntries(
        Object.entries(isRecord(models) ? models : {}).filter((entry): entry is [string, string] =>
          isDay(entry[1]),
        ),
      ),
    ]),
  );
}

/** @param listed the fragment's upstream ids that each provider lists today */
export function writeSeen(
  stateDir: string,
  seen: SeenModels,
  listed: ReadonlyMap<string, readonly string[]>,
  date: string,
): void {
  const next: Record<string, Readonly<Record<string, string>>> = { ...seen };
  for (const [provider, upstreams] of listed)
    next[provider] = { ...next[provider], ...Object.fromEntries(upstreams.map((one) => [one, date])) };
  writeFiles(stateDir, new Map([[join(FOLDER, SEEN), `${JSON.stringify(next, null, 2)}\n`]]));
}

/** A change that the log has already is not written again. */
export function logChanges(stateDir: string, outcomes: readonly Outcome[], date: string): void {
  for (const outcome of outcomes) {
    const changes = changesIn(outcome, date);
    if (changes.length === 0) continue;
    const before = readLog(stateDir, outcome.provider);
    const last = new Map(before.map((one) => [`${one.alias} ${one.change}`, one.to]));
    const news = changes.filter(({ alias, change, to }) => last.get(`${alias} ${change}`) !== to);
    if (news.length === 0) continue;
    mkdirSync(join(stateDir, FOLDER), { recursive: true });
    const lines = [...before, ...news].slice(-MAX_LINES).map((one) => JSON.stringify(one));
    writeFileSync(logPath(stateDir, outcome.provider), `${lines.join("\n")}\n`);
  }
}

const changesIn = ({ added, gone, deprecated, changed }: Outcome, date: string): readonly LoggedChange[] => [
  ...added.map(({ alias, upstream }) => ({
    date,
    alias,
    change: "new" as const,
    from: "",
    to: upstream,
  })),
  ...gone.map(({ alias, upstream, reason }) => ({
    date,
    alias,
    change: "gone" as const,
    from: upstream,
    to: reason,
  })),
  ...deprecated.map(({ alias, upstream, reason }) => ({
    date,
    alias,
    change: "deprecated" as const,
    from: upstream,
    to: reason,
  })),
  ...changed.map(({ alias, fact, from, to }) => ({ date, alias, change: fact, from, to })),
];

const logPath = (stateDir: string, provider: string): string => join(stateDir, FOLDER, `${provider}.jsonl`);

export function readLog(stateDir: string, provider: string): readonly LoggedChange[] {
  return (textOf(logPath(stateDir, provider)) ?? "").split("\n").flatMap((line) => {
    const json: unknown = parsed(line);
    return isChange(json) ? [json] : [];
  });
}

/** The change log since a day, newest last; empty text where nothing changed. */
export function logText(stateDir: string, since: string, wanted: (provider: string) => boolean): string {
  const folder = join(stateDir, FOLDER);
  const providers = existsSync(folder)
    ? readdirSync(folder).flatMap((name) =>
        name.endsWith(".jsonl") ? [name.slice(0, -".jsonl".length)] : [],
      )
    : [];
  const rows = providers
    .filter(wanted)
    .toSorted()
    .flatMap((provider) =>
      readLog(stateDir, provider)
        .filter(({ date }) => date >= since)
        .map(({ date, alias, change, from, to }) => [date, provider, alias, change, from, to]),
    )
    .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : a > b ? 1 : 0));
  return rows.length === 0
    ? `No change is logged since ${since}.`
    : alignColumns([["DAY", "PROVIDER", "ALIAS", "CHANGE", "FROM", "TO"], ...rows]);
}

export const isDay = (value: unknown): value is string =>
  typeof value === "string" && /^20\d\d-[01]\d-[0-3]\d$/.test(value);

function isChange(value: unknown): value is LoggedChange {
  if (!isRecord(value) || !isDay(value.date)) return false;
  return ["alias", "change", "from", "to"].every((name) => typeof value[name] === "string");
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string | undefined): unknown {
  if (text === undefined || text === "" || text.length > MAX_BYTES) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
