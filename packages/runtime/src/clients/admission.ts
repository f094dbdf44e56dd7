/**
 * A request against its client's own limits: reserved before the first attempt, settled after the last byte, counted by the
 * meters that count providers' limits, over all workers and replicas that share them.
 */
import { setTimeout as delay } from "node:timers/promises";
import {
  type Claim,
  COUNTED_ONLY,
  type SharedGrant,
  type SharedLimits,
  type Usage,
} from "@headgate/contract";
import {
  amountOf,
  claimsOf,
  endOf,
  type IndexedRoute,
  limitText,
  type Meter,
  type Need,
  needOfRequest,
  type RequestFacts,
  settlementOf,
  shortageOf,
} from "@headgate/router";
import { ClientError } from "../http/client-error.ts";
import type { ActiveClient } from "./active-client.ts";

export interface Admitted {
  /** @param usage what the request used; absent where that is unknown: the estimate stays counted */
  settle(usage: Pick<Usage, "inputTokens" | "outputTokens"> | undefined): void;
}

/** How much of a limit is used, over all gateways that share it. */
export interface LimitUse {
  readonly meter: Meter;
  readonly used: number;
  /** When all of it is back, ms since the epoch; undefined where nothing is used or that is not known. */
  readonly resetsAtMs: number | undefined;
}

/** Calls in flight end at an unknown moment, and soon. */
const IN_FLIGHT_MS = 1_000;

/** Shared limits that answered lately are only slow: they are asked again after these pauses, in ms. */
const AGAIN_MS: readonly number[] = [50, 150, 400];
const LATELY_MS = 5_000;

export class ClientAdmissions {
  readonly #nowMs: () => number;
  readonly #shared: SharedLimits | undefined;
  /** Limits on requests that all processes together have used: they open with time only, so nothing is asked before. */
  readonly #fullUntilMs = new WeakMap<Meter, number>();
  /** On the monotonic clock. */
  #answeredAtMs = Number.NEGATIVE_INFINITY;

  /** @param shared absent: this process counts for itself */
  constructor(nowMs: () => number, shared: SharedLimits | undefined) {
    this.#nowMs = nowMs;
    this.#shared = shared;
  }

  /** @throws {ClientError} 429 that names the limit and when it resets */
  admit(client: ActiveClient, route: IndexedRoute, facts: RequestFacts): Admitted | Promise<Admitted> {
    const need = needOfRequest(route.chain[0]?.candidates[0], facts, client.tokens);
    const nowMs = this.#nowMs();
    const short = shortageOf(client.meters, need, nowMs);
    if (short !== undefined) throw refusal(client, short.meter, need, short.opensAtMs, nowMs);
    for (const meter of client.meters) {
      const untilMs = this.#fullUntilMs.get(meter) ?? 0;
      if (untilMs > nowMs) throw refusal(client, meter, need, untilMs, nowMs);
    }
    return this.#shared === undefined
      ? this.#take(client, need, nowMs)
      : this.#reserve(this.#shared, client, need);
  }

