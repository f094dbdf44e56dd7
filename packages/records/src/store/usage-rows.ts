/** The rows of `headgate usage`, out of the rollups. */
import type { UsageGroup, UsageQuery, UsageRow } from "@headgate/contract";
import {
  DAY_MS,
  HOUR_MS,
  type Metric,
  MINUTE_MS,
  percentile,
  QUARTER_MS,
  SUMS,
  type Sums,
} from "./rollup.ts";
import type { Sql, SqlRow } from "./sql.ts";

/** The finest grain whose rows are still few over the period. */
const MINUTES_UP_TO_MS = 3 * HOUR_MS;
const QUARTERS_UP_TO_MS = 31 * DAY_MS;
const NANO = 1_000_000_000;

/** `day` is the period's start, so it holds for every grain. */
const GROUPS: Readonly<Record<UsageGroup, string>> = {
  client: "client",
  model: "model",
  provider: "provider",
  key: "key",
  day: `(start_ms / ${DAY_MS})`,
};

/** What is summed over a period. */
const COLUMNS = SUMS.map((name) => `sum(${name}) AS ${name}`).join(", ");
const WITHIN = "WHERE grain_ms = ? AND start_ms >= ? AND start_ms < ?";

export async function usageRows(sql: Sql, { by, sinceMs, untilMs }: UsageQuery): Promise<UsageRow[]> {
  const bounds = boundsOf(sinceMs, untilMs);
  const group = by === undefined ? "''" : GROUPS[by];
  const sums = await sql.all(
    `SELECT ${group} AS name, ${COLUMNS}
     FROM usage_rollup JOIN usage_series USING (series) ${WITHIN} GROUP BY 1 ORDER BY 1`,
    bounds,
  );
  const counts = await sql.all(
    `SELECT ${group} AS name, metric, bucket, sum(n) AS n
     FROM usage_histogram JOIN usage_series USING (series) ${WITHIN} GROUP BY 1, 2, 3`,
    bounds,
  );
  const histograms = new Histograms();
  for (const { name, metric, bucket, n } of counts)
    histograms.add(String(name), String(metric), Number(bucket), Number(n));
  return sums.map((row) => {
    const name = by === "day" ? dayOf(Number(row.name)) : String(row.name);
    return rowOf(name, row, histograms, String(row.name));
  });
}

/**
 * One row for each period between two neighbouring edges, empty ones too; their names are the periods' starts, in ms.
 * Edges on the quarter of an hour are exact; edges of up to three hours in all, on the minute.
 */
export async function usageSeries(sql: Sql, edgesMs: readonly number[]): Promise<UsageRow[]> {
  const bounds = boundsOf(edgesMs[0] ?? 0, edgesMs.at(-1) ?? 0);
  const rollups = await sql.all(`SELECT start_ms, ${COLUMNS} FROM usage_rollup ${WITHIN} GROUP BY 1`, bounds);
  const counts = await sql.all(
    `SELECT start_ms, metric, bucket, sum(n) AS n FROM usage_histogram ${WITHIN} GROUP BY 1, 2, 3`,
    bounds,
  );
  const periodOf = (startMs: number): number => edgesMs.findLastIndex((edgeMs) => edgeMs <= startMs);
  const sums = edgesMs
    .slice(0, -1)
    .map((): Sums => Object.fromEntries(SUMS.map((name) => [name, 0])) as Sums);
  for (const row of rollups) {
    const period = sums[periodOf(Number(row.start_ms))];
    if (period !== undefined) for (const name of SUMS) period[name] += Number(row[name] ?? 0);
  }
  const histograms = new Histograms();
  for (const { start_ms, metric, bucket, n } of counts)
    histograms.add(String(periodOf(Number(start_ms))), String(metric), Number(bucket), Number(n));
  return sums.map((row, at) => rowOf(String(edgesMs[at]), row, histograms, String(at)));
}

/** The finest grain whose rows are still few over the period, and its bounds. */
function boundsOf(sinceMs: number, untilMs: number): [grainMs: number, sinceMs: number, untilMs: number] {
  const lengthMs = untilMs - sinceMs;
  const grainMs =
    lengthMs <= MINUTES_UP_TO_MS ? MINUTE_MS : lengthMs <= QUARTERS_UP_TO_MS ? QUARTER_MS : DAY_MS;
  return [grainMs, Math.floor(sinceMs / grainMs) * grainMs, untilMs];
}

class Histograms {
  readonly #counts = new Map<string, Map<number, number>>();

  add(name: string, metric: string, bucket: number, n: number): void {
    const id = `${metric} ${name}`;
    const own = this.#counts.get(id) ?? new Map<number, number>();
    own.set(bucket, (own.get(bucket) ?? 0) + n);
    this.#counts.set(id, own);
  }

  percentiles(name: string, metric: Metric) {
    const own = this.#counts.get(`${metric} ${name}`) ?? new Map<number, number>();
    return { p50: percentile(own, 0.5), p95: percentile(own, 0.95) };
  }
}

function rowOf(name: string, row: SqlRow | Sums, histograms: Histograms, group: string): UsageRow {
  const sum = (column: keyof Sums): number => Number(row[column] ?? 0);
  return {
    name,
    requests: sum("requests"),
    succeeded: sum("succeeded"),
    attempts: sum("attempts"),
    failed_attempts: sum("failed"),
    tokens: {
      input: sum("input"),
      output: sum("output"),
      cached: sum("cached"),
      reasoning: sum("reasoning"),
    },
    estimated: sum("estimated"),
    ttft_ms: histograms.percentiles(group, "ttft"),
    duration_ms: histograms.percentiles(group, "duration"),
    cost_usd: sum("cost_nano") / NANO,
    list_usd: sum("list_nano") / NANO,
    asked_usd: sum("asked_nano") / NANO,
    unpriced: sum("unpriced"),
    saved: {
      requests: sum("saved"),
      tokens: sum("saved_tokens"),
      list_usd: sum("saved_nano") / NANO,
    },
  };
}

/** UTC. */
const dayOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
