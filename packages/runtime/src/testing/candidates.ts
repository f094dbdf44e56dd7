/** Candidates for tests: one model `m<n>` of each of several providers `p<n>`, under one key each. */
import {
  type Deployment,
  type Limit,
  ROUTING_FORMAT,
  type RoutedProvider,
  type RoutingTable,
} from "@headgate/contract";
import { type Candidate, indexTable, Memory } from "@headgate/router";

export function tableOfProviders(count: number, limits: readonly Limit[] = []): RoutingTable {
  const numbers = Array.from({ length: count }, (_, at) => at);
  return {
    format: ROUTING_FORMAT,
    fingerprint: "test",
    providers: numbers.map(
      (at): RoutedProvider => ({
        id: `p${at}`,
        name: `p${at}`,
        adapter: "openai-compatible",
        tier: "free",
        baseUrl: "http://127.0.0.1:1/v1",
        keyVars: [`P${at}_API_KEY`],
        headers: {},
        dialect: { drop: [], rename: {}, stripToolSchema: [] },
        timeouts: {},
        errors: [],
        limits,
      }),
    ),
    deployments: numbers.map(
      (at): Deployment => ({
        provider: at,
        alias: `m${at}`,
        upstream: `org/m${at}`,
        operation: "chat",
        tier: "free",
        served: true,
        capabilities: [],
        limits: [],
      }),
    ),
    routes: numbers.map((at) => ({
      name: `m${at}`,
      kind: "alias",
      operation: "chat",
      chain: [at],
      contextChain: [],
    })),
    inactive: [{ alias: "sleeping-model", provider: "sleeper", fix: "set SLEEPER=1 in .env" }],
  };
}

export function candidatesOf(count: number, limits: readonly Limit[] = []): Candidate[] {
  const table = tableOfProviders(count, limits);
  return indexTable(table, new Memory(), (variable) => variable).deployments.flatMap(
    ({ candidates }) => candidates,
  );
}
