/**
 * How a limit over time is counted: the one implementation. The router counts with it in memory, and so do the shared
 * limits of one machine; `packages/state/src/redis/lua.ts` is the same in Lua, and a property test there compares every
 * number, so the order of every sum and product is part of the rule.
 *
 * A counter is a plain object that these functions change. They do no I/O, and the clock is passed in: ms since the epoch.
 * `advanceCounter` brings a counter to a moment; the other functions count at the moment that it was brought to.
 */
import type { MeterShape } from "../state.ts";
import {
  addToPart,
  dropOldParts,
  givesBackAtMs,
  partsOf,
  ROUNDING,
  removeOldest,
  type SlidingCounter,
  setParts,
  sumOf,
} from "./sliding.ts";

export interface BucketCounter {
  readonly kind: "bucket";
  windowMs: number;
  atMs: number;
  used: number;
  /** What came back per window at `atMs`. */
  amount: number;
}

export interface CalendarCounter {
  readonly kind: "calendar";
  atMs: number;
  used: number;
  /** When the count of this period began. */
  sinceMs: number;
  /** When this period ends; 0 while that is not known. */
  endsAtMs: number;
}

export type Counter = SlidingCounter | BucketCounter | CalendarCounter;

/** What is taken until it is given back has no window; every other shape is counted over time. */
export type CountedShape = Exclude<MeterShape, { kind: "concurrency" }>;

/** What is known of a limit besides its counter. */
export interface LimitFacts {
  /** What fits into the window; what a bucket gets back in one. */
  readonly amount: number;
  /** When the calendar period that holds `nowMs` ends. Called only where a new period begins. */
  endsAtMs(nowMs: number): number;
}

export function newCounter(shape: CountedShape, nowMs: number): Counter {
  switch (shape.kind) {
    case "sliding": {
      const { windowMs, slices } = shape;
      return {
        kind: "sliding",
        windowMs,
        partMs: windowMs / slices,
        atMs: nowMs,
        used: 0,
        parts: [],
        first: 0,
      };
    }
    case "bucket":
      return { kind: "bucket", windowMs: shape.windowMs, atMs: nowMs, used: 0, amount: 0 };
    case "calendar":
      return { kind: "calendar", atMs: nowMs, used: 0, sinceMs: nowMs, endsAtMs: 0 };
  }
}

export const copyCounter = (counter: Counter): Counter =>
  counter.kind === "sliding" ? { ...counter, parts: partsOf(counter), first: 0 } : { ...counter };

/** Brings the counter to `nowMs`: what has come back until then no longer counts as used. An earlier `nowMs` changes nothing. */
export function advanceCounter(counter: Counter, facts: LimitFacts, nowMs: number): void {
  switch (counter.kind) {
    case "sliding":
      if (nowMs <= counter.atMs) return;
      counter.atMs = nowMs;
      dropOldParts(counter);
      return;
    case "bucket":
      counter.amount = facts.amount;
      if (nowMs <= counter.atMs) return;
      counter.used = Math.max(0, counter.used - ((nowMs - counter.atMs) * facts.amount) / counter.windowMs);
      counter.atMs = nowMs;
      return;
    case "calendar":
      if (nowMs > counter.atMs) counter.atMs = nowMs;
      if (counter.atMs >= counter.endsAtMs) beginPeriod(counter, facts.endsAtMs(counter.atMs));
  }
}

function beginPeriod(counter: CalendarCounter, endsAtMs: number): void {
  counter.used = 0;
  counter.sinceMs = counter.atMs;
  counter.endsAtMs = endsAtMs > counter.atMs ? endsAtMs : 0;
}

/**
 * When `wanted` fits if nothing else is added: the counter's moment where it fits now, Infinity where it is more than the
 * whole amount.
 */
