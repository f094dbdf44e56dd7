import { type Failure, type LimitReading, present, type Usage } from "@headgate/contract";
import type { Candidate } from "./candidate.ts";
import { applyFailure, applySuccess, type Cooldown, halfOpen } from "./cooldown.ts";
import type { RequestFacts } from "./facts.ts";
import { learnRefusal, learnSuccess } from "./limits/infer.ts";
import { learnReadings, type ReadFrom } from "./limits/learn.ts";
import type { Meter } from "./limits/meter.ts";
import { type Need, type Reservation, type SharedCounts, settleMeters, take } from "./limits/reserve.ts";
import { type Answered, learnAnswer, learnFailure, MIN_CALIBRATING_TOKENS } from "./model-stats.ts";
import type { Random } from "./plan.ts";

/** How an attempt ended. */
export interface Result {
  readonly failure?: Failure;
  readonly usage?: Usage;
  /** The client went away, or another attempt was quicker: it shows nothing about the upstream. */
  readonly cancelled?: boolean;
  /** Nothing was sent after all. */
  readonly unused?: boolean;
  /** Limits that the upstream's headers and error text state. */
  readonly readings?: readonly LimitReading[];
  readonly firstTokenMs?: number;
  /** The answer was a stream. */
  readonly streamed?: true;
  readonly durationMs?: number;
}

/** Begins an attempt: takes what it will need; where a cooldown is half open, this attempt is its probe. */
export function begin(candidate: Candidate, need: Need, nowMs: number, counts?: SharedCounts): Reservation {
  for (const cooldown of candidate.cooldowns) if (halfOpen(cooldown, nowMs)) cooldown.probeAtMs = nowMs;
  return take(candidate, need, nowMs, counts);
}

/**
 * Writes what an attempt showed into memory. Called exactly once per attempt; a second call does nothing.
 * @returns the meters that the upstream's own figures corrected
 */
export function settle(
  reservation: Reservation,
  facts: RequestFacts,
  result: Result,
  nowMs: number,
  random?: Random,
): readonly Meter[] {
  if (reservation.settled) return [];
  const { candidate } = reservation;
  const { failure, cancelled, readings = [] } = result;
  settleMeters(reservation, result, nowMs);
  if (readings.length > 0 && candidate.provider.keyVars.length > 1)
    candidate.memory.sharedAccounts.read(
      {
        provider: candidate.provider.id,
        account: candidate.limitsAccount,
        model: candidate.deployment.upstream,
        refused: failure !== undefined,
      },
      readings,
    );
  const corrected = learnReadings(reservation, readings, nowMs, readFrom(result));
  if (cancelled === true || result.unused === true) {
    for (const cooldown of candidate.cooldowns) cooldown.probeAtMs = 0;
    return corrected;
  }
  if (failure === undefined) {
    for (const cooldown of candidate.cooldowns) applySuccess(cooldown);
    learnSuccess(reservation, nowMs);
    learnAnswer(candidate.stats, answeredOf(facts, result), nowMs);
    candidate.memory.statsChanged(candidate.statsId);
    return corrected;
  }
  if (failure.scope !== "request") {
    learnFailure(candidate.stats, nowMs);
    candidate.memory.statsChanged(candidate.statsId);
  }
  const atOnce = readings.some(({ unit, limit }) => unit === "concurrency" && limit === undefined);
  const opensAtMs = learnRefusal(reservation, { failure, stated: corrected.length > 0, atOnce }, nowMs);
  const cooldown = cooldownOf(candidate, failure);
  for (const other of candidate.cooldowns) if (other !== cooldown) other.probeAtMs = 0;
  if (cooldown === undefined) return corrected;
  if (applyFailure(cooldown, failure, nowMs, present({ opensAtMs, random: random?.() })))
    candidate.memory.cooldownChanged(cooldown);
  return corrected;
}

function readFrom({ failure, usage, firstTokenMs, durationMs }: Result): ReadFrom {
  const timed = firstTokenMs !== undefined && durationMs !== undefined;
  return present({ failure, usage, agoMs: timed ? Math.max(0, durationMs - firstTokenMs) : undefined });
}

/** A prompt is measured only where its size can teach something. */
function answeredOf(facts: RequestFacts, { usage, firstTokenMs, streamed, durationMs }: Result): Answered {
  const measures = (usage?.inputTokens ?? 0) >= MIN_CALIBRATING_TOKENS && (facts.media ?? 0) === 0;
  return {
    promptChars: measures ? (facts.promptChars ?? 0) : 0,
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
    firstTokenMs,
    streamed,
    durationMs,
  };
}

function cooldownOf(candidate: Candidate, { scope }: Failure): Cooldown | undefined {
  switch (scope) {
    case "model":
      return candidate.modelCooldown;
    case "key":
      return candidate.keyCooldown;
    case "provider":
      return candidate.providerCooldown;
    case "request":
      return undefined;
  }
}
