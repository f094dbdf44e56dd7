/** Where minutes, hours and days begin by the clock of a time zone, over changes of that clock too. */

export type Step = "minute" | "quarter" | "hour" | "day";

export interface SeriesQuery {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly step: Step;
  /** An IANA name. */
  readonly zone: string;
}

const MINUTE_MS = 60_000;
/** The offset of every zone from UTC is a multiple of it, and so is every change. */
const QUARTER_MS = 900_000;
const STEPS: ReadonlySet<string> = new Set<Step>(["minute", "quarter", "hour", "day"]);

export const isStep = (text: string): text is Step => STEPS.has(text);

export function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** @returns the edges of all periods, ms since the epoch: the range's ends, rounded outwards, and each begin between them */
export function periodEdges({ sinceMs, untilMs, step, zone }: SeriesQuery): number[] {
  const grainMs = step === "minute" ? MINUTE_MS : QUARTER_MS;
  const firstMs = Math.floor(sinceMs / grainMs) * grainMs;
  const lastMs = Math.ceil(untilMs / grainMs) * grainMs;
  const edges = [firstMs];
  if (step === "minute" || step === "quarter") {
    for (let atMs = firstMs + grainMs; atMs < lastMs; atMs += grainMs) edges.push(atMs);
  } else {
    const nameOf = periodNames(step, zone);
    let before = nameOf(firstMs);
    for (let atMs = firstMs + grainMs; atMs < lastMs; atMs += grainMs) {
      const name = nameOf(atMs);
      if (name !== before) edges.push(atMs);
      before = name;
    }
  }
  return [...edges, lastMs];
}

/** Names the day, or the hour with its offset: an hour that the clock repeats is two. */
function periodNames(step: "hour" | "day", timeZone: string): (atMs: number) => string {
  const date = { year: "numeric", month: "numeric", day: "numeric" } as const;
  const format = new Intl.DateTimeFormat("en", {
    timeZone,
    ...date,
    ...(step === "hour" ? ({ hour: "numeric", hourCycle: "h23", timeZoneName: "longOffset" } as const) : {}),
  });
  return (atMs) => format.format(atMs);
}
