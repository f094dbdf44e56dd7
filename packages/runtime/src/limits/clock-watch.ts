/** Detects that the wall clock was set, so that a cooldown of a minute still lasts a minute. */
import { uptime } from "node:os";

const LOOK_MS = 1_000;
/** Smaller jumps come from NTP, and from timers that a busy machine delays. */
const JUMP_MS = 2_000;

/** The machine's clock cannot be set, and runs on while the machine is suspended. */
const machineMs = (): number => uptime() * 1_000;

export interface ClockWatchInput {
  readonly wallMs: () => number;
  readonly uptimeMs: () => number;
  readonly jumped: (deltaMs: number) => void;
}

export class ClockWatch {
  readonly #input: ClockWatchInput;
  /** The wall clock's reading when the machine started; changes only when the clock is set. */
  #startedAtMs: number;
  #lastMs: number;

  constructor(input: ClockWatchInput) {
    this.#input = input;
    this.#lastMs = input.wallMs();
    this.#startedAtMs = this.#lastMs - input.uptimeMs();
  }

  /** The wall clock. A jump since the last reading is reported first: a counter that reads the new time is shifted by then. */
  nowMs(): number {
    const nowMs = this.#input.wallMs();
    const passedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    // Reading the uptime costs a system call, so only a leap of the wall clock pays for it.
    if (passedMs >= JUMP_MS || passedMs <= -JUMP_MS) this.#look(nowMs);
    return nowMs;
  }

  look(): void {
    this.#lastMs = this.#input.wallMs();
    this.#look(this.#lastMs);
  }

  #look(nowMs: number): void {
    const startedAtMs = nowMs - this.#input.uptimeMs();
    const deltaMs = startedAtMs - this.#startedAtMs;
    if (Math.abs(deltaMs) < JUMP_MS) return;
    this.#startedAtMs = startedAtMs;
    this.#input.jumped(Math.round(deltaMs));
  }
}

export interface WatchedClock {
  nowMs(): number;
  end(): void;
}

/** This process's wall clock. It also looks for jumps when no reader does. */
export function watchClock(jumped: (deltaMs: number) => void): WatchedClock {
  const watch = new ClockWatch({ wallMs: Date.now, uptimeMs: machineMs, jumped });
  const timer = setInterval(() => watch.look(), LOOK_MS);
  timer.unref();
  return { nowMs: () => watch.nowMs(), end: () => clearInterval(timer) };
}
