/** `headgate usage` as a table. */
import type { UsageRow } from "@headgate/contract";
import { alignColumns } from "../table.ts";
import { ms, plain } from "./why-text.ts";

export interface UsageAnswer {
  readonly since: string;
  readonly until: string;
  readonly by: string | null;
  readonly rows: readonly UsageRow[];
  readonly total: UsageRow | null;
}

const HEAD = ["REQUESTS", "SUCCESS", "IN", "OUT", "TTFT p50/p95", "DURATION p50/p95", "COST", "AS ASKED"];
const MILLION = 1_000_000;

export function usageText({ since, until, by, rows, total }: UsageAnswer): string {
  const period = `${since.slice(0, 16)}Z to ${until.slice(0, 16)}Z`;
  if (total === null || total.requests + total.attempts === 0) return `no requests from ${period}`;
  const body =
    by === null ? [] : rows.map((row) => [row.name === "" ? "(none)" : plain(row.name), ...cells(row)]);
  const table = alignColumns([[(by ?? "").toUpperCase(), ...HEAD], ...body, ["total", ...cells(total)]]);
  const notes = [
    total.unpriced > 0 ? `${total.unpriced} requests have no known price; COST leaves them out.` : "",
    total.estimated > 0 ? `The tokens of ${total.estimated} requests are estimated.` : "",
    total.saved.requests > 0
      ? `The cache answered ${total.saved.requests} requests wholly or in part: ${amount(total.saved.tokens)} tokens${total.saved.list_usd > 0 ? `, ${dollars(total.saved.list_usd)} at list price` : ""} saved.`
      : "",
  ].filter((note) => note !== "");
  return [period, "", table, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}

const cells = (row: UsageRow): string[] => [
  String(row.requests),
  row.requests === 0 ? "-" : `${Math.round((1_000 * row.succeeded) / row.requests) / 10} %`,
  amount(row.tokens.input),
  amount(row.tokens.output),
  pair(row.ttft_ms),
  pair(row.duration_ms),
  dollars(row.cost_usd),
  dollars(row.asked_usd),
];

export const amount = (value: number): string =>
  value >= MILLION
    ? `${(value / MILLION).toFixed(1)}M`
    : value >= 10_000
      ? `${Math.round(value / 1_000)}k`
      : String(Math.round(value));

const pair = ({ p50, p95 }: UsageRow["ttft_ms"]): string =>
  p50 === null || p95 === null ? "-" : `${ms(p50)} / ${ms(p95)}`;

const dollars = (usd: number): string =>
  usd === 0 ? "0" : `$${usd < 1 ? usd.toPrecision(3) : usd.toFixed(2)}`;
