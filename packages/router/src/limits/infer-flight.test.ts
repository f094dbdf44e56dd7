/** Limits on calls at once, as refusals teach them. */
import { describe, expect, it } from "vitest";
import type { Candidate } from "../candidate.ts";
import { candidatesWith } from "../table.fixture.ts";
import {
  AT_ONCE,
  amountOf,
  answer,
  call,
  end,
  MINUTE_MS,
  meterOf,
  NOON,
  refuse,
  start,
  UNLIMITED,
} from "./attempts.fixture.ts";

const OF_A = "p@/a|requests/minute";
const FLIGHT_OF_A = "p@/a|concurrency";
const FLIGHT_OF_ALL = "p@|concurrency";
const windowMs = (window: number): number => NOON + 1_000 + 2 * window * MINUTE_MS;

/** In each window so many answered calls, and a refusal while so many are under way. */
function refusedBeside(
  candidate: Candidate,
  windows: readonly (readonly [answered: number, underWay: number])[],
  from = 0,
): void {
  for (const [at, [answered, underWay]] of windows.entries()) {
    const nowMs = windowMs(from + at);
    answer(candidate, answered - underWay, nowMs);
    const running = Array.from({ length: underWay }, () => start(candidate, nowMs + 100));
    refuse(candidate, nowMs + 200);
    for (const one of running) end(one, {}, nowMs + 300);
  }
}

describe("refusals without words of a limit", () => {
  it("are one on calls at once after four windows with as many under way", () => {
    const [candidate] = candidatesWith([]);
    const windows = [
      [2, 1],
      [9, 1],
      [4, 1],
      [14, 1],
    ] as const;
    refusedBeside(candidate, windows.slice(0, 3));
    expect(amountOf(candidate, FLIGHT_OF_A)).toBeUndefined();
    refusedBeside(candidate, windows.slice(3), 3);
    expect(meterOf(candidate, FLIGHT_OF_A)).toMatchObject({ amount: 1, learned: { from: "refusals" } });
  });

  it("are none where no call is under way", () => {
    const [candidate] = candidatesWith([]);
    refusedBeside(
      candidate,
      [2, 9, 4, 14, 6, 19, 11, 3].map((answered) => [answered, 0]),
    );
    expect(amountOf(candidate, FLIGHT_OF_A)).toBeUndefined();
  });

  it("are explained by as many calls under way as fit at once, and void what they said of a window", () => {
    const [candidate] = candidatesWith([]);
    refusedBeside(candidate, [
      [10, 1],
      [10, 1],
      [4, 1],
      [10, 1],
    ]);
    expect(amountOf(candidate, FLIGHT_OF_A)).toBe(1);
    refusedBeside(
      candidate,
      [
        [10, 0],
        [10, 0],
      ],
      4,
    );
    expect(amountOf(candidate, OF_A)).toBe(UNLIMITED);
    // As many as fit are under way: that is why, and not the count of ten.
    const [busy] = candidatesWith([{ scope: "model", unit: "concurrency", amount: 1 }]);
    refusedBeside(
      busy,
      [1, 2, 3, 4, 5].map(() => [10, 1]),
    );
    expect(amountOf(busy, OF_A)).toBe(UNLIMITED);
  });

  it("are the window's where fewer are under way than fit at once", () => {
    const [candidate] = candidatesWith([{ scope: "model", unit: "concurrency", amount: 2 }]);
    refusedBeside(
      candidate,
      [1, 2, 3].map(() => [10, 1]),
    );
    expect(amountOf(candidate, OF_A)).toBe(10);
  });
});

