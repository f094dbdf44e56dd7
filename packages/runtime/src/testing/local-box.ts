/** One Ollama with three models of which two fit, as a table would want it managed. */
import { type Deployment, memoryOfSize } from "@headgate/contract";
import * as resources from "@headgate/resources";
import { type FakeMachine, fakeNvidiaSmi, fakeProc } from "@headgate/upstream-lab";
import { type ManagedBackend, needOf } from "../local/backends.ts";
import type { Managed } from "../local/local-memory.ts";

export const GIB = 2 ** 30;
export const GPU_BYTES = 20 * GIB;
export const BOX_BUDGET = "0:20GiB,cpu:32GiB";
export const MODELS = { a: 6 * GIB, b: 7 * GIB, c: 9 * GIB };
export type Model = keyof typeof MODELS;

export function boxAt(baseUrl: string): Managed {
  const deployments = Object.entries(MODELS).map(
    ([alias, bytes]) =>
      ({
        alias,
        upstream: `${alias}:1b`,
        memory: { ...memoryOfSize("ollama", "cuda", bytes), idleUnloadMs: 3_600_000, loadMs: 20 },
      }) as unknown as Deployment,
  );
  const backend: ManagedBackend = {
    provider: { id: "box" } as ManagedBackend["provider"],
    local: { driver: "ollama", candidates: 3, bringUp: { way: "external" } } as ManagedBackend["local"],
    baseUrl,
    token: undefined,
    deployments,
  };
  const models = deployments.flatMap((deployment) => needOf(resources, backend, deployment) ?? []);
  return { backends: [backend], models };
}

export function needFor(managed: Managed, model: Model): resources.ModelNeed {
  const need = managed.models.find(({ spec }) => spec.model === `${model}:1b`);
  if (need === undefined) throw new Error(`the box has no ${model}`);
  return need;
}

/** Measures a fake machine's memory as the gateway measures a real one's. */
export function probeOf(machine: FakeMachine): resources.MemoryProbe {
  const smi = fakeNvidiaSmi(machine);
  return resources.machineProbe({
    gpus: resources.gpuProbe({ run: (command, args) => smi.run(command, args) }),
    ram: resources.ramProbe(fakeProc(machine)),
  });
}
