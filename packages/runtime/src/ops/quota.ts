/** GET /admin/quota: what is left over all accounts now, when it resets, and how long the free tiers last. */
import type { Records } from "@headgate/contract";
import {
  HORIZON_MS,
  lastsUntilMs,
  movesOf,
  offeredSources,
  poolOf,
  type QuotaSource,
  quotaSources,
  type Rate,
  type RouteIndex,
  secondAccount,
} from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { allCandidates, iso } from "./cooldowns.ts";
import { sharedKeys } from "./shared-accounts.ts";

export interface QuotaInput {
  readonly nowMs: () => number;
  readonly index: () => RouteIndex;
  readonly records: Records | undefined;
}

/** The rate is that of these last hours. */
const RATE_HOURS = 3;
const HOUR_MS = 3_600_000;

export function quotaRoute(app: FastifyInstance, { nowMs, index, records }: QuotaInput): void {
  app.get("/admin/quota", async () => {
    const now = nowMs();
    // Without records the rate is unknown, and so is how long the quota lasts.
    const rows = (await records?.rates(now - RATE_HOURS * HOUR_MS, now + 1).catch(() => undefined)) ?? [];
    const { providers, deployments, inactive } = index().table;
    const free = new Set(providers.filter(({ tier }) => tier === "free").map(({ id }) => id));
    const rate = rows.reduce<Rate>(
      (sum, { provider, attempts, tokens }) =>
        free.has(provider)
          ? {
              requests: sum.requests + attempts / RATE_HOURS,
              tokens: sum.tokens + tokens / RATE_HOURS,
            }
          : sum,
      { requests: 0, tokens: 0 },
    );
    const chats = allCandidates(index()).filter(({ deployment }) => deployment.operation === "chat");
    const sources = quotaSources(
      chats.filter(({ deployment }) => deployment.tier === "free"),
      now,
    );
    const untilMs = lastsUntilMs(sources, rate, now);
    const off = best(offeredSources(inactive, now));
    return {
      at: iso(now),
      limits: limitsOf(index(), now),
      shared_accounts: sharedKeys(index()),
      free: {
        models: deployments.filter(({ tier, operation }) => tier === "free" && operation === "chat").length,
        left: poolOf(sources),
        rate_per_hour: { requests: tenths(rate.requests), tokens: Math.round(rate.tokens) },
        rate_hours: RATE_HOURS,
        lasts_until: iso(untilMs ?? undefined),
        horizon_hours: HORIZON_MS / HOUR_MS,
        second_account: best(providersOf(sources).flatMap((provider) => secondAccount(sources, provider))),
        switch_on: off && { ...off, fix: inactive.find(({ provider }) => provider === off.provider)?.fix },
      },
    };

    /** The provider that would move the moment most; null where none would. */
    function best(more: readonly QuotaSource[]) {
      if (untilMs === null) return null;
      const [move] = movesOf(sources, more, rate, now);
      if (move === undefined || move.untilMs <= untilMs) return null;
      return { provider: move.provider, lasts_until: iso(move.untilMs) };
    }
  });
}

const providersOf = (sources: readonly QuotaSource[]): string[] => [
  ...new Set(sources.map(({ provider }) => provider)),
];

const tenths = (value: number): number => Math.round(value * 10) / 10;

/** Every finite limit, once, the scarcest first. */
function limitsOf(index: RouteIndex, nowMs: number) {
  const owners = new Map<
    ReturnType<ReturnType<typeof allCandidates>[number]["meters"]>[number],
    { provider: string; keys: Set<string>; models: Set<string> }
  >();
  for (const candidate of allCandidates(index)) {
    for (const meter of candidate.meters()) {
      if (meter.amount === Number.POSITIVE_INFINITY) continue;
      const own = owners.get(meter) ?? {
        provider: candidate.provider.id,
        keys: new Set(),
        models: new Set(),
      };
      owners.set(meter, own);
      own.keys.add(candidate.provider.keyVars[candidate.key] ?? "");
      own.models.add(candidate.deployment.alias);
    }
  }
  return [...owners]
    .map(([meter, { provider, keys, models }]) => {
      const used = meter.used(nowMs);
      const opensAtMs = used === 0 ? undefined : meter.opensAtMs(meter.amount, nowMs);
      return {
        provider,
        keys: [...keys].filter((key) => key !== ""),
        models: [...models],
        unit: meter.unit,
        window: meter.spec.window ?? null,
        amount: meter.amount,
        learned: meter.learned?.from ?? null,
        used: tenths(used),
        left: tenths(Math.max(0, meter.amount - used)),
        resets_at: iso(opensAtMs !== undefined && Number.isFinite(opensAtMs) ? opensAtMs : undefined),
      };
    })
    .sort((a, b) => a.left / a.amount - b.left / b.amount || a.provider.localeCompare(b.provider));
}
