import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { memoryOfSize, ROUTING_FORMAT, type RoutingTable } from "@headgate/contract";
import type { Lease } from "@headgate/resources";
import type { Candidate } from "@headgate/router";
import { FakeMachine, type LocalBackend, startOllama } from "@headgate/upstream-lab";
import { afterEach, beforeEach, expect, it } from "vitest";
import { GIB, probeOf } from "../testing/local-box.ts";
import { SILENT_LOG } from "../testing/silent-log.ts";
import { Leases } from "./leases.ts";

const target = sampleTarget("ollama");
const WAIT_MS = 10_000;
const never = new AbortController().signal;

let machine: FakeMachine;
let ollama: LocalBackend;
let leases: Leases;
let candidate: Candidate;

beforeEach(async () => {
  machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 20 * GIB } });
  ollama = await startOllama({ machine, models: { "m:1b": { bytes: GIB } } });
  const provider = {
    ...target.provider,
    id: "box",
    baseUrl: ollama.url,
    keyVars: [],
    local: { driver: "ollama", bringUp: { way: "external" } },
  } as const;
  const deployment = {
    ...target.deployment,
    alias: "m",
    upstream: "m:1b",
    memory: { ...memoryOfSize("ollama", "cuda", GIB), loadMs: 1 },
  };
  const table: RoutingTable = {
    format: ROUTING_FORMAT,
    fingerprint: "test",
    providers: [provider],
    deployments: [deployment],
    routes: [],
    inactive: [],
  };
  candidate = { provider, deployment } as unknown as Candidate;
  const probe = probeOf(machine);
  leases = new Leases({ options: { vramBudget: "0:20GiB,cpu:32GiB" }, log: SILENT_LOG, probe });
  await leases.serve(table, {});
});
afterEach(async () => {
  await leases.close();
  await ollama.close();
  expect(machine.overcommits).toEqual([]);
});

const acquire = (num_ctx?: number, signal = never) =>
  leases.acquire(candidate, signal, { waitMs: WAIT_MS }, num_ctx === undefined ? undefined : { num_ctx });
async function leaseOf(num_ctx?: number): Promise<Lease> {
  const lease = await acquire(num_ctx);
  if (!("granted" in lease)) throw new Error(lease.message);
  return lease;
}

it("a lease is of the residency with the options that the client chose, and without any of the declared one", async () => {
  const declared = await leaseOf();
  expect(declared.key).toBe("box/m:1b");
  declared.release();
  const chosen = await leaseOf(8192);
  expect(chosen.key).toBe("box/m:1b?num_ctx=8192");
  expect((await leases.state())?.aliases).toEqual({
    "box/m:1b": ["m"],
    "box/m:1b?num_ctx=8192": ["m?num_ctx=8192"],
  });
  expect([leases.keyOf("m"), leases.keyOf("m?num_ctx=8192"), leases.keyOf("?num_ctx=8192")]).toEqual([
    "box/m:1b",
    "box/m:1b?num_ctx=8192",
    undefined,
  ]);
  chosen.release();
});

it("a request that is aborted, refused, or released twice keeps no place among those with chosen options", async () => {
  const first = await leaseOf(1000);
  const leaving = new AbortController();
  const waiting = Array.from({ length: 63 }, (_, at) => acquire(at + 1, leaving.signal).catch(() => "left"));
  expect(await acquire(5000)).toMatchObject({
    class: "overloaded",
    message: expect.stringContaining("64 models with load options of clients' own"),
  });
  leaving.abort(new Error("left"));
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["left"]));
  for (let at = 0; at < 64; at += 1)
    expect(await acquire(2 ** 30 + at)).toMatchObject({
      message: expect.stringContaining("a smaller context"),
    });
  const next = leaseOf(5000);
  first.release();
  first.release();
  (await next).release();
  expect((await leases.state())?.counts.strayReleases).toBe(1);
});
