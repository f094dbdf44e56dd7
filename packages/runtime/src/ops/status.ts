/** GET /admin/status, /admin/providers and /admin/groups: how the gateway is now. */
import type { Records } from "@headgate/contract";
import { type Meter, opensAtMs, type RouteIndex } from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { allCandidates, cooldownsOf, iso } from "./cooldowns.ts";
import type { Health } from "./health.ts";
import { sharedKeys } from "./shared-accounts.ts";

export interface StatusInput {
  readonly version: string;
  readonly nowMs: () => number;
  readonly index: () => RouteIndex;
  readonly draining: () => boolean;
  readonly inFlight: { readonly count: number };
  readonly health: Health;
  readonly records: Records | undefined;
  /** The ceiling over everything that costs; undefined: none is set. */
  readonly spendMeter: () => Meter | undefined;
  readonly log: { readonly recent: readonly string[] };
}

const HOUR_MS = 3_600_000;
const LOG_LINES = 10;

export function statusRoutes(app: FastifyInstance, input: StatusInput): void {
  const { version, nowMs, index, draining, inFlight, health, records, spendMeter, log } = input;
  const startedAtMs = nowMs();

  app.get("/admin/status", async ({ headers: { host } }) => {
    const now = nowMs();
    const { table } = index();
    return {
      pid: process.pid,
      status: draining() ? "draining" : "ok",
      address: host ?? null,
      version,
      started_at: iso(startedAtMs),
      table: {
        fingerprint: table.fingerprint,
        providers: table.providers.length,
        models: table.deployments.length,
      },
      keys: table.providers.reduce((sum, { keyVars }) => sum + keyVars.length, 0),
      in_flight: inFlight.count,
      groups: await groupsOf(index(), records, now),
      cooldowns: cooldownsOf(allCandidates(index()), now),
      /** Keys that probably share one account's limits. */
      shared_accounts: sharedKeys(index()),
      spend: spendOf(spendMeter(), now),
      log: log.recent.slice(-LOG_LINES),
    };
  });

  app.get("/admin/providers", async () => ({ providers: health.providers(index(), nowMs()) }));

  app.get("/admin/groups", async () => ({ groups: await groupsOf(index(), records, nowMs()) }));
}

function spendOf(meter: Meter | undefined, nowMs: number) {
  if (meter === undefined) return null;
  const used = meter.used(nowMs);
  const opensMs = used === 0 ? undefined : meter.opensAtMs(meter.amount, nowMs);
  return {
    limit_usd: meter.amount,
    window: meter.spec.window ?? null,
    used_usd: used,
    resets_at: iso(opensMs !== undefined && Number.isFinite(opensMs) ? opensMs : undefined),
  };
}

async function groupsOf(index: RouteIndex, records: Records | undefined, nowMs: number) {
  const lastHour = { by: "model", sinceMs: nowMs - HOUR_MS, untilMs: nowMs + 1 } as const;
  const rows = await records?.usage(lastHour).catch(() => undefined);
  const requests = new Map(rows?.map((row) => [row.name, row.requests]));
  const { routes, deployments, providers } = index.table;
  const candidates = Map.groupBy(allCandidates(index), ({ deployment }) => deployment);
  return routes
    .filter(({ kind }) => kind === "group")
    .map(({ name, chain }) => {
      const members = chain.flatMap((at) => deployments[at] ?? []);
      const own = members.flatMap((deployment) => candidates.get(deployment) ?? []);
      const cooling = own.filter((candidate) => opensAtMs(candidate) > nowMs).length;
      return {
        name,
        upstreams: members.length,
        providers: new Set(members.flatMap(({ provider }) => providers[provider]?.id ?? [])).size,
        healthy: own.length - cooling,
        cooling,
        /** Null where records cannot be read. */
        requests_60_min: rows === undefined ? null : (requests.get(name) ?? 0),
        state: cooling === 0 ? "HEALTHY" : cooling < own.length ? "DEGRADED" : "ALL COOLING",
      };
    });
}
