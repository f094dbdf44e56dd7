/**
 * HEADGATE_REFRESH: `headgate models refresh --update` in a process of its own, once a day or a week. It writes to the overlay,
 * and the gateway takes that over as it does every change there.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "@headgate/runtime";
import { ENTRY } from "../place.ts";
import { writeFiles } from "../write-files.ts";

export type RefreshPeriod = "off" | "daily" | "weekly";

const HOUR_MS = 60 * 60 * 1000;
const PERIOD_MS: Readonly<Record<Exclude<RefreshPeriod, "off">, number>> = {
  daily: 24 * HOUR_MS,
  weekly: 7 * 24 * HOUR_MS,
};
/** A gateway that has just started answers its clients first. */
const FIRST_MS = 60_000;
const FILE = "refresh/last-run.json";
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface RefreshRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ScheduledRefreshInput {
  readonly period: RefreshPeriod;
  readonly stateDir: string;
  readonly nowMs: () => number;
  readonly log: Pick<Log, "info" | "warn">;
  readonly run: (signal: AbortSignal) => Promise<RefreshRun>;
}

export class ScheduledRefresh {
  readonly #input: ScheduledRefreshInput;
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(input: ScheduledRefreshInput) {
    this.#input = input;
  }

  /** Looks every hour whether it is due. */
  begin(firstMs = FIRST_MS): void {
    if (this.#input.period === "off") return;
    const wait = (ms: number): void => {
      this.#timer = setTimeout(() => {
        this.#running = this.look().finally(() => {
          if (!this.#end.signal.aborted) wait(HOUR_MS);
        });
      }, ms);
      this.#timer.unref();
    };
    wait(firstMs);
  }

  /** Runs it where it is due. */
  async look(): Promise<void> {
    const { period, stateDir, nowMs, log, run } = this.#input;
    const now = nowMs();
    // Another gateway of the same state directory may have been faster. A clock that was set back is no reason to wait.
    const last = lastRun(stateDir);
    if (period === "off" || (last <= now && now - last < PERIOD_MS[period])) return;
    try {
      writeFiles(stateDir, new Map([[FILE, `${JSON.stringify({ atMs: now })}\n`]]));
      const { code, stdout, stderr } = await run(this.#end.signal);
      if (this.#end.signal.aborted) return;
      const told = reading(stdout);
      if (code === 0 && told !== undefined) log.info("looked at the providers' lists of models", told);
      else
        log.warn(
          `models refresh failed (exit code ${code}); headgate models refresh shows why: ${lastLine(stderr)}`,
        );
    } catch (error) {
      if (!this.#end.signal.aborted)
        log.warn(`models refresh could not run: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#end.abort();
    await this.#running;
  }
}

function lastRun(stateDir: string): number {
  try {
    const { atMs } = JSON.parse(readFileSync(join(stateDir, FILE), "utf8")) as { readonly atMs?: unknown };
    return typeof atMs === "number" ? atMs : 0;
  } catch {
    return 0;
  }
}

/** Counts of what was found, as a log line has them; undefined for something else than a report. */
function reading(stdout: string): Record<string, number | boolean> | undefined {
  try {
    const { providers, written } = JSON.parse(stdout) as {
      readonly providers: readonly Readonly<Record<"added" | "gone" | "changed", readonly unknown[]>>[];
      readonly written: boolean;
    };
    const sum = (name: "added" | "gone" | "changed"): number =>
      providers.reduce((total, provider) => total + provider[name].length, 0);
    return {
      providers: providers.length,
      new: sum("added"),
      gone: sum("gone"),
      changed: sum("changed"),
      written,
    };
  } catch {
    return undefined;
  }
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

/** @param flags those by which the gateway was started, so that the same files are read and written */
export const refreshCommand =
  (
    where: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
    flags: readonly string[],
  ) =>
  (signal: AbortSignal): Promise<RefreshRun> =>
    new Promise((done) => {
      const args = ["--", ENTRY, "models", "refresh", "--update", "--yes", "--json", ...flags];
      const child = execFile(
        process.execPath,
        args,
        { cwd: where.cwd, env: where.env, maxBuffer: MAX_OUTPUT_BYTES, signal },
        (_, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });
