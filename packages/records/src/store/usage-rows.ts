/** The rows of `headgate usage`, out of the rollups. */
import type { UsageGroup, UsageQuery, UsageRow } from "@headgate/contract";
import { DAY_MS, HOUR_MS, type Metric, MINUTE_MS, percentile, SUMS, type Sums } from "./rollup.ts";
import type { Sql } from "./sql.ts";

/** The finest grain whose rows are still few over the period. */
const MINUTES_UP_TO_MS = 3 * HOUR_MS;
const HOURS_UP_TO_MS = 31 * DAY_MS;
const NANO = 1_000_000_000;

/** `day` is the period's start, so it holds for every grain. */
const GROUPS: Readonly<Record<UsageGroup, string>> = {
  client: "client",
  model: "model",
  provider: "provider",
  key: "key",
  day: `(start_ms / ${DAY_MS})`,
};

export async function usageRows(sql: Sql, { by, sinceMs, untilMs }: UsageQuery): Promise<UsageRow[]> {
  const lengthMs = untilMs - sinceMs;
  const grainMs = lengthMs <= MINUTES_UP_TO_MS ? MINUTE_MS : lengthMs <= HOURS_UP_TO_MS ? HOUR_MS : DAY_MS;
  const group = by === undefined ? "''" : GROUPS[by];
  const bounds = [grainMs, Math.floor(sinceMs / grainMs) * grainMs, untilMs];
  const where = "WHERE grain_ms = ? AND start_ms >= ? AND start_ms < ?";
  const sums = await sql.all(
    `SELECT ${group} AS name, ${SUMS.map((name) => `sum(${name}) AS ${name}`).join(", ")}
     FROM usage_rollup JOIN usage_series USING (series) ${where} GROUP BY 1 ORDER BY 1`,
    bounds,
  );
  const counts = await sql.all(
    `SELECT ${group} AS name, metric, bucket, sum(n) AS n
     FROM usage_histogram JOIN usage_series USING (series) ${where} GROUP BY 1, 2, 3`,
    bounds,
  );
  const histograms = new Map<string, Map<number, number>>();
  for (const { name, metric, bucket, n } of counts) {
    const id = `${String(metric)} ${String(name)}`;
    const own = histograms.get(id) ?? new Map<number, number>();
    own.set(Number(bucket), Number(n));
    histograms.set(id, own);
  }
  const percentiles = (metric: Metric, name: unknown) => {
    const own = histograms.get(`${metric} ${String(name)}`) ?? new Map<number, number>();
    return { p50: percentile(own, 0.5), p95: percentile(own, 0.95) };
  };
  return sums.map((row) => {
    const sum = (column: keyof Sums): number => Number(row[column] ?? 0);
    return {
      name: by === "day" ? dayOf(Number(row.name)) : String(row.name),
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
      ttft_ms: percentiles("ttft", row.name),
      duration_ms: percentiles("duration", row.name),
      cost_usd: sum("cost_nano") / NANO,
      list_usd: sum("list_nano") / NANO,
      asked_usd: sum("asked_nano") / NANO,
      unpriced: sum("unpriced"),
    };
  });
}

/** UTC. */
const dayOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
