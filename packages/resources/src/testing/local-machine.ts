/** A fake machine, its clock and drivers that move it, for the tests of one driver. */
import { FakeMachine, type LocalBackend, manualClock } from "@headgate/upstream-lab";
import { expect } from "vitest";
import type { DriverError } from "../driver.ts";
import type { DriverOptions } from "../drivers/options.ts";

export const GIB = 2 ** 30;
export const never: AbortSignal = new AbortController().signal;

export function fakeMachine(gpuBytes = 16 * GIB) {
  const clock = manualClock(1_000_000);
  const machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": gpuBytes }, clock });
  const options = (fake: LocalBackend): DriverOptions => ({
    backend: "local",
    baseUrl: fake.url,
    nowMs: clock.nowMs,
    wait: (ms) => clock.advance(ms),
  });
  return { clock, machine, options };
}

export async function failsAs(work: Promise<unknown>, kind: DriverError["kind"], why: RegExp): Promise<void> {
  const error: unknown = await work.then(
    () => "no error",
    (cause: unknown) => cause,
  );
  expect(error).toMatchObject({ name: "DriverError", kind, message: expect.stringMatching(why) });
}
