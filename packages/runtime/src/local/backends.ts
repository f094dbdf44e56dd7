/** A routing table's local backends, in the form that the resource manager takes. */
import { setTimeout as wait } from "node:timers/promises";
import type { LoadOptions } from "@headgate/adapter-kit";
import {
  bytesWith,
  type Deployment,
  DRIVERS,
  type RoutedLocal,
  type RoutedProvider,
  type RoutingTable,
} from "@headgate/contract";
import type { Driver, ModelNeed } from "@headgate/resources";
import type { Secrets } from "../upstream/live-table.ts";

export interface ManagedBackend {
  readonly provider: RoutedProvider;
  readonly local: RoutedLocal;
  readonly baseUrl: string;
  readonly token: string | undefined;
  readonly deployments: readonly Deployment[];
}

/** Empty for a table without local models. */
export function managedBackends(table: RoutingTable, secrets: Secrets): ManagedBackend[] {
  return table.providers.flatMap((provider, index): ManagedBackend[] => {
    const { local, baseUrl, keyVars } = provider;
    if (local === undefined || baseUrl === undefined || !DRIVERS[local.driver].managed) return [];
    const deployments = table.deployments.filter(
      (deployment) => deployment.provider === index && deployment.memory !== undefined,
    );
    const [variable] = keyVars;
    const token = variable === undefined ? undefined : secrets[variable];
    return deployments.length === 0 ? [] : [{ provider, local, baseUrl, token, deployments }];
  });
}

type Resources = typeof import("@headgate/resources");

/** What a deployment needs of the memory. The same model under several aliases is one residency. */
export function needOf(
  { residencySpec }: Pick<Resources, "residencySpec">,
  { provider, local }: ManagedBackend,
  { upstream, memory }: Deployment,
): ModelNeed | undefined {
  if (memory === undefined) return undefined;
  return {
    spec: residencySpec(provider.id, upstream, memory.options),
    deviceClass: memory.device,
    splits: DRIVERS[local.driver].splits ?? false,
    bytes: memory.bytes,
    transientBytes: memory.transientBytes,
    loadCostMs: memory.loadMs,
    concurrency: memory.concurrency,
    pinned: memory.pinned,
    priority: 0,
    idleUnloadMs: memory.idleUnloadMs,
    minResidencyMs: 0,
  };
}

/** The same with load options that a client chose: another residency, shared by all requests with the same options. */
export function needWith(
  { residencySpec }: Pick<Resources, "residencySpec">,
  { provider, local }: ManagedBackend,
  { memory, contextTokens }: Deployment,
  need: ModelNeed,
  chosen: LoadOptions,
): ModelNeed {
  if (memory === undefined) return need;
  return {
    ...need,
    warm: false,
    spec: residencySpec(provider.id, need.spec.model, { ...need.spec.options, ...chosen }),
    // Without a layer on the GPU, all of it is in RAM.
    deviceClass: chosen.num_gpu === 0 ? "cpu" : need.deviceClass,
    bytes: bytesWith(memory, local.driver, chosen, contextTokens),
  };
}

export function driverOf(resources: Resources, backend: ManagedBackend): Driver {
  const { provider, local, baseUrl, token, deployments } = backend;
  const options = {
    backend: provider.id,
    baseUrl,
    token,
    nowMs: Date.now,
    wait: async (ms: number, signal: AbortSignal): Promise<void> => {
      await wait(ms, undefined, { signal });
    },
  };
  switch (local.driver) {
    case "ollama":
      return resources.ollamaDriver({ ...options, models: deployments.map(({ upstream }) => upstream) });
    case "talkies":
      return resources.talkiesDriver(options);
    case "sdcpp":
      return resources.sdcppDriver(options);
    case "llamacpp":
      return resources.llamacppDriver(options);
    case "vllm":
      return resources.vllmDriver({ ...options, model: deployments[0]?.upstream ?? "" });
    default:
      throw new Error(`${provider.id}: no driver loads the models of a ${local.driver} backend`);
  }
}
