import { describe, expect, it } from "vitest";
import { Sessions } from "./sessions.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const STAYS_MS = 30 * 60_000;

describe("a conversation", () => {
  it("stays with the candidate that answered last, for 30 minutes of silence", () => {
    const sessions = new Sessions();
    expect(sessions.get("s", NOW)).toBeUndefined();
    sessions.set("s", "a", NOW);
    sessions.set("other", "b", NOW);
    expect(sessions.get("s", NOW + STAYS_MS)).toBe("a");
    sessions.set("s", "c", NOW + STAYS_MS);
    expect(sessions.get("s", NOW + 2 * STAYS_MS)).toBe("c");
    expect(sessions.get("s", NOW + 2 * STAYS_MS + 1)).toBeUndefined();
    // Forgotten, not merely hidden.
    expect(sessions.get("s", NOW + STAYS_MS)).toBeUndefined();
    expect(sessions.get("other", NOW)).toBe("b");
  });

  it("is forgotten for 20,000 that were answered later, and one that goes on is not", () => {
    const sessions = new Sessions();
    for (let count = 0; count < 20_000; count += 1) sessions.set(`s${count}`, "a", NOW);
    sessions.set("s0", "b", NOW);
    expect(sessions.get("s1", NOW)).toBe("a");
    sessions.set("new", "a", NOW);
    expect(sessions.get("s1", NOW)).toBeUndefined();
    expect(["s0", "s2", "s19999", "new"].map((key) => sessions.get(key, NOW))).toEqual(["b", "a", "a", "a"]);
  });
});
