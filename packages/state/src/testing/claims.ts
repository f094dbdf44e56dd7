/** Claims for tests. */
import {
  type Claim,
  type MeterClaim,
  type MeterSettlement,
  type MeterShape,
  present,
} from "@headgate/contract";

export const MINUTE: MeterShape = { kind: "sliding", windowMs: 60_000, slices: 12 };
export const BUCKET: MeterShape = { kind: "bucket", windowMs: 60_000 };
export const FLIGHT: MeterShape = { kind: "concurrency" };
export const DAY: MeterShape = { kind: "calendar" };

export const meter = (
  id: string,
  shape: MeterShape,
  amount: number,
  need = 1,
  endsAtMs?: number,
): MeterClaim => present({ id, shape, amount, need, endsAtMs });

export const claim = (meters: readonly MeterClaim[], cooldowns: readonly string[] = []): Claim => ({
  meters,
  cooldowns,
});

export const settled = (
  { id, shape, need: reserved, endsAtMs }: MeterClaim,
  used: number,
  takenAtMs: number,
): MeterSettlement => present({ id, shape, reserved, used, takenAtMs, endsAtMs });
