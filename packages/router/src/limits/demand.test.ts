import { expect, it } from "vitest";
import { Demand } from "./demand.ts";

const MINUTE_MS = 60_000;

/** So many units at each of `times` moments, a second apart. */
const demanded = (units: number, times: number): { readonly demand: Demand; readonly nowMs: number } => {
  const demand = new Demand();
  for (let at = 1; at <= times; at += 1) demand.add(units, at * 1_000);
  return { demand, nowMs: times * 1_000 };
};

it("expects what came lately and a margin, from the first minutes on", () => {
  for (const times of [120, 3_600]) {
    const { demand, nowMs } = demanded(1, times);
    expect(demand.within(MINUTE_MS, nowMs)).toBeGreaterThan(60);
    expect(demand.within(MINUTE_MS, nowMs)).toBeLessThan(60 + 3 * Math.sqrt(60));
  }
});

it("keeps a wider margin where single requests are large", () => {
  const [small, large] = [demanded(1, 1_200), demanded(100, 1_200)];
  const margin = ({ demand, nowMs }: typeof small, units: number): number =>
    demand.within(MINUTE_MS, nowMs) / units - 60;
  expect(margin(large, 100)).toBeCloseTo(margin(small, 1), 6);
});

it("expects nothing once nothing came for long, and nothing where nothing ever came", () => {
  const { demand, nowMs } = demanded(1, 600);
  expect(demand.within(MINUTE_MS, nowMs + 3 * 3_600_000)).toBeLessThan(0.01);
  expect(new Demand().within(MINUTE_MS, 5)).toBe(0);
});

it("expects nothing of a time that is over", () => {
  const { demand, nowMs } = demanded(1, 600);
  expect(demand.within(-1, nowMs)).toBe(0);
});
