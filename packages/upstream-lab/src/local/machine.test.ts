import { describe, expect, it } from "vitest";
import { manualClock } from "./clock.ts";
import { FakeMachine } from "./machine.ts";
import { fakeNvidiaSmi, fakeProc } from "./nvidia-smi.ts";

const GIB = 2 ** 30;
const never = new AbortController().signal;
const GPU = ["--query-gpu=index,uuid,memory.total,memory.used,memory.free", "--format=csv,noheader,nounits"];
const APPS = ["--query-compute-apps=gpu_uuid,pid,used_memory", "--format=csv,noheader,nounits"];

const machineOf = (clock = manualClock()) =>
  new FakeMachine({ devices: { cpu: 32 * GIB, "cuda:0": 8 * GIB, "cuda:1": 4 * GIB }, clock });

describe("a fake machine", () => {
  it("grants memory until none is free, and records each overcommit", async () => {
    const clock = manualClock(7);
    const machine = machineOf(clock);
    const first = machine.claim("cuda:0", 6 * GIB, "ollama", "a");
    expect(machine.claim("cuda:0", 3 * GIB, "sdcpp", "b")).toBeUndefined();
    expect(machine.overcommits).toEqual([
      { atMs: 7, device: "cuda:0", backend: "sdcpp", what: "b", wantedBytes: 3 * GIB, freeBytes: 2 * GIB },
    ]);
    expect(machine.claim("cuda:0", 2 * GIB, "sdcpp", "c")).toBeDefined();
    first?.release();
    first?.release();
    expect([machine.usedBytes("cuda:0"), machine.peakBytes("cuda:0")]).toEqual([2 * GIB, 8 * GIB]);
    expect(machine.freeBytes("cuda:1")).toBe(4 * GIB);
  });

  it("lets other programs use the free memory, which is no overcommit", () => {
    const machine = machineOf();
    machine.claim("cuda:1", GIB, "ollama", "a");
    const grown = machine.grow("cuda:1", 100 * GIB);
    expect(grown.bytes).toBe(3 * GIB);
    expect(machine.freeBytes("cuda:1")).toBe(0);
    expect(machine.overcommits).toEqual([]);
    grown.release();
    expect(Object.fromEntries(machine.holders("cuda:1"))).toEqual({ ollama: GIB });
  });

  it("has only the devices of its options", () => {
    expect(() => machineOf().claim("cuda:7", 1, "x", "y")).toThrow("no device cuda:7");
  });

  it("is reported by nvidia-smi like a real machine", async () => {
    const machine = machineOf();
    machine.claim("cuda:0", 3 * GIB, "ollama", "a");
    const smi = fakeNvidiaSmi(machine);
    expect(await smi.run("nvidia-smi", GPU)).toEqual({
      kind: "done",
      code: 0,
      stderr: "",
      stdout:
        "0, GPU-00000000-0000-0000-0000-000000000000, 8192, 3072, 5120\n1, GPU-00000000-0000-0000-0000-000000000001, 4096, 0, 4096\n",
    });
    expect(await smi.run("nvidia-smi", APPS)).toMatchObject({
      stdout: expect.stringMatching(/^GPU-00000000-0000-0000-0000-000000000000, \d+, 3072\n$/),
    });
    expect(await smi.run("nvidia-smi", ["--query-gpu=color", GPU[1] ?? ""])).toMatchObject({ code: 2 });
    expect(await smi.run("nvidia-smi", ["-q"])).toMatchObject({ code: 2 });
    expect(await smi.run("rocm-smi", GPU)).toEqual({ kind: "missing" });
    smi.interfere({ kind: "timeout" });
    expect(await smi.run("nvidia-smi", GPU)).toEqual({ kind: "timeout" });
    expect(await fakeNvidiaSmi(new FakeMachine({ devices: { cpu: 1 } })).run("nvidia-smi", GPU)).toEqual({
      kind: "missing",
    });
  });

  it("is reported by /proc/meminfo", async () => {
    const machine = machineOf();
    machine.claim("cpu", 8 * GIB, "ollama", "a");
    const read = fakeProc(machine);
    expect(await read("/proc/meminfo")).toContain(`MemAvailable:   ${24 * 1024 * 1024} kB\n`);
    expect(await read("/proc/self/cgroup")).toBeUndefined();
  });
});

describe("a manual clock", () => {
  it("ends waits in the order of their time, new ones on the way included", async () => {
    const clock = manualClock();
    const woken: string[] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms, never);
      woken.push(`${name} ${clock.nowMs()}`);
    };
    const late = sleep("late", 50);
    const early = sleep("early", 10).then(() => sleep("again", 10));
    await clock.asleep(2);
    await clock.advance(30);
    expect(woken).toEqual(["early 10", "again 20"]);
    await clock.advance(30);
    await Promise.all([late, early]);
    expect(woken.at(-1)).toBe("late 50");
    expect([clock.nowMs(), clock.sleeping]).toEqual([60, 0]);
  });

  it("ends a wait whose signal fires", async () => {
    const clock = manualClock();
    const leaving = new AbortController();
    const sleeping = clock.sleep(1000, leaving.signal);
    leaving.abort();
    await sleeping;
    expect([clock.nowMs(), clock.sleeping]).toEqual([0, 0]);
  });
});
