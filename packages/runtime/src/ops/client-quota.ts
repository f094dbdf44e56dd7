/** GET /v1/quota: what is left for a client, in all and per name, and when it resets, so that a program can wait. */
import { MASTER } from "@headgate/contract";
import {
  admit,
  type IndexedRoute,
  notAllowed,
  poolOf,
  quotaSources,
  type RequestFacts,
  type RouteIndex,
} from "@headgate/router";
import type { ActiveClient } from "../clients/active-client.ts";
import type { ClientAdmissions, LimitUse } from "../clients/admission.ts";
import { findAny } from "../exchange/lookup.ts";
import { iso } from "./cooldowns.ts";

export interface QuotaOfInput {
  readonly nowMs: () => number;
  readonly admissions: Pick<ClientAdmissions, "uses">;
  /** The names that a client may use. */
  readonly indexFor: (client: ActiveClient | undefined) => RouteIndex;
}

/** Beyond so many names only groups are listed; `?model=` asks for one name. */
const MAX_NAMES = 40;

export async function quotaOf(
  { nowMs, admissions, indexFor }: QuotaOfInput,
  client: ActiveClient | undefined,
  model: string | undefined,
) {
  const index = indexFor(client);
  const now = nowMs();
  const limits = limitsLeft(client === undefined ? [] : await admissions.uses(client));
  // Names of the model map are patterns, which nothing can ask for.
  const listed = index.table.routes.filter(({ kind }) => kind !== "map");
  const shown = listed.length > MAX_NAMES ? listed.filter(({ kind }) => kind === "group") : listed;
  const routes =
    model === undefined ? shown.flatMap(({ name }) => index.find(name) ?? []) : [findAny(index, model)];
  return {
    client: client?.name ?? MASTER,
    at: iso(now),
    limits,
    models: routes.map((route) => nameLeft(route, client, limits, now)),
  };
}

type LimitLeft = ReturnType<typeof limitsLeft>[number];

/** The client's own limits. */
export const limitsLeft = (uses: readonly LimitUse[]) =>
  uses.map(({ meter: { unit, spec, amount }, used, resetsAtMs }) => ({
    unit: unit === "concurrency" ? ("requests" as const) : unit,
    window: spec.window ?? null,
    amount,
    used: rounded(used),
    left: rounded(Math.max(0, amount - used)),
    resets_at: iso(resetsAtMs),
  }));

/** Money in millionths, everything else in whole units. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** What is left under one name: the client's own limits, and the quota of those that may serve it. */
function nameLeft(
  route: IndexedRoute,
  client: ActiveClient | undefined,
  limits: readonly LimitLeft[],
  nowMs: number,
) {
  const { name: model, operation } = route;
  const facts: RequestFacts = { model, operation, needs: 0, ...(client && { client: client.facts }) };
  const candidates = route.chain
    .filter((entry) => entry.deployment.served && notAllowed(client?.facts, entry) === undefined)
    .flatMap((entry) => entry.candidates);
  const skips = candidates.map((candidate) => admit(candidate, facts, nowMs, true).skip);
  const open = skips.some((skip) => skip === undefined);
  const opens = skips.map((skip) => skip?.untilMs ?? Number.POSITIVE_INFINITY);
  const full = limits.filter(({ left, unit }) => left < (unit === "usd" ? 1e-9 : 1) && unit !== "usd");
  const pool = poolOf(quotaSources(candidates, nowMs));
  const waitUntil = Math.max(
    open ? 0 : Math.min(...opens),
    ...full.map(({ resets_at }) => (resets_at === null ? 0 : Date.parse(resets_at))),
  );
  return {
    model,
    available: open && full.length === 0,
    requests_left: least(pool.requests, limits, "requests"),
    tokens_left: least(pool.tokens, limits, "tokens"),
    available_at:
      (open && full.length === 0) || !Number.isFinite(waitUntil) || waitUntil === 0 ? null : iso(waitUntil),
  };
}

/** Null where no limit is known. */
function least(pool: number | null, limits: readonly LimitLeft[], unit: LimitLeft["unit"]): number | null {
  const own = limits.filter((limit) => limit.unit === unit).map(({ left }) => left);
  const all = [...own, ...(pool === null ? [] : [pool])];
  return all.length === 0 ? null : Math.floor(Math.min(...all));
}
