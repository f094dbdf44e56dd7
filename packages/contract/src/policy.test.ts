import { expect, it } from "vitest";
import { HEDGED, MAX_POLICY_MS, MIDSTREAM } from "./policy.ts";

it("hedges what a second call changes nothing about and costs a prompt at most", () => {
  expect([...HEDGED].sort()).toEqual(["chat", "embedding", "moderation", "rerank"]);
});

it("knows three ways with a stream that breaks, and waits an hour at most", () => {
  expect(MIDSTREAM).toEqual(["error", "restart", "continue"]);
  expect(MAX_POLICY_MS).toBe(60 * 60 * 1_000);
});
