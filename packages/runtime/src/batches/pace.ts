/** What a line may use, and when it is tried again. */
import type { Batch, BatchCounts } from "@headgate/contract";

/** How a line goes through the exchange. */
export interface LineRun {
  /** True: it waits for what interactive requests leave over, so long at most, and never counts as one of them. */
  readonly background: boolean;
  /** True: only models that cost nothing. */
  readonly freeOnly: boolean;
}

/** How long a line waits for quota before it gives its place to another one. */
export const PATIENCE_MS = 15_000;
const FIRST_MS = 1_000;
const SLOWEST_MS = 60_000;
/** A stated wait may be longer than what it is about: limits reset, keys are added. */
const LONGEST_WAIT_MS = 15 * 60_000;
/** An upstream's fault that lasts. */
const MAX_FAULTS = 8;

/**
 * With a bound on cost, models that cost are used until it is spent: at once where the batch would miss its time on free ones,
 * else as any background request uses them. Without one, a background request decides.
 */
export function lineRun({ plan, startedMs }: Batch, counts: BatchCounts | undefined, nowMs: number): LineRun {
  const { spendNanoUsd, byMs } = plan;
  if (spendNanoUsd === undefined) return { background: true, freeOnly: false };
  if (counts === undefined || counts.costNanoUsd >= spendNanoUsd) return { background: true, freeOnly: true };
  if (byMs === undefined) return { background: true, freeOnly: false };
  const late = !arrives(counts, startedMs ?? nowMs, nowMs, byMs);
  return { background: !late, freeOnly: !late };
}

/** Whether the rest is done in time at the pace so far; before anything is done, that is not known, and it is not. */
function arrives(counts: BatchCounts, startedMs: number, nowMs: number, byMs: number): boolean {
  const done = counts.succeeded + counts.failed;
  if (done === 0) return nowMs - startedMs < SLOWEST_MS && nowMs < byMs;
  return nowMs + (counts.open * (nowMs - startedMs)) / done <= byMs;
}

/** When a line is tried again; undefined: its failure is final. */
export function againAfterMs(
  status: number,
  retryAfterS: number | undefined,
  tries: number,
): number | undefined {
  const waits = status === 429 || status === 503;
  const faults = status === 408 || status === 409 || status >= 500;
  if (!waits && !(faults && tries < MAX_FAULTS)) return undefined;
  const slower = Math.min(SLOWEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 10));
  return Math.max(slower, Math.min(LONGEST_WAIT_MS, (retryAfterS ?? 0) * 1_000));
}
