import { type Counter, newCounter } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { look, usedOf } from "./rules.ts";
import { readCounter, storeCounter } from "./stored.ts";

const NOW_MS = 1_800_000_000_000;
const SLIDING = { kind: "sliding", windowMs: 60_000, slices: 6 } as const;

describe("a stored counter", () => {
  it.each<Counter>([
    {
      ...newCounter(SLIDING, NOW_MS),
      kind: "sliding",
      used: 3,
      first: 0,
      partMs: 10_000,
      parts: [179_999_999, 1, 180_000_000, 2],
      windowMs: 60_000,
    },
    { kind: "bucket", windowMs: 60_000, atMs: NOW_MS, used: 2.5, amount: 10 },
    { kind: "calendar", atMs: NOW_MS, used: 7, sinceMs: NOW_MS - 1, endsAtMs: NOW_MS + 1 },
  ])("is read as it was written: $kind", (counter) => {
    expect(readCounter(storeCounter(counter))).toEqual(counter);
  });

  it("of an earlier version counts on: parts in pairs, no length of the window", () => {
    const text = `{"kind":"sliding","atMs":${NOW_MS},"partMs":10000,"parts":[[179999995,1],[180000000,2]]}`;
    const state = readCounter(text);
    const usedAt = (nowMs: number) => usedOf(look(state, { shape: SLIDING }, nowMs, 0, false).state);
    expect(usedAt(NOW_MS)).toBe(3);
    expect(usedAt(NOW_MS + 20_000)).toBe(2);
    expect(usedAt(NOW_MS + 70_000)).toBe(0);
  });

  it.each([
    "",
    "null",
    "7",
    '{"kind":"concurrency"}',
    '{"kind":"bucket","atMs":1,"used":"2","amount":1}',
    '{"kind":"sliding","atMs":1,"partMs":1,"parts":[1,2,3]}',
    '{"kind":"calendar","atMs":1,"used":1,"sinceMs":1}',
  ])("that no version wrote is dropped: %s", (text) => {
    expect(readCounter(text)).toBeUndefined();
  });
});