  async #reserve(shared: SharedLimits, client: ActiveClient, need: Need): Promise<Admitted> {
    const nowMs = this.#nowMs();
    const { meters } = client;
    const claim = { meters: claimsOf(meters, need, nowMs), cooldowns: [] };
    const grant = await this.#ask(shared, claim, nowMs);
    if (grant !== undefined && grant.ticket === undefined) {
      const uses = await this.uses(client);
      const over = ({ meter, used }: LimitUse): boolean => used + amountOf(meter.unit, need) > meter.amount;
      const full = uses.findLast(over) ?? uses.at(-1);
      const opens = grant.opensAtMs ?? Number.POSITIVE_INFINITY;
      const meter = full?.meter ?? meters[0];
      if (meter === undefined) return this.#take(client, need, nowMs);
      if (meter.unit === "requests" && Number.isFinite(opens)) this.#fullUntilMs.set(meter, opens);
      throw refusal(client, meter, need, opens, nowMs);
    }
    return this.#take(client, need, nowMs, grant?.ticket);
  }

  /** @returns undefined while they are out of reach: this process then counts for itself, and reports its counts later */
  async #ask(shared: SharedLimits, claim: Claim, nowMs: number): Promise<SharedGrant | undefined> {
    for (const pauseMs of [...AGAIN_MS, 0]) {
      try {
        const grant = await shared.reserve([claim], nowMs);
        this.#answeredAtMs = performance.now();
        return grant;
      } catch {
        if (pauseMs === 0 || performance.now() - this.#answeredAtMs > LATELY_MS) return undefined;
        await delay(pauseMs);
      }
    }
    return undefined;
  }

  #take({ meters }: ActiveClient, need: Need, takenAtMs: number, ticket?: string): Admitted {
    for (const meter of meters) meter.take(amountOf(meter.unit, need), takenAtMs);
    let settled = false;
    return {
      settle: (usage) => {
        if (settled) return;
        settled = true;
        const nowMs = this.#nowMs();
        const tokens = usage === undefined ? need.tokens : usage.inputTokens + usage.outputTokens;
        const settlements = meters.flatMap((meter) => {
          const reserved = amountOf(meter.unit, need);
          const used = meter.unit === "tokens" ? tokens : reserved;
          meter.settle(reserved, used, takenAtMs, nowMs);
          return settlementOf(meter, reserved, used, takenAtMs);
        });
        if (ticket !== undefined) this.#shared?.settle(ticket, settlements, nowMs);
        else if (settlements.length > 0) this.#shared?.addUsed(settlements, nowMs);
      },
    };
  }

  /** Of each of the client's limits, its spend limit too. */
  async uses({ meters, facts: { spend } }: ActiveClient): Promise<readonly LimitUse[]> {
    const nowMs = this.#nowMs();
    const all = spend === undefined ? meters : [...meters, spend];
    const claims = all.map((meter) => ({
      id: meter.spec.id,
      shape: meter.spec.shape,
      amount: COUNTED_ONLY,
      need: 0,
      ...endOf(meter, nowMs),
    }));
    // A claim of nothing is always granted, and states what every process together has counted.
    const grant =
      all.length === 0
        ? undefined
        : await this.#shared?.reserve([{ meters: claims, cooldowns: [] }], nowMs).catch(() => undefined);
    if (grant?.ticket !== undefined) this.#shared?.settle(grant.ticket, [], nowMs);
    return all.map((meter, at) => {
      const used = Math.max(0, grant?.counted?.[at]?.[0] ?? meter.used(nowMs));
      return { meter, used, resetsAtMs: used === 0 ? undefined : resetOf(meter, nowMs) };
    });
  }
}

/** When a full limit is whole again at the latest. */
function resetOf(meter: Meter, nowMs: number): number | undefined {
  const { shape } = meter.spec;
  if (shape.kind === "concurrency") return undefined;
  if (shape.kind === "calendar") return meter.endsAtMs(nowMs);
  const ownMs = meter.opensAtMs(meter.amount, nowMs);
  return ownMs > nowMs && Number.isFinite(ownMs) ? ownMs : nowMs + shape.windowMs;
}

function refusal(
  { name }: ActiveClient,
  { spec, amount, unit }: Meter,
  need: Need,
  opensAtMs: number,
  nowMs: number,
): ClientError {
  const limit = `The client ${name} has a limit of ${limitText(spec, amount)}`;
  const fields = { status: 429, type: "rate_limit_error", code: "client_limit" };
  if (unit === "concurrency")
    return new ClientError({
      ...fields,
      message: `${limit}, and as many are running. The next one may begin when one of them ends.`,
      retryAfterMs: IN_FLIGHT_MS,
    });
  const wanted = amountOf(unit, need);
  if (wanted > amount)
    return new ClientError({
      ...fields,
      message: `${limit}, and this request alone needs about ${wanted}. Send a shorter prompt, or a lower max_tokens.`,
    });
  const untilMs = Number.isFinite(opensAtMs) ? opensAtMs : nowMs + IN_FLIGHT_MS;
  const retryAfterMs = Math.max(1, untilMs - nowMs);
  return new ClientError({
    ...fields,
    message: `${limit}, which is used. It has room again at ${new Date(untilMs).toISOString()}, in ${Math.ceil(retryAfterMs / 1000)} s.`,
    retryAfterMs,
  });
}
