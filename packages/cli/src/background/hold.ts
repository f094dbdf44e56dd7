/** In the gateway's own process: it holds the lock, keeps its log small, and tells `start` when it is up. */
import { copyFileSync, existsSync, renameSync, statSync, truncateSync } from "node:fs";
import { holdOnlyLock } from "@headgate/state/process-lock";
import { Failure } from "../cli.ts";
import type { ServeOptions } from "../serve/setup.ts";
import { removeTraces, type Traces, tracesIn, writePid, writeRecord } from "./place.ts";

/** To `headgate start`, over the channel between the two. */
export interface Up {
  readonly headgate: "up";
  readonly url: string;
  readonly banner: string;
}

export interface Background {
  up(url: string, banner: string): void;
  leave(): void;
}

/** @throws {Failure} where a gateway runs in the background already */
export function holdBackground(stateDir: string, given: ServeOptions): Background {
  const traces = tracesIn(stateDir);
  const lock = holdOnlyLock(traces.lock);
  if (lock === undefined) throw new Failure(`a gateway runs in the background already, in ${stateDir}`);
  removeTraces(traces);
  writePid(traces);
  const timer = setInterval(() => rotate(traces), LOOK_MS);
  timer.unref();
  return {
    up(url, banner) {
      writeRecord(traces, { pid: process.pid, url, given });
      process.send?.({ headgate: "up", url, banner } satisfies Up);
      // From here on it has no parent.
      if (process.connected) process.disconnect();
    },
    leave() {
      clearInterval(timer);
      removeTraces(traces);
      lock.end(false);
    },
  };
}

const LOOK_MS = 30_000;
const MOST_BYTES = 10 * 1024 * 1024;
const KEPT = 3;

/**
 * At 10 MiB the log becomes `.1`, and the oldest of three goes. stdout and stderr are open on the file for good, in append
 * mode, so it is copied and cut, not renamed; this process writes nothing between the two.
 */
export function rotate({ log }: Pick<Traces, "log">, mostBytes = MOST_BYTES): void {
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) <= mostBytes) return;
  try {
    for (let number = KEPT - 1; number > 0; number -= 1)
      if (existsSync(`${log}.${number}`)) renameSync(`${log}.${number}`, `${log}.${number + 1}`);
    copyFileSync(log, `${log}.1`);
    truncateSync(log, 0);
  } catch (error) {
    console.error(`the log cannot be rotated: ${error instanceof Error ? error.message : String(error)}`);
  }
}
