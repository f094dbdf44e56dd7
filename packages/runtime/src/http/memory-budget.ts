/**
 * One bound for the bodies, answers and buffers that requests hold in memory (HEADGATE_MEMORY_BUDGET). What finds no
 * room waits for it, in the order of arrival and for a bounded time.
 */
import { ClientError } from "./client-error.ts";

/** How long a request waits for room, in ms. */
export const MEMORY_WAIT_MS = 5_000;

interface Waiter {
  readonly bytes: number;
  settle(granted: boolean): void;
}

export class MemoryBudget {
  readonly #limit: number;
  readonly #waitMs: number;
  readonly #waiters: Waiter[] = [];
  #used = 0;
  /** The one that may exceed the limit, so that requests that hold a part each do not all wait for the others. */
  #ahead: MemoryHold | undefined;

  constructor(limitBytes: number, waitMs: number = MEMORY_WAIT_MS) {
    this.#limit = limitBytes;
    this.#waitMs = waitMs;
  }

  get used(): number {
    return this.#used;
  }

  /**
   * Takes `bytes` at once. False where there is no room, or others wait for it.
   * @param share the part of the whole up to which this may go, 0 to 1
   */
  take(bytes: number, share = 1): boolean {
    if (this.#waiters.length > 0 || !this.#fits(bytes, share)) return false;
    this.#used += bytes;
    return true;
  }

  /** Takes `bytes` as soon as there is room. False: none came in time, or the signal was aborted. */
  wait(bytes: number, signal?: AbortSignal): Promise<boolean> {
    if (this.take(bytes)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        bytes,
        settle: (granted) => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", leave);
          const at = this.#waiters.indexOf(waiter);
          if (at !== -1) this.#waiters.splice(at, 1);
          resolve(granted);
          // Those behind it may need less.
          this.#grant();
        },
      };
      const leave = (): void => waiter.settle(false);
      const timer = setTimeout(leave, this.#waitMs);
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Takes `bytes` beyond the limit, for one request at a time until it is over. */
  takeAhead(hold: MemoryHold, bytes: number): boolean {
    this.#ahead ??= hold;
    if (this.#ahead !== hold) return false;
    this.#used += bytes;
    return true;
  }

  isAhead(hold: MemoryHold): boolean {
    return this.#ahead === hold;
  }

  over(hold: MemoryHold): void {
    if (this.#ahead === hold) this.#ahead = undefined;
  }

  give(bytes: number): void {
    this.#used -= bytes;
    if (this.#waiters.length > 0) this.#grant();
  }

  #grant(): void {
    const first = this.#waiters[0];
    if (first === undefined || !this.#fits(first.bytes, 1)) return;
    this.#used += first.bytes;
    first.settle(true);
  }

  /** More than the whole budget passes alone: its own limits decide whether it is too large. */
  #fits(bytes: number, share: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#limit * share;
  }
}

/** What one request holds of the budget, until its answer is sent. */
export class MemoryHold {
  readonly #budget: MemoryBudget;
  #bytes = 0;
  #released = false;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  take(bytes: number, share?: number): boolean {
    if (this.#released) return true;
    const taken = this.#budget.isAhead(this)
      ? this.#budget.takeAhead(this, bytes)
      : this.#budget.take(bytes, share);
    if (taken) this.#bytes += bytes;
    return taken;
  }

  /** @throws {ClientError} 503 where no room came in time */
  async wait(bytes: number, signal?: AbortSignal): Promise<void> {
    if (this.#released) return;
    if (!(await this.#budget.wait(bytes, signal))) throw noMemory();
    if (this.#released) this.#budget.give(bytes);
    else this.#bytes += bytes;
  }

  /** The same for an answer that has begun: one at a time may go on beyond the limit, so that answers end. */
  async waitOrGoAhead(bytes: number): Promise<void> {
    if (this.#released || !this.#budget.takeAhead(this, bytes)) return this.wait(bytes);
    this.#bytes += bytes;
  }

  release(): void {
    this.#released = true;
    this.#budget.over(this);
    if (this.#bytes === 0) return;
    this.#budget.give(this.#bytes);
    this.#bytes = 0;
  }
}

export const noMemory = (): ClientError =>
  new ClientError({
    status: 503,
    type: "server_error",
    code: "memory_budget",
    message:
      "The requests in progress use all of the gateway's memory budget (HEADGATE_MEMORY_BUDGET). Repeat the request in a few seconds.",
    retryAfterMs: MEMORY_WAIT_MS,
  });
