const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `30s`, `1.5 m` (the form the schema demands) → milliseconds, rounded. */
export function durationOf(text: string): number {
  const match = /^([0-9.]+) ?([a-z]+)$/.exec(text);
  return Math.round(Number(match?.[1] ?? Number.NaN) * (UNITS[match?.[2] ?? ""] ?? Number.NaN));
}
