/** A slice of `make matrix`: one conversation per provider and surface, and one per ordered pair of families. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Bench, startBench } from "./bench.ts";
import { OPEN } from "./open.ts";
import { CELLS, FAMILIES, type Tally, tally } from "./pairs.ts";
import { TARGETS } from "./targets.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

/** A failure names the surface, the kind and the seed; `tests/conversations/main.ts` runs it alone. */
async function problemsOf(
  count: 1 | 2,
): Promise<{ readonly tried: number; readonly problems: readonly object[] }> {
  const tallies: Tally[] = [];
  for (const { cell, targets, surface } of CELLS) {
    if (targets.length !== count) continue;
    tallies.push(
      await tally(bench, targets, { cell, wanted: 1, ...(surface === undefined ? {} : { surface }) }),
    );
  }
  const problems = tallies.flatMap(({ targets, problems: found }) =>
    found
      .filter(({ problem }) => !OPEN.some((open) => open.problem.test(problem)))
      .map(({ problem, first }) => ({ targets: targets.join(" → "), problem, first })),
  );
  return { tried: tallies.reduce((sum, { tried }) => sum + tried, 0), problems };
}

it(`${TARGETS.length * 5} conversations, each provider behind each surface, are accepted and come back whole, but for OPEN`, async () => {
  const { tried, problems } = await problemsOf(1);
  expect(problems).toEqual([]);
  expect(tried).toBe(TARGETS.length * 5);
}, 60_000);

it(`${FAMILIES.length ** 2} conversations go on at another provider, for every ordered pair, but for OPEN`, async () => {
  const { tried, problems } = await problemsOf(2);
  expect(problems).toEqual([]);
  expect(tried).toBe(FAMILIES.length ** 2);
}, 60_000);
