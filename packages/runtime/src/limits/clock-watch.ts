/** Notices when somebody sets the clock, so that a cooldown of a minute still lasts a minute. */
import { uptime } from "node:os";
import type { Memory } from "@headgate/router";
import type { Log } from "../log.ts";

const LOOK_MS = 1_000;
/** Less is how NTP slews, and how a busy machine delays a timer. */
const JUMP_MS = 2_000;

export class ClockWatch {
  readonly #nowMs: () => number;
  readonly #uptimeMs: () => number;
  readonly #jumped: (deltaMs: number) => void;
  /** The wall clock's reading when the machine started; changes only when the clock is set. */
  #startedAtMs: number;

  /** @param uptimeMs a clock that nobody sets and that goes on while the machine sleeps */
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

/** @returns what ends it */
export function watchClock(memory: Memory, nowMs: () => number, log: Log): () => void {
  const watch = new ClockWatch(
    nowMs,
    () => uptime() * 1000,
    (deltaMs) => {
      memory.shift(deltaMs);
      log.warn("the clock was set; cooldowns and limits go on as if it had not been", {
        by_ms: Math.round(deltaMs),
      });
    },
  );
  const timer = setInterval(() => watch.look(), LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
