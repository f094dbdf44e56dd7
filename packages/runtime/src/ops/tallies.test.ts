import type { UsageRecord } from "@headgate/contract";
import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";
import { Exposition, expositionText } from "./exposition.ts";
import { SECONDS, Tallies } from "./tallies.ts";

const NAME = "headgate_request_duration_seconds";
const idle = { inFlight: 0, index: { deployments: [] }, local: undefined, nowMs: 0 };

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith(NAME))
    .map((line) =>
      line.replaceAll(/\{(.*?)\}/g, (_, labels: string) => `{${labels.split(",").sort().join(",")}}`),
    )
    .sort();

it("gives the histograms that prom-client's own would give", async () => {
  const durations = fc.array(
    fc.record({
      surface: fc.constantFrom("openai-chat", "messages"),
      durationMs: fc.oneof(
        fc.integer({ min: 0, max: 800_000 }),
        fc.constantFrom(...SECONDS.map((bound) => bound * 1_000)),
      ),
    }),
    { minLength: 1, maxLength: 50 },
  );
  await fc.assert(
    fc.asyncProperty(durations, async (records) => {
      const tallies = new Tallies();
      const exposition = new Exposition(tallies);
      const registry = new Registry();
      const own = new Histogram({
        name: NAME,
        help: "any",
        labelNames: ["surface"],
        buckets: [...SECONDS],
        registers: [registry],
      });
      for (const { surface, durationMs } of records) {
        tallies.add({ surface, durationMs, outcome: "answered", attempts: [] } as unknown as UsageRecord);
        own.observe({ surface }, durationMs / 1_000);
      }
      const text = await expositionText([await exposition.snapshot(idle as never)]);
      exposition.end();
      expect(linesOf(text)).toEqual(linesOf(await registry.metrics()));
    }),
    { numRuns: 30 },
  );
});
