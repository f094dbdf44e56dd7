/** GET /health: each provider's attempts, failures, cooldowns and limits. */
import { type Failure, type FailureClass, present } from "@headgate/contract";
import { type Candidate, opensAtMs, type RouteIndex } from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { cooldownValue, iso, lastingCooldown } from "./cooldowns.ts";
import { scored } from "./score.ts";

interface Counters {
  attempts: number;
  failures: number;
  lastSuccessAtMs?: number;
  lastFailure?: { class: FailureClass; message: string; model: string; atMs: number };
}

/** The part of an attempt's record that is counted. */
export interface AttemptEnd {
  readonly candidate: Candidate;
  readonly failure?: Failure;
  /** Neither a success nor a failure. */
  readonly cancelled?: true;
}

export interface HealthInput {
  readonly version: string;
  readonly nowMs: () => number;
  /** The routes that are served at this moment. */
  readonly index: () => RouteIndex;
  readonly draining: () => boolean;
  readonly inFlight: { readonly count: number };
  readonly health: Health;
}

/** `/health/live` and `/health/ready` need no key, so that an orchestrator can call them. */
export function healthRoutes(
  app: FastifyInstance,
  { version, nowMs, index, draining, inFlight, health }: HealthInput,
): void {
  const open = { config: { open: true } };
  // The second names are LiteLLM's.
  for (const path of ["/health/live", "/health/liveliness"])
    app.get(path, open, async () => ({ status: "ok" }));
  for (const path of ["/health/ready", "/health/readiness"])
    app.get(path, open, async (_, reply) => {
      const ready = !draining() && index().deployments.length > 0;
      const status = ready ? "ok" : draining() ? "draining" : "nothing is active";
      return reply.code(ready ? 200 : 503).send({ status });
    });
  app.get("/health", { config: { operator: true } }, async () => ({
    status: draining() ? "draining" : "ok",
    version,
    table: index().table.fingerprint,
    in_flight: inFlight.count,
    providers: health.providers(index(), nowMs()),
    groups: strategyGroups(index(), nowMs()),
    ...endpoints(index(), nowMs()),
  }));
}

/** Each model in LiteLLM's shape: healthy while one of its candidates is open. */
function endpoints({ deployments }: RouteIndex, nowMs: number) {
  const healthy: object[] = [];
  const unhealthy: object[] = [];
  for (const { deployment, provider, candidates } of deployments) {
    const endpoint = {
      model: `${provider.id}/${deployment.upstream}`,
      model_name: deployment.alias,
      ...present({ api_base: provider.baseUrl }),
    };
    if (candidates.some((candidate) => opensAtMs(candidate) <= nowMs)) healthy.push(endpoint);
    else {
      const [candidate] = candidates;
      const error = candidate && lastingCooldown(candidate).failure?.message;
      unhealthy.push({ ...endpoint, ...present({ error }) });
    }
  }
  return {
    healthy_endpoints: healthy,
    unhealthy_endpoints: unhealthy,
    healthy_count: healthy.length,
    unhealthy_count: unhealthy.length,
  };
}

export class Health {
  readonly #counters = new Map<string, Counters>();

  record({ candidate, failure, cancelled }: AttemptEnd, nowMs: number): void {
    let counters = this.#counters.get(candidate.provider.id);
    if (counters === undefined) {
      counters = { attempts: 0, failures: 0 };
      this.#counters.set(candidate.provider.id, counters);
    }
    counters.attempts += 1;
    if (cancelled) return;
    if (failure === undefined) counters.lastSuccessAtMs = nowMs;
    else {
      counters.failures += 1;
      const { class: failureClass, message } = failure;
      counters.lastFailure = { class: failureClass, message, model: candidate.deployment.alias, atMs: nowMs };
    }
  }

  /** The `providers` of GET /health. */
  providers(index: RouteIndex, nowMs: number): unknown[] {
    return index.table.providers.map((provider) => {
      const own = index.deployments.filter((entry) => entry.provider === provider);
      const counters = this.#counters.get(provider.id);
      const candidates = own.flatMap((entry) => entry.candidates);
      const coolingDown = candidates.filter((candidate) => opensAtMs(candidate) > nowMs);
      return {
        id: provider.id,
        tier: provider.tier,
        status: statusOf(coolingDown.length, candidates.length, counters),
        models: own.length,
        keys: provider.keyVars.length,
        attempts: counters?.attempts ?? 0,
        failures: counters?.failures ?? 0,
        last_success_at: iso(counters?.lastSuccessAtMs),
        last_failure:
          counters?.lastFailure === undefined
            ? null
            : {
                class: counters.lastFailure.class,
                model: counters.lastFailure.model,
                message: counters.lastFailure.message,
                at: iso(counters.lastFailure.atMs),
              },
        cooling: coolingDown.map((candidate) => ({
          model: candidate.deployment.alias,
          key: provider.keyVars[candidate.key] ?? null,
          ...cooldownValue(lastingCooldown(candidate)),
        })),
        limits: limitsOf(candidates, nowMs),
      };
    });
  }
}

/** The limits in use: declared, learned and used amounts. */
function limitsOf(candidates: readonly Candidate[], nowMs: number): unknown[] {
  const meters = new Set(candidates.flatMap((candidate) => candidate.metersInUse));
  return [...meters].flatMap((meter) => {
    const { spec, amount, learned } = meter;
    const used = meter.used(nowMs);
    if (amount === Number.POSITIVE_INFINITY || (used === 0 && learned === undefined)) return [];
    const opens = meter.opensAtMs(1, nowMs);
    return [
      {
        id: spec.id,
        unit: spec.unit,
        window: spec.window ?? null,
        declared: spec.declared ?? null,
        learned:
          learned === undefined
            ? null
            : { amount: learned.amount, from: learned.from, at: iso(learned.atMs) },
        used: Math.round(used * 100) / 100,
        in_flight: meter.pending,
        opens_at: opens > nowMs && opens !== Number.POSITIVE_INFINITY ? iso(opens) : null,
      },
    ];
  });
}

/** The candidates of each route with a strategy, the best score first. */
export function strategyGroups(index: RouteIndex, nowMs: number): unknown[] {
  return index.strategic.map((route) => ({
    name: route.name,
    strategy: route.strategy,
    candidates: route.chain
      .flatMap(({ candidates }) => candidates)
      .map((candidate) => ({
        model: candidate.deployment.alias,
        key: candidate.provider.keyVars[candidate.key] ?? null,
        open: opensAtMs(candidate) <= nowMs,
        score: scored(candidate, route.strategy, nowMs),
      }))
      .sort((a, b) => (b.score?.total ?? 0) - (a.score?.total ?? 0)),
  }));
}

function statusOf(
  coolingDown: number,
  candidates: number,
  counters: Counters | undefined,
): "untried" | "ok" | "degraded" | "cooling" | "failing" {
  if (coolingDown > 0) return coolingDown === candidates ? "cooling" : "degraded";
  if (counters === undefined) return "untried";
  const failedAtMs = counters.lastFailure?.atMs;
  if (failedAtMs === undefined || (counters.lastSuccessAtMs ?? 0) >= failedAtMs) return "ok";
  return "failing";
}
