/**
 * What upstreams really count: exact, each entry on its own, and without the router's code. A limit that is `rolling` frees
 * each unit one window after it was taken; one that states nothing counts in windows that begin on the full minute or hour,
 * as most real counters do, so that a gateway that assumes more room than there is meets a refusal.
 */
import type { Limit } from "@headgate/contract";

export const WINDOW_MS = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 30 * 86_400_000,
} as const;

export type Unit = Limit["unit"];

/** One thing taken, so that it can be corrected when the answer's length is known. */
export interface Taken {
  readonly atMs: number;
  amount: number;
}

/** How long ago room must have been there to count as overlooked: less than that may be on its way. */
export const OVERLOOKED_MS = 1_000;

export abstract class TrueLimit {
  readonly id: string;
  readonly unit: Unit;
  /** Absent: in flight. */
  readonly window: NonNullable<Limit["window"]> | undefined;
  /** Refused calls take from it all the same. */
  readonly countsFailed: boolean;
  amount: number;
  /** A fragment states it. */
  isDeclared = false;
  /** Units that it let through, and calls and units that it refused. */
  granted = 0;
  refusedCalls = 0;
  refusedUnits = 0;
  grantedCalls = 0;

  constructor(id: string, limit: Pick<Limit, "unit" | "window" | "amount" | "counts_failed">) {
    this.id = id;
    this.unit = limit.unit;
    this.window = limit.window;
    this.amount = limit.amount;
    this.countsFailed = limit.counts_failed === true;
  }

  abstract used(nowMs: number): number;
  /** What was used a second ago, later takings counted as well. */
  abstract usedOverlooked(nowMs: number): number;
  abstract take(amount: number, nowMs: number): Taken;
  abstract correct(taken: Taken, amount: number, nowMs: number): void;
  /** Until something comes back, and until all has; ms. */
  abstract resetMs(nowMs: number): number;
  /** Until `need` fits. */
  abstract waitMs(need: number, nowMs: number): number;
  /** The most that any client gets through between two moments, were its amount `amount`. */
  abstract mostBetween(fromMs: number, toMs: number, amount: number): number;

  fits(need: number, nowMs: number): boolean {
    return this.used(nowMs) + need <= this.amount + 1e-9;
  }
}

/** Each unit returns one window after it was taken. */
export class RollingLimit extends TrueLimit {
  readonly windowMs: number;
  #entries: Taken[] = [];
  #head = 0;
  #sum = 0;
  #lateHead = 0;
  #lateSum = 0;

  constructor(id: string, limit: ConstructorParameters<typeof TrueLimit>[1], windowMs: number) {
    super(id, limit);
    this.windowMs = windowMs;
  }

