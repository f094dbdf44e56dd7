/** Waiters: a queue for each model, and one heap of deadlines for all. */
import type { WaiterId } from "./types.ts";

export interface Waiter {
  readonly id: WaiterId;
  readonly key: string;
  /** Order of arrival. */
  readonly seq: number;
  readonly arrivedMs: number;
  /** Since when it waits as far as order goes: its arrival, moved by its priority. */
  readonly orderMs: number;
  /** When it is looked at next for whether it waits on; `deadlineMs` at the latest. */
  checkMs: number;
  readonly deadlineMs: number;
  waiting: boolean;
  before: Waiter | undefined;
  after: Waiter | undefined;
}

/** First come, first served among equal priorities; anyone can leave in O(1). */
export class WaiterQueue {
  head: Waiter | undefined;
  #tail: Waiter | undefined;
  length = 0;
  #arrivedSumMs = 0;

  /** When they will have waited `togetherMs` if none comes or goes. */
  haveWaitedAtMs(togetherMs: number): number {
    return (togetherMs + this.#arrivedSumMs) / this.length;
  }

  push(waiter: Waiter): void {
    this.#arrivedSumMs += waiter.arrivedMs;
    let before = this.#tail;
    // Only a waiter of a lower priority is later in the order than one that came after it.
    while (before !== undefined && before.orderMs > waiter.orderMs) before = before.before;
    const after: Waiter | undefined = before === undefined ? this.head : before.after;
    waiter.before = before;
    waiter.after = after;
    if (before === undefined) this.head = waiter;
    else before.after = waiter;
    if (after === undefined) this.#tail = waiter;
    else after.before = waiter;
    this.length += 1;
  }

  remove(waiter: Waiter): void {
    this.#arrivedSumMs -= waiter.arrivedMs;
    if (waiter.before === undefined) this.head = waiter.after;
    else waiter.before.after = waiter.after;
    if (waiter.after === undefined) this.#tail = waiter.before;
    else waiter.after.before = waiter.before;
    waiter.before = undefined;
    waiter.after = undefined;
    this.length -= 1;
  }

  *[Symbol.iterator](): Generator<Waiter> {
    let at = this.head;
    while (at !== undefined) {
      // The caller may remove this waiter.
      const next: Waiter | undefined = at.after;
      yield at;
      at = next;
    }
  }
}

/** The earliest check first. Removed ones stay until they surface or make up half of it. */
export class DeadlineHeap {
  #items: Waiter[] = [];
  #gone = 0;

  /** All that it holds, those that no longer wait included: fewer than 64 of them, or than half of all. */
  get size(): number {
    return this.#items.length;
  }

  push(waiter: Waiter): void {
    if (waiter.checkMs === Number.POSITIVE_INFINITY) return;
    const items = this.#items;
    let at = items.push(waiter) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = items[up] as Waiter;
      if (parent.checkMs <= waiter.checkMs) break;
      items[at] = parent;
      at = up;
    }
    items[at] = waiter;
  }

  /** One of the waiters in here no longer waits. */
  left(): void {
    this.#gone += 1;
    if (this.#gone < 64 || this.#gone * 2 < this.#items.length) return;
    const waiting = this.#items.filter((waiter) => waiter.waiting);
    this.#items = [];
    this.#gone = 0;
    for (const waiter of waiting) this.push(waiter);
  }

  /** The first is checked again at `checkMs`. */
  postpone(checkMs: number): void {
    const top = this.peek();
    if (top === undefined) return;
    this.#drop();
    top.checkMs = checkMs;
    this.push(top);
  }

  /** The waiter with the earliest check. */
  peek(): Waiter | undefined {
    for (;;) {
      const top = this.#items[0];
      if (top === undefined || top.waiting) return top;
      this.#drop();
    }
  }

  #drop(): void {
    const items = this.#items;
    const last = items.pop();
    this.#gone -= 1;
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      let down = at * 2 + 1;
      if (down >= items.length) break;
      const right = items[down + 1];
      if (right !== undefined && right.checkMs < (items[down] as Waiter).checkMs) down += 1;
      const child = items[down] as Waiter;
      if (child.checkMs >= last.checkMs) break;
      items[at] = child;
      at = down;
    }
    items[at] = last;
  }
}
