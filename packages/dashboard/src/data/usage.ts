/** Ranges of the usage page. Sums come from the server; both edges are on its grain, so that all figures of a range agree. */

const MINUTE_MS = 60_000;
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const RANGES = {
  "1h": { lengthMs: HOUR_MS, step: "minute", grainMs: MINUTE_MS },
  "24h": { lengthMs: DAY_MS, step: "hour", grainMs: QUARTER_MS },
  "7d": { lengthMs: 7 * DAY_MS, step: "hour", grainMs: QUARTER_MS },
  "30d": { lengthMs: 30 * DAY_MS, step: "day", grainMs: QUARTER_MS },
} as const;
export type RangeName = keyof typeof RANGES;

export interface Range {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly step: string;
}

/** The range that ends now, at the next edge of its grain; `back` ranges earlier. */
export function rangeAt(name: RangeName, nowMs: number, back = 0): Range {
  const { lengthMs, step, grainMs } = RANGES[name];
  const untilMs = Math.ceil(nowMs / grainMs) * grainMs - back * lengthMs;
  return { sinceMs: untilMs - lengthMs, untilMs, step };
}

/** RFC 4180; a spreadsheet takes no cell for a formula. */
export function csvOf(rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null): string => {
    const text = value === null ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