  used(nowMs: number): number {
    const entries = this.#entries;
    for (let first = entries[this.#head]; first !== undefined; first = entries[this.#head]) {
      if (first.atMs > nowMs - this.windowMs) break;
      this.#sum -= first.amount;
      this.#head += 1;
    }
    return this.#sum;
  }

  usedOverlooked(nowMs: number): number {
    const entries = this.#entries;
    for (let first = entries[this.#lateHead]; first !== undefined; first = entries[this.#lateHead]) {
      if (first.atMs > nowMs - OVERLOOKED_MS - this.windowMs) break;
      this.#lateSum -= first.amount;
      this.#lateHead += 1;
    }
    return this.#lateSum;
  }

  take(amount: number, nowMs: number): Taken {
    this.used(nowMs);
    this.usedOverlooked(nowMs);
    if (this.#lateHead > 4_096) {
      this.#entries = this.#entries.slice(this.#lateHead);
      this.#head -= this.#lateHead;
      this.#lateHead = 0;
    }
    const taken = { atMs: nowMs, amount };
    this.#entries.push(taken);
    this.#sum += amount;
    this.#lateSum += amount;
    return taken;
  }

  correct(taken: Taken, amount: number, nowMs: number): void {
    this.used(nowMs);
    this.usedOverlooked(nowMs);
    const delta = amount - taken.amount;
    if (taken.atMs > nowMs - this.windowMs) this.#sum += delta;
    if (taken.atMs > nowMs - OVERLOOKED_MS - this.windowMs) this.#lateSum += delta;
    taken.amount = amount;
  }

  resetMs(nowMs: number): number {
    this.used(nowMs);
    const first = this.#entries[this.#head];
    return first === undefined ? 0 : first.atMs + this.windowMs - nowMs;
  }

  waitMs(need: number, nowMs: number): number {
    let left = this.used(nowMs);
    for (let at = this.#head; at < this.#entries.length; at += 1) {
      const entry = this.#entries[at];
      if (entry === undefined || left + need <= this.amount) break;
      left -= entry.amount;
      if (left + need <= this.amount) return entry.atMs + this.windowMs - nowMs;
    }
    return left + need <= this.amount ? 0 : this.windowMs;
  }

  mostBetween(fromMs: number, toMs: number, amount: number): number {
    return amount * Math.ceil((toMs - fromMs) / this.windowMs);
  }
}

/** Everything returns at once when a period ends: on the full minute or hour, or at a zone's midnight. */
export class PeriodLimit extends TrueLimit {
  readonly #endOf: (nowMs: number) => number;
  #endsMs = 0;
  #beganMs = 0;
  #used = 0;

  constructor(
    id: string,
    limit: ConstructorParameters<typeof TrueLimit>[1],
    endOf: (nowMs: number) => number,
  ) {
    super(id, limit);
    this.#endOf = endOf;
  }

  used(nowMs: number): number {
    if (nowMs >= this.#endsMs) {
      this.#used = 0;
      this.#beganMs = this.#endsMs;
      this.#endsMs = this.#endOf(nowMs);
    }
    return this.#used;
  }
  usedOverlooked(nowMs: number): number {
    const used = this.used(nowMs);
    return nowMs - this.#beganMs < OVERLOOKED_MS ? this.amount : used;
  }
  take(amount: number, nowMs: number): Taken {
    this.#used = this.used(nowMs) + amount;
    return { atMs: nowMs, amount };
  }
  correct(taken: Taken, amount: number, nowMs: number): void {
    this.used(nowMs);
    if (taken.atMs >= this.#beganMs) this.#used += amount - taken.amount;
    taken.amount = amount;
  }
  resetMs(nowMs: number): number {
    this.used(nowMs);
    return this.#endsMs - nowMs;
  }
  waitMs(need: number, nowMs: number): number {
    return this.fits(need, nowMs) ? 0 : this.resetMs(nowMs);
  }
  mostBetween(fromMs: number, toMs: number, amount: number): number {
    let periods = 0;
    for (let atMs = fromMs; atMs < toMs; atMs = this.#endOf(atMs)) periods += 1;
    return amount * periods;
  }
}

/** Refills without a pause; never holds more than `amount`. */
export class BucketLimit extends TrueLimit {
  readonly windowMs: number;
  #used = 0;
  #atMs = 0;

  constructor(id: string, limit: ConstructorParameters<typeof TrueLimit>[1], windowMs: number) {
    super(id, limit);
    this.windowMs = windowMs;
  }

  used(nowMs: number): number {
    this.#used = Math.max(0, this.#used - (this.amount * (nowMs - this.#atMs)) / this.windowMs);
    this.#atMs = nowMs;
    return this.#used;
  }
  usedOverlooked(nowMs: number): number {
    return this.used(nowMs) + (this.amount * OVERLOOKED_MS) / this.windowMs;
  }
  take(amount: number, nowMs: number): Taken {
    this.#used = this.used(nowMs) + amount;
    return { atMs: nowMs, amount };
  }
  correct(taken: Taken, amount: number, nowMs: number): void {
    this.#used = Math.max(0, this.used(nowMs) + amount - taken.amount);
    taken.amount = amount;
  }
  resetMs(nowMs: number): number {
    return (this.used(nowMs) * this.windowMs) / this.amount;
  }
  waitMs(need: number, nowMs: number): number {
    return Math.max(0, ((this.used(nowMs) + need - this.amount) * this.windowMs) / this.amount);
  }
  mostBetween(fromMs: number, toMs: number, amount: number): number {
    return amount * (1 + (toMs - fromMs) / this.windowMs);
  }
}

/** So many at once. */
export class InFlightLimit extends TrueLimit {
  #used = 0;
  #freedMs = 0;
  used(): number {
    return this.#used;
  }
  usedOverlooked(nowMs: number): number {
    return nowMs - this.#freedMs < OVERLOOKED_MS ? Math.max(this.#used, this.amount) : this.#used;
  }
  take(amount: number, nowMs: number): Taken {
    this.#used += amount;
    return { atMs: nowMs, amount };
  }
  /** `amount` 0: it is over. */
  correct(taken: Taken, amount: number, nowMs: number): void {
    this.#used += amount - taken.amount;
    this.#freedMs = nowMs;
    taken.amount = amount;
  }
  resetMs(): number {
    return 0;
  }
  waitMs(): number {
    return 1_000;
  }
  /** In ms of use. */
  mostBetween(fromMs: number, toMs: number, amount: number): number {
    return amount * (toMs - fromMs);
  }
}
