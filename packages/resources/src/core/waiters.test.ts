import { expect, it } from "vitest";
import { type Waiter, WaiterQueue } from "./waiters.ts";

const waiter = (seq: number, orderMs: number): Waiter => ({
  id: seq as never,
  key: "k",
  seq,
  arrivedMs: seq,
  orderMs,
  checkMs: 0,
  deadlineMs: 0,
  waiting: true,
  before: undefined,
  after: undefined,
});

it("serves by arrival, except that a lower priority lets those pass that come within its minute", () => {
  const queue = new WaiterQueue();
  const background = waiter(2, 60_002);
  for (const one of [waiter(1, 1), background, waiter(3, 3), waiter(4, 60_002), waiter(5, 60_003)])
    queue.push(one);
  expect([...queue].map(({ seq }) => seq)).toEqual([1, 3, 2, 4, 5]);
  queue.remove(background);
  expect([...queue].map(({ seq }) => seq)).toEqual([1, 3, 4, 5]);
  queue.push(waiter(6, 0));
  expect(queue.head?.seq).toBe(6);
  for (const one of [...queue]) queue.remove(one);
  expect(queue.head).toBeUndefined();
  queue.push(background);
  expect([...queue].map(({ seq }) => seq)).toEqual([2]);
});
