/** Finished requests, live; one opens its whole story. Filters and the open row are in the address. */
import { useQuery } from "@tanstack/react-query";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { get } from "../data/api.ts";
import { useLive } from "../data/events.tsx";
import { dateTime, duration, nanoUsd, number, time } from "../data/format.ts";
import { hashOf, setQuery, useLocation } from "../data/location.ts";
import { matches, merged, newcomers, type RequestFilter } from "../data/request-list.ts";
import type { RequestRow } from "../data/types.ts";
import { texts } from "../texts.ts";
import { LiveBadge } from "../ui/live.tsx";
import { Badge, Heading } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { OUTCOME_TONES } from "./requests/outcome.ts";
import { Story } from "./requests/story.tsx";

const t = texts.requests;
const OUTCOMES = Object.keys(t.outcomes) as readonly RequestRow["outcome"][];

function filterOf(query: URLSearchParams): RequestFilter {
  const filter: Record<string, string> = {};
  for (const name of ["client", "model", "provider", "outcome"]) {
    const value = query.get(name);
    if (value !== null) filter[name] = value;
  }
  return filter;
}

export default function Requests() {
  const { query } = useLocation();
  const filter = useMemo(() => filterOf(query), [query]);
  const list = useQuery({
    queryKey: ["requests", filter],
    queryFn: ({ signal }) =>
      get<{ rows: readonly RequestRow[] }>(
        `/admin/requests?${new URLSearchParams({ ...filter, rows: "1", limit: "200" })}`,
        signal,
      ),
  });
  const filtered = Object.keys(filter).length > 0;
  const recent = useRecentRows();
  return (
    <>
      <Heading title={texts.pages.requests}>
        <LiveBadge />
      </Heading>
      <Filters filter={filter} />
      <Loaded query={list}>
        {({ rows }) => (
          <LiveList
            key={JSON.stringify(filter)}
            first={rows}
            recent={recent}
            filter={filter}
            filtered={filtered}
            open={query.get("open")}
          />
        )}
      </Loaded>
    </>
  );
}

function Filters({ filter }: { readonly filter: RequestFilter }) {
  return (
    <form className="filters" onSubmit={(event) => event.preventDefault()}>
      {(["client", "model", "provider"] as const).map((name) => (
        <div className="field" key={name}>
          <label htmlFor={`filter-${name}`}>{t[name]}</label>
          <input
            id={`filter-${name}`}
            defaultValue={filter[name] ?? ""}
            key={filter[name] ?? ""}
            placeholder={t.any}
            onKeyDown={(event) => {
              if (event.key === "Enter") setQuery({ [name]: event.currentTarget.value.trim() });
            }}
            onBlur={(event) => setQuery({ [name]: event.currentTarget.value.trim() })}
          />
        </div>
      ))}
      <div className="field">
        <label htmlFor="filter-outcome">{t.outcome}</label>
        <select
          id="filter-outcome"
          value={filter.outcome ?? ""}
          onChange={(event) => setQuery({ outcome: event.currentTarget.value })}
        >
          <option value="">{t.any}</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome} value={outcome}>
              {t.outcomes[outcome]}
            </option>
          ))}
        </select>
      </div>
    </form>
  );
}

/** What came while this page is open: a list that is read anew may have been read before the newest of it was stored. */
function useRecentRows(): { readonly current: readonly RequestRow[] } {
  const { onRows } = useLive();
  const recent = useRef<readonly RequestRow[]>([]);
  useEffect(
    () =>
      onRows((rows) => {
        recent.current = merged(recent.current, rows);
      }),
    [onRows],
  );
  return recent;
}

