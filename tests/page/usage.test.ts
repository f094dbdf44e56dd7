/** Known traffic of 1,000 requests: its sums, percentiles and money in every range, in time zones and over a change of clocks. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UsageRecord, UsageRow } from "@headgate/contract";
import { type OpenRecords, openRecords } from "@headgate/records";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../support/gateway.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
const COUNT = 1_000;

/** The same numbers on every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function traffic(): UsageRecord[] {
  const roll = dice(21);
  return Array.from({ length: COUNT }, (_, at): UsageRecord => {
    // A third of them in the last hour, a third in the last day, the others over 30 days.
    const spanMs = at % 3 === 0 ? 3_600_000 : at % 3 === 1 ? DAY_MS : 30 * DAY_MS;
    const durationMs = Math.round(20 + roll() * 4_000);
    const atMs = Math.round(NOW_MS - roll() * spanMs) - durationMs - 1;
    const [provider, model] = at % 2 === 0 ? ["groq", "groq-llama"] : ["openai", "openai-gpt"];
    const candidate = { provider, model, upstream: model, key: "K" } as const;
    const usage = { inputTokens: Math.floor(roll() * 5_000), outputTokens: Math.floor(roll() * 900) };
    const cost = at % 2 === 0 ? 0 : usage.inputTokens * 150 + usage.outputTokens * 600;
    const answered = at % 10 !== 0;
    return {
      uid: `u${at}`,
      id: `r${at}`,
      atMs,
      client: at % 5 === 0 ? "ci" : "master",
      surface: "openai",
      operation: "chat",
      model: "auto",
      route: "auto",
      stream: true,
      outcome: answered ? "answered" : "broken",
      status: 200,
      served: candidate,
      attempts: [
        {
          ...candidate,
          outcome: answered ? "answered" : "broken",
          ms: durationMs,
          usage,
          costNanoUsd: cost,
          listNanoUsd: cost,
        },
      ],
      skipped: [],
      plan: [candidate],
      firstTokenMs: Math.round(durationMs / 3),
      durationMs,
      usage,
      counted: "upstream",
      costNanoUsd: cost,
      listNanoUsd: cost,
      askedNanoUsd: usage.inputTokens * 2_500 + usage.outputTokens * 10_000,
    };
  });
}

const RECORDS = traffic();
const endOf = ({ atMs, durationMs }: UsageRecord): number => atMs + durationMs;
const within = (sinceMs: number, untilMs: number): UsageRecord[] =>
  RECORDS.filter((record) => endOf(record) >= sinceMs && endOf(record) < untilMs);

/** The plain sums of records, in the row's own names. */
const sums = (records: readonly UsageRecord[]) => ({
  requests: records.length,
  succeeded: records.filter(({ outcome }) => outcome === "answered").length,
  input: records.reduce((sum, { usage }) => sum + (usage?.inputTokens ?? 0), 0),
  output: records.reduce((sum, { usage }) => sum + (usage?.outputTokens ?? 0), 0),
  cost: records.reduce((sum, { costNanoUsd = 0 }) => sum + costNanoUsd, 0) / 1e9,
  asked: records.reduce((sum, { askedNanoUsd = 0 }) => sum + askedNanoUsd, 0) / 1e9,
});
const sumsOf = (row: UsageRow) => ({
  requests: row.requests,
  succeeded: row.succeeded,
  input: row.tokens.input,
  output: row.tokens.output,
  cost: row.cost_usd,
  asked: row.asked_usd,
});

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

let folder: string;
let records: OpenRecords;
let gateway: TestGateway;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-page-usage-"));
  records = await openRecords({
    place: { kind: "sqlite", path: join(folder, "records.db") },
    retention: { keepMs: 1e12, maxBytes: 1e9 },
    warn: (text) => expect.fail(text),
  });
  for (const record of RECORDS) records.write(record);
  await records.flush();
  gateway = await startGateway([], { records });
  gateway.clock.nowMs = NOW_MS;
});
afterAll(async () => {
  await gateway.close();
  await records.close();
  rmSync(folder, { recursive: true });
});

