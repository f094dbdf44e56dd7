/** The admin routes of usage records. The same JSON is what the commands print with `--json`. */
import { present, type RecordFilter, type Records, USAGE_GROUPS, type UsageGroup } from "@headgate/contract";
import type { FastifyInstance } from "fastify";
import { badRequest, ClientError, quoted } from "../http/client-error.ts";

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
    return { requests };
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
