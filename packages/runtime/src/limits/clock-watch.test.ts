import { expect, it } from "vitest";
import { ClockWatch } from "./clock-watch.ts";

it("distinguishes a clock that was set from time that passed, suspended or not", () => {
  const clock = { wallMs: 1_000_000, upMs: 500 };
  const jumps: number[] = [];
  const watch = new ClockWatch({
    wallMs: () => clock.wallMs,
    uptimeMs: () => clock.upMs,
    jumped: (deltaMs) => jumps.push(deltaMs),
  });
  const pass = (ms: number): void => {
    clock.wallMs += ms;
    clock.upMs += ms;
    watch.look();
  };
  pass(1_000);
  pass(8 * 3_600_000);
  expect(jumps).toEqual([]);
  clock.wallMs -= 3_600_000;
  watch.look();
  watch.look();
  expect(jumps).toEqual([-3_600_000]);
  clock.wallMs += 1_500;
  watch.look();
  expect(jumps).toEqual([-3_600_000]);
  clock.wallMs += 86_400_000;
  pass(1_000);
  expect(jumps).toEqual([-3_600_000, 86_401_500]);
});

it.each([86_400_000, -86_400_000])(
  "reports a jump of %d ms before it returns the first reading after it",
  (byMs) => {
    const clock = { wallMs: 1_000_000, upMs: 500 };
    const seen: string[] = [];
    const watch = new ClockWatch({
      wallMs: () => clock.wallMs,
      uptimeMs: () => clock.upMs,
      jumped: (deltaMs) => seen.push(`jumped ${deltaMs}`),
    });
    clock.wallMs += byMs + 10;
    clock.upMs += 10;
    seen.push(`read ${watch.nowMs()}`, `read ${watch.nowMs()}`);
    expect(seen).toEqual([`jumped ${byMs}`, `read ${1_000_010 + byMs}`, `read ${1_000_010 + byMs}`]);
  },
);
