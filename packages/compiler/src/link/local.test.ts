import { describe, expect, it } from "vitest";
import { localOf, memoryOf } from "./local.ts";

describe("a model's memory", () => {
  it("gets its driver's defaults, and an estimate of its load from what it takes", () => {
    expect(memoryOf({ device: "cuda", bytes: "5 GB" }, "ollama")).toEqual({
      device: "cuda",
      bytes: 5e9,
      transientBytes: 0,
      contextTokenBytes: 877_205,
      loadMs: 7000,
      concurrency: 1,
      options: {},
      pinned: false,
      idleUnloadMs: 300_000,
    });
    expect(memoryOf({ device: "cuda", bytes: "5 GB" }, "vllm")).not.toHaveProperty("contextTokenBytes");
    expect(memoryOf({ device: "cpu", bytes: "5 GB" }, undefined)).toMatchObject({
      loadMs: 12_000,
      concurrency: 1,
    });
  });

  it("keeps what is stated, in bytes and milliseconds, options in order", () => {
    expect(
      memoryOf(
        {
          device: "cuda",
          bytes: "1 GiB",
          transient: "1 MiB",
          context_token: "144 KiB",
          load: "1.5s",
          concurrency: 4,
          options: { num_gpu: 99, num_ctx: 8192, use_mmap: false },
          idle_unload: "1h",
        },
        "ollama",
      ),
    ).toEqual({
      device: "cuda",
      bytes: 2 ** 30,
      transientBytes: 2 ** 20,
      contextTokenBytes: 144 * 1024,
      loadMs: 1500,
      concurrency: 4,
      options: { num_ctx: 8192, num_gpu: 99, use_mmap: false },
      pinned: false,
      idleUnloadMs: 3_600_000,
    });
  });

  it("that is pinned is not unloaded when idle", () => {
    expect(memoryOf({ device: "cpu", bytes: "1 GB", pinned: true }, "ollama")).not.toHaveProperty(
      "idleUnloadMs",
    );
  });
});

describe("a backend", () => {
  it("has the slots of its kind, else its own, else none", () => {
    expect(localOf({ driver: "talkies" })).toEqual({ driver: "talkies", slots: 1 });
    expect(localOf({ driver: "ollama", slots: 3 })).toEqual({ driver: "ollama", slots: 3 });
    expect(localOf({ driver: "ollama" })).toEqual({ driver: "ollama" });
  });
});
