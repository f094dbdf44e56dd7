import { describe, expect, it } from "vitest";
import { KeptBudget, KeptBytes, MAX_ALL_BYTES, MAX_STREAM_BYTES } from "./kept-bytes.ts";

describe("the bytes of a stream that may break", () => {
  it("are a copy, in their order, over any number of blocks", () => {
    const kept = new KeptBytes(new KeptBudget());
    const chunk = Buffer.from("first ");
    kept.add(chunk);
    chunk.fill("x");
    const large = Buffer.alloc(40_000, "y");
    kept.add(large);
    kept.add(Buffer.from(" last"));
    expect(kept.all()?.toString()).toBe(`first ${large} last`);
  });

  it("are given up beyond the bound of one stream, and their memory is given back", () => {
    const budget = new KeptBudget();
    const kept = new KeptBytes(budget);
    for (let bytes = 0; bytes <= MAX_STREAM_BYTES; bytes += 1024) kept.add(Buffer.alloc(1024));
    expect(kept.all()).toBeUndefined();
    expect(budget.bytes).toBe(0);
  });

  it("are given up where all streams together hold too much", () => {
    const budget = new KeptBudget();
    expect(budget.take(MAX_ALL_BYTES)?.length).toBe(MAX_ALL_BYTES);
    const kept = new KeptBytes(budget);
    kept.add(Buffer.from("x"));
    expect(kept.all()).toBeUndefined();
    kept.drop();
    expect(budget.bytes).toBe(MAX_ALL_BYTES);
  });
});
