/** The gateway in this process, with a store of its own or its primary's. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type ProxySettings,
  present,
  type RoutingTable,
  readProxies,
  type StateStore,
} from "@headgate/contract";
import {
  clientsPlaceOf,
  openBatches,
  openLiveClients,
  openRecords,
  placeOf,
  retentionOf,
} from "@headgate/records";
import { createGateway, type MetricsSnapshot } from "@headgate/runtime";
import { keptCache, sqliteCache } from "@headgate/state";
import { EXIT, Failure } from "../cli.ts";
import { followOperatorKeys } from "../client-key.ts";
import { PAGE_DIRECTORY } from "../place.ts";
import { findOrMakeSecret, findSecret } from "../secrets/secret.ts";
import { readSecrets } from "./active-table.ts";
import { settingsOperator } from "./operator.ts";
import type { Running, Setup } from "./setup.ts";

/** A gateway in this process, whose metrics another process may ask for. */
export interface Measurable extends Running {
  metrics(): Promise<MetricsSnapshot>;
}

/**
 * @param siblings asks for the metrics of the other processes that serve this port
 * @throws {Failure} with a message for the user
 */
export async function runHere(
  setup: Setup,
  store: StateStore,
  first: RoutingTable,
  siblings?: () => Promise<readonly MetricsSnapshot[]>,
): Promise<Measurable> {
  const { cli, options, stateDir, clientKey, log, readEnv } = setup;
  const withSecrets = (
    table: RoutingTable,
  ): { table: RoutingTable; secrets: Readonly<Record<string, string>> } => ({
    table,
    secrets: readSecrets(table, readEnv(), cli.env),
  });
  let serving = withSecrets(first);
  const records = await openRecords({
    place: placeOf(stateDir, options),
    retention: retentionOf(options),
    ...present({
      secret:
        options.recordBodies === "off"
          ? findSecret(cli.env, readEnv().variables)?.value
          : findOrMakeSecret(cli.env, readEnv().variables).value,
    }),
    warn: (message) => log.warn(message),
  }).catch(asFailure);
  const clients = await openLiveClients({
    place: clientsPlaceOf(stateDir, options),
    warn: (message) => log.warn(message),
    nowMs: cli.nowMs,
  }).catch(async (error: unknown) => {
    await records.close();
    return asFailure(error);
  });
  const batchStore =
    options.batches === "off"
      ? undefined
      : openBatches({
          place: clientsPlaceOf(stateDir, options),
          fileBytes: options.batchFileBytes,
          allBytes: options.batchMaxBytes,
          keepMs: options.batchKeepDays * 86_400_000,
          secret: () => findOrMakeSecret(cli.env, readEnv().variables).value,
          warn: (message) => log.warn(message),
        });
  const cacheStore = openCacheStore(setup, store);
  const gateway = await createGateway({
    options,
    clientKey,
    ...serving,
    log,
    version: cli.version,
    ...present({ proxies: proxiesOf(setup) }),
    store,
    stateDir,
    ...(options.page === "on" ? { pageDir: PAGE_DIRECTORY, operator: settingsOperator(setup) } : {}),
    onModelsChanged: setup.modelsChanged,
    records,
    clients,
    ...present({ siblings, cacheStore, batchStore }),
  }).catch(async (error: unknown) => {
    await batchStore?.close();
    await batchStore?.close();
    await cacheStore?.close();
    await clients.close();
    await records.close();
    return asFailure(error);
  });
  // A key that .env or the shell sets is changed there.
  const unfollow =
    options.apiKey === undefined ? followOperatorKeys(stateDir, (keys) => gateway.setKeys(keys)) : undefined;
  const close = async (): Promise<void> => {
    unfollow?.();
    await gateway.close();
    await cacheStore?.close();
    await clients.close();
    await records.close();
  };
  const { url } = await gateway.listen().catch(async (error: unknown) => {
    await close();
    return asFailure(error);
  });
  return {
    url,
    get table() {
      return serving.table;
    },
    async applyChange(table) {
      const next = withSecrets(table);
      if (
        next.table.fingerprint === serving.table.fingerprint &&
        isDeepStrictEqual(next.secrets, serving.secrets)
      )
        return false;
      await gateway.swap(next.table, next.secrets);
      serving = next;
      return true;
    },
    metrics: () => gateway.metrics(),
    close,
  };
}

/** @throws {Failure} where the options name a store that is not there */
function openCacheStore({ cli, options, stateDir, log, readEnv }: Setup, store: StateStore) {
  if (options.cache === "off" || options.cache === "memory") return undefined;
  if (options.cache === "redis" && options.redisUrl === undefined)
    throw new Failure(
      "HEADGATE_CACHE=redis needs HEADGATE_REDIS_URL; set it, or use HEADGATE_CACHE=sqlite",
      EXIT.usage,
    );
  const input = {
    maxBytes: options.cacheMaxBytes,
    secret: findOrMakeSecret(cli.env, readEnv().variables).value,
    warn: (message: string) => log.warn(message),
  };
  try {
    return options.cache === "redis"
      ? keptCache(store.kept, input)
      : sqliteCache(join(stateDir, "cache.db"), input);
  } catch (error) {
    return asFailure(error);
  }
}

function proxiesOf({ cli, readEnv }: Setup): ProxySettings | undefined {
  try {
    return readProxies({ ...readEnv().variables, ...cli.env });
  } catch (error) {
    return asFailure(error);
  }
}

/** The user can fix what the gateway refuses, so only the message is printed. */
export function asFailure(error: unknown): never {
  throw error instanceof Error ? new Failure(error.message) : error;
}
