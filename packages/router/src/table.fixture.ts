/** Small routing tables for tests. */
import {
  type Capability,
  type Deployment,
  type Limit,
  present,
  ROUTING_FORMAT,
  type RoutedProvider,
  type RoutingTable,
  type Tier,
} from "@headgate/contract";
import type { Candidate } from "./candidate.ts";
import { Memory } from "./memory.ts";
import { indexTable } from "./route-index.ts";

export interface ModelSketch {
  readonly alias: string;
  readonly provider: string;
  readonly upstream?: string;
  readonly tier?: Tier;
  readonly capabilities?: readonly Capability[];
  readonly contextTokens?: number;
  readonly served?: boolean;
  readonly chain?: readonly string[];
  readonly contextChain?: readonly string[];
}

/** The candidates of two models at one provider that has these limits. */
export function candidatesWith(
  limits: readonly Limit[],
  memory = new Memory(),
): readonly [Candidate, Candidate] {
  const table = tableOf([
    { alias: "a", provider: "p" },
    { alias: "b", provider: "p" },
  ]);
  const limited: RoutingTable = {
    ...table,
    providers: table.providers.map((provider) => ({ ...provider, limits })),
  };
  const { deployments } = indexTable(limited, memory, (variable) => variable);
  const [a, b] = deployments.flatMap(({ candidates }) => candidates);
  if (a === undefined || b === undefined) throw new Error("two candidates were meant");
  return [a, b];
}

export function tableOf(
  models: readonly ModelSketch[],
  keys: Readonly<Record<string, readonly string[]>> = {},
): RoutingTable {
  const ids = [...new Set(models.map((model) => model.provider))];
  const index = (alias: string): number => models.findIndex((model) => model.alias === alias);
  return {
    format: ROUTING_FORMAT,
    fingerprint: "test",
    providers: ids.map(
      (id): RoutedProvider => ({
        id,
        name: id,
        adapter: "openai-compatible",
        tier: "free",
        baseUrl: "http://127.0.0.1:1/v1",
        keyVars: keys[id] ?? [],
        headers: {},
        dialect: { drop: [], rename: {}, stripToolSchema: [] },
        timeouts: {},
        errors: [],
        limits: [],
      }),
    ),
    deployments: models.map(
      (model): Deployment => ({
        provider: ids.indexOf(model.provider),
        alias: model.alias,
        upstream: model.upstream ?? model.alias,
        operation: "chat",
        tier: model.tier ?? "free",
        served: model.served ?? true,
        capabilities: model.capabilities ?? [],
        limits: [],
        ...present({ contextTokens: model.contextTokens }),
      }),
    ),
    routes: models.map((model) => ({
      name: model.alias,
      kind: "alias",
      operation: "chat",
      chain: [index(model.alias), ...(model.chain ?? []).map(index)],
      contextChain: (model.contextChain ?? []).map(index),
    })),
    inactive: [],
  };
}
