import type { LimitReading } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SharedAccounts } from "./shared-account.ts";

const LIMIT = 50;
const reading = (remaining: number, more: Partial<LimitReading> = {}): LimitReading => ({
  unit: "requests",
  window: "day",
  limit: LIMIT,
  remaining,
  from: "header",
  ...more,
});

/** Calls by the keys named, each answered with what remains: `shared` counts them together. */
function foundAfter(keys: string, shared: boolean, more: Partial<LimitReading> = {}): readonly string[] {
  const accounts = new SharedAccounts();
  const used = new Map<string, number>();
  for (const key of keys) {
    const whose = shared ? "all" : key;
    used.set(whose, (used.get(whose) ?? 0) + 1);
    accounts.read({ provider: "acme", account: `acme@${key}`, model: "m" }, [
      reading(LIMIT - (used.get(whose) ?? 0), more),
    ]);
  }
  return accounts.found.map((pair) => pair.accounts.join(" "));
}

describe("keys of one account", () => {
  it("are found by three figures that go on from each other's", () => {
    expect(foundAfter("aabb", true)).toEqual([]);
    expect(foundAfter("aababa", true)).toEqual(["acme@a acme@b"]);
    expect(foundAfter("abababab", true)).toEqual(["acme@a acme@b"]);
  });

  it("are found when keys take turns in any way, and keys of two accounts never are", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: LIMIT }), (keys) => {
        expect(foundAfter(keys.join(""), false)).toEqual([]);
        const turns = keys.filter((key, at) => at > 0 && key !== keys[at - 1]).length;
        // The first turn of a key that follows one call alone shows nothing.
        if (turns >= 4) expect(foundAfter(keys.join(""), true)).toEqual(["acme@a acme@b"]);
      }),
    );
  });

  it("are found where the second key is refused as soon as the first has nothing left", () => {
    const accounts = new SharedAccounts();
    for (const model of ["m", "n", "o"]) {
      accounts.read({ provider: "acme", account: "a", model }, [reading(0)]);
      accounts.read({ provider: "acme", account: "b", model, refused: true }, [reading(0)]);
    }
    expect(accounts.found).toEqual([{ provider: "acme", accounts: ["a", "b"] }]);
  });

  it("are told once, and taken back by a figure of one's own", () => {
    const accounts = new SharedAccounts();
    const told: string[] = [];
    accounts.tell = ({ provider }) => told.push(provider);
    const read = (key: string, remaining: number): void =>
      accounts.read({ provider: "acme", account: key, model: "m" }, [reading(remaining)]);
    for (const [at, key] of [..."ababababab"].entries()) read(key, 40 - at);
    expect([told, accounts.found]).toEqual([["acme"], [{ provider: "acme", accounts: ["a", "b"] }]]);
    // The next call of `a` is counted alone.
    read("a", 31);
    expect(accounts.found).toEqual([]);
  });

  it.each<[string, Partial<LimitReading>]>([
    ["tokens", { unit: "tokens" }],
    ["an error's text", { from: "message" }],
  ])("are not judged by %s", (_, more) => {
    expect(foundAfter("abababab", true, more)).toEqual([]);
  });

  it("are not judged by figures of different amounts", () => {
    const accounts = new SharedAccounts();
    for (const [at, key] of [..."abababab"].entries())
      accounts.read({ provider: "acme", account: key, model: "m" }, [
        reading(LIMIT - at, { limit: LIMIT + at }),
      ]);
    expect(accounts.found).toEqual([]);
  });

  it("are not judged by figures of different models", () => {
    const accounts = new SharedAccounts();
    for (const [at, key] of [..."abababab"].entries())
      accounts.read({ provider: "acme", account: key, model: key }, [reading(LIMIT - at)]);
    expect(accounts.found).toEqual([]);
  });
});
