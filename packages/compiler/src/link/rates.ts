/** `rates` of a model, written out as limits. */
import { type FragmentModel, type Limit, present } from "@headgate/contract";
import type { Path } from "../load/tree.ts";

const WINDOWS = ["minute", "hour", "day", "month"] as const;

/** @returns the model with all of its limits, and where in it each of them is written */
export function withRates({ rates, ...model }: FragmentModel): {
  readonly written: Omit<FragmentModel, "rates">;
  readonly places: readonly Path[];
} {
  if (rates === undefined) return { written: model, places: [] };
  const { reset, day_reset: dayReset = reset, verified, note } = rates;
  const limits: Limit[] = [];
  const places: Path[] = [];
  for (const unit of ["requests", "tokens"] as const) {
    for (const window of WINDOWS) {
      const amount = rates[unit]?.[window];
      if (amount === undefined) continue;
      const own = window === "day" ? dayReset : reset;
      limits.push({ scope: "model", unit, window, amount, ...present({ reset: own, verified }) });
      places.push(["rates", unit, window]);
    }
  }
  const last = limits.pop();
  if (last !== undefined) limits.push({ ...last, ...present({ note }) });
  const more = model.limits ?? [];
  places.push(...more.map((_, index): Path => ["limits", index]));
  return { written: { ...model, limits: [...limits, ...more] }, places };
}
