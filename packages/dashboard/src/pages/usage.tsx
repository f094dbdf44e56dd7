/** Requests, tokens, times and money over a range, in the viewer's time zone. Every sum is the server's. */
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useMemo } from "react";
import { get } from "../data/api.ts";
import { compactNumber, dateTime, duration, number, share, shortTime, usd, zone } from "../data/format.ts";
import { setQuery, useLocation } from "../data/location.ts";
import type { UsageAnswer, UsageRow, UsageSeries } from "../data/types.ts";
import { csvOf, RANGES, type Range, type RangeName, rangeAt } from "../data/usage.ts";
import { texts } from "../texts.ts";
import { Figure, Heading, Section, Table } from "../ui/parts.tsx";
import { Empty, Loaded, Waiting } from "../ui/states.tsx";

const t = texts.usage;
// The chart's library is loaded with this page only.
const Chart = lazy(async () => ({ default: (await import("../ui/chart.tsx")).Chart }));

const NAMES = Object.keys(RANGES) as readonly RangeName[];
const GROUPS = ["client", "provider", "model"] as const;
const isRange = (text: string | null): text is RangeName => text !== null && text in RANGES;
const isGroup = (text: string | null): text is (typeof GROUPS)[number] =>
  GROUPS.some((group) => group === text);

interface Answer {
  readonly range: Range;
  readonly series: UsageSeries;
  readonly groups: UsageAnswer;
  readonly before: UsageRow | null | undefined;
}

async function readUsage(
  name: RangeName,
  by: string,
  compare: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  const nowMs = Date.now();
  const range = rangeAt(name, nowMs);
  const { sinceMs, untilMs, step } = range;
  const earlier = rangeAt(name, nowMs, 1);
  const bounds = `since=${sinceMs}&until=${untilMs}`;
  const [series, groups, before] = await Promise.all([
    get<UsageSeries>(`/admin/usage/series?${bounds}&step=${step}&zone=${encodeURIComponent(zone())}`, signal),
    get<UsageAnswer>(`/admin/usage?${bounds}&by=${by}`, signal),
    compare
      ? get<UsageAnswer>(`/admin/usage?since=${earlier.sinceMs}&until=${earlier.untilMs}`, signal)
      : undefined,
  ]);
  return { range, series, groups, before: before === undefined ? undefined : before.total };
}

