import fc from "fast-check";
import { expect, test } from "vitest";
import { type History, peaceful, troubled } from "../testing/history.ts";
import { World } from "../testing/world.ts";

/** `make simulate-vram` sets it to 100,000. */
const HISTORIES = Number(process.env.HEADGATE_VRAM_HISTORIES ?? 4_000);
const LONG = { timeout: 20_000 + HISTORIES * 30 };

function after(history: History): World {
  const world = new World(history.machine);
  world.run(history);
  world.settle();
  return world;
}

test(
  "whatever happens, memory is never overcommitted, every lease ends once, and no waiter waits for ever",
  LONG,
  () => {
    fc.assert(
      fc.property(troubled, (history) => void after(history)),
      { numRuns: Math.ceil(HISTORIES * 0.7) },
    );
  },
);

test("a head waits no longer than H, a quantum of each other model and the end of what runs", LONG, () => {
  fc.assert(
    fc.property(peaceful, (history) => {
      const { longestHead, ...world } = summary(after(history));
      expect(longestHead.ms).toBeLessThanOrEqual(world.boundMs);
    }),
    { numRuns: Math.ceil(HISTORIES * 0.3) },
  );
});

const summary = (world: World) => ({
  longestHead: world.longestHead,
  boundMs: world.headBoundMs(world.longestHead.key),
});
