import { describe, expect, it } from "vitest";
import { bytesWith, memoryOfSize } from "./local.ts";

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
