/** GET /admin/quota: what is left over all accounts now, when it resets, and how long the free tiers last. */
import { present, type Records } from "@headgate/contract";
import {
  HORIZON_MS,
  lastsUntilMs,
  offeredSources,
  poolOf,
  quotaSources,
  type Rate,
  type RouteIndex,
  secondAccount,
} from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { allCandidates, iso } from "./cooldowns.ts";

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
    const { providers, deployments } = index().table;
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
    return {
      at: iso(now),
      limits: limitsOf(index(), now),
      free: {
        models: deployments.filter(({ tier, operation }) => tier === "free" && operation === "chat").length,
        left: poolOf(sources),
        rate_per_hour: { requests: tenths(rate.requests), tokens: Math.round(rate.tokens) },
        rate_hours: RATE_HOURS,
        lasts_until: iso(untilMs ?? undefined),
        horizon_hours: HORIZON_MS / HOUR_MS,
        second_account: untilMs === null ? null : (moves("account").at(0) ?? null),
        switch_on: untilMs === null ? null : (moves("off").at(0) ?? null),
      },
    };

    /** How far each provider's second account, or each provider that is off, would move the moment; the farthest first. */
    function moves(which: "account" | "off") {
      const { inactive } = index().table;
      const offered = offeredSources(inactive, now);
      const from = which === "account" ? sources : offered;
      return [...new Set(from.map(({ provider }) => provider))]
        .map((provider) => {
          const added =
            which === "account"
              ? secondAccount(sources, provider)
              : offered.filter((source) => source.provider === provider);
          const more = lastsUntilMs([...sources, ...added], rate, now);
          const fix =
            which === "off" ? inactive.find((model) => model.provider === provider)?.fix : undefined;
          return { provider, ...present({ fix }), untilMs: more ?? now + HORIZON_MS };
        })
        .filter((move) => move.untilMs > (untilMs ?? now))
        .sort((a, b) => b.untilMs - a.untilMs || a.provider.localeCompare(b.provider))
        .map(({ untilMs: until, ...move }) => ({ ...move, lasts_until: iso(until) }));
    }
  });
}

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
