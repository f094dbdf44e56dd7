/** A slice of `make batch-kills`. It starts the gateway three times, so it takes some seconds. */
import { expect, it } from "vitest";
import { batchUnderKills } from "./batch-kills/run.ts";

it("a batch whose gateway is killed has every line in its output once, in order", {
  timeout: 90_000,
}, async () => {
  const { customIds, expected, unanswered, kills, exitCode, stderr } = await batchUnderKills({
    kills: 2,
    lines: 200,
    seed: 7,
    answerMs: 80,
    log: () => {},
  });
  expect(exitCode, stderr).toBe(0);
  expect(kills).toBe(2);
  expect(customIds).toEqual(expected);
  expect(unanswered).toBe(0);
});
