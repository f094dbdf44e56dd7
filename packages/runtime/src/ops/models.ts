/** GET /admin/models and /admin/chains: what is served now, with what the gateway knows of it. */
import type { RateRow, Records } from "@headgate/contract";
import {
  type Candidate,
  type IndexedDeployment,
  type IndexedRoute,
  type Meter,
  opensAtMs,
  plan,
  type RequestFacts,
  type RouteIndex,
} from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { cooldownValue, iso, lastingCooldown } from "./cooldowns.ts";
import { scored } from "./score.ts";

export interface ModelsInput {
  readonly nowMs: () => number;
  readonly index: () => RouteIndex;
  readonly records: Records | undefined;
}

/** The rate that a forecast goes on with is that of these last hours. */
const RATE_HOURS = 3;
const HOUR_MS = 3_600_000;

export function modelRoutes(app: FastifyInstance, { nowMs, index, records }: ModelsInput): void {
  app.get("/admin/models", async () => {
    const now = nowMs();
    const rates = await records?.rates(now - RATE_HOURS * HOUR_MS, now + 1).catch(() => undefined);
    return { at: iso(now), models: index().deployments.map((entry) => modelOf(entry, rates, now)) };
  });

  app.get("/admin/chains", async () => {
    const now = nowMs();
    const current = index();
    const chains = current.table.routes.flatMap(({ name, kind, description }) => {
      const route = kind === "alias" || kind === "group" ? current.find(name) : undefined;
      return route === undefined ? [] : [{ ...chainOf(route, now), description: description ?? null }];
    });
    return { at: iso(now), chains };
  });
}

function modelOf(entry: IndexedDeployment, rates: readonly RateRow[] | undefined, nowMs: number) {
  const { deployment, provider, candidates } = entry;
  const open = candidates.filter((candidate) => opensAtMs(candidate) <= nowMs);
  const [first] = candidates;
  const limits = [...new Set(candidates.flatMap((candidate) => [...candidate.meters()]))]
    .filter(({ amount }) => amount !== Number.POSITIVE_INFINITY)
    .map((meter) => limitOf(meter, nowMs));
  return {
    model: deployment.alias,
    provider: provider.id,
    upstream: deployment.upstream,
    operation: deployment.operation,
    tier: deployment.tier,
    served: deployment.served,
    capabilities: deployment.capabilities,
    context_tokens: deployment.contextTokens ?? null,
    max_output_tokens: deployment.maxOutputTokens ?? null,
    price: deployment.price ?? null,
    keys: candidates.length,
    open: open.length,
    cooldown: open.length > 0 || first === undefined ? null : cooldownValue(lastingCooldown(first)),
    limits,
    forecast: forecastOf(entry, limits, rates, nowMs),
    measured: first === undefined ? null : measuredOf(first),
    score: first === undefined || measuredOf(first) === null ? null : scored(first, "balanced", nowMs),
  };
}

function limitOf(meter: Meter, nowMs: number) {
  const used = meter.used(nowMs);
  const resetsAtMs = used === 0 ? undefined : meter.opensAtMs(meter.amount, nowMs);
  return {
    unit: meter.unit,
    window: meter.spec.window ?? null,
    declared: meter.spec.declared ?? null,
    learned: meter.learned?.amount ?? null,
    amount: meter.amount,
    used: tenths(used),
    left: tenths(Math.max(0, meter.amount - used)),
    resets_at: iso(resetsAtMs !== undefined && Number.isFinite(resetsAtMs) ? resetsAtMs : undefined),
  };
}

/** When the first of its daily or monthly limits is used up, at the rate of the last hours; null: not before it resets. */
function forecastOf(
  { deployment, provider }: IndexedDeployment,
  limits: readonly ReturnType<typeof limitOf>[],
  rates: readonly RateRow[] | undefined,
  nowMs: number,
): string | null {
  const own = rates?.filter((row) => row.provider === provider.id && row.model === deployment.alias) ?? [];
  const perHour = {
    requests: own.reduce((sum, { attempts }) => sum + attempts, 0) / RATE_HOURS,
    tokens: own.reduce((sum, { tokens }) => sum + tokens, 0) / RATE_HOURS,
  };
  const moments = limits.flatMap(({ unit, window, left, resets_at }) => {
    const rate = unit === "requests" || unit === "tokens" ? perHour[unit] : 0;
    if (rate === 0 || window === "minute") return [];
    const atMs = nowMs + (left / rate) * HOUR_MS;
    return resets_at === null || atMs < Date.parse(resets_at) ? [atMs] : [];
  });
  return moments.length === 0 ? null : (iso(Math.min(...moments)) ?? null);
}

/** Null where nothing was measured: guesses that a score begins with are no data. */
function measuredOf({ stats }: Candidate) {
  const { firstTokenMs, tokensPerS, outputTokens, fadedAtMs } = stats;
  if (fadedAtMs === 0 || (firstTokenMs === 0 && outputTokens === 0)) return null;
  return {
    first_token_ms: firstTokenMs === 0 ? null : Math.round(firstTokenMs),
    tokens_per_s: tokensPerS === 0 ? null : tenths(tokensPerS),
    output_tokens: outputTokens === 0 ? null : Math.round(outputTokens),
  };
}

function chainOf(route: IndexedRoute, nowMs: number) {
  const facts: RequestFacts = { model: route.name, operation: route.operation, needs: 0 };
  const { candidates, skipped } = plan(route, facts, nowMs);
  const open = new Set(candidates.map(({ deployment }) => deployment));
  return {
    name: route.name,
    kind: route.kind,
    operation: route.operation,
    strategy: route.strategy ?? "priority",
    members: route.chain.map(({ deployment, provider }) => {
      const skip = open.has(deployment) ? undefined : skipped.find((one) => one.deployment === deployment);
      return {
        model: deployment.alias,
        provider: provider.id,
        skipped:
          skip === undefined ? null : { reason: skip.reason, detail: skip.detail, until: iso(skip.untilMs) },
      };
    }),
  };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;
