/**
 * How much of a limit is used: one counter per shape (`MeterShape` says what each means). Pure: the clock is passed in,
 * in ms since the epoch, and may only go forward; a clock that was set is told by `shift`.
 */
import type { MeterShape } from "@headgate/contract";

export interface Counter {
  used(nowMs: number): number;
  add(amount: number, nowMs: number): void;
  /** Corrects what was taken at `takenAtMs` by `delta`; nothing when that has left the window already. */
  adjust(delta: number, takenAtMs: number, nowMs: number): void;
  /** Makes `used` what somebody who knows says. */
  setUsed(total: number, nowMs: number): void;
  /** When at most `target` will be used if nothing is added; now when that is so already. */
  fallsToAtMs(target: number, nowMs: number): number;
  /** The wall clock was set by `deltaMs`; no time has passed. */
  shift(deltaMs: number): void;
  /** As plain numbers, for a store. */
  dump(nowMs: number): readonly number[];
  restore(numbers: readonly number[], nowMs: number): void;
}

export function counterOf(shape: MeterShape, endsAtMs: (nowMs: number) => number): Counter {
  switch (shape.kind) {
    case "concurrency":
      return new InFlightCounter();
    case "sliding":
      return new SlidingCounter(shape.windowMs, shape.slices);
    case "bucket":
      throw new Error("a bucket's counter needs its amount: use BucketCounter");
    case "calendar":
      return new CalendarCounter(endsAtMs);
  }
}

class InFlightCounter implements Counter {
  #used = 0;
  used(): number {
    return this.#used;
  }
  add(amount: number): void {
    this.#used += amount;
  }
  adjust(delta: number): void {
    this.#used = Math.max(0, this.#used + delta);
  }
  /** Others' calls in flight cannot be seen end, so what upstream says is not kept. */
  setUsed(): void {}
  fallsToAtMs(target: number, nowMs: number): number {
    return this.#used <= target ? nowMs : Number.POSITIVE_INFINITY;
  }
  shift(): void {}
  dump(): readonly number[] {
    return [];
  }
  /** What was in flight in another life is not in flight in this one. */
  restore(): void {}
}

export class SlidingCounter implements Counter {
  readonly #sliceMs: number;
  readonly #slices: number;
  /** Made at the first use: most meters of a large catalogue are never used. */
  #ring: Float64Array | undefined;
  #sum = 0;
  /** The newest slice that `#ring` covers. */
  #newest = 0;

  constructor(windowMs: number, slices: number) {
    this.#sliceMs = windowMs / slices;
    this.#slices = slices;
  }

