/**
 * GET /metrics in Prometheus' text format, behind the client key like all other routes. What counts requests comes from their
 * usage records, so that it agrees with them. https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { UsageRecord } from "@headgate/contract";
import type { RouteIndex } from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { AggregatorRegistry, Counter, Gauge, Histogram, type MetricObject, Registry } from "prom-client";
import { type Leases, type LocalState, modelPart } from "../local/leases.ts";

const NANO = 1_000_000_000;
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** One process's metrics, as they are sent to another one. */
export type MetricsSnapshot = MetricObject[];

export interface Measured {
  readonly inFlight: number;
  readonly index: RouteIndex;
  readonly local: LocalState | undefined;
  readonly nowMs: number;
}

export interface MetricsInput {
  readonly nowMs: () => number;
  /** The routes that are served at this moment. */
  readonly index: () => RouteIndex;
  readonly inFlight: { readonly count: number };
  readonly leases: Pick<Leases, "state">;
  readonly metrics: Metrics;
  /** The metrics of the other processes that serve this port. */
  readonly siblings: () => Promise<readonly MetricsSnapshot[]>;
}

export async function measure(
  input: Pick<MetricsInput, "inFlight" | "index" | "leases" | "nowMs">,
): Promise<Measured> {
  return {
    inFlight: input.inFlight.count,
    index: input.index(),
    // Between two leaders the local state is unknown: the other numbers do not wait for it.
    local: await input.leases.state(0).catch(() => undefined),
    nowMs: input.nowMs(),
  };
}