export function counterOpensAtMs(counter: Counter, amount: number, wanted: number): number {
  const over = counter.used + wanted - amount;
  if (over <= ROUNDING) return counter.atMs;
  if (wanted > amount) return Number.POSITIVE_INFINITY;
  switch (counter.kind) {
    case "sliding":
      return givesBackAtMs(counter, over);
    case "bucket":
      return counter.atMs + Math.ceil((over * counter.windowMs) / amount);
    case "calendar":
      return counter.endsAtMs;
  }
}

/** Takes `units` now. */
export function addToCounter(counter: Counter, units: number): void {
  if (counter.kind === "sliding") addToPart(counter, Math.floor(counter.atMs / counter.partMs), units);
  else counter.used += units;
}

/**
 * Adds `units` (or gives them back, where negative) to what was taken at `takenAtMs`. It changes nothing where that has
 * come back already.
 * @param endsAtMs when the calendar period ends that holds `takenAtMs`; other shapes do not read it
 */
export function chargeCounter(counter: Counter, units: number, takenAtMs: number, endsAtMs: number): void {
  switch (counter.kind) {
    case "sliding": {
      const part = Math.floor(Math.min(takenAtMs, counter.atMs) / counter.partMs);
      if ((part + 1) * counter.partMs + counter.windowMs > counter.atMs) addToPart(counter, part, units);
      return;
    }
    case "bucket":
      if (counter.atMs - takenAtMs <= counter.windowMs) counter.used = Math.max(0, counter.used + units);
      return;
    case "calendar":
      if (endsAtMs <= counter.atMs || (endsAtMs !== counter.endsAtMs && takenAtMs < counter.sinceMs)) return;
      counter.used = Math.max(0, counter.used + units);
  }
}

/** Makes `used` the provider's figure, which was true at `asOfMs`. */
export function correctCounter(counter: Counter, used: number, asOfMs: number): void {
  const figure = Math.max(0, used);
  switch (counter.kind) {
    case "sliding": {
      // Summed again, so that the rounding of many sums does not grow for ever.
      counter.used = sumOf(counter);
      const over = counter.used - figure;
      if (over > 0) removeOldest(counter, over);
      else addToPart(counter, Math.floor(counter.atMs / counter.partMs), -over);
      return;
    }
    case "bucket":
      counter.used = figure;
      counter.atMs = asOfMs;
      return;
    case "calendar":
      counter.used = figure;
  }
}

/** The wall clock was set by a known `deltaMs` while no time passed. */
export function shiftCounter(counter: Counter, deltaMs: number): void {
  counter.atMs += deltaMs;
  if (counter.kind === "sliding") {
    const by = Math.round(deltaMs / counter.partMs);
    for (let index = 0; index < counter.parts.length; index += 2)
      counter.parts[index] = (counter.parts[index] ?? 0) + by;
  } else if (counter.kind === "calendar") {
    // Nothing was given back meanwhile: what was used stays for the time that its period had left.
    counter.endsAtMs = counter.used === 0 ? 0 : counter.endsAtMs + deltaMs;
    counter.sinceMs += deltaMs;
  }
}

/**
 * The clock was set back to `nowMs` by an unknown time. What was counted after `nowMs` counts as taken at `nowMs`, so it
 * comes back one window later.
 */
export function setCounterBack(counter: Counter, nowMs: number): void {
  counter.atMs = nowMs;
  if (counter.kind === "sliding") setParts(counter, counter.partMs, partsOf(counter), nowMs);
  else if (counter.kind === "calendar") counter.sinceMs = Math.min(counter.sinceMs, nowMs);
}

/** The same counter for a shape of its kind with another window or other parts. */
export function reshapeCounter(counter: Counter, shape: CountedShape, nowMs: number): void {
  if (counter.kind === "calendar" || shape.kind === "calendar") return;
  counter.windowMs = shape.windowMs;
  if (counter.kind !== "sliding" || shape.kind !== "sliding") return;
  const before = counter.partMs;
  counter.partMs = shape.windowMs / shape.slices;
  if (counter.partMs !== before) setParts(counter, before, partsOf(counter), Math.max(counter.atMs, nowMs));
  else dropOldParts(counter);
}
