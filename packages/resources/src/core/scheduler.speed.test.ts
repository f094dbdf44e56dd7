import { expect, test } from "vitest";
import { fakeNeed } from "../testing/fakes.ts";
import { lab } from "../testing/lab.ts";

test("a waiter that leaves leaves at once, however many wait, and a step stays cheap", () => {
  const { ask, send, scheduler, clock } = lab([12], { maxQueue: 5_000, maxQueuePerModel: 5_000 });
  const ids = Array.from({ length: 5_000 }, (_, index) => ask(fakeNeed(`m${index % 40}`, 8)));
  const startedMs = performance.now();
  for (const waiter of ids) send({ type: "abort", waiter });
  // A scan of the queues for each would take minutes.
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(scheduler.snapshot(clock.ms).queues).toEqual([]);
});
