/**
 * The metrics as prom-client knows them: loaded at the first scrape, since most gateways are never scraped.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { RouteIndex } from "@headgate/router";
import { AggregatorRegistry, Counter, Gauge, type MetricObject, Registry } from "prom-client";
import { type LocalState, modelPart } from "../local/leases.ts";
import { sharedKeys } from "./shared-accounts.ts";
import { drain, type HistogramTally, SECONDS, type Tallies } from "./tallies.ts";

const NANO = 1_000_000_000;

/** One process's metrics, as they are sent to another one. */
export type MetricsSnapshot = MetricObject[];

export interface Measured {
  readonly inFlight: number;
  readonly index: RouteIndex;
  readonly local: LocalState | undefined;
  readonly nowMs: number;
}

/** The text of one scrape: this process's metrics and its siblings' together. */
export const expositionText = (snapshots: MetricsSnapshot[]): Promise<string> =>
  AggregatorRegistry.aggregate(snapshots).metrics();

export class Exposition {
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
  readonly #inFlight = this.#gauge("headgate_in_flight", "Requests in flight.", [], "sum");
  readonly #cooling = this.#gauge(
    "headgate_cooling_down",
    "Candidates (model and key) of a provider that are in a cooldown.",
    ["provider"],
  );
  readonly #shared = this.#gauge(
    "headgate_shared_accounts",
    "Pairs of a provider's keys that probably belong to one account and count apart.",
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
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  readonly #tallies: Tallies;

  constructor(tallies: Tallies) {
    this.#tallies = tallies;
    this.#delay.enable();
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
    const { duration, firstToken } = this.#tallies;
    return [
      ...(await this.#registry.getMetricsAsJSON()),
      histogramOf(
        "headgate_request_duration_seconds",
        "From the request's arrival to its last byte.",
        duration,
      ),
      histogramOf(
        "headgate_time_to_first_token_seconds",
        "From the request's arrival to the first content.",
        firstToken,
      ),
    ];
  }

  end(): void {
    this.#delay.disable();
  }

  #measure({ inFlight, index, local, nowMs }: Measured): void {
    this.#inFlight.set(inFlight);
    this.#lag.set(Number.isFinite(this.#delay.mean) ? this.#delay.percentile(99) / NANO : 0);
    this.#delay.reset();
    for (const gauge of [this.#cooling, this.#shared, this.#used, this.#amount, this.#left]) gauge.reset();
    const meters = new Set<ReturnType<typeof metersOf>[number]>();
    for (const { provider, candidates } of index.deployments) {
      for (const candidate of candidates) {
        this.#cooling.inc({ provider: provider.id }, candidate.opensAtMs > nowMs ? 1 : 0);
        for (const meter of metersOf(candidate)) meters.add(meter);
      }
    }
    for (const { provider } of sharedKeys(index)) this.#shared.inc({ provider });
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

/** A histogram as prom-client gives it; its own takes the labels apart at each observation. */
function histogramOf(name: string, help: string, tallied: ReadonlyMap<string, HistogramTally>): MetricObject {
  const values = [...tallied].flatMap(([surface, { counts, sum }]) => {
    let seen = 0;
    const buckets = counts.map((count, at) => {
      seen += count;
      return { metricName: `${name}_bucket`, labels: { le: SECONDS[at] ?? "+Inf", surface }, value: seen };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: { surface }, value: sum },
      { metricName: `${name}_count`, labels: { surface }, value: seen },
    ];
  });
  // The package's types say that a type is a number; its own objects hold the word.
  return { name, help, type: "histogram", aggregator: "sum", values } as unknown as MetricObject;
}

/** Finite limits that are in use. */
const metersOf = (candidate: RouteIndex["deployments"][number]["candidates"][number]) =>
  candidate.metersInUse.filter(({ amount }) => amount !== Number.POSITIVE_INFINITY);
