import { describe, expect, it } from "vitest";
import { bars, type Measurements, markdown, rows } from "./report.ts";
import { median, pairedDifference, pairedRatio, quantile } from "./stats.ts";

const throughput = (requestsPerSecond: number[]) => ({
  requestsPerSecond,
  p50Ms: [1],
  p99Ms: [2],
  cpuMsPerRequest: [0.1],
  upstreamLoad: [0.2],
});

const streams = { delayP50Ms: [1], delayP99Ms: [10], overrunMs: [20], cpuMsPerChunk: [0.02], broken: 0 };

const compiled = ({ cold = 5, warm = 2.5, smallS = 6, largeS = 24, changedS = 3 } = {}) => ({
  repository: { coldRatio: cold, warmRatio: warm, nodeS: 0.04 },
  sizes: [
    { providers: 250, models: 25_000, bytes: 1, seconds: smallS, oneChangedS: 1, peakBytes: 1 },
    { providers: 1_000, models: 100_000, bytes: 4, seconds: largeS, oneChangedS: changedS, peakBytes: 2 },
  ],
});

const good = {
  subjects: ["direct", "floor", "headgate", "portkey"],
  throughput: {
    direct: throughput([50_000, 50_000, 50_000]),
    floor: throughput([10_000, 20_000, 10_000]),
    headgate: throughput([8_000, 16_000, 8_000]),
    portkey: throughput([900, 1_800, 900]),
  },
  latency: {
    p50Ms: { direct: [0.1, 0.2], headgate: [0.3, 0.4] },
    p99Ms: { direct: [0.2, 0.3], headgate: [0.6, 0.7] },
  },
  firstToken: { p50Ms: { direct: [0.1], headgate: [0.4] }, p99Ms: { direct: [0.2], headgate: [0.8] } },
  streams: { headgate: streams },
  idleBytes: { headgate: 80e6 },
  peakBytes: { headgate: 200e6 },
  routing: { deployments: 100_000, chainLength: 16, decisionUs: 4, decisionP99Us: 8, indexMs: 400 },
  midstream: { chunkRatio: 1.01, streamRatio: 0.99, cpuUsPerChunk: 20, cpuUsPerStream: 160 },
  compiler: compiled(),
  connections: 32,
  streamPlan: { streams: 200, chunks: 80, paceMs: 50 },
} satisfies Measurements;

const verdicts = (m: Measurements): (boolean | null)[] => bars(m).map(({ ok }) => ok);

describe("the bars", () => {
  it("pass when each is met", () => {
    expect(verdicts(good)).toEqual(Array(12).fill(true));
  });

  it.each([
    [0, { throughput: { ...good.throughput, headgate: throughput([7_400, 14_800, 7_400]) } }],
    [1, { throughput: { ...good.throughput, portkey: throughput([1_100, 2_200, 1_100]) } }],
    [2, { latency: { ...good.latency, p50Ms: { direct: [0.1], headgate: [0.46] } } }],
    [3, { streams: { headgate: { ...streams, delayP99Ms: [51] } } }],
    [3, { streams: { headgate: { ...streams, overrunMs: [51] } } }],
    [3, { streams: { headgate: { ...streams, broken: 1 } } }],
    [4, { idleBytes: { headgate: 91e6 } }],
    [
      5,
      { routing: { deployments: 100_000, chainLength: 16, decisionUs: 5.1, decisionP99Us: 8, indexMs: 400 } },
    ],
    [6, { compiler: compiled({ cold: 6.1 }) }],
    [7, { compiler: compiled({ warm: 3.1 }) }],
    [8, { compiler: compiled({ smallS: 8, largeS: 30.1 }) }],
    [9, { compiler: compiled({ changedS: 4.1 }) }],
    [10, { compiler: compiled({ smallS: 4 }) }],
    [11, { midstream: { ...good.midstream, chunkRatio: 1.03 } }],
    [11, { midstream: { ...good.midstream, streamRatio: 1.03 } }],
  ] satisfies [number, Partial<Measurements>][])(
    "number %i alone is missed when its figure is bad",
    (index, bad) => {
      expect(verdicts({ ...good, ...bad })).toEqual(Array.from({ length: 12 }, (_, i) => i !== index));
    },
  );

  it("are neither passed nor missed without a measurement", () => {
    const { routing: _, compiler: __, midstream: ___, ...without } = good;
    const nothing = { throughput: {}, streams: {}, idleBytes: {}, latency: { p50Ms: {}, p99Ms: {} } };
    expect(verdicts({ ...without, ...nothing })).toEqual(Array(12).fill(null));
  });
});

describe("the report", () => {
  it("compares figures within a round, so that the machine's speed between rounds has no effect", () => {
    expect(pairedRatio([8, 16, 8], [10, 20, 10])).toBeCloseTo(0.8);
    expect(pairedDifference([5, 105, 5], [1, 101, 1])).toBe(4);
  });

  it("prints a dash, not a zero, for a missing measurement", () => {
    const found = rows(good).find(({ metric }) => metric === "idle RSS, MiB");
    expect(found?.values).toEqual({ direct: null, floor: null, headgate: 80e6 / 1024 / 1024, portkey: null });
    const text = markdown(
      good,
      {
        cores: 2,
        node: "24",
        platform: "linux",
        loadTool: "wrk",
        versions: {},
        quick: false,
        date: "2026-11-21",
      },
      ["A notice."],
    );
    expect(text).toMatch(/\| idle RSS, MiB +\| +– \| +– \| +76\.3 \| +– \|/);
    expect(text).toContain("- A notice.");
  });
});

describe("the statistics", () => {
  it("takes medians and nearest-rank quantiles, and refuses an empty list", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect([0, 0.5, 0.99, 1].map((q) => quantile([40, 10, 30, 20], q))).toEqual([10, 20, 40, 40]);
    expect(() => median([])).toThrow(RangeError);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});
