/** Which of several limits an upstream's figures are of, where more than one would do, and what they say of its use. */
import { type Limit, type LimitReading, present } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import type { Candidate } from "../candidate.ts";
import { settle } from "../settle.ts";
import { candidatesWith } from "../table.fixture.ts";
import {
  amountOf,
  answer,
  call,
  end,
  FACTS,
  MINUTE_MS,
  meterOf,
  NOON,
  start,
  UNLIMITED,
} from "./attempts.fixture.ts";
import type { Window } from "./meter.ts";

const ACCOUNT = "p@|requests/minute";
const MINUTE = "p@/a|requests/minute";
const HOUR = "p@/a|requests/hour";
const DAY = "p@/a|requests/day";
const requests = (window: Window, amount: number, more: Partial<Limit> = {}): Limit => ({
  scope: "model",
  unit: "requests",
  window,
  amount,
  ...more,
});
const header = (more: Partial<LimitReading>): LimitReading => ({ unit: "requests", from: "header", ...more });
/** The meters that these figures corrected, by id. */
const corrected = (candidate: Candidate, one: LimitReading, nowMs = NOON): string[] =>
  settle(start(candidate, nowMs), FACTS, { readings: [one] }, nowMs).map(({ spec: { id } }) => id);

describe("figures are of", () => {
  it("the limit whose amount they state, learned or stated, although they come back as another would", () => {
    for (const [learned, limit] of [
      [undefined, 60],
      [55, 60],
      [55, 55],
    ] as const) {
      const [candidate] = candidatesWith([requests("minute", 10), requests("hour", 60)]);
      if (learned !== undefined) meterOf(candidate, HOUR).learn(learned, "header", NOON);
      // One of so many is back after a part of a minute.
      const one = header({ limit, remaining: limit - 1, resetMs: MINUTE_MS / limit });
      expect(corrected(candidate, one)).toEqual([HOUR]);
      expect([amountOf(candidate, MINUTE), amountOf(candidate, HOUR)]).toEqual([10, limit]);
    }
  });

  it("the window that they name, although another limit has this amount", () => {
    const [candidate] = candidatesWith([requests("minute", 10), requests("hour", 60)]);
    expect(corrected(candidate, header({ window: "minute", limit: 60 }))).toEqual([MINUTE]);
    const [other] = candidatesWith([]);
    meterOf(other, ACCOUNT).learn(20, "header", NOON);
    expect(corrected(other, header({ window: "day", limit: 20 }))).toEqual([DAY]);
  });

  it("a window that no limit had until now, where they name one", () => {
    const [candidate] = candidatesWith([requests("minute", 10)]);
    expect(corrected(candidate, header({ window: "hour", limit: 90 }))).toEqual([HOUR]);
    expect([amountOf(candidate, MINUTE), amountOf(candidate, HOUR)]).toEqual([10, 90]);
  });

  it("the account's limit of calls where they state its amount, and of calls alone", () => {
    const [candidate] = candidatesWith([
      { scope: "model", unit: "tokens", window: "minute", amount: 6_000 },
      requests("day", 100),
    ]);
    meterOf(candidate, ACCOUNT).learn(20, "header", NOON);
    expect(corrected(candidate, header({ limit: 20 }))).toEqual([ACCOUNT]);
    expect(corrected(candidate, header({ unit: "tokens", limit: 20 }))).toEqual(["p@/a|tokens/minute"]);
  });

  it("none where only the account has a limit, and of another amount", () => {
    const [candidate] = candidatesWith([]);
    meterOf(candidate, ACCOUNT).learn(20, "header", NOON);
    expect(corrected(candidate, header({ limit: 25 }))).toEqual([]);
    expect(amountOf(candidate, ACCOUNT)).toBe(20);
  });

  it("the nearest amount where nothing is used: how fast that would come back shows no window", () => {
    const [candidate] = candidatesWith([requests("minute", 10), requests("day", 100)]);
    expect(corrected(candidate, header({ limit: 80, remaining: 80, resetMs: 750 }))).toEqual([DAY]);
  });

  it("the model's limit where the fragment states the account's", () => {
    const [candidate] = candidatesWith([requests("minute", 100, { scope: "account" })]);
    expect(corrected(candidate, header({ window: "day", limit: 20, remaining: 11 }))).toEqual([DAY]);
    expect(corrected(candidate, header({ limit: 100, remaining: 50 }))).toEqual([ACCOUNT]);
  });
});

describe("of two limits of a window, the model's and the account's, figures are of", () => {
  /** Seven calls of the one model, and the figures that one call of the other comes with. */
  const whose = (more: Partial<LimitReading>, limits: readonly Limit[] = []): string | undefined => {
    const [a, b] = candidatesWith(limits);
    answer(b, 7, NOON);
    return corrected(a, header({ window: "minute", limit: 20, ...more }), NOON + 10)[0];
  };

  it("the account's where its count is nearer by one call at least", () => {
    // One and eight calls: of five that are gone, four and three are not explained.
    expect([15, 16].map((remaining) => whose({ remaining }))).toEqual([ACCOUNT, MINUTE]);
  });

  it("the model's where they do not state both a limit and what is left of it", () => {
    const [a, b] = candidatesWith([]);
    answer(b, 7, NOON);
    expect(corrected(a, header({ window: "minute", limit: 20 }), NOON + 10)).toEqual([MINUTE]);
    expect(corrected(a, header({ window: "minute", remaining: 12 }), NOON + 20)).toEqual([MINUTE]);
  });

  it("the model's where they are of another window", () => {
    expect(whose({ window: "day", remaining: 12 })).toBe(DAY);
  });

  it("not the model's any more, where they were taken for that before", () => {
    const [a, b] = candidatesWith([]);
    meterOf(a, MINUTE).learn(20, "header", NOON);
    answer(b, 7, NOON);
    const one = header({ window: "minute", limit: 21, remaining: 13 });
    expect(corrected(a, one, NOON + 10)).toEqual([ACCOUNT]);
    expect([amountOf(a, MINUTE), amountOf(a, ACCOUNT)]).toEqual([UNLIMITED, 21]);
  });
});

