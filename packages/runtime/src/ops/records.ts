/** The admin routes of usage records. The same JSON is what the commands print with `--json`. */
import { present, type RecordFilter, type Records, USAGE_GROUPS, type UsageGroup } from "@headgate/contract";
import type { FastifyInstance } from "fastify";
import { badRequest, ClientError, quoted } from "../http/client-error.ts";
import { isStep, isZone, periodEdges, type SeriesQuery } from "./periods.ts";
import { requestRow } from "./request-row.ts";

export interface RecordsInput {
  readonly nowMs: () => number;
  readonly records: Records | undefined;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const WEEK_MS = 7 * 86_400_000;

type Query = Readonly<Record<string, string | undefined>>;

export function recordRoutes(app: FastifyInstance, { records, nowMs }: RecordsInput): void {
  const kept = (): Records => {
    if (records !== undefined) return records;
    throw new ClientError({
      status: 404,
      type: "invalid_request_error",
      code: "no_records",
      message: "This gateway keeps no usage records.",
    });
  };

  /** Finished requests, the newest first. */
  app.get<{ Querystring: Query }>("/admin/requests", async ({ query }) => {
    const requests = await kept().list(filterOf(query)).catch(unavailable);
    // `rows=1`: as a list needs them, without plans and attempts.
    return query.rows === "1" ? { rows: requests.map(requestRow) } : { requests };
  });

  app.get<{ Params: { id: string } }>("/admin/requests/:id", async ({ params: { id } }) => {
    const found = await kept().find(id).catch(unavailable);
    if (found !== undefined) return found;
    throw new ClientError({
      status: 404,
      type: "invalid_request_error",
      code: "unknown_request",
      message: `There is no usage record of request ${quoted(id)}. The id is in the answer's x-request-id; a record is stored within a second, and kept as long as HEADGATE_RECORDS_KEEP_DAYS says.`,
    });
  });

  /** Usage over time, by the clock of a time zone. The range grows to whole minutes, or to quarters of an hour. */
  app.get<{ Querystring: Query }>("/admin/usage/series", async ({ query }) => {
    const asked = seriesOf(query);
    const edges = periodEdges(asked);
    if (edges.length > MOST_BUCKETS)
      throw badRequest("The range has too many periods; take a longer `step`.", "step");
    const rows = await kept().series(edges).catch(unavailable);
    const isoAt = (at: number): string => new Date(edges[at] ?? 0).toISOString();
    return {
      since: isoAt(0),
      until: isoAt(edges.length - 1),
      step: asked.step,
      zone: asked.zone,
      buckets: rows.map((row, at) => ({ ...row, start: isoAt(at), end: isoAt(at + 1) })),
    };
  });

  app.get<{ Querystring: Query }>("/admin/usage", async ({ query: { by, since, until } }) => {
    if (by !== undefined && !(USAGE_GROUPS as readonly string[]).includes(by))
      throw badRequest(`\`by\` must be one of ${USAGE_GROUPS.join(", ")}.`, "by");
    const untilMs = momentOf(until, "until") ?? nowMs() + 1;
    const sinceMs = momentOf(since, "since") ?? untilMs - WEEK_MS;
    const group = present({ by: by as UsageGroup | undefined });
    const rows = await kept()
      .usage({ ...group, sinceMs, untilMs })
      .catch(unavailable);
    const [total] = by === undefined ? rows : await kept().usage({ sinceMs, untilMs }).catch(unavailable);
    return {
      since: new Date(sinceMs).toISOString(),
      until: new Date(untilMs).toISOString(),
      by: by ?? null,
      rows,
      total: total ?? null,
    };
  });
}

/** Minutes are kept for two days, quarters for 90. */
const MOST_MS = {
  minute: 3 * 3_600_000,
  quarter: 31 * 86_400_000,
  hour: 31 * 86_400_000,
  day: 31 * 86_400_000,
} as const;
const MOST_BUCKETS = 3_000;

function seriesOf({ since, until, step = "hour", zone = "UTC" }: Query): SeriesQuery {
  if (!isStep(step)) throw badRequest(`\`step\` must be one of ${Object.keys(MOST_MS).join(", ")}.`, "step");
  if (!isZone(zone)) throw badRequest("`zone` must be a time zone such as Asia/Kolkata.", "zone");
  const [sinceMs, untilMs] = [momentOf(since, "since"), momentOf(until, "until")];
  if (sinceMs === undefined || untilMs === undefined || untilMs <= sinceMs)
    throw badRequest("`since` and `until` must be moments, and `until` the later one.", "since");
  if (untilMs - sinceMs > MOST_MS[step])
    throw badRequest(
      `The range is too long: by the ${step} at most ${MOST_MS[step] / 3_600_000} hours.`,
      "since",
    );
  return { sinceMs, untilMs, step, zone };
}

/** The database does not answer, or records go elsewhere. */
function unavailable(error: unknown): never {
  throw new ClientError({
    status: 503,
    type: "server_error",
    code: "records_unavailable",
    message: `Usage records cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
  });
}

function filterOf({ limit, since, until, client, model, provider, outcome }: Query): RecordFilter {
  const most = limit === undefined ? DEFAULT_LIMIT : Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > MAX_LIMIT)
    throw badRequest(`\`limit\` must be a whole number from 1 to ${MAX_LIMIT}.`, "limit");
  return {
    limit: most,
    ...present({
      sinceMs: momentOf(since, "since"),
      untilMs: momentOf(until, "until"),
      client,
      model,
      provider,
      outcome,
    }),
  };
}

/** Ms since the epoch, or a date. */
function momentOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^[0-9]{1,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms) && Math.abs(ms) < 8.64e15) return ms;
  throw badRequest(`\`${name}\` must be a date such as 2026-11-21T12:00:00Z, or ms since the epoch.`, name);
}
