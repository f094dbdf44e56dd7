import type { Clock as ContractClock } from "@headgate/contract";

/** `nowMs` is in ms since the epoch and jumps when the machine's clock is set. */
export interface Clock extends ContractClock {
  /** Ms from an unstated origin; never jumps. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
