/** What a record adds to the rollups: pure sums, so that the order of records does not matter. */
import { createHash } from "node:crypto";
import type { RecordedCandidate, UsageRecord } from "@headgate/contract";

export const MINUTE_MS = 60_000;
/** Every time zone's offset from UTC is a multiple of it, so that its days and hours are whole sums of these. */
export const QUARTER_MS = 900_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const GRAINS_MS: readonly number[] = [MINUTE_MS, QUARTER_MS, DAY_MS];

/** Names that clients choose do not become groups: there would be no end of them. */
const UNKNOWN_MODEL = "(unknown)";

/** The columns of a rollup that are summed, in the order of the table. */
export const SUMS = [
  "requests",
  "succeeded",
  "attempts",
  "failed",
  "input",
  "output",
  "cached",
  "reasoning",
  "estimated",
  "cost_nano",
  "list_nano",
  "asked_nano",
  "unpriced",
  "saved",
  "saved_tokens",
  "saved_nano",
] as const;
export type Sums = Record<(typeof SUMS)[number], number>;

export interface Series {
  readonly id: string;
  readonly client: string;
  readonly model: string;
  readonly provider: string;
  readonly served: string;
  readonly key: string;
}

export type Metric = "ttft" | "duration";

/** All that a batch adds to one series in one period. */
export interface RollupPart {
  readonly grainMs: number;
  readonly startMs: number;
  readonly series: Series;
  readonly sums: Sums;
  /** By metric and bucket. */
  readonly buckets: Map<string, number>;
}

export const endOf = ({ atMs, durationMs }: UsageRecord): number => Math.round(atMs + durationMs);

/** Buckets grow by a tenth, so a bucket's middle is at most 5 % off. */
const GROWTH = Math.log(1.1);
export const bucketOf = (ms: number): number => (ms <= 1 ? 0 : Math.ceil(Math.log(ms) / GROWTH));
export const bucketMs = (bucket: number): number => (bucket === 0 ? 1 : Math.exp((bucket - 0.5) * GROWTH));

/** @param counts by bucket @returns ms; null without a measurement */
export function percentile(counts: ReadonlyMap<number, number>, share: number): number | null {
  let total = 0;
  for (const count of counts.values()) total += count;
  if (total === 0) return null;
  let seen = 0;
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= share * total) return Math.round(bucketMs(bucket) * 10) / 10;
  }
  return null;
}

/** A series with its latest part of each grain: nearly every record of a batch falls into the same ones. */
interface OpenSeries {
  readonly series: Series;
  readonly latest: (RollupPart | undefined)[];
}

export class RollupBatch {
  readonly parts = new Map<string, RollupPart>();
  readonly #series = new Map<string, OpenSeries>();

  /**
   * The request counts where it was served, else at its last attempt. Each attempt counts at its own candidate, with its
   * tokens and its cost.
   */
  add(record: UsageRecord): void {
    const { attempts, usage, counted } = record;
    const own = record.served ?? attempts.at(-1);
    const requests = this.#parts(record, own);
    for (const { sums, buckets } of requests) {
      sums.requests += 1;
      if (record.outcome === "answered") sums.succeeded += 1;
      if (counted === "estimated") sums.estimated += 1;
      if (usage !== undefined && record.costNanoUsd === undefined) sums.unpriced += 1;
      sums.asked_nano += record.askedNanoUsd ?? 0;
      if (record.saved !== undefined) {
        sums.saved += 1;
        sums.saved_tokens += record.saved.tokens;
        sums.saved_nano += record.saved.listNanoUsd;
      }
      add(buckets, "duration", record.durationMs);
      if (record.firstTokenMs !== undefined) add(buckets, "ttft", record.firstTokenMs);
    }
    for (const attempt of attempts) {
      const { outcome, usage: tokens, costNanoUsd = 0, listNanoUsd = 0 } = attempt;
      for (const { sums } of this.#parts(record, attempt)) {
        sums.attempts += 1;
        if (outcome === "failed" || outcome === "broken") sums.failed += 1;
        sums.input += tokens?.inputTokens ?? 0;
        sums.output += tokens?.outputTokens ?? 0;
        sums.cached += tokens?.cachedInputTokens ?? 0;
        sums.reasoning += tokens?.reasoningTokens ?? 0;
        sums.cost_nano += costNanoUsd;
        sums.list_nano += listNanoUsd;
      }
    }
  }

  #parts(record: UsageRecord, candidate: RecordedCandidate | undefined): readonly RollupPart[] {
    const { series, latest } = this.#seriesOf(record, candidate);
    const endMs = endOf(record);
    return GRAINS_MS.map((grainMs, at) => {
      const startMs = Math.floor(endMs / grainMs) * grainMs;
      const last = latest[at];
      if (last?.startMs === startMs) return last;
      const id = `${grainMs} ${startMs} ${series.id}`;
      let part = this.parts.get(id);
      if (part === undefined) {
        part = { grainMs, startMs, series, sums: noSums(), buckets: new Map() };
        this.parts.set(id, part);
      }
      latest[at] = part;
      return part;
    });
  }

  #seriesOf({ client, route }: UsageRecord, candidate: RecordedCandidate | undefined): OpenSeries {
    const raw = `${client}\0${route}\0${candidate?.provider}\0${candidate?.model}\0${candidate?.key}`;
    let open = this.#series.get(raw);
    if (open === undefined) {
      const names = [
        client,
        route ?? UNKNOWN_MODEL,
        candidate?.provider ?? "",
        candidate?.model ?? "",
        candidate?.key ?? "",
      ].map(clean);
      const [owner = "", model = "", provider = "", served = "", key = ""] = names;
      const id = createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 16);
      open = { series: { id, client: owner, model, provider, served, key }, latest: [] };
      this.#series.set(raw, open);
    }
    return open;
  }
}

const noSums = (): Sums => Object.fromEntries(SUMS.map((name) => [name, 0])) as Sums;

function add(buckets: Map<string, number>, metric: Metric, ms: number): void {
  const name = `${metric} ${bucketOf(ms)}`;
  buckets.set(name, (buckets.get(name) ?? 0) + 1);
}

const UNCLEAN = /[\p{Cc}\u2028\u2029]/u;
const EACH_UNCLEAN = new RegExp(UNCLEAN, "gu");

/** PostgreSQL stores no NUL, and a line break in a label would forge rows of a table. */
export const clean = (text: string): string =>
  UNCLEAN.test(text) ? text.replaceAll(EACH_UNCLEAN, "·") : text;
