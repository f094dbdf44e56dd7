/** Claims for tests. */
import type { Claim, MeterClaim, MeterSettlement, MeterShape } from "@headgate/contract";

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
): MeterClaim => ({
  id,
  shape,
  amount,
  need,
  ...(endsAtMs === undefined ? {} : { endsAtMs }),
});

export const claim = (meters: readonly MeterClaim[], cooldowns: readonly string[] = []): Claim => ({
  meters,
  cooldowns,
});

export const settled = (
  { id, shape, need: reserved, endsAtMs }: MeterClaim,
  used: number,
  takenAtMs: number,
): MeterSettlement => ({
  id,
  shape,
  reserved,
  used,
  takenAtMs,
  ...(endsAtMs === undefined ? {} : { endsAtMs }),
});
