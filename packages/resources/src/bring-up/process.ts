/**
 * A program that Headgate starts, watches and stops: its whole process group, since servers start servers.
 *
 *     starting ─► ready ─► (it ends) ─► waiting ─► starting …
 *        └─ (it ends, or does not answer in time) ─┘      └─► failed, after too many in a row
 *
 * A crash of the gateway is met twice: what is left of a group is ended when this process exits, and after a SIGKILL by
 * the next start, which finds the note that is written here.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as after } from "node:timers/promises";
import { present } from "@headgate/contract";
import { MARK } from "./environment.ts";
import { endGroup, signalGroup } from "./group.ts";
import { LogTail } from "./log-tail.ts";
import { clearOrphan, removeNote, writeNote } from "./pid-file.ts";

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** Whole: nothing of the gateway's own environment is added but the mark. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export type ProcessState = "starting" | "ready" | "waiting" | "failed" | "stopped";

export interface Timing {
  /** From the start to the first healthy answer. */
  readonly readyMs: number;
  /** Between two looks at its health while it starts. */
  readonly pollMs: number;
  /** The first wait before a restart; it doubles up to `backoffMaxMs`. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** Starts in a row that may fail; a start that stayed ready for `steadyMs` ends the row. */
  readonly maxFailures: number;
  readonly steadyMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

export const TIMING: Timing = {
  readyMs: 120_000,
  pollMs: 250,
  backoffMs: 1000,
  backoffMaxMs: 60_000,
  maxFailures: 5,
  steadyMs: 60_000,
  graceMs: 10_000,
};

export interface SuperviseInput {
  readonly program: Program;
  /** True once it answers. Never rejects. */
  readonly healthy: (signal: AbortSignal) => Promise<boolean>;
  /** Where the note for the next start is kept. */
  readonly notePath: string;
  readonly timing?: Partial<Timing>;
  /** Values that must not show in its lines. */
  readonly hidden?: readonly string[];
  /** Each change, with what led to it in a clause. */
  readonly onState?: (state: ProcessState, why: string, lastLines: readonly string[]) => void;
  readonly onLine?: (line: string) => void;
}

/** How long the last lines of an ended program are waited for, in ms. */
const LAST_LINES_MS = 500;
const never = new AbortController().signal;

/** What is running, for the hook that ends it when this process exits. */
const running = new Set<number>();
let hooked = false;

function endAtExit(): void {
  if (hooked) return;
  hooked = true;
  process.on("exit", () => {
    for (const pid of running) signalGroup(pid, "SIGKILL");
  });
}

export class SupervisedProcess {
  readonly #input: SuperviseInput;
  readonly #timing: Timing;
  readonly #mark = randomBytes(12).toString("hex");
  readonly #stopping = new AbortController();
  #state: ProcessState = "waiting";
  #child: ChildProcess | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(input: SuperviseInput) {
    this.#input = input;
    this.#timing = { ...TIMING, ...input.timing };
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** The leader of the group, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends what an earlier gateway left behind. @returns false when the gateway that started it is still there */
  async clear(): Promise<boolean> {
    return (await clearOrphan(this.#input.notePath, this.#timing.graceMs)) !== "owned";
  }

  /**
   * Begins; changes come by `onState`. What an earlier gateway left behind is ended first.
   * @returns false when the gateway that started it is still there, so that it is that one's to watch
   */
  async start(): Promise<boolean> {
    if (!(await this.clear())) return false;
    endAtExit();
    this.#loop = this.#run();
    return true;
  }

  /** Ends the whole group, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    if (this.#state !== "stopped") this.#become("stopped", "it was stopped");
  }

  #become(state: ProcessState, why: string, lines: readonly string[] = []): void {
    this.#state = state;
    this.#input.onState?.(state, why, lines);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { backoffMs, backoffMaxMs, maxFailures, steadyMs } = this.#timing;
    let failures = 0;
    while (!signal.aborted) {
      this.#become("starting", failures === 0 ? "it is started" : `start ${failures + 1}`);
      const { why, readyForMs, lines, hopeless } = await this.#once();
      if (signal.aborted) break;
      failures = readyForMs >= steadyMs ? 1 : failures + 1;
      if (hopeless || failures >= maxFailures) {
        const times = failures === 1 ? "" : `, ${failures} times in a row`;
        this.#become("failed", `${why}${times}`, lines);
        break;
      }
      const waitMs = Math.min(backoffMaxMs, backoffMs * 2 ** (failures - 1));
      this.#become("waiting", `${why}; it is started again in ${waitMs} ms`, lines);
      await pause(waitMs, signal);
    }
  }

  /** One run of the program, from its start until nothing of its group is left. */
  async #once(): Promise<{ why: string; readyForMs: number; lines: readonly string[]; hopeless: boolean }> {
    const { program, healthy, notePath, hidden = [], onLine } = this.#input;
    const { readyMs, pollMs, graceMs } = this.#timing;
    const tail = new LogTail(hidden, onLine);
    const child = spawn(program.file, [...program.args], {
      env: { ...program.env, [MARK]: this.#mark },
      ...present({ cwd: program.cwd }),
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: it gets no Ctrl-C from the terminal, and is ended as a whole.
      detached: true,
    });
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => tail.add(text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => tail.add(text));
    const ended = new Promise<string>((resolve) => {
      child.on("error", (error) => resolve(`it could not be started (${codeOf(error)})`));
      child.on("exit", (code, signal) =>
        resolve(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
      );
    });
    const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
    const { pid } = child;
    if (pid === undefined) {
      this.#child = undefined;
      return { why: await ended, readyForMs: 0, lines: tail.lines(), hopeless: true };
    }
    running.add(pid);
    writeNote(notePath, pid, this.#mark);

    const run = new AbortController();
    const stop = (): void => run.abort();
    this.#stopping.signal.addEventListener("abort", stop, { once: true });
    let readyAtMs: number | undefined;
    const watch = async (): Promise<string | undefined> => {
      const giveUpAtMs = performance.now() + readyMs;
      while (!run.signal.aborted) {
        if (await healthy(run.signal)) {
          if (run.signal.aborted) return undefined;
          readyAtMs = performance.now();
          this.#become("ready", "it answers");
          return undefined;
        }
        if (performance.now() >= giveUpAtMs)
          return `it did not answer within ${Math.round(readyMs / 1000)} s`;
        await pause(pollMs, run.signal);
      }
      return undefined;
    };
    const stopped = new Promise<string>((resolve) => {
      run.signal.addEventListener("abort", () => resolve("it was stopped"), { once: true });
    });
    if (this.#stopping.signal.aborted) run.abort();
    const late = watch().then((why) => why ?? new Promise<never>(() => {}));
    const why = await Promise.race([ended, late, stopped]);
    const readyForMs = readyAtMs === undefined ? 0 : performance.now() - readyAtMs;
    run.abort();
    this.#stopping.signal.removeEventListener("abort", stop);
    await endGroup(pid, graceMs, this.#mark);
    await ended;
    // What it wrote last may still be on its way; a process that left the group unmarked may hold the pipe for ever.
    await Promise.race([closed, pause(LAST_LINES_MS, never)]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    running.delete(pid);
    removeNote(notePath);
    this.#child = undefined;
    return { why, readyForMs, lines: tail.lines(), hopeless: false };
  }
}

const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : error.message;

/** Resolves after `ms`, or as soon as the signal aborts. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  after(ms, undefined, { signal }).catch(() => {});
