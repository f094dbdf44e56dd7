import type { QuotaMeter, QuotaSource } from "./quota.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export const quotaMeter = (part: Partial<QuotaMeter> = {}): QuotaMeter => ({
  id: "a|requests/day",
  unit: "requests",
  amount: 100,
  left: 100,
  returns: "period",
  returning: [],
  resetsAtMs: DAY_MS,
  windowMs: DAY_MS,
  ...part,
});

export const quotaSource = (...meters: QuotaMeter[]): QuotaSource => ({ provider: "a", meters, paces: [] });
