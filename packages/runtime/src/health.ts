/** What GET /health tells: per provider, how it has been doing and what is cooling down. */
import type { FailureClass } from "@headgate/contract";
import { cooldownCause, opensAtMs, type RouteIndex, type Slot } from "@headgate/router";
import { scored } from "./admin.ts";
import type { AttemptRecord } from "./candidate.ts";

interface Counters {
  attempts: number;
  failures: number;
  lastSuccessAtMs?: number;
  lastFailure?: { class: FailureClass; message: string; model: string; atMs: number };
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

export class Health {
  readonly #counters = new Map<string, Counters>();

  record({ slot, failure, cancelled }: AttemptRecord, nowMs: number): void {
    let counters = this.#counters.get(slot.provider.id);
    if (counters === undefined) {
      counters = { attempts: 0, failures: 0 };
      this.#counters.set(slot.provider.id, counters);
    }
    counters.attempts += 1;
    if (cancelled) return;
    if (failure === undefined) counters.lastSuccessAtMs = nowMs;
    else {
      counters.failures += 1;
      const { class: failureClass, message } = failure;
      counters.lastFailure = { class: failureClass, message, model: slot.deployment.alias, atMs: nowMs };
    }
  }

  /** The page's `providers`. */
  providers(index: RouteIndex, nowMs: number): unknown[] {
    return index.table.providers.map((provider) => {
      const own = index.deployments.filter((entry) => entry.provider === provider);
      const counters = this.#counters.get(provider.id);
      const slots = own.flatMap((entry) => entry.slots);
      const coolingDown = slots.filter((slot) => opensAtMs(slot) > nowMs);
      return {
        id: provider.id,
        tier: provider.tier,
        status: statusOf(coolingDown.length, slots.length, counters),
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
        cooling: coolingDown.map((slot) => ({
          model: slot.deployment.alias,
          key: provider.keyVars[slot.key] ?? null,
          because: cooldownCause(slot)?.class ?? null,
          until: iso(opensAtMs(slot)),
        })),
        limits: limitsOf(slots, nowMs),
      };
    });
  }
}

/** What is declared, learned and used, side by side; of limits that nothing has come near to, nothing. */
function limitsOf(slots: readonly Slot[], nowMs: number): unknown[] {
  const meters = new Set(slots.flatMap((slot) => slot.metersInUse));
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

/** How the candidates of each route with a strategy stand now, the best first. */
export function cooldowns(index: RouteIndex, nowMs: number): unknown[] {
  return index.strategic.map((route) => ({
    name: route.name,
    strategy: route.strategy,
    candidates: route.chain
      .flatMap(({ slots }) => slots)
      .map((slot) => ({
        model: slot.deployment.alias,
        key: slot.provider.keyVars[slot.key] ?? null,
        open: opensAtMs(slot) <= nowMs,
        score: scored(slot, route.strategy, nowMs),
      }))
      .sort((a, b) => (b.score?.total ?? 0) - (a.score?.total ?? 0)),
  }));
}

function statusOf(
  coolingDown: number,
  slots: number,
  counters: Counters | undefined,
): "untried" | "ok" | "degraded" | "cooling" | "failing" {
  if (coolingDown > 0) return coolingDown === slots ? "cooling" : "degraded";
  if (counters === undefined) return "untried";
  const failedAtMs = counters.lastFailure?.atMs;
  if (failedAtMs === undefined || (counters.lastSuccessAtMs ?? 0) >= failedAtMs) return "ok";
  return "failing";
}
