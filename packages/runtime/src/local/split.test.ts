import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { memoryOfSize, ROUTING_FORMAT, type RoutingTable } from "@headgate/contract";
import type { Lease } from "@headgate/resources";
import type { Candidate } from "@headgate/router";
import { FakeMachine, startOllama } from "@headgate/upstream-lab";
import { expect, it } from "vitest";
import { GIB, probeOf } from "../testing/local-box.ts";
import { SILENT_LOG } from "../testing/silent-log.ts";
import { Leases } from "./leases.ts";

const target = sampleTarget("ollama");
const never = new AbortController().signal;

const SIZES = { "large:70b": 18 * GIB, "small:1b": 8 * GIB };

/** Two GPUs of 12 GiB with an Ollama, and the leases of a gateway that manages it. */
async function box() {
  const machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 12 * GIB, "cuda:1": 12 * GIB } });
  const models = Object.fromEntries(Object.entries(SIZES).map(([model, bytes]) => [model, { bytes }]));
  const ollama = await startOllama({ machine, models, splits: true });
  const provider = {
    ...target.provider,
    id: "box",
    baseUrl: ollama.url,
    keyVars: [],
    local: { driver: "ollama", bringUp: { way: "external" } },
  } as const;
  const deployments = Object.entries(SIZES).map(([upstream, bytes]) => ({
    ...target.deployment,
    alias: upstream,
    upstream,
    memory: { ...memoryOfSize("ollama", "cuda", bytes), loadMs: 1 },
  }));
  const table: RoutingTable = {
    format: ROUTING_FORMAT,
    fingerprint: "test",
    providers: [provider],
    deployments,
    routes: [],
    inactive: [],
  };
  const probe = probeOf(machine);
  const gateway = async (): Promise<Leases> => {
    const leases = new Leases({ options: {}, log: SILENT_LOG, probe });
    await leases.serve(table, {});
    return leases;
  };
  const lease = async (leases: Leases, upstream: string): Promise<Lease> => {
    const deployment = deployments.find((one) => one.upstream === upstream);
    const answer = await leases.acquire(
      { provider, deployment } as unknown as Candidate,
      never,
      { waitMs: 10_000 },
      undefined,
    );
    if (!("granted" in answer)) throw new Error(answer.message);
    return answer;
  };
  const usedGib = () =>
    (["cuda:0", "cuda:1"] as const).map((device) => Math.round(machine.usedBytes(device) / GIB));
  return { machine, ollama, gateway, lease, usedGib };
}

it("Ollama's model that no GPU alone can hold is split over both, and leaves both when another needs its room", async () => {
  const { machine, ollama, gateway, lease, usedGib } = await box();
  const leases = await gateway();
  const large = await lease(leases, "large:70b");
  expect(large.devices).toEqual(["cuda:0", "cuda:1"]);
  expect(usedGib()).toEqual([9, 9]);
  expect((await leases.state())?.residencies[0]).toMatchObject({ device: "cuda:0+cuda:1", state: "ready" });
  large.release();
  const small = await lease(leases, "small:1b");
  expect([small.devices.length, usedGib().reduce((sum, gib) => sum + gib)]).toEqual([1, 8]);
  small.release();
  (await lease(leases, "large:70b")).release();
  expect(usedGib()).toEqual([9, 9]);
  await leases.close();
  await ollama.close();
  expect(machine.overcommits).toEqual([]);
});

it("the next gateway finds a split model as it is", async () => {
  const { machine, ollama, gateway, lease } = await box();
  const first = await gateway();
  (await lease(first, "large:70b")).release();
  await first.close();
  const next = await gateway();
  const again = await lease(next, "large:70b");
  expect(again.devices).toEqual(["cuda:0", "cuda:1"]);
  const state = await next.state();
  expect(state?.devices.filter(({ device }) => device !== "cpu").map((one) => one.externalBytes)).toEqual([
    0, 0,
  ]);
  expect(ollama.residents.residents).toHaveLength(1);
  expect(state?.counts.loads).toBe(0);
  again.release();
  await next.close();
  await ollama.close();
  expect(machine.overcommits).toEqual([]);
});
