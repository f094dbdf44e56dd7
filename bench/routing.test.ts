import { describe, expect, it } from "vitest";
import { measureRouting, syntheticTable } from "./routing.ts";

describe("the routing benchmark", () => {
  it("measures decisions over a table in which every name has a full chain", () => {
    const size = { providers: 20, modelsEach: 5, chainLength: 4 };
    const result = measureRouting(size, { batches: 5, batchSize: 20, warmup: 1 });
    expect(result).toMatchObject({ deployments: 100, chainLength: 4 });
    expect(result.decisionUs).toBeGreaterThan(0);
    const table = syntheticTable(20, 5, 4);
    expect(new Set(table.routes.map(({ chain }) => new Set(chain).size))).toEqual(new Set([4]));
    expect(new Set(table.routes.map(({ name }) => name)).size).toBe(100);
  });
});