export default function Usage() {
  const { query } = useLocation();
  const asked = query.get("range");
  const name: RangeName = isRange(asked) ? asked : "24h";
  const wanted = query.get("by");
  const by = isGroup(wanted) ? wanted : "model";
  const compare = query.get("compare") === "1";
  const usage = useQuery({
    queryKey: ["usage", name, by, compare],
    queryFn: ({ signal }) => readUsage(name, by, compare, signal),
    refetchInterval: 15_000,
  });
  return (
    <>
      <Heading title={texts.pages.usage} />
      <div className="filters">
        <div className="field">
          <label htmlFor="range">{t.range}</label>
          <select
            id="range"
            value={name}
            onChange={(event) => setQuery({ range: event.currentTarget.value })}
          >
            {NAMES.map((range) => (
              <option key={range} value={range}>
                {t.ranges[range]}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="by">{t.by}</label>
          <select id="by" value={by} onChange={(event) => setQuery({ by: event.currentTarget.value })}>
            {GROUPS.map((group) => (
              <option key={group} value={group}>
                {t.groups[group]}
              </option>
            ))}
          </select>
        </div>
        <label className="check">
          <input
            type="checkbox"
            checked={compare}
            onChange={(event) => setQuery({ compare: event.currentTarget.checked ? "1" : undefined })}
          />
          {t.compare}
        </label>
      </div>
      <Loaded query={usage}>{(answer) => <Report answer={answer} by={by} />}</Loaded>
    </>
  );
}

function Report({ answer, by }: { readonly answer: Answer; readonly by: (typeof GROUPS)[number] }) {
  const { range, series, groups, before } = answer;
  const { total } = groups;
  const period = `${dateTime(range.sinceMs)} – ${dateTime(range.untilMs)}`;
  return (
    <>
      <p className="quiet">
        {period}. {t.zone(zone())}
      </p>
      {total === null || total.requests === 0 ? (
        <Empty>{t.none}</Empty>
      ) : (
        <>
          <Figures total={total} before={before} />
          <Over series={series} />
          <Section
            title={t.caption(t.groups[by])}
            actions={
              <a
                className="button"
                download={`headgate-usage-${by}.csv`}
                href={`data:text/csv;charset=utf-8,${encodeURIComponent(groupsCsv(groups.rows, by))}`}
              >
                {t.csv}
              </a>
            }
          >
            <Groups rows={groups.rows} by={by} />
          </Section>
        </>
      )}
    </>
  );
}

const pair = ({ p50, p95 }: UsageRow["ttft_ms"]): string => `${duration(p50)} / ${duration(p95)}`;

function Figures({
  total,
  before,
}: {
  readonly total: UsageRow;
  readonly before: UsageRow | null | undefined;
}) {
  const note = (show: (row: UsageRow) => string, own?: string): ReactNode => {
    const earlier = before === undefined ? undefined : t.before(before === null ? number(0) : show(before));
    return [own, earlier].filter((text) => text !== undefined).join("; ") || undefined;
  };
  const money = (row: UsageRow): string => usd(row.cost_usd);
  const saved = (row: UsageRow): string => usd(row.asked_usd - row.cost_usd);
  return (
    <dl className="figures">
      <Figure name={t.requests} value={number(total.requests)} note={note((row) => number(row.requests))} />
      <Figure
        name={t.success}
        value={share(total.succeeded, total.requests)}
        note={note((row) => share(row.succeeded, row.requests))}
      />
      <Figure
        name={t.tokensIn}
        value={compactNumber(total.tokens.input)}
        note={note(
          (row) => compactNumber(row.tokens.input),
          total.estimated > 0 ? t.estimated(number(total.estimated)) : undefined,
        )}
      />
      <Figure
        name={t.tokensOut}
        value={compactNumber(total.tokens.output)}
        note={note((row) => compactNumber(row.tokens.output))}
      />
      <Figure name={t.ttft} value={pair(total.ttft_ms)} note={note((row) => pair(row.ttft_ms))} />
      <Figure name={t.duration} value={pair(total.duration_ms)} note={note((row) => pair(row.duration_ms))} />
      <Figure
        name={t.cost}
        value={money(total)}
        note={note(money, total.unpriced > 0 ? t.unpriced(number(total.unpriced)) : undefined)}
      />
      <Figure name={t.saved} value={saved(total)} note={note(saved, t.savedNote)} />
    </dl>
  );
}

function Over({ series: { buckets, until } }: { readonly series: UsageSeries }) {
  const starts = useMemo(() => buckets.map(({ start }) => Date.parse(start)), [buckets]);
  const bars = useMemo(
    () => [
      { name: t.requests, color: "accent" as const, values: buckets.map(({ requests }) => requests) },
      {
        name: t.failedOnes,
        color: "bad" as const,
        values: buckets.map(({ requests, succeeded }) => requests - succeeded),
      },
    ],
    [buckets],
  );
  const used = buckets.filter(({ requests }) => requests > 0);
  return (
    <Section title={t.chart}>
      <Suspense fallback={<Waiting />}>
        <Chart label={t.chart} starts={starts} end={Date.parse(until)} series={bars} />
      </Suspense>
      <details>
        <summary>{t.chartTable}</summary>
        <Table
          caption={t.chartTable}
          rows={used}
          keyOf={({ start }) => start}
          columns={[
            { name: t.bucket, cell: ({ start }) => shortTime(start) },
            { name: t.requests, numeric: true, cell: ({ requests }) => number(requests) },
            {
              name: t.failedOnes,
              numeric: true,
              cell: ({ requests, succeeded }) => number(requests - succeeded),
            },
            { name: t.tokensIn, numeric: true, cell: ({ tokens }) => number(tokens.input) },
            { name: t.tokensOut, numeric: true, cell: ({ tokens }) => number(tokens.output) },
            { name: t.cost, numeric: true, cell: ({ cost_usd }) => usd(cost_usd) },
          ]}
        />
      </details>
    </Section>
  );
}

function Groups({ rows, by }: { readonly rows: readonly UsageRow[]; readonly by: string }) {
  return (
    <Table
      caption={t.caption(by)}
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { name: t.name, cell: ({ name }) => (name === "" ? t.unnamed : name) },
        { name: t.requests, numeric: true, cell: ({ requests }) => number(requests) },
        { name: t.success, numeric: true, cell: ({ requests, succeeded }) => share(succeeded, requests) },
        { name: t.tokensIn, numeric: true, cell: ({ tokens }) => number(tokens.input) },
        { name: t.tokensOut, numeric: true, cell: ({ tokens }) => number(tokens.output) },
        { name: t.ttft, numeric: true, cell: ({ ttft_ms }) => pair(ttft_ms) },
        { name: t.duration, numeric: true, cell: ({ duration_ms }) => pair(duration_ms) },
        { name: t.cost, numeric: true, cell: ({ cost_usd }) => usd(cost_usd) },
        { name: t.saved, numeric: true, cell: ({ asked_usd, cost_usd }) => usd(asked_usd - cost_usd) },
      ]}
    />
  );
}

const groupsCsv = (rows: readonly UsageRow[], by: string): string =>
  csvOf([
    [
      by,
      "requests",
      "succeeded",
      "input_tokens",
      "output_tokens",
      "ttft_p50_ms",
      "ttft_p95_ms",
      "duration_p50_ms",
      "duration_p95_ms",
      "cost_usd",
      "asked_usd",
    ],
    ...rows.map((row) => [
      row.name,
      row.requests,
      row.succeeded,
      row.tokens.input,
      row.tokens.output,
      row.ttft_ms.p50,
      row.ttft_ms.p95,
      row.duration_ms.p50,
      row.duration_ms.p95,
      row.cost_usd,
      row.asked_usd,
    ]),
  ]);
