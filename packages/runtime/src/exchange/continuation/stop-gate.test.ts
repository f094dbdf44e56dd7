import fc from "fast-check";
import { expect, it } from "vitest";
import { StopGate } from "./stop-gate.ts";

function pass(before: string, pieces: readonly string[], stops: readonly string[]) {
  const gate = new StopGate(before, stops);
  const shown = pieces.map((piece) => gate.push(piece)).join("");
  return { shown: shown + gate.flush(), met: gate.met };
}

it("ends the answer where a stop sequence lies over the seam, however it is cut", () => {
  expect(pass("x </a", ["nswer> more"], ["</answer>"])).toEqual({ shown: "", met: true });
  expect(pass("x </a", ["ns", "wer", ">", "more"], ["</answer>"])).toEqual({ shown: "", met: true });
});

it("passes text that only begins like one", () => {
  expect(pass("x </a", ["ns", "wers"], ["</answer>"])).toEqual({ shown: "nswers", met: false });
  expect(pass("x </a", ["ns"], ["</answer>"])).toEqual({ shown: "ns", met: false });
});

it("agrees with a search through the whole text for what begins before the seam", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  const stop = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      text,
      fc.array(text, { maxLength: 4 }),
      fc.array(stop, { maxLength: 3 }),
      (before, pieces, stops) => {
        const after = pieces.join("");
        const straddles = stops.some((one) => {
          for (let at = Math.max(0, before.length - one.length + 1); at < before.length; at += 1)
            if (`${before}${after}`.startsWith(one, at)) return true;
          return false;
        });
        const { shown, met } = pass(before, pieces, stops);
        expect(met).toBe(straddles);
        expect(shown).toBe(straddles ? "" : after);
      },
    ),
  );
});
