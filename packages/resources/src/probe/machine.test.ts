import { FakeMachine, fakeNvidiaSmi, fakeProc, manualClock, startOllama } from "@headgate/upstream-lab";
import { describe, expect, it } from "vitest";
import type { DeviceReading } from "../driver.ts";
import { ollamaDriver } from "../drivers/ollama.ts";
import { residencySpec } from "../residency.ts";
import { parseBudget } from "./budget.ts";
import { gpuProbe } from "./gpus.ts";
import { machineProbe } from "./machine.ts";
import { ramProbe } from "./ram.ts";

const GIB = 2 ** 30;
const never = new AbortController().signal;

describe("a declared budget", () => {
  const bytes = (text: string) => {
    const parsed = parseBudget(text);
    return parsed.ok ? Object.fromEntries(parsed.budget) : parsed.message;
  };

  it.each([
    ["0:16GiB,1:8GiB", { "cuda:0": 16 * GIB, "cuda:1": 8 * GIB }],
    [" 0 : 500 mb , cuda:3:1.5gib ", { "cuda:0": 500e6, "cuda:3": 1.5 * GIB }],
    ["cpu:32GB", { cpu: 32e9 }],
    ["12:0.5GiB", { "cuda:12": GIB / 2 }],
  ])("%s", (text, wanted) => {
    expect(bytes(text)).toEqual(wanted);
  });

  it.each([
    ["", "empty entry"],
    ["0:16GiB,", "empty entry"],
    ["16GiB", '"16GiB" is not a device and a size'],
    ["gpu0:16GiB", '"gpu0" is neither an index nor cpu'],
    ["0:16GiB,0:8GiB", "gives device 0 a second budget"],
    ["0:lots", '"lots" is not a number with a unit'],
    ["0:16", "has a size without a unit"],
    ["0:16TB", "has an unknown unit"],
    ["0:0GiB", "no device has"],
    ["0:99999999999GiB", "no device has"],
    ["-1:4GiB", '"-1" is neither an index nor cpu'],
  ])("%j is refused, with the right form", (text, why) => {
    expect(bytes(text)).toContain(why);
    expect(bytes(text)).toContain("0:16GiB,1:8GiB");
  });
});

describe("the probes on a machine that is used", () => {
  it("see memory taken, held back after an unload, and back", async () => {
    const clock = manualClock();
    const machine = new FakeMachine({ devices: { cpu: 32 * GIB, "cuda:0": 8 * GIB }, clock });
    await using ollama = await startOllama({ machine, models: { "m:1b": { bytes: 3 * GIB } } });
    const { run } = fakeNvidiaSmi(machine);
    const probe = machineProbe({ gpus: gpuProbe({ run }), ram: ramProbe(fakeProc(machine)) });
    const used = async () =>
      (await probe.read(never)).map(({ usedBytes }) => (usedBytes ?? Number.NaN) / GIB);
    const driver = ollamaDriver({
      backend: "o",
      baseUrl: ollama.url,
      nowMs: clock.nowMs,
      wait: clock.advance,
    });
    expect(await used()).toEqual([0, 0]);
    await driver.load(residencySpec("o", "m:1b"), never);
    expect(await used()).toEqual([0, 3]);
    ollama.lie({ reclaimMs: 20_000 });
    await driver.unload(residencySpec("o", "m:1b"), never);
    expect(await used()).toEqual([0, 3]);
    await clock.advance(20_000);
    machine.grow("cuda:0", GIB);
    machine.grow("cpu", 2 * GIB);
    expect(await used()).toEqual([2, 1]);
  });
});

describe("the machine's memory", () => {
  const fixed = (...readings: DeviceReading[]) => ({ read: async () => readings });
  const ram = fixed({ device: "cpu", totalBytes: 32 * GIB, usedBytes: 8 * GIB });
  const gpus = fixed(
    { device: "cuda:0", totalBytes: 24 * GIB, usedBytes: GIB },
    { device: "cuda:1", totalBytes: 8 * GIB, usedBytes: undefined },
  );
  const read = (budget: string | undefined, measured = gpus) => {
    const parsed = budget === undefined ? undefined : parseBudget(budget);
    return machineProbe({ gpus: measured, ram, budget: parsed?.ok ? parsed.budget : undefined }).read(never);
  };

  it("is as measured when nothing is declared", async () => {
    expect(await read(undefined)).toEqual([...(await ram.read()), ...(await gpus.read())]);
  });

  it("is as measured beside a budget, and GPUs that the budget leaves out are left alone", async () => {
    expect(await read("0:16GiB,cpu:64GiB")).toEqual([
      { device: "cpu", totalBytes: 32 * GIB, usedBytes: 8 * GIB },
      { device: "cuda:0", totalBytes: 24 * GIB, usedBytes: GIB },
    ]);
  });

  it("keeps all GPUs when only RAM is declared", async () => {
    expect((await read("cpu:4GiB")).map(({ device }) => device)).toEqual(["cpu", "cuda:0", "cuda:1"]);
  });

  it("has a declared device that is not measured, as unknown", async () => {
    expect(await read("0:16GiB", fixed())).toContainEqual({
      device: "cuda:0",
      totalBytes: undefined,
      usedBytes: undefined,
    });
  });
});
