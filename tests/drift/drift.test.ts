/** A slice of `make drift`: the tests run three histories, of about a second each. */
import { expect, it } from "vitest";
import { runHistory } from "./history.ts";

it.each([1, 2, 3])(
  "a provider's history %i is followed without a wrong edit",
  async (seed) => {
    const { changes, missed, wrong, leaks } = await runHistory(seed);
    expect(changes.length).toBeGreaterThan(0);
    expect({ missed, wrong, leaks }).toEqual({ missed: [], wrong: [], leaks: [] });
  },
  20_000,
);