describe("a limit that figures state", () => {
  it("is none where it is nothing, and no news where it is known", () => {
    const [candidate] = candidatesWith([requests("minute", 10)]);
    const meter = meterOf(candidate, MINUTE);
    corrected(candidate, header({ window: "minute", limit: 0 }));
    expect(meter).toMatchObject({ amount: 10, learned: undefined });
    meter.learn(20, "message", NOON);
    corrected(candidate, header({ window: "minute", limit: 20 }), NOON + 5);
    expect(meter.learned).toEqual({ amount: 20, from: "message", atMs: NOON });
  });

  it("leaves what is used as it is, where they do not state what is left", () => {
    const [candidate] = candidatesWith([requests("minute", 10)]);
    answer(candidate, 3, NOON);
    corrected(candidate, header({ window: "minute", limit: 20 }), NOON + 10);
    expect(meterOf(candidate, MINUTE).used(NOON + 10)).toBe(4);
  });
});

describe("what figures say is used", () => {
  const tokens = (remaining: number): LimitReading => header({ unit: "tokens", limit: 6_000, remaining });

  it("is the later of two, also of calls that were begun in the same millisecond", () => {
    const [candidate] = candidatesWith([requests("minute", 10)]);
    const both = [start(candidate, NOON), start(candidate, NOON)] as const;
    end(both[0], { readings: [header({ limit: 10, remaining: 8 })] }, NOON + 5);
    end(both[1], { readings: [header({ limit: 10, remaining: 5 })] }, NOON + 6);
    expect(meterOf(candidate, MINUTE).used(NOON + 6)).toBe(5);
  });

  it("includes calls that are under way: of calls wholly, of tokens without their answers", () => {
    const [candidate] = candidatesWith([requests("minute", 10)]);
    end(start(candidate, NOON), { readings: [header({ limit: 10, remaining: 9 })] }, NOON + 1);
    start(candidate, NOON + 100);
    end(start(candidate, NOON + 1_000), { readings: [header({ limit: 10, remaining: 4 })] }, NOON + 1_001);
    expect(meterOf(candidate, MINUTE).used(NOON + 1_001)).toBe(6);
  });

  it("of tokens counts calls begun later wholly, and half of what those begun earlier were reserved", () => {
    const [candidate] = candidatesWith([
      { scope: "model", unit: "tokens", window: "minute", amount: 6_000, reset: "bucket" },
    ]);
    const meter = meterOf(candidate, "p@/a|tokens/minute");
    end(start(candidate, NOON), { readings: [tokens(5_900)] }, NOON);
    start(candidate, NOON + 100);
    const one = start(candidate, NOON + 1_000);
    start(candidate, NOON + 2_000);
    end(one, { readings: [tokens(5_000)] }, NOON + 2_000);
    // A thousand by the upstream, 250 for the answer under way, and 500 that were reserved later.
    expect(meter.used(NOON + 2_000)).toBeCloseTo(1_750, 6);
  });
});

describe("how units come back", () => {
  const reading = (remaining: number, resetMs?: number): LimitReading =>
    header({ window: "minute", limit: 10, remaining, ...present({ resetMs }) });
  const REFILLS = reading(5, 30_000);
  const WINDOW = reading(5, 59_000);
  const shapes = (limits: readonly Limit[], readings: readonly LimitReading[]): string[] => {
    const [candidate] = candidatesWith(limits);
    return readings.map((one, at) => {
      call(candidate, NOON + at, { readings: [one] });
      return meterOf(candidate, MINUTE).spec.shape.kind;
    });
  };

  it("is not told by figures of which a part is missing, or nothing is used: they count for neither", () => {
    for (const one of [
      reading(5),
      header({ window: "minute", limit: 10, resetMs: 30_000 }),
      header({ window: "minute", remaining: 5, resetMs: 30_000 }),
      reading(10, 6_000),
      reading(2, 48_000),
    ])
      expect(shapes([requests("minute", 10)], [REFILLS, REFILLS, one, REFILLS]).at(-1)).toBe("bucket");
  });

  it("is told from three tenths on that are left", () => {
    const thrice = (one: LimitReading): LimitReading[] => [one, one, one];
    expect(shapes([requests("minute", 10)], thrice(reading(3, 42_000))).at(-1)).toBe("bucket");
    expect(shapes([requests("minute", 10)], thrice(reading(2, 48_000))).at(-1)).toBe("sliding");
  });

  it("may change back where the fragment states no limit", () => {
    const seen = shapes([], [REFILLS, REFILLS, REFILLS, ...Array.from({ length: 6 }, () => WINDOW)]);
    expect(seen.slice(2)).toEqual([...Array.from({ length: 6 }, () => "bucket"), "sliding"]);
  });

  it("leaves units where they are while it stays the same", () => {
    const [candidate] = candidatesWith([requests("minute", 10)]);
    for (const at of [0, 1, 2]) call(candidate, NOON + at, { readings: [WINDOW] });
    call(candidate, NOON + 30_000, { readings: [reading(4, 29_000)] });
    expect(meterOf(candidate, MINUTE).used(NOON + 61_000)).toBe(1);
  });
});
