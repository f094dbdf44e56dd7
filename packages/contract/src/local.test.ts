import { describe, expect, it } from "vitest";
import type { LocalDriver } from "./fragment.ts";
import {
  bringUpWays,
  bytesWith,
  DRIVERS,
  loadOptionLack,
  memoryOfSize,
  OLLAMA_LOAD_OPTIONS,
  readMemory,
} from "./local.ts";

describe("the memory of a residency with a context that a client chose", () => {
  const memory = { ...memoryOfSize("ollama", "cuda", 5e9), contextTokenBytes: 144 * 1024 };

  it("grows with each token beyond those of the declared residency, and never shrinks", () => {
    expect(bytesWith(memory, "ollama", { num_ctx: 8192 })).toBe(5e9 + 4096 * 144 * 1024);
    for (const num_ctx of [1, 2048, 4096]) expect(bytesWith(memory, "ollama", { num_ctx })).toBe(5e9);
    expect(bytesWith(memory, "ollama", { num_gpu: 1 })).toBe(5e9);
  });

  it("has a context for each job at a time, and none beyond the model's window", () => {
    expect(bytesWith({ ...memory, concurrency: 4 }, "ollama", { num_ctx: 4100 })).toBe(5e9 + 16 * 144 * 1024);
    expect(bytesWith(memory, "ollama", { num_ctx: 1_000_000 }, 40_960)).toBe(
      bytesWith(memory, "ollama", { num_ctx: 40_960 }),
    );
  });

  it("is the declared memory where the driver has no such option", () => {
    expect(bytesWith(memoryOfSize("llamacpp", "cuda", 5e9), "llamacpp", { num_ctx: 8192 })).toBe(5e9);
  });

  // Models whose heads share no keys: bytes at 4 bits per weight; layers × heads × head size × 4 bytes for the cache.
  it.each([
    ["SmolLM2 1.7B", 1.0e9, 24 * 32 * 64 * 4],
    ["Phi-2", 1.6e9, 32 * 32 * 80 * 4],
    ["Phi-3 mini", 2.3e9, 32 * 32 * 96 * 4],
    ["Llama 2 7B", 3.8e9, 32 * 32 * 128 * 4],
    ["Llama 2 13B", 7.4e9, 40 * 40 * 128 * 4],
  ])("is estimated too high rather than too low for %s", (_, bytes, tokenBytes) => {
    const { contextTokenBytes = 0 } = memoryOfSize("ollama", "cuda", bytes);
    expect(contextTokenBytes).toBeGreaterThan(1.15 * tokenBytes);
    expect(contextTokenBytes).toBeLessThan(2 * tokenBytes);
  });
});

describe("a size as .env says it", () => {
  it.each([
    ["cuda 6 GB", { device: "cuda", bytes: 6e9 }],
    [" CUDA  1.5GiB ", { device: "cuda", bytes: 1.5 * 2 ** 30 }],
    ["cpu 700 MB", { device: "cpu", bytes: 700e6 }],
    ["cpu 10.25 MiB", { device: "cpu", bytes: 10.25 * 2 ** 20 }],
    ["Cpu 12GB", { device: "cpu", bytes: 12e9 }],
  ] as const)("%j", (text, memory) => {
    expect(readMemory(text)).toEqual(memory);
  });

  it.each([
    "",
    "6 GB",
    "cuda",
    "cuda6 GB",
    "cuda GB",
    "cuda 6",
    "cuda 6 kB",
    "xcuda 6 GB",
    "cuda 6 GBx",
    "cuda 6. GB",
    "cuda  x6 GB",
  ])("%j is none", (text) => {
    expect(readMemory(text)).toBeUndefined();
  });
});

describe("a load option", () => {
  it("that is a flag is true or false", () => {
    expect([true, false].map((value) => loadOptionLack("flag", value))).toEqual([undefined, undefined]);
    for (const value of [0, "true", null, undefined])
      expect(loadOptionLack("flag", value)).toBe("true or false");
  });

  it("that is a number is whole and within its bounds", () => {
    const kind = { least: -1, most: 3 };
    for (const value of [-1, 0, 3]) expect(loadOptionLack(kind, value)).toBeUndefined();
    for (const value of [-2, 4, 0.5, "1", true, Number.NaN])
      expect(loadOptionLack(kind, value)).toBe("a whole number from -1 to 3");
  });

  it("of Ollama is one of these, within the bounds of 32 bits", () => {
    const most = 2_147_483_647;
    expect(OLLAMA_LOAD_OPTIONS).toEqual({
      main_gpu: { least: 0, most },
      num_batch: { least: 1, most },
      num_ctx: { least: 1, most },
      num_gpu: { least: -1, most },
      num_thread: { least: 0, most },
      use_mmap: "flag",
    });
  });
});

describe("what a kind of backend does by itself", () => {
  const MINUTE_MS = 60_000;
  it.each<[LocalDriver, Partial<(typeof DRIVERS)[LocalDriver]>]>([
    [
      "ollama",
      { managed: true, concurrency: 1, splits: true, idleUnloadMs: 5 * MINUTE_MS, contextTokens: 4_096 },
    ],
    ["talkies", { managed: true, concurrency: 1, slots: 1, idleUnloadMs: 10 * MINUTE_MS }],
    ["sdcpp", { managed: true, concurrency: 1, slots: 1, idleUnloadMs: 5 * MINUTE_MS }],
    ["sd-server", { concurrency: 1, slots: 1 }],
    ["llamacpp", { managed: true, concurrency: 4, splits: true }],
    ["vllm", { managed: true, concurrency: 64, slots: 1 }],
    ["process", { concurrency: 1 }],
  ])("%s: %j", (driver, expected) => {
    const { options, ...facts } = DRIVERS[driver];
    expect(facts).toEqual(expected);
    expect(options).toEqual(driver === "ollama" ? OLLAMA_LOAD_OPTIONS : {});
  });
});

describe("what a model needs of whom only the size is known", () => {
  it("takes two seconds, and one for each GB on a GPU or each half on a CPU, to load", () => {
    expect(memoryOfSize("llamacpp", "cuda", 6e9).loadMs).toBe(8_000);
    expect(memoryOfSize("llamacpp", "cpu", 6e9).loadMs).toBe(14_000);
  });

  it("is what its driver does by default", () => {
    expect(memoryOfSize("ollama", "cuda", 1e9)).toEqual({
      device: "cuda",
      bytes: 1e9,
      transientBytes: 0,
      contextTokenBytes: 300_000,
      loadMs: 3_000,
      concurrency: 1,
      options: {},
      pinned: false,
      idleUnloadMs: 300_000,
    });
    expect(memoryOfSize("vllm", "cuda", 1e9)).not.toHaveProperty("idleUnloadMs");
    expect(memoryOfSize("vllm", "cuda", 1e9)).not.toHaveProperty("contextTokenBytes");
    expect(memoryOfSize(undefined, "cpu", 1e9).concurrency).toBe(1);
  });
});

it("a fragment's ways to bring a backend up are those that it describes, and external always", () => {
  const compose = { port: 1, environment: {}, startPeriodMs: 1, capabilities: [] };
  const process = { needs: [], args: [], environment: {}, inherit: [], install: "" };
  const base = { default: "external", env: "X", health: "/", readyMs: 1 } as const;
  expect(bringUpWays(base)).toEqual(["external"]);
  expect(bringUpWays({ ...base, compose })).toEqual(["external", "compose"]);
  expect(bringUpWays({ ...base, process })).toEqual(["external", "process"]);
  expect(bringUpWays({ ...base, compose, process })).toEqual(["external", "compose", "process"]);
});
