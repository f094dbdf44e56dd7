const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A period such as `90d`, `12h` or `30m`, in ms; undefined for a text that is none. */
export function periodMs(text: string): number | undefined {
  const [, amount, unit] = /^([0-9]{1,5})([mhd])$/.exec(text.trim()) ?? [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * (UNIT_MS[unit] ?? 0);
}