  used(nowMs: number): number {
    if (this.#sum === 0) return 0;
    this.#advance(Math.floor(nowMs / this.#sliceMs));
    return this.#sum;
  }

  add(amount: number, nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    const ring = this.#advance(slice);
    this.#put(ring, Math.max(slice, this.#newest), amount);
  }

  adjust(delta: number, takenAtMs: number, nowMs: number): void {
    if (this.#ring === undefined) return;
    this.#advance(Math.floor(nowMs / this.#sliceMs));
    const slice = Math.min(this.#newest, Math.floor(takenAtMs / this.#sliceMs));
    if (slice >= this.#newest - this.#slices) this.#put(this.#ring, slice, delta);
  }

  setUsed(total: number, nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    const ring = this.#advance(slice);
    let excess = this.#sum - total;
    if (excess <= 0) {
      this.#put(ring, Math.max(slice, this.#newest), -excess);
      return;
    }
    // What is gone upstream is what was taken first.
    for (let at = this.#newest - this.#slices; at <= this.#newest && excess > 0; at += 1) {
      const held = ring[at % ring.length] ?? 0;
      const gone = Math.min(held, excess);
      this.#put(ring, at, -gone);
      excess -= gone;
    }
  }

  fallsToAtMs(target: number, nowMs: number): number {
    if (this.used(nowMs) <= target) return nowMs;
    const ring = this.#ring;
    if (ring === undefined || target < 0) return Number.POSITIVE_INFINITY;
    let left = this.#sum;
    for (let at = this.#newest - this.#slices; at <= this.#newest; at += 1) {
      left -= ring[at % ring.length] ?? 0;
      if (left <= target + EPSILON) return (at + this.#slices + 1) * this.#sliceMs;
    }
    return (this.#newest + this.#slices + 1) * this.#sliceMs;
  }

  shift(deltaMs: number): void {
    const ring = this.#ring;
    if (ring === undefined) return;
    const by = Math.round(deltaMs / this.#sliceMs);
    if (by === 0) return;
    const turned = new Float64Array(ring.length);
    for (let at = this.#newest - this.#slices; at <= this.#newest; at += 1)
      turned[modulo(at + by, ring.length)] = ring[modulo(at, ring.length)] ?? 0;
    this.#ring = turned;
    this.#newest += by;
  }

  /** Newest slice, then pairs of slice and amount. */
  dump(nowMs: number): readonly number[] {
    const ring = this.#ring;
    if (ring === undefined || this.used(nowMs) === 0) return [];
    const numbers = [this.#sliceMs];
    for (let at = this.#newest - this.#slices; at <= this.#newest; at += 1) {
      const held = ring[at % ring.length] ?? 0;
      if (held !== 0) numbers.push(at, held);
    }
    return numbers;
  }

  restore(numbers: readonly number[], nowMs: number): void {
    const [sliceMs] = numbers;
    if (sliceMs === undefined) return;
    const newest = Math.floor(nowMs / this.#sliceMs);
    const ring = this.#advance(newest);
    for (let index = 1; index + 1 < numbers.length; index += 2) {
      // Counted by other slices once, perhaps, and never in the future: that would hold it longer than a window.
      const slice = Math.min(newest, Math.floor(((numbers[index] ?? 0) * sliceMs) / this.#sliceMs));
      if (slice >= newest - this.#slices) this.#put(ring, slice, numbers[index + 1] ?? 0);
    }
  }

  #put(ring: Float64Array, slice: number, amount: number): void {
    const index = slice % ring.length;
    const before = ring[index] ?? 0;
    const after = Math.max(0, before + amount);
    ring[index] = after;
    this.#sum = Math.max(0, this.#sum + after - before);
  }

  #advance(slice: number): Float64Array {
    let ring = this.#ring;
    if (ring === undefined) {
      ring = new Float64Array(this.#slices + 1);
      this.#ring = ring;
      this.#newest = slice;
      return ring;
    }
    if (slice <= this.#newest) return ring;
    if (slice - this.#newest > this.#slices) {
      ring.fill(0);
      this.#sum = 0;
    } else {
      for (let at = this.#newest + 1; at <= slice; at += 1) {
        const index = at % ring.length;
        this.#sum -= ring[index] ?? 0;
        ring[index] = 0;
      }
      if (this.#sum < EPSILON) this.#sum = 0;
    }
    this.#newest = slice;
    return ring;
  }
}

/** Sums of floats do not come back to a whole zero by themselves. */
const EPSILON = 1e-9;

const modulo = (value: number, by: number): number => ((value % by) + by) % by;

export class BucketCounter implements Counter {
  readonly #windowMs: number;
  readonly #amount: () => number;
  #used = 0;
  #atMs = 0;

  /** @param amount what comes back per window; read anew each time, for it may be learned otherwise */
  constructor(windowMs: number, amount: () => number) {
    this.#windowMs = windowMs;
    this.#amount = amount;
  }

  used(nowMs: number): number {
    if (this.#used > 0 && nowMs > this.#atMs) {
      this.#used = Math.max(0, this.#used - (this.#amount() * (nowMs - this.#atMs)) / this.#windowMs);
      this.#atMs = nowMs;
    }
    return this.#used;
  }
  add(amount: number, nowMs: number): void {
    this.used(nowMs);
    if (this.#used === 0) this.#atMs = Math.max(this.#atMs, nowMs);
    this.#used += amount;
  }
  adjust(delta: number, takenAtMs: number, nowMs: number): void {
    if (nowMs - takenAtMs > this.#windowMs) return;
    if (delta >= 0) this.add(delta, nowMs);
    else this.#used = Math.max(0, this.used(nowMs) + delta);
  }
  setUsed(total: number, nowMs: number): void {
    this.#used = total;
    this.#atMs = nowMs;
  }
  fallsToAtMs(target: number, nowMs: number): number {
    const used = this.used(nowMs);
    if (used <= target) return nowMs;
    if (target < 0) return Number.POSITIVE_INFINITY;
    return nowMs + Math.ceil(((used - target) * this.#windowMs) / this.#amount());
  }
  shift(deltaMs: number): void {
    this.#atMs += deltaMs;
  }
  dump(nowMs: number): readonly number[] {
    return this.used(nowMs) === 0 ? [] : [this.#used, this.#atMs];
  }
  restore([used, atMs]: readonly number[], nowMs: number): void {
    if (used === undefined || atMs === undefined) return;
    this.#used = Math.max(0, used);
    this.#atMs = Math.min(atMs, nowMs);
  }
}

class CalendarCounter implements Counter {
  readonly #nextEndMs: (nowMs: number) => number;
  #used = 0;
  #endsAtMs = 0;
  /** Since when the present period is known: what was taken later belongs to it. */
  #sinceMs = 0;

  constructor(nextEndMs: (nowMs: number) => number) {
    this.#nextEndMs = nextEndMs;
  }

  used(nowMs: number): number {
    if (nowMs >= this.#endsAtMs) {
      this.#used = 0;
      this.#endsAtMs = this.#nextEndMs(nowMs);
      this.#sinceMs = nowMs;
    }
    return this.#used;
  }
  add(amount: number, nowMs: number): void {
    this.#used = this.used(nowMs) + amount;
  }
  adjust(delta: number, takenAtMs: number, nowMs: number): void {
    const used = this.used(nowMs);
    const same = takenAtMs >= this.#sinceMs || this.#nextEndMs(takenAtMs) === this.#endsAtMs;
    if (same) this.#used = Math.max(0, used + delta);
  }
  setUsed(total: number, nowMs: number): void {
    this.used(nowMs);
    this.#used = total;
  }
  fallsToAtMs(target: number, nowMs: number): number {
    if (this.used(nowMs) <= target) return nowMs;
    return target < 0 ? Number.POSITIVE_INFINITY : this.#endsAtMs;
  }
  /** The calendar goes by the wall clock itself: the period is found anew, what was used in it stays. */
  shift(): void {
    this.#endsAtMs = this.#used === 0 ? 0 : this.#endsAtMs;
    this.#sinceMs = Number.POSITIVE_INFINITY;
  }
  dump(nowMs: number): readonly number[] {
    return this.used(nowMs) === 0 ? [] : [this.#used, this.#endsAtMs];
  }
  restore([used, endsAtMs]: readonly number[], nowMs: number): void {
    if (used === undefined || endsAtMs === undefined || nowMs >= endsAtMs) return;
    this.#used = Math.max(0, used);
    this.#sinceMs = nowMs;
    this.#endsAtMs = Math.min(endsAtMs, this.#nextEndMs(nowMs));
  }
}
