import { describe, expect, it } from "vitest";
import { quotaMeter as meter, quotaSource as source } from "./quota.fixture.ts";
import { poolOf } from "./quota.ts";

describe("the pool", () => {
  it("counts a limit that several models share once", () => {
    const shared = meter({ left: 60 });
    expect(poolOf([source(shared), source(shared), source(meter({ id: "b", left: 5 }))]).requests).toBe(65);
  });

  it("is bounded by the scarcest limit of each source", () => {
    const account = meter({ id: "account", left: 50 });
    const sources = [
      source(account, meter({ id: "x", left: 30 })),
      source(account, meter({ id: "y", left: 40 })),
    ];
    expect(poolOf(sources).requests).toBe(50);
  });

  it("is unknown where a source has no such limit", () => {
    expect(poolOf([source(meter()), source()])).toEqual({ requests: null, tokens: null });
    expect(poolOf([])).toEqual({ requests: 0, tokens: 0 });
  });
});
