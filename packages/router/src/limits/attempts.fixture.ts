/** Attempts for tests of limits: one call after another, each answered or refused as the test wants. */
import type { Failure } from "@headgate/contract";
import type { Candidate } from "../candidate.ts";
import type { RequestFacts } from "../facts.ts";
import { begin, type Result, settle } from "../settle.ts";
import type { Meter } from "./meter.ts";
import { needFor, type Reservation } from "./reserve.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A full minute and second. */
export const NOON = Date.UTC(2026, 10, 21, 12);
export const UNLIMITED = Number.POSITIVE_INFINITY;
export const FACTS: RequestFacts = { model: "a", operation: "chat", needs: 0, promptTokens: 100 };
export const REFUSED: Failure = { class: "rate_limit", scope: "model", message: "Too Many Requests" };
/** Refused in words that name a limit on calls at once. */
export const AT_ONCE: Result = { failure: REFUSED, readings: [{ unit: "concurrency", from: "message" }] };

export const start = (candidate: Candidate, nowMs: number): Reservation =>
  begin(candidate, needFor(candidate, FACTS), nowMs);

export const end = (reservation: Reservation, result: Result, nowMs: number): void =>
  void settle(reservation, FACTS, result, nowMs);

export const call = (candidate: Candidate, nowMs: number, result: Result = {}): void =>
  end(start(candidate, nowMs), result, nowMs);

export const refuse = (candidate: Candidate, nowMs: number, more: Partial<Failure> = {}): void =>
  call(candidate, nowMs, { failure: { ...REFUSED, ...more } });

/** So many calls that are answered, a millisecond apart. */
export function answer(candidate: Candidate, count: number, nowMs: number): void {
  for (let at = 0; at < count; at += 1) call(candidate, nowMs + at);
}

export function meterOf(candidate: Candidate, id: string): Meter {
  const meter = candidate.meters().find(({ spec }) => spec.id === id);
  if (meter === undefined)
    throw new Error(`${id} is not among ${candidate.meters().map(({ spec }) => spec.id)}`);
  return meter;
}

/** The amount of a limit; undefined where there is no such limit. */
export const amountOf = (candidate: Candidate, id: string): number | undefined =>
  candidate.meters().find(({ spec }) => spec.id === id)?.amount;
