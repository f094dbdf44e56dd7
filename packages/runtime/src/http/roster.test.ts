import fc from "fast-check";
import { expect, it } from "vitest";
import { Roster } from "./roster.ts";

it("holds exactly what was added and not removed, in no more places than were held at once", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), (steps) => {
      const roster = new Roster<string>();
      const held = new Map<number, string>();
      let most = 0;
      for (const [at, step] of steps.entries()) {
        const old = [...held.keys()][step - 5];
        if (old === undefined) {
          const place = roster.add(`m${at}`);
          expect(held.has(place)).toBe(false);
          held.set(place, `m${at}`);
        } else {
          roster.remove(old);
          held.delete(old);
        }
        most = Math.max(most, held.size);
        expect(roster.all().toSorted()).toEqual([...held.values()].toSorted());
        expect(roster.size).toBe(held.size);
        expect(Math.max(-1, ...held.keys())).toBeLessThan(most);
      }
    }),
  );
});
