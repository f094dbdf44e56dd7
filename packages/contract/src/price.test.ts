import { describe, expect, it } from "vitest";
import { isPriced, listNanoUsd, type ModelPrice, mostUnitsUsd } from "./price.ts";

/** From models/gpt-6-luna.yaml. */
const LUNA: ModelPrice = {
  input: 0.1,
  output: 0.5,
  cacheRead: 0.01,
  cacheWrite: 0.125,
  tiers: [{ aboveTokens: 272_000, input: 0.2, output: 0.75, cacheRead: 0.02, cacheWrite: 0.25 }],
};
const PICTURES: ModelPrice = { image: 0.04, imageByQuality: { "hd/1024x1792": 0.12, hd: 0.08 } };

describe("what a call costs at list price", () => {
  it.each([
    ["plain tokens", { inputTokens: 10, outputTokens: 4 }, 10 * 100 + 4 * 500],
    [
      "tokens of the cache",
      { inputTokens: 10, outputTokens: 0, cachedInputTokens: 4, cacheWriteInputTokens: 2 },
      4 * 100 + 4 * 10 + 2 * 125,
    ],
    ["a prompt at the threshold", { inputTokens: 272_000, outputTokens: 1 }, 272_000 * 100 + 500],
    ["a prompt above it, whole", { inputTokens: 272_001, outputTokens: 1 }, 272_001 * 200 + 750],
    [
      "the cache in a dearer tier",
      { inputTokens: 272_001, outputTokens: 0, cachedInputTokens: 272_001 },
      272_001 * 20,
    ],
  ])("counts %s", (_, usage, nano) => {
    expect(listNanoUsd(LUNA, usage)).toBe(nano);
  });

  it("takes the last of several tiers that the prompt exceeds", () => {
    const price = {
      input: 1,
      output: 1,
      tiers: [10, 100].map((above) => ({ aboveTokens: above, input: above, output: 0 })),
    };
    const of = (inputTokens: number) =>
      (listNanoUsd(price, { inputTokens, outputTokens: 0 }) ?? 0) / inputTokens / 1000;
    expect([10, 11, 100, 101].map(of)).toEqual([1, 10, 10, 100]);
  });

  it("counts sound and pictures in a prompt, reasoning, and pictures in an answer", () => {
    const price = { input: 5, outputImage: 40, inputImage: 10, inputAudio: 20 };
    const usage = { inputTokens: 100, outputTokens: 7, imageInputTokens: 30, audioInputTokens: 20 };
    expect(listNanoUsd(price, usage)).toBe((50 * 5 + 30 * 10 + 20 * 20 + 7 * 40) * 1000);
    const thinks = { input: 1, output: 2, reasoning: 3 };
    expect(listNanoUsd(thinks, { inputTokens: 0, outputTokens: 5, reasoningTokens: 4 })).toBe(14_000);
  });

  it.each([
    ["pictures", { image: 0.04 }, { images: 3 }, 0.12],
    ["pictures of a quality and size", PICTURES, { images: 2, quality: "hd", size: "1024x1792" }, 0.24],
    ["pictures of a quality in any other size", PICTURES, { images: 1, quality: "hd", size: "1x1" }, 0.08],
    ["pictures without a quality", PICTURES, { images: 1 }, 0.04],
    ["pictures of a quality that is not priced", PICTURES, { images: 1, quality: "auto" }, undefined],
    ["characters", { millionCharacters: 15 }, { characters: 2_000 }, 0.03],
    ["queries", { query: 0.002 }, { queries: 2 }, 0.004],
    ["sound of unknown length", { minute: 0.006 }, { soundBytes: 9 }, undefined],
    ["what has no price", { minute: 0.006 }, { characters: 1 }, undefined],
  ])("counts %s", (_, price, units, usd) => {
    expect(listNanoUsd(price, undefined, units)).toBe(usd === undefined ? undefined : usd * 1e9);
  });

  it("counts seconds that the upstream states, and knows nothing without a price", () => {
    const usage = { inputTokens: 0, outputTokens: 0, soundS: 90 };
    expect(listNanoUsd({ minute: 0.006 }, usage)).toBe(9_000_000);
    expect(listNanoUsd(undefined, usage)).toBeUndefined();
  });
});

describe("the most that a call can cost", () => {
  it.each([
    ["an unknown quality", PICTURES, { images: 2, quality: "auto" }, 0.24],
    ["a known one", PICTURES, { images: 2, quality: "hd" }, 0.16],
    ["sound of a million bytes", { minute: 0.06 }, { soundBytes: 1_000_000 }, 1],
    ["characters", { millionCharacters: 15 }, { characters: 1e6 }, 15],
    ["tokens alone", LUNA, { characters: 1e6 }, 0],
  ])("of %s", (_, price, units, usd) => {
    expect(mostUnitsUsd(price, units)).toBeCloseTo(usd, 9);
  });

  it("is known where the price has what the operation is charged by", () => {
    const priced = (["chat", "image", "speech", "transcription", "rerank"] as const).map((operation) => [
      isPriced({ input: 1 }, operation),
      isPriced({ image: 1 }, operation),
      isPriced({ millionCharacters: 1 }, operation),
      isPriced({ minute: 1 }, operation),
      isPriced({ query: 1 }, operation),
      isPriced(undefined, operation),
    ]);
    expect(priced).toEqual([
      [true, false, false, false, false, false],
      [true, true, false, false, false, false],
      [true, false, true, false, false, false],
      [true, false, false, true, false, false],
      [true, false, false, false, true, false],
    ]);
  });
});
