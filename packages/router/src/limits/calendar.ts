/** When a calendar period ends in a time zone: quotas that reset at midnight there. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export type Period = "day" | "month";

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
}

/** How far the zone's clocks are ahead of UTC at this moment, in ms. */
function offsetMs(zone: string, atMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(atMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
}

/** By zone, the latest period found: each request asks for its end, and reading a zone's clock takes microseconds. */
const lastEnds: Readonly<Record<Period, Map<string, { readonly sinceMs: number; readonly endMs: number }>>> =
  {
    day: new Map(),
    month: new Map(),
  };

/**
 * The first moment after `nowMs` at which the zone's clocks begin a new day or month. A day is 23 or 25 hours long
 * where the clocks change; where midnight itself is skipped, the day begins at the first moment there is.
 * @param zone an IANA name, such as `America/Los_Angeles`
 */
export function periodEndMs(period: Period, zone: string, nowMs: number): number {
  const last = lastEnds[period].get(zone);
  if (last !== undefined && nowMs >= last.sinceMs && nowMs < last.endMs) return last.endMs;
  const endMs = computeEndMs(period, zone, nowMs);
  lastEnds[period].set(zone, { sinceMs: nowMs, endMs });
  return endMs;
}

function computeEndMs(period: Period, zone: string, nowMs: number): number {
  const local = new Date(nowMs + (zone === "UTC" ? 0 : offsetMs(zone, nowMs)));
  const year = local.getUTCFullYear();
  const month = local.getUTCMonth();
  const wall =
    period === "day" ? Date.UTC(year, month, local.getUTCDate() + 1) : Date.UTC(year, month + 1, 1);
  if (zone === "UTC") return wall;
  // The offset in force at the boundary is one of those around it; the earliest moment that shows the new date wins.
  const candidates = [wall - offsetMs(zone, wall - DAY_MS), wall - offsetMs(zone, wall + DAY_MS)];
  const fits = candidates.filter((at) => at > nowMs && at + offsetMs(zone, at) >= wall);
  return fits.length > 0 ? Math.min(...fits) : Math.max(...candidates, nowMs + 1);
}
