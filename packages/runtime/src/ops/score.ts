/** A candidate's score as the admin and health routes show it. */
import type { Strategy } from "@headgate/contract";
import { type Candidate, isScored, type Score, scoreOf } from "@headgate/router";

export const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Null where the route's strategy does not score. */
export function scored(
  candidate: Candidate,
  strategy: Strategy | undefined,
  nowMs: number,
): Record<keyof Score, number> | null {
  if (!isScored(strategy)) return null;
  const { total, reliability, speed, headroom, intelligence, thrift } = scoreOf(candidate, strategy, nowMs);
  return {
    total: rounded(total),
    reliability: rounded(reliability),
    speed: rounded(speed),
    headroom: rounded(headroom),
    intelligence: rounded(intelligence),
    thrift: rounded(thrift),
  };
}
