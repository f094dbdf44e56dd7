/** Runs a check at each provider of a table that is reached over HTTP, several providers at a time. */
import type { Adapter } from "@headgate/adapter-kit";
import type { RoutedProvider, RoutingTable } from "@headgate/contract";
import { loadAdapters } from "../../upstream/load-adapters.ts";
import { Pools } from "../../upstream/pools.ts";
import type { UpstreamTarget } from "./try-model.ts";

export interface EachInput {
  readonly table: RoutingTable;
  /** Per request. */
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  /** How many providers are checked at once. Default 8. */
  readonly concurrency?: number | undefined;
}

export interface Checked<T> {
  /** In the table's order. */
  readonly results: readonly T[];
  /** Providers that answer in-process: there is nothing to check. */
  readonly inProcess: readonly RoutedProvider[];
}

const CONCURRENCY = 8;

/**
 * @param wanted chooses the providers
 * @param check gets a provider's target, and the list of all that are checked
 * @throws {Error} for a provider without an adapter or a base URL
 */
export async function eachProvider<T extends object>(
  { table, timeoutMs, nowMs, concurrency = CONCURRENCY }: EachInput,
  wanted: (provider: RoutedProvider) => boolean,
  check: (target: UpstreamTarget, all: readonly RoutedProvider[]) => Promise<T>,
): Promise<Checked<T>> {
  const adapters = new Map<string, Adapter>();
  const providers = table.providers.filter(wanted);
  await loadAdapters({ ...table, providers }, adapters);
  const isRemote = ({ adapter }: RoutedProvider): boolean => adapters.get(adapter)?.answer === undefined;
  const remote = providers.filter(isRemote);
  const pools = new Pools(timeoutMs);
  const results = new Map<RoutedProvider, T>();
  const queue = [...remote];
  const work = async (): Promise<void> => {
    for (let provider = queue.shift(); provider !== undefined; provider = queue.shift()) {
      const adapter = adapters.get(provider.adapter);
      if (adapter === undefined || provider.baseUrl === undefined)
        throw new Error(`${provider.id}: the ${provider.adapter} adapter needs a base URL`);
      const pool = pools.get(new URL(provider.baseUrl).origin, {});
      results.set(provider, await check({ provider, adapter, pool, timeoutMs, nowMs }, remote));
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    await pools.destroy();
  }
  return {
    results: remote.flatMap((provider) => results.get(provider) ?? []),
    inProcess: providers.filter((provider) => !isRemote(provider)),
  };
}