interface Series {
  readonly since: string;
  readonly until: string;
  readonly buckets: readonly (UsageRow & { readonly start: string; readonly end: string })[];
}
const read = async <T>(path: string): Promise<T> => (await gateway.fetch(path)).json() as Promise<T>;
const series = (sinceMs: number, untilMs: number, step: string, zone: string): Promise<Series> =>
  read(`/admin/usage/series?since=${sinceMs}&until=${untilMs}&step=${step}&zone=${encodeURIComponent(zone)}`);

const RANGES = [
  ["1 h", 3_600_000, "minute"],
  ["24 h", DAY_MS, "hour"],
  ["7 d", 7 * DAY_MS, "hour"],
  ["30 d", 30 * DAY_MS, "day"],
] as const;

describe.each(RANGES)("the last %s", (_, lengthMs, step) => {
  const sinceMs = NOW_MS - lengthMs;
  const own = within(sinceMs, NOW_MS);

  it("has exact totals and money, and percentiles within 5 %", async () => {
    const { total, rows } = await read<{ total: UsageRow; rows: UsageRow[] }>(
      `/admin/usage?since=${sinceMs}&until=${NOW_MS}&by=provider`,
    );
    expect(own.length).toBeGreaterThan(300);
    expect(sumsOf(total)).toEqual(sums(own));
    for (const row of rows)
      expect(sumsOf(row)).toEqual(sums(own.filter(({ served }) => served?.provider === row.name)));
    for (const [name, share] of [
      ["p50", 0.5],
      ["p95", 0.95],
    ] as const) {
      const duration = percentile(
        own.map(({ durationMs }) => durationMs),
        share,
      );
      expect(Math.abs((total.duration_ms[name] ?? 0) / duration - 1)).toBeLessThan(0.05);
      const first = percentile(
        own.map(({ firstTokenMs = 0 }) => firstTokenMs),
        share,
      );
      expect(Math.abs((total.ttft_ms[name] ?? 0) / first - 1)).toBeLessThan(0.05);
    }
  });

  it.each(["UTC", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe"])(
    "is the sum of its periods in %s",
    async (zone) => {
      const { buckets, since, until } = await series(sinceMs, NOW_MS, step, zone);
      expect([Date.parse(since), Date.parse(until)]).toEqual([sinceMs, NOW_MS]);
      for (const [at, bucket] of buckets.entries()) {
        expect(bucket.start).toBe(at === 0 ? since : buckets[at - 1]?.end);
        expect(sumsOf(bucket)).toEqual(sums(within(Date.parse(bucket.start), Date.parse(bucket.end))));
      }
      expect(buckets.reduce((sum, { requests }) => sum + requests, 0)).toBe(own.length);
    },
  );
});

describe("a day by the clock on the wall", () => {
  it("begins at its midnight, and has 25 hours where the clock goes back", async () => {
    const { buckets } = await series(
      Date.UTC(2026, 9, 24, 22),
      Date.UTC(2026, 9, 27, 23),
      "day",
      "Europe/Berlin",
    );
    expect(buckets.map(({ start }) => start)).toEqual([
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
      "2026-10-26T23:00:00.000Z",
    ]);
    const kolkata = await series(NOW_MS - 2 * DAY_MS, NOW_MS, "day", "Asia/Kolkata");
    expect(kolkata.buckets.slice(1).map(({ start }) => start.slice(11, 16))).toEqual(["18:30", "18:30"]);
  });
});

describe("a question that cannot be answered", () => {
  it.each([
    ["step=week", "step"],
    ["zone=Mars%2FBase", "zone"],
    ["since=5&until=4", "since"],
    [`since=0&until=${NOW_MS}`, "since"],
  ])("%s names the field", async (query, param) => {
    const base = new URLSearchParams({ since: String(NOW_MS - QUARTER_MS), until: String(NOW_MS) });
    for (const [name, value] of new URLSearchParams(query)) base.set(name, value);
    const response = await gateway.fetch(`/admin/usage/series?${base}`);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param } }]);
  });
});
