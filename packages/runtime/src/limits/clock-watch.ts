/** Detects that the wall clock was set, so that a cooldown of a minute still lasts a minute. */
import { uptime } from "node:os";
import type { Memory } from "@headgate/router";
import type { Log } from "../log.ts";

const LOOK_MS = 1_000;
/** Smaller jumps come from NTP, and from timers that a busy machine delays. */
const JUMP_MS = 2_000;

export class ClockWatch {
  readonly #nowMs: () => number;
  readonly #uptimeMs: () => number;
  readonly #jumped: (deltaMs: number) => void;
  /** The wall clock's reading when the machine started; changes only when the clock is set. */
  #startedAtMs: number;

  /** @param uptimeMs a clock that cannot be set and that runs on while the machine is suspended */
  constructor(nowMs: () => number, uptimeMs: () => number, jumped: (deltaMs: number) => void) {
    this.#nowMs = nowMs;
    this.#uptimeMs = uptimeMs;
    this.#jumped = jumped;
    this.#startedAtMs = nowMs() - uptimeMs();
  }

  look(): void {
    const startedAtMs = this.#nowMs() - this.#uptimeMs();
    const deltaMs = startedAtMs - this.#startedAtMs;
    if (Math.abs(deltaMs) < JUMP_MS) return;
    this.#startedAtMs = startedAtMs;
    this.#jumped(deltaMs);
  }
}

/** @returns a function that ends the watch */
export function watchClock(memory: Memory, nowMs: () => number, log: Log): () => void {
  const watch = new ClockWatch(
    nowMs,
    () => uptime() * 1000,
    (deltaMs) => {
      memory.shift(deltaMs);
      log.warn("the clock was set; cooldowns and limits keep their durations", {
        by_ms: Math.round(deltaMs),
      });
    },
  );
  const timer = setInterval(() => watch.look(), LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
