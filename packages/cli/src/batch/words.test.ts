import { expect, it } from "vitest";
import { type Forecast, forecastText, momentMs, progressText } from "./words.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 21, 12);
const forecast = (hours: number | null, usd: number | null = 2.4, known = true): Forecast => ({
  model: "m",
  free_models: 1,
  known,
  free_done_at: hours === null ? null : new Date(NOW_MS + hours * HOUR_MS).toISOString(),
  paid_model: "p",
  paid_usd: usd,
});
const said = (forecasts: readonly Forecast[], byHours?: number): string =>
  forecastText(10_000, forecasts, {
    nowMs: NOW_MS,
    byMs: byHours === undefined ? undefined : NOW_MS + byHours * HOUR_MS,
    by: byHours === undefined ? undefined : "08:00",
  });

it("the forecast names the arrival on free tiers, and the price of an earlier one where there is one", () => {
  expect(said([forecast(31)])).toBe("10,000 lines: about 31 h on free tiers");
  expect(said([forecast(31)], 20)).toBe(
    "10,000 lines: about 31 h on free tiers, up to 2.40 USD if you want it by 08:00",
  );
  expect(said([forecast(3)], 20)).toBe("10,000 lines: about 3 h on free tiers, in time for 08:00");
  expect(said([forecast(null)])).toBe(
    "10,000 lines: not within 30 days on free tiers, up to 2.40 USD on paid models",
  );
  expect(said([forecast(null, null)])).toBe("10,000 lines: not within 30 days on free tiers");
  expect(said([forecast(3, 1, false)])).toContain("are not known");
});

it("the forecast of several models is that of the latest, and their prices together", () => {
  expect(said([forecast(3, 1), forecast(40, 2)], 20)).toBe(
    "10,000 lines: about 40 h on free tiers, up to 3.00 USD if you want it by 08:00",
  );
});

it("progress tells what is done, what failed and how long the rest takes", () => {
  expect(progressText({ total: 0, completed: 0, failed: 0 }, 0, 1)).toBe(`${"░".repeat(30)} 0/0`);
  expect(progressText({ total: 100, completed: 40, failed: 10 }, 0, 2 * HOUR_MS)).toBe(
    `${"█".repeat(15)}${"░".repeat(15)} 50/100, 10 failed, about 2 h left`,
  );
  expect(progressText({ total: 2, completed: 2, failed: 0 }, 0, 9)).toBe(`${"█".repeat(30)} 2/2`);
});

it("a time is the next one of the day", () => {
  const now = new Date(2026, 10, 21, 12, 30).getTime();
  expect(momentMs("13:00", now)).toBe(new Date(2026, 10, 21, 13).getTime());
  expect(momentMs("08:00", now)).toBe(new Date(2026, 10, 22, 8).getTime());
  expect(momentMs("2026-11-23T08:00:00Z", now)).toBe(Date.UTC(2026, 10, 23, 8));
  for (const wrong of ["25:00", "soon", "2020-01-01"]) expect(momentMs(wrong, now)).toBeUndefined();
});
