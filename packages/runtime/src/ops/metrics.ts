/**
 * GET /metrics in Prometheus' text format: gauges and counters that no log line shows. Behind the client key like all
 * other routes. https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { RouteIndex } from "@headgate/router";
import type { FastifyInstance } from "fastify";
import { type Leases, type LocalState, modelPart } from "../local/leases.ts";

/** All names in one place. */
const METRICS = {
  headgate_in_flight: ["gauge", "Requests in flight."],
  headgate_cooling_down: ["gauge", "Candidates (model and key) of a provider that are in a cooldown."],
  headgate_limit_used: ["gauge", "The used amount of a limit, in its unit."],
  headgate_limit_amount: ["gauge", "The amount of a limit, declared or learned, in its unit."],
  headgate_device_bytes: [
    "gauge",
    "Memory of a device, in bytes: total, used by other programs, committed to models.",
  ],
  headgate_local_jobs: ["gauge", "Leases that are held on a local model."],
  headgate_local_waiting: ["gauge", "Requests in the queue of a local model."],
  headgate_local_bytes: ["gauge", "Memory that a local model is charged for, in bytes."],
  headgate_local_events: ["counter", "Events of local models, such as loads and evictions, since the start."],
} as const satisfies Record<string, readonly ["gauge" | "counter", string]>;

type Name = keyof typeof METRICS;

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
}

export function metricsRoute(app: FastifyInstance, { nowMs, index, inFlight, leases }: MetricsInput): void {
  app.get("/metrics", async (_, reply) => {
    const measured = {
      inFlight: inFlight.count,
      index: index(),
      // Between two leaders the local state is unknown: the other numbers do not wait for it.
      local: await leases.state(0).catch(() => undefined),
      nowMs: nowMs(),
    };
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(metricsText(measured));
  });
}

export function metricsText({ inFlight, index, local, nowMs }: Measured): string {
  const samples = new Map<Name, string[]>();
  const add = (name: Name, labels: Readonly<Record<string, string>>, value: number): void => {
    const list = samples.get(name) ?? [];
    samples.set(name, list);
    const text = Object.entries(labels)
      .map(([label, value]) => `${label}="${escaped(value)}"`)
      .join(",");
    list.push(`${name}${text === "" ? "" : `{${text}}`} ${value}`);
  };

  add("headgate_in_flight", {}, inFlight);
  const coolingDown = new Map<string, number>();
  const meters = new Set<ReturnType<typeof metersOf>[number]>();
  for (const { provider, candidates } of index.deployments) {
    for (const candidate of candidates) {
      const cooldowns = candidate.opensAtMs > nowMs ? 1 : 0;
      coolingDown.set(provider.id, (coolingDown.get(provider.id) ?? 0) + cooldowns);
      for (const meter of metersOf(candidate)) meters.add(meter);
    }
  }
  for (const [provider, count] of coolingDown) add("headgate_cooling_down", { provider }, count);
  for (const meter of meters) {
    add("headgate_limit_used", { limit: meter.spec.id }, meter.used(nowMs));
    add("headgate_limit_amount", { limit: meter.spec.id }, meter.amount);
  }
  if (local !== undefined) addLocal(local, add);

  return `${[...samples]
    .map(([name, lines]) => {
      const [kind, help] = METRICS[name];
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines].join("\n");
    })
    .join("\n")}\n`;
}

/** Finite limits that are in use. */
const metersOf = (candidate: RouteIndex["deployments"][number]["candidates"][number]) =>
  candidate.metersInUse.filter(({ amount }) => amount !== Number.POSITIVE_INFINITY);

function addLocal(
  { devices, residencies, counts, aliases }: LocalState,
  add: (name: Name, labels: Readonly<Record<string, string>>, value: number) => void,
): void {
  for (const { device, totalBytes, externalBytes, committedBytes } of devices) {
    if (totalBytes !== undefined) add("headgate_device_bytes", { device, kind: "total" }, totalBytes);
    add("headgate_device_bytes", { device, kind: "others" }, externalBytes);
    add("headgate_device_bytes", { device, kind: "models" }, committedBytes);
  }
  // Clients choose load options, so these are no label: the residencies of a model are summed.
  const models = new Map<
    string,
    { labels: Record<string, string>; of: LocalState["residencies"][number][] }
  >();
  for (const one of residencies) {
    const labels = { model: modelPart(aliases[one.key]?.[0] ?? one.key), state: one.state };
    const name = `${labels.state} ${labels.model}`;
    const known = models.get(name);
    if (known === undefined) models.set(name, { labels, of: [one] });
    else known.of.push(one);
  }
  for (const { labels, of } of models.values()) {
    const sum = (amount: (one: (typeof of)[number]) => number): number =>
      of.reduce((total, one) => total + amount(one), 0);
    add(
      "headgate_local_jobs",
      labels,
      sum((one) => one.leases),
    );
    add(
      "headgate_local_waiting",
      labels,
      sum((one) => one.waiting),
    );
    add(
      "headgate_local_bytes",
      labels,
      sum((one) => one.chargeBytes),
    );
  }
  for (const [event, count] of Object.entries(counts)) add("headgate_local_events", { event }, count);
}

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
