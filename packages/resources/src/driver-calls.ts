/** Calls to drivers and the probe, each with a limit of time, each answered by an event: nothing that hangs holds the loop up. */

import type { Clock } from "./clock.ts";
import type { SchedulerEvent } from "./core/types.ts";
import { DriverError } from "./driver.ts";

export interface CallLimits {
  /** A load that takes longer counts as unverified. Default 15 min: the first one may read from a slow disk. */
  readonly loadMs?: number;
  /** Default 2 min. */
  readonly unloadMs?: number;
  /** For a look at a backend or at memory. Default 10 s. */
  readonly lookMs?: number;
}

export const CALL_LIMITS: Required<CallLimits> = { loadMs: 900_000, unloadMs: 120_000, lookMs: 10_000 };

class TimedOut extends Error {}
class Aborted extends Error {}

export interface Call {
  abort(): void;
}

/**
 * Runs `work` and sends its event. Past `limitMs`, or when aborted, its signal aborts and it is no longer waited for.
 * `onError` turns what it threw into an event.
 */
export function call(
  clock: Clock,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<SchedulerEvent>,
  onError: (error: unknown) => SchedulerEvent,
  send: (event: SchedulerEvent) => void,
): Call {
  const controller = new AbortController();
  let open = true;
  const end = (event: SchedulerEvent): void => {
    if (!open) return;
    open = false;
    cancel();
    send(event);
  };
  const giveUp = (error: Error): void => {
    if (!open) return;
    controller.abort(error);
    end(onError(error));
  };
  const cancel = clock.after(limitMs, () => giveUp(new TimedOut(`no answer within ${limitMs / 1_000} s`)));
  const working = async (): Promise<SchedulerEvent> => work(controller.signal);
  working().then(end, (error: unknown) => end(onError(error)));
  return { abort: () => giveUp(new Aborted("given up")) };
}

/** What became of a load or unload that threw. */
export function failureOf(error: unknown): {
  readonly kind: DriverError["kind"] | "aborted";
  readonly why: string;
} {
  if (error instanceof Aborted) return { kind: "aborted", why: error.message };
  if (error instanceof TimedOut) return { kind: "unverified", why: error.message };
  if (error instanceof DriverError) return { kind: error.kind, why: error.message };
  return { kind: "failed", why: whyOf(error) };
}

export const whyOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
