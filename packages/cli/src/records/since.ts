/** A period of `--since`: `30m`, `24h`, `7d`, or a date. */
import { EXIT, Failure } from "../cli.ts";

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** @returns ms since the epoch @throws {Failure} wrong usage */
export function sinceMsOf(text: string, nowMs: number): number {
  const [, amount, unit] = /^([0-9]{1,5})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined)
    return nowMs - Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const date = Date.parse(text);
  if (Number.isFinite(date)) return date;
  throw new Failure(
    `--since takes 30m, 24h, 7d or a date such as 2026-11-21, not ${JSON.stringify(text)}`,
    EXIT.usage,
  );
}