/** The rows that were read, with those that came since. Away from the top, or paused, the list stands still and counts. */
function useLiveRows(
  first: readonly RequestRow[],
  recent: { readonly current: readonly RequestRow[] },
  filter: RequestFilter,
  paused: boolean,
) {
  const { onRows } = useLive();
  const [rows, setRows] = useState(() =>
    merged(
      first,
      recent.current.filter((row) => matches(row, filter)),
    ),
  );
  const waiting = useRef<RequestRow[]>([]);
  const [fresh, setFresh] = useState(0);
  const still = useRef(paused);
  const shown = useRef(rows);
  shown.current = rows;

  const take = (): void => {
    const more = waiting.current;
    waiting.current = [];
    setFresh(0);
    setRows((before) => merged(before, more));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what waits is taken when the list moves again
  useEffect(() => {
    still.current = paused;
    if (!paused) take();
  }, [paused]);
  const add = (more: readonly RequestRow[]): void => {
    waiting.current.push(...more);
    if (still.current) setFresh(newcomers(shown.current, waiting.current));
    else take();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: `add` reads refs only
  useEffect(() => add(first), [first]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `add` reads refs only
  useEffect(
    () =>
      onRows((incoming) => {
        const own = incoming.filter((row) => matches(row, filter));
        if (own.length > 0) add(own);
      }),
    [onRows, filter],
  );
  return { rows, fresh };
}

const TOP_PX = 200;

function LiveList({
  first,
  recent,
  filter,
  filtered,
  open,
}: {
  readonly first: readonly RequestRow[];
  readonly recent: { readonly current: readonly RequestRow[] };
  readonly filter: RequestFilter;
  readonly filtered: boolean;
  readonly open: string | null;
}) {
  const [paused, setPaused] = useState(false);
  const [away, setAway] = useState(false);
  useEffect(() => {
    const look = (): void => setAway(globalThis.scrollY > TOP_PX);
    globalThis.addEventListener("scroll", look, { passive: true });
    return () => globalThis.removeEventListener("scroll", look);
  }, []);
  const { rows, fresh } = useLiveRows(first, recent, filter, paused || away);
  const at = rows.findIndex(({ id }) => id === open);
  const step = (by: number): void => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, at === -1 ? 0 : at + by))];
    if (next !== undefined) setQuery({ open: next.id });
  };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
        return;
      if (event.key === "j") step(1);
      else if (event.key === "k") step(-1);
    };
    globalThis.addEventListener("keydown", press);
    return () => globalThis.removeEventListener("keydown", press);
  });
  return (
    <>
      <div className="row list-bar">
        <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? t.resume : t.pause}
        </button>
        {fresh > 0 ? (
          <button
            type="button"
            className="fresh"
            onClick={() => {
              setPaused(false);
              globalThis.scrollTo(0, 0);
            }}
          >
            {t.fresh(fresh)}
          </button>
        ) : null}
        {filtered ? (
          <a className="button" href={hashOf("requests")}>
            {t.clearFilters}
          </a>
        ) : null}
        <span className="quiet">{t.keys}</span>
      </div>
      {rows.length === 0 ? (
        <Empty>
          {filtered ? (
            t.noneFiltered
          ) : (
            <>
              <p>
                <strong>{t.none}</strong> {t.noneHow}
              </p>
              <a className="button" href={hashOf("playground")}>
                {t.toPlayground}
              </a>
            </>
          )}
        </Empty>
      ) : (
        <Rows rows={rows} open={open} />
      )}
      {open === null ? null : <Story id={open} onClose={() => setQuery({ open: undefined })} onStep={step} />}
    </>
  );
}

function Rows({ rows, open }: { readonly rows: readonly RequestRow[]; readonly open: string | null }) {
  const c = t.columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must take the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
    <div className="table" role="group" aria-label={t.caption} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{t.caption}</caption>
        <thead>
          <tr>
            <th scope="col">{c.time}</th>
            <th scope="col">{c.outcome}</th>
            <th scope="col">{c.path}</th>
            <th scope="col">{c.client}</th>
            <th scope="col" className="numeric">
              {c.attempts}
            </th>
            <th scope="col" className="numeric">
              {c.ttft}
            </th>
            <th scope="col" className="numeric">
              {c.duration}
            </th>
            <th scope="col" className="numeric">
              {c.tokens}
            </th>
            <th scope="col" className="numeric">
              {c.cost}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.uid} row={row} selected={row.id === open} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Row = memo(function Row({ row, selected }: { readonly row: RequestRow; readonly selected: boolean }) {
  const tokens = row.input_tokens === null && row.output_tokens === null;
  return (
    <tr className={selected ? "selected" : undefined}>
      <td>
        <button
          type="button"
          className="link"
          title={dateTime(row.at)}
          onClick={() => setQuery({ open: row.id })}
        >
          {time(row.at)}
          <span className="visually-hidden">
            {" "}
            {texts.requests.story} {row.id}
          </span>
        </button>
      </td>
      <td>
        <Badge tone={OUTCOME_TONES[row.outcome]}>{t.outcomes[row.outcome]}</Badge>
      </td>
      <td className="path">
        {row.model === "" ? texts.unknown : row.model}
        {row.served === null ? (
          <span className="quiet"> → {t.notServed}</span>
        ) : (
          <span className="quiet">
            {" → "}
            {row.served.model} · {row.served.provider}
          </span>
        )}
      </td>
      <td>{row.client}</td>
      <td className="numeric">{number(row.attempts)}</td>
      <td className="numeric">{duration(row.first_token_ms)}</td>
      <td className="numeric">{duration(row.duration_ms)}</td>
      <td className="numeric">
        {tokens ? texts.unknown : `${number(row.input_tokens)} / ${number(row.output_tokens)}`}
        {row.counted === "estimated" ? <span title={t.estimated}> ~</span> : null}
      </td>
      <td className="numeric">{nanoUsd(row.cost_nano_usd)}</td>
    </tr>
  );
});
