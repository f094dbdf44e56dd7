import fc from "fast-check";
import { expect, it } from "vitest";
import { Pacer } from "./pacer.ts";

it("lets no more than the limit begin in any minute, in order and without needless waits", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 20 }),
      async (perMinute, gaps) => {
        let now = 0;
        const starts: number[] = [];
        const pacer = new Pacer(
          perMinute,
          () => now,
          async (ms) => {
            expect(ms).toBeGreaterThan(0);
            now += ms;
          },
        );
        for (const gap of gaps) {
          now += gap;
          const target = now;
          await pacer.turn();
          starts.push(now);
          // It waits only for the one that must fall out of the minute.
          const blocking = starts.at(-1 - perMinute);
          expect(now).toBe(Math.max(target, blocking === undefined ? 0 : blocking + 60_000));
        }
      },
    ),
  );
});

it("counts calls that come at once", async () => {
  const waits: number[] = [];
  const pacer = new Pacer(
    2,
    () => 0,
    async (ms) => void waits.push(ms),
  );
  await Promise.all(Array.from({ length: 5 }, () => pacer.turn()));
  expect(waits).toEqual([60_000, 60_000, 120_000]);
});