describe("refusals in words of calls at once", () => {
  const refusedAtOnce = (candidate: Candidate, running: readonly Candidate[], window: number): void => {
    const open = running.map((one, at) => start(one, windowMs(window) + at));
    call(candidate, windowMs(window) + 50, AT_ONCE);
    for (const one of open) end(one, {}, windowMs(window) + 100);
  };

  it("are the model's limit where it has calls under way, after two windows", () => {
    const [a, b] = candidatesWith([]);
    refusedAtOnce(a, [a, a, b], 0);
    expect(amountOf(a, FLIGHT_OF_A)).toBe(UNLIMITED);
    refusedAtOnce(a, [a, a, b], 1);
    expect([amountOf(a, FLIGHT_OF_A), amountOf(a, FLIGHT_OF_ALL)]).toEqual([2, UNLIMITED]);
  });

  it("are the account's where only its other models have, and at least one", () => {
    const [a, b] = candidatesWith([]);
    for (const window of [0, 1]) refusedAtOnce(a, [b, b, b], window);
    expect([amountOf(a, FLIGHT_OF_A), amountOf(a, FLIGHT_OF_ALL)]).toEqual([UNLIMITED, 3]);
    const [idle] = candidatesWith([]);
    for (const window of [0, 1]) refusedAtOnce(idle, [], window);
    expect([amountOf(idle, FLIGHT_OF_A), amountOf(idle, FLIGHT_OF_ALL)]).toEqual([UNLIMITED, 1]);
  });

  it("several in one window are one, and others at a higher number show nothing", () => {
    const [a] = candidatesWith([]);
    const running = [start(a, windowMs(0)), start(a, windowMs(0))];
    for (let at = 0; at < 5; at += 1) call(a, windowMs(0) + 10 + at, AT_ONCE);
    for (const one of running) end(one, {}, windowMs(0) + 100);
    expect(amountOf(a, FLIGHT_OF_A)).toBe(UNLIMITED);
    refusedAtOnce(a, [a, a, a, a, a], 1);
    expect(amountOf(a, FLIGHT_OF_A)).toBe(UNLIMITED);
  });

  it("are void after an answer while as many were under way", () => {
    const [a] = candidatesWith([]);
    refusedAtOnce(a, [a, a], 0);
    const running = [start(a, windowMs(1)), start(a, windowMs(1) + 1)];
    call(a, windowMs(1) + 2);
    for (const one of running) end(one, {}, windowMs(1) + 100);
    refusedAtOnce(a, [a, a], 2);
    expect(amountOf(a, FLIGHT_OF_A)).toBe(UNLIMITED);
  });

  it("at the limit that is known teach nothing new, and open the model half a second later", () => {
    const [a] = candidatesWith([{ scope: "model", unit: "concurrency", amount: 2 }]);
    for (const window of [0, 1, 2]) refusedAtOnce(a, [a, a], window);
    expect(meterOf(a, FLIGHT_OF_A)).toMatchObject({ amount: 2, learned: undefined });
    expect(a.opensAtMs).toBe(windowMs(2) + 50 + 500);
  });

  it("below the limit that is known are a lower one", () => {
    const [a] = candidatesWith([{ scope: "model", unit: "concurrency", amount: 4 }]);
    for (const window of [0, 1]) refusedAtOnce(a, [a, a], window);
    expect(meterOf(a, FLIGHT_OF_A)).toMatchObject({ amount: 2, learned: { from: "refusals" } });
  });
});

describe("an inferred limit on calls at once", () => {
  /** Two at once, inferred; the first test is due after a minute. */
  const inferred = (): Candidate => {
    const [candidate] = candidatesWith([]);
    for (const window of [0, 1]) {
      const running = [start(candidate, windowMs(window)), start(candidate, windowMs(window))];
      call(candidate, windowMs(window) + 50, AT_ONCE);
      for (const one of running) end(one, {}, windowMs(window) + 60);
    }
    expect(amountOf(candidate, FLIGHT_OF_A)).toBe(2);
    return candidate;
  };
  const DUE = windowMs(1) + 50 + MINUTE_MS;
  /** That many under way, of which the last is answered first. */
  const together = (candidate: Candidate, count: number, nowMs: number): void => {
    const running = Array.from({ length: count }, () => start(candidate, nowMs));
    for (const one of running.reverse()) end(one, {}, nowMs + 10);
  };

  it("is raised a little when a test is due and it is used up, not before", () => {
    const early = inferred();
    together(early, 2, DUE - 20);
    expect(amountOf(early, FLIGHT_OF_A)).toBe(2);
    const unused = inferred();
    together(unused, 1, DUE);
    expect(amountOf(unused, FLIGHT_OF_A)).toBe(2);
    const due = inferred();
    together(due, 2, DUE);
    // One above two, and one more that shows that even more would do.
    expect(meterOf(due, FLIGHT_OF_A)).toMatchObject({ amount: 4, limitProbe: { base: 2 } });
  });

  it("ends with an answer to the last call that the test lets through", () => {
    const candidate = inferred();
    together(candidate, 2, DUE);
    together(candidate, 4, DUE + 1_000);
    expect(meterOf(candidate, FLIGHT_OF_A)).toMatchObject({
      amount: UNLIMITED,
      learned: undefined,
      limitProbe: undefined,
    });
  });

  it("holds again when the test is refused, and the next one comes after twice the time", () => {
    const candidate = inferred();
    together(candidate, 2, DUE);
    const running = [start(candidate, DUE + 1_000), start(candidate, DUE + 1_000)];
    call(candidate, DUE + 1_050, AT_ONCE);
    for (const one of running) end(one, {}, DUE + 1_060);
    expect(meterOf(candidate, FLIGHT_OF_A)).toMatchObject({
      amount: 2,
      limitProbe: { atMs: DUE + 1_050 + 2 * MINUTE_MS, gapMs: 2 * MINUTE_MS },
    });
  });
});
