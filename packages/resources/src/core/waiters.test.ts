import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeadlineHeap, type Waiter, WaiterQueue } from "./waiters.ts";

const waiter = (id: number, arrivedMs = 0, deadlineMs = Number.POSITIVE_INFINITY): Waiter => ({
  id,
  key: "fake/a",
  seq: id,
  arrivedMs,
  orderMs: arrivedMs,
  deadlineMs,
  checkMs: deadlineMs,
  waiting: true,
  before: undefined,
  after: undefined,
});
const ids = (queue: WaiterQueue): number[] => Array.from(queue, ({ id }) => id);

describe("a queue of waiters", () => {
  it("is first come, first served, and a waiter that leaves does not change the order of the others", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { maxLength: 60 }), (steps) => {
        const queue = new WaiterQueue();
        let expected: Waiter[] = [];
        let count = 0;
        for (const [arrives, which] of steps) {
          if (arrives || expected.length === 0) {
            const one = waiter(++count, count * 10);
            queue.push(one);
            expected.push(one);
          } else {
            const gone = expected[which % expected.length];
            if (gone === undefined) continue;
            queue.remove(gone);
            expect([gone.before, gone.after]).toEqual([undefined, undefined]);
            expected = expected.filter((one) => one !== gone);
          }
          expect(ids(queue)).toEqual(expected.map(({ id }) => id));
          expect(queue.length).toBe(expected.length);
          expect(queue.head).toBe(expected[0]);
          if (expected.length === 0) continue;
          const atMs = queue.haveWaitedAtMs(50_000);
          expect(expected.reduce((sum, one) => sum + atMs - one.arrivedMs, 0)).toBeCloseTo(50_000, 6);
        }
      }),
    );
  });

  it("lets each waiter leave while it is gone through", () => {
    const queue = new WaiterQueue();
    for (let id = 1; id <= 4; id += 1) queue.push(waiter(id));
    const seen: number[] = [];
    for (const one of queue) {
      seen.push(one.id);
      queue.remove(one);
    }
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(queue.head).toBeUndefined();
    queue.push(waiter(5));
    expect(ids(queue)).toEqual([5]);
  });

  it("says when all of them will have waited so long together", () => {
    const queue = new WaiterQueue();
    queue.push(waiter(1, 100));
    queue.push(waiter(2, 300));
    expect(queue.haveWaitedAtMs(600)).toBe(500);
    expect(queue.haveWaitedAtMs(1_000)).toBe(700);
  });
});

describe("the heap of deadlines", () => {
  it("has the earliest of those who still wait, whatever the order in which they come and go", () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.record({ at: fc.integer({ min: 0, max: 50 }) }) },
        { weight: 2, arbitrary: fc.record({ gone: fc.nat(200) }) },
      ),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const heap = new DeadlineHeap();
        const live: Waiter[] = [];
        let count = 0;
        for (const step of all) {
          if ("at" in step) {
            const one = waiter(++count, 0, step.at);
            heap.push(one);
            live.push(one);
          } else {
            const [gone] = live.splice(step.gone % Math.max(1, live.length), 1);
            if (gone !== undefined) {
              gone.waiting = false;
              heap.left();
            }
          }
          const earliest = Math.min(...live.map(({ deadlineMs }) => deadlineMs));
          expect(heap.peek()?.deadlineMs ?? Number.POSITIVE_INFINITY).toBe(earliest);
        }
        const order: number[] = [];
        for (let top = heap.peek(); top !== undefined; top = heap.peek()) {
          order.push(top.deadlineMs);
          top.waiting = false;
          heap.left();
        }
        expect(order).toEqual(live.map(({ deadlineMs }) => deadlineMs).sort((a, b) => a - b));
      }),
    );
  });

  it("does not hold those who wait without a deadline", () => {
    const heap = new DeadlineHeap();
    heap.push(waiter(1));
    expect(heap.peek()).toBeUndefined();
    expect(heap.size).toBe(0);
  });

  it("holds few that no longer wait: less than 64, or less than half of all", () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(1_000), fc.boolean()), {
      minLength: 150,
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const heap = new DeadlineHeap();
        const live = Array.from({ length: 200 }, (_, id) => waiter(id, 0, (id * 7_919) % 1_009));
        for (const one of live) heap.push(one);
        const sizes = all.map(([arrives, which, peeks]) => {
          if (arrives && live.length < 100) {
            const one = waiter(which, 0, which);
            heap.push(one);
            live.push(one);
          } else {
            const [gone] = live.splice(which % Math.max(1, live.length), 1);
            if (gone !== undefined) {
              gone.waiting = false;
              heap.left();
            }
          }
          if (peeks) heap.peek();
          return [heap.size, heap.size - live.length] as const;
        });
        expect(sizes.filter(([size, gone]) => gone < 0 || (gone >= 64 && gone * 2 >= size))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps those who left until they are many, so that leaving costs little", () => {
    const heap = new DeadlineHeap();
    const all = Array.from({ length: 128 }, (_, index) => waiter(index, 0, index));
    for (const one of all) heap.push(one);
    const leave = (one: Waiter): void => {
      one.waiting = false;
      heap.left();
    };
    for (const one of all.slice(64, 127)) leave(one);
    expect(heap.size).toBe(128);
    for (const one of all.slice(127)) leave(one);
    expect(heap.size).toBe(64);
  });

  it("lets go of those who left, before they surface, when they make up half of it", () => {
    const heap = new DeadlineHeap();
    const all = Array.from({ length: 200 }, (_, index) => waiter(index, 0, index));
    for (const one of all) heap.push(one);
    for (const one of all.slice(50, 160)) {
      one.waiting = false;
      heap.left();
    }
    const order: number[] = [];
    for (let top = heap.peek(); top !== undefined; top = heap.peek()) {
      order.push(top.id);
      top.waiting = false;
      heap.left();
    }
    expect(order).toEqual([...all.slice(0, 50), ...all.slice(160)].map(({ id }) => id));
  });
});
