/**
 * The time of one routing decision (name → route → ordered candidates) among 100,000 deployments, whose chains are as
 * long as the longest of the real catalogue. Prints one JSON line; `node --conditions=@headgate/source bench/routing.ts`.
 */
import { type Deployment, ROUTING_FORMAT, type RoutedProvider, type RoutingTable } from "@headgate/contract";
import { indexTable, Memory, NEED, plan } from "@headgate/router";
import { median, quantile } from "./stats.ts";

export interface RoutingResult {
  readonly deployments: number;
  readonly chainLength: number;
  /** Mean of a batch of decisions in µs: the median batch and the 99th percentile of batches. */
  readonly decisionUs: number;
  readonly decisionP99Us: number;
  /** Making the table ready, once per table. */
  readonly indexMs: number;
}

const KEYS_PER_PROVIDER = 2;

export function syntheticTable(providers: number, modelsEach: number, chainLength: number): RoutingTable {
  const count = providers * modelsEach;
  const alias = (index: number): string => `p${Math.floor(index / modelsEach)}-model-${index % modelsEach}`;
  return {
    format: ROUTING_FORMAT,
    fingerprint: "bench",
    providers: Array.from(
      { length: providers },
      (_, p): RoutedProvider => ({
        id: `p${p}`,
        name: `Provider ${p}`,
        adapter: "openai-compatible",
        tier: "free",
        baseUrl: "https://bench.invalid/v1",
        keyVars: Array.from(
          { length: KEYS_PER_PROVIDER },
          (_, k) => `P${p}_API_KEY${k === 0 ? "" : `_${k + 1}`}`,
        ),
        headers: {},
        dialect: { drop: [], rename: {}, stripToolSchema: [] },
        timeouts: {},
        errors: [],
        limits: [],
      }),
    ),
    deployments: Array.from(
      { length: count },
      (_, index): Deployment => ({
        provider: Math.floor(index / modelsEach),
        alias: alias(index),
        upstream: `vendor/model-${index % modelsEach}`,
        operation: "chat",
        tier: "free",
        served: true,
        capabilities: index % 3 === 0 ? ["tools", "json"] : ["tools", "json", "vision"],
        contextTokens: 131_072,
        limits: [],
      }),
    ),
    routes: Array.from({ length: count }, (_, index) => ({
      name: alias(index),
      kind: "alias",
      operation: "chat",
      // Another provider each time, so that candidates are far apart in memory.
      chain: Array.from({ length: chainLength }, (_, step) => (index + step * modelsEach) % count),
      contextChain: [],
    })),
    inactive: [],
  };
}

/** A small deterministic generator (mulberry32), so that every run requests the same names. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @throws when a decision finds no candidate, since the time would mean nothing. */
export function measureRouting(
  size: { providers: number; modelsEach: number; chainLength: number },
  work: { batches: number; batchSize: number; warmup: number },
): RoutingResult {
  const table = syntheticTable(size.providers, size.modelsEach, size.chainLength);
  const startMs = performance.now();
  const index = indexTable(table, new Memory(), (variable) => variable);
  const indexMs = performance.now() - startMs;
  const random = randoms(1);
  // From bytes, like names in a request body: their hashes are not computed yet.
  const names = (): string[] =>
    Array.from({ length: work.batchSize }, () => {
      const route = table.routes[Math.floor(random() * table.routes.length)];
      return Buffer.from(route?.name ?? "").toString("latin1");
    });
  const batchUs: number[] = [];
  const nowMs = Date.now();
  for (let batch = -work.warmup; batch < work.batches; batch++) {
    const requested = names();
    let candidates = 0;
    const beganNs = process.hrtime.bigint();
    for (const model of requested) {
      const route = index.find(model);
      if (route === undefined) throw new Error(`no route for ${model}`);
      const { length } = plan(route, { model, operation: "chat", needs: NEED.tools }, nowMs).candidates;
      if (length === 0) throw new Error(`no candidate for ${model}`);
      candidates += length;
    }
    const tookUs = Number(process.hrtime.bigint() - beganNs) / 1000;
    if (candidates < requested.length) throw new Error("a decision without a candidate");
    if (batch >= 0) batchUs.push(tookUs / requested.length);
  }
  return {
    deployments: table.deployments.length,
    chainLength: size.chainLength,
    decisionUs: median(batchUs),
    decisionP99Us: quantile(batchUs, 0.99),
    indexMs,
  };
}

if (import.meta.main) {
  const size = { providers: 1_000, modelsEach: 100, chainLength: 16 };
  console.log(JSON.stringify(measureRouting(size, { batches: 300, batchSize: 1_000, warmup: 50 })));
}
