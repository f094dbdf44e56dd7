/**
 * Runs the lines of batches as background requests of their owners. Lines are leased, so that several processes share the
 * work and a killed one's lines come back; a line ends once, whatever happens.
 */
import type { Batch, BatchCounts, BatchStore, LeasedLine } from "@headgate/contract";
import type { Log } from "../log.ts";
import { againAfterMs, type LineRun, lineRun } from "./pace.ts";

const LEASE_MS = 60_000;
const RENEW_MS = 20_000;
/** How often work of other processes is looked for, and how often while there is some here. */
const LOOK_MS = 5_000;
const BUSY_MS = 250;
const FIRST_LOOK_MS = 300;
const SWEEP_MS = 3_600_000;
/** After a refusal for want of quota a batch starts no line for so long, twice as long each time. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const COUNT_MS = 500;
const NANO = 1_000_000_000;

/** The answer to a line. */
export interface LineAnswer {
  readonly status: number;
  readonly requestId: string;
  readonly body: string;
  readonly retryAfterS?: number;
  readonly costUsd?: number;
}

export interface RunnerInput {
  readonly store: BatchStore;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly concurrency: number;
  /** Undefined where the owner's key is not in force any more. */
  readonly send: (batch: Batch, line: LeasedLine, run: LineRun) => Promise<LineAnswer | undefined>;
  /** Makes the lines of a batch. */
  readonly prepare: (batch: Batch) => Promise<void>;
}

interface Pause {
  readonly untilMs: number;
  readonly ms: number;
}

export class BatchRunner {
  readonly #input: RunnerInput;
  readonly #running = new Map<LeasedLine, Promise<void>>();
  readonly #pauses = new Map<string, Pause>();
  readonly #counts = new Map<string, { readonly counts: BatchCounts; readonly atMs: number }>();
  #timer: NodeJS.Timeout | undefined;
  #renewer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #ended = false;
  #failing = false;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(input: RunnerInput) {
    this.#input = input;
  }

  begin(): void {
    this.#later(FIRST_LOOK_MS);
    this.#renewer = setInterval(() => void this.#renew(), RENEW_MS).unref();
  }

  /** There is new work. */
  wake(): void {
    if (this.#ended) return;
    if (this.#looking === undefined) this.#later(0);
    else this.#again = true;
  }

  /** No further line starts. Resolves when those on their way have ended, or are given back. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await Promise.all(this.#running.values());
    clearInterval(this.#renewer);
  }

  #later(ms: number): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, ms).unref();
  }

  async #look(): Promise<void> {
    const { store, nowMs, log } = this.#input;
    let nextMs = LOOK_MS;
    this.#again = false;
    try {
      const left = await store.adopt(nowMs());
      if (left !== undefined) await this.#input.prepare(left);
      const batches = await store.running(nowMs());
      for (const batch of batches) if (await this.#start(batch)) nextMs = BUSY_MS;
      if (batches.length > 0) nextMs = Math.min(nextMs, BUSY_MS * 4);
      if (this.#running.size < this.#input.concurrency && (await store.settle(nowMs()))) nextMs = BUSY_MS;
      await this.#sweep();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing && !this.#ended)
        log.warn("batches wait: their database does not answer", { why: String(error) });
      this.#failing = true;
    }
    this.#later(this.#again ? 0 : nextMs);
  }

  async #sweep(): Promise<void> {
    const { store, nowMs } = this.#input;
    const now = performance.now();
    if (now - this.#sweptMs < SWEEP_MS) return;
    this.#sweptMs = now;
    await store.sweep(nowMs());
  }

  /** @returns true where lines of it were started */
  async #start(batch: Batch): Promise<boolean> {
    const { store, nowMs, concurrency } = this.#input;
    const free = concurrency - this.#running.size;
    const pause = this.#pauses.get(batch.id);
    if (free <= 0 || this.#ended || (pause !== undefined && pause.untilMs > nowMs())) return false;
    // After a pause one line shows whether there is quota again.
    const lines = await store.claim(batch.id, pause === undefined ? free : 1, nowMs(), LEASE_MS);
    if (lines.length === 0) return false;
    const run = await this.#how(batch);
    for (const line of lines) {
      const ended = this.#run(batch, line, run).finally(() => {
        this.#running.delete(line);
        this.wake();
      });
      this.#running.set(line, ended);
    }
    return true;
  }

  /** Counting takes time, so it is done where a bound on cost needs it, and seldom. */
  async #how(batch: Batch): Promise<LineRun> {
    const { store, nowMs } = this.#input;
    if (batch.plan.spendNanoUsd === undefined || batch.plan.spendNanoUsd === 0)
      return lineRun(batch, undefined, nowMs());
    const known = this.#counts.get(batch.id);
    if (known !== undefined && performance.now() - known.atMs < COUNT_MS)
      return lineRun(batch, known.counts, nowMs());
    const counts = await store.counts(batch.id);
    this.#counts.set(batch.id, { counts, atMs: performance.now() });
    return lineRun(batch, counts, nowMs());
  }

  async #run(batch: Batch, line: LeasedLine, run: LineRun): Promise<void> {
    const { store, nowMs, send, log } = this.#input;
    try {
      const answer = this.#ended ? OVER : await send(batch, line, run);
      if (answer === undefined) {
        await store.finish(line, { ok: false, result: JSON.stringify({ problem: GONE }), costNanoUsd: 0 });
        return;
      }
      const { status, requestId, body, costUsd = 0, retryAfterS } = answer;
      const costNanoUsd = Math.round(costUsd * NANO);
      const ok = status === 200;
      const againMs = ok ? undefined : againAfterMs(status, retryAfterS, line.tries);
      if (againMs !== undefined && batch.expiresMs > nowMs()) {
        if (status === 429 || status === 503) this.#pause(batch.id);
        await store.release(line, this.#ended ? nowMs() : nowMs() + againMs);
        return;
      }
      if (ok) this.#pauses.delete(batch.id);
      const result = `{"status":${status},"requestId":${JSON.stringify(requestId)},"body":${jsonOf(body)}}`;
      await store.finish(line, { ok, result, costNanoUsd });
      // The bound on cost holds from the next line on.
      if (costNanoUsd > 0) this.#counts.delete(batch.id);
    } catch (error) {
      // Its lease ends, and it is run again.
      log.warn("a line of a batch could not be kept", { batch: batch.id, line: line.at, why: String(error) });
    }
  }

  #pause(batch: string): void {
    const before = this.#pauses.get(batch);
    const nowMs = this.#input.nowMs();
    // Lines that were on their way together count once.
    if (before !== undefined && before.untilMs > nowMs) return;
    const ms = Math.min(LONGEST_PAUSE_MS, before === undefined ? PAUSE_MS : before.ms * 2);
    this.#pauses.set(batch, { untilMs: nowMs + ms, ms });
  }

  async #renew(): Promise<void> {
    const { store, nowMs } = this.#input;
    if (this.#running.size > 0)
      await store.renew([...this.#running.keys()], nowMs(), LEASE_MS).catch(() => {});
  }
}

/** The gateway stops: the line goes back. */
const OVER: LineAnswer = { status: 503, requestId: "", body: "{}" };

const GONE = {
  code: "client_gone",
  message: "The key of the client that made this batch is revoked or expired.",
};

function jsonOf(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