export function metricsRoute(app: FastifyInstance, input: MetricsInput): void {
  app.get("/metrics", async (_, reply) => {
    const others = await input.siblings();
    const own = await input.metrics.snapshot(await measure(input));
    const all = AggregatorRegistry.aggregate([own, ...others]);
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(await all.metrics());
  });
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = this.#counter("headgate_requests_total", "Finished requests.", ["surface", "outcome"]);
  readonly #attempts = this.#counter(
    "headgate_attempts_total",
    "Attempts at candidates; class is ok, cancelled or the failure's class.",
    ["provider", "class"],
  );
  readonly #tokens = this.#counter(
    "headgate_tokens_total",
    "Tokens; kind is input, output, cached (of input) or reasoning (of output).",
    ["provider", "kind"],
  );
  readonly #cost = this.#counter("headgate_cost_usd_total", "Known cost, in US dollars.", ["provider"]);
  readonly #duration = this.#histogram(
    "headgate_request_duration_seconds",
    "From the request's arrival to its last byte.",
  );
  readonly #firstToken = this.#histogram(
    "headgate_time_to_first_token_seconds",
    "From the request's arrival to the first content.",
  );
  readonly #inFlight = this.#gauge("headgate_in_flight", "Requests in flight.", [], "sum");
  readonly #cooling = this.#gauge(
    "headgate_cooling_down",
    "Candidates (model and key) of a provider that are in a cooldown.",
    ["provider"],
  );
  readonly #used = this.#gauge("headgate_limit_used", "The used amount of a limit, in its unit.", ["limit"]);
  readonly #amount = this.#gauge(
    "headgate_limit_amount",
    "The amount of a limit, declared or learned, in its unit.",
    ["limit"],
  );
  readonly #left = this.#gauge("headgate_quota_left", "What is left of a limit, in its unit.", ["limit"]);
  readonly #deviceBytes = this.#gauge(
    "headgate_device_bytes",
    "Memory of a device, in bytes: total, used by other programs, committed to models.",
    ["device", "kind"],
  );
  readonly #localJobs = this.#gauge("headgate_local_jobs", "Leases that are held on a local model.", [
    "model",
    "state",
  ]);
  readonly #localWaiting = this.#gauge("headgate_local_waiting", "Requests in the queue of a local model.", [
    "model",
    "state",
  ]);
  readonly #localBytes = this.#gauge(
    "headgate_local_bytes",
    "Memory that a local model is charged for, in bytes.",
    ["model", "state"],
  );
  readonly #localEvents = this.#gauge(
    "headgate_local_events",
    "Events of local models, such as loads and evictions, since the start.",
    ["event"],
  );
  readonly #lag = this.#gauge(
    "headgate_event_loop_lag_seconds",
    "Delay of the event loop since the last scrape, 99th percentile of the slowest process.",
    [],
  );
  readonly #tallies = {
    requests: new Map() as Tally,
    attempts: new Map() as Tally,
    cost: new Map() as Tally,
    tokens: new Map() as Tally,
  };
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#delay.enable();
  }

  /** Exactly once per record. Counters are summed here and given to prom-client at a scrape: it takes labels apart each time. */
  add({ surface, outcome, attempts, durationMs, firstTokenMs }: UsageRecord): void {
    tally(this.#tallies.requests, surface, outcome, 1);
    this.#duration.observe({ surface }, durationMs / 1_000);
    if (firstTokenMs !== undefined) this.#firstToken.observe({ surface }, firstTokenMs / 1_000);
    const { attempts: tried, cost, tokens } = this.#tallies;
    for (const { provider, outcome: end, class: failureClass, usage, costNanoUsd = 0 } of attempts) {
      tally(tried, provider, failureClass ?? (end === "cancelled" ? "cancelled" : "ok"), 1);
      tally(cost, provider, "", costNanoUsd);
      if (usage === undefined) continue;
      tally(tokens, provider, "input", usage.inputTokens);
      tally(tokens, provider, "output", usage.outputTokens);
      tally(tokens, provider, "cached", usage.cachedInputTokens ?? 0);
      tally(tokens, provider, "reasoning", usage.reasoningTokens ?? 0);
    }
  }

  #giveTallies(): void {
    const { requests, attempts, cost, tokens } = this.#tallies;
    drain(requests, (surface, outcome, value) => this.#requests.inc({ surface, outcome }, value));
    drain(attempts, (provider, className, value) =>
      this.#attempts.inc({ provider, class: className }, value),
    );
    drain(cost, (provider, _, value) => this.#cost.inc({ provider }, value / NANO));
    drain(tokens, (provider, kind, value) => this.#tokens.inc({ provider, kind }, value));
  }

  async snapshot(measured: Measured): Promise<MetricsSnapshot> {
    this.#giveTallies();
    this.#measure(measured);
    return this.#registry.getMetricsAsJSON() as Promise<MetricsSnapshot>;
  }

  end(): void {
    this.#delay.disable();
  }

  #measure({ inFlight, index, local, nowMs }: Measured): void {
    this.#inFlight.set(inFlight);
    this.#lag.set(Number.isFinite(this.#delay.mean) ? this.#delay.percentile(99) / NANO : 0);
    this.#delay.reset();
    for (const gauge of [this.#cooling, this.#used, this.#amount, this.#left]) gauge.reset();
    const meters = new Set<ReturnType<typeof metersOf>[number]>();
    for (const { provider, candidates } of index.deployments) {
      for (const candidate of candidates) {
        this.#cooling.inc({ provider: provider.id }, candidate.opensAtMs > nowMs ? 1 : 0);
        for (const meter of metersOf(candidate)) meters.add(meter);
      }
    }
    for (const meter of meters) {
      const limit = meter.spec.id;
      const used = meter.used(nowMs);
      this.#used.set({ limit }, used);
      this.#amount.set({ limit }, meter.amount);
      this.#left.set({ limit }, Math.max(0, meter.amount - used));
    }
    this.#measureLocal(local);
  }

  #measureLocal(local: LocalState | undefined): void {
    for (const gauge of [
      this.#deviceBytes,
      this.#localJobs,
      this.#localWaiting,
      this.#localBytes,
      this.#localEvents,
    ])
      gauge.reset();
    if (local === undefined) return;
    for (const { device, totalBytes, externalBytes, committedBytes } of local.devices) {
      if (totalBytes !== undefined) this.#deviceBytes.set({ device, kind: "total" }, totalBytes);
      this.#deviceBytes.set({ device, kind: "others" }, externalBytes);
      this.#deviceBytes.set({ device, kind: "models" }, committedBytes);
    }
    // Clients choose load options, so these are no label: the residencies of a model are summed.
    for (const { key, state, leases, waiting, chargeBytes } of local.residencies) {
      const labels = { model: modelPart(local.aliases[key]?.[0] ?? key), state };
      this.#localJobs.inc(labels, leases);
      this.#localWaiting.inc(labels, waiting);
      this.#localBytes.inc(labels, chargeBytes);
    }
    for (const [event, count] of Object.entries(local.counts)) this.#localEvents.set({ event }, count);
  }

  #counter<const Label extends string>(name: string, help: string, labelNames: readonly Label[]) {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string) {
    const labelNames = ["surface"] as const;
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.#registry] });
  }

  /** Processes that share a state know the same of it, so the highest figure of them counts. */
  #gauge<const Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    aggregator: "sum" | "max" = "max",
  ) {
    return new Gauge({ name, help, labelNames, aggregator, registers: [this.#registry] });
  }
}

/** Sums by two labels. */
type Tally = Map<string, Map<string, number>>;

function tally(sums: Tally, first: string, second: string, value: number): void {
  if (value === 0) return;
  let own = sums.get(first);
  if (own === undefined) {
    own = new Map();
    sums.set(first, own);
  }
  own.set(second, (own.get(second) ?? 0) + value);
}

function drain(sums: Tally, give: (first: string, second: string, value: number) => void): void {
  for (const [first, own] of sums) for (const [second, value] of own) give(first, second, value);
  sums.clear();
}

/** Finite limits that are in use. */
const metersOf = (candidate: RouteIndex["deployments"][number]["candidates"][number]) =>
  candidate.metersInUse.filter(({ amount }) => amount !== Number.POSITIVE_INFINITY);
