/**
 * GET /metrics in Prometheus' text format, behind the client key like all other routes. What counts requests comes from their
 * usage records, so that it agrees with them. https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { UsageRecord } from "@headgate/contract";
import type { RouteIndex } from "@headgate/router";
import type { FastifyInstance } from "fastify";
import type { Leases } from "../local/leases.ts";
import type { Exposition, Measured, MetricsSnapshot } from "./exposition.ts";
import { Tallies } from "./tallies.ts";

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
  app.get("/metrics", { config: { operator: true } }, async (_, reply) => {
    const others = await input.siblings();
    const own = await input.metrics.snapshot(await measure(input));
    const { expositionText } = await import("./exposition.ts");
    return reply
      .type("text/plain; version=0.0.4; charset=utf-8")
      .send(await expositionText([own, ...others]));
  });
}

/** Counts every record; what a scrape needs besides is loaded at the first one. */
export class Metrics {
  readonly #tallies = new Tallies();
  #exposition: Promise<Exposition> | undefined;

  /** Exactly once per record. */
  add(record: UsageRecord): void {
    this.#tallies.add(record);
  }

  async snapshot(measured: Measured): Promise<MetricsSnapshot> {
    this.#exposition ??= import("./exposition.ts").then(({ Exposition }) => new Exposition(this.#tallies));
    return (await this.#exposition).snapshot(measured);
  }

  async end(): Promise<void> {
    (await this.#exposition)?.end();
  }
}
