/** Writes records in batches. What cannot be written is tried again, and lost beyond a bound; requests never wait. */
import { randomUUID } from "node:crypto";
import type { Clock } from "@headgate/contract";
import type { RecordPlace, Written } from "../store/store.ts";

const MAX_BATCH = 1_000;
const MAX_WAITING = 20_000;
const RETRY_MS = 500;
const SLOWEST_MS = 30_000;

export interface WriterInput {
  readonly store: Pick<RecordPlace, "write">;
  readonly clock: Pick<Clock, "after">;
  /** The file or the server, for warnings. */
  readonly where: string;
  /** Called when writing begins to fail, and when it works again. */
  readonly warn: (message: string) => void;
  /** So many records are stored or lost. */
  readonly done: (count: number) => void;
}

export class Writer {
  readonly #input: WriterInput;
  #waiting: Written[] = [];
  /** The batch that is written or tried again, with its id. */
  #batch: { readonly id: string; readonly records: readonly Written[] } | undefined;
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  #lost = 0;
  #stopRetry: (() => void) | undefined;

  constructor(input: WriterInput) {
    this.#input = input;
  }

  write(records: readonly Written[]): void {
    const room = MAX_WAITING - this.#waiting.length;
    const taken = records.length <= room ? records : records.slice(0, room);
    for (const record of taken) this.#waiting.push(record);
    const lost = records.length - taken.length;
    this.#lost += lost;
    if (lost > 0) this.#input.done(lost);
    if (this.#stopRetry === undefined) this.#next();
  }

  /** Resolves once what waits is stored, or one more try has failed. */
  async flush(): Promise<void> {
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    this.#next();
    await this.#running;
  }

  #next(): void {
    this.#running = this.#running.then(() => this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#stopRetry === undefined) {
      this.#batch ??= this.#take();
      if (this.#batch === undefined) return;
      const { id, records } = this.#batch;
      try {
        await this.#input.store.write(records, id);
      } catch (error) {
        this.#failed(error);
        return;
      }
      this.#batch = undefined;
      this.#input.done(records.length);
      if (this.#failures > 0)
        this.#input.warn(
          `usage records can be written to ${this.#input.where} again; ${this.#lost} of them were lost`,
        );
      this.#failures = 0;
      this.#lost = 0;
    }
  }

  #take() {
    if (this.#waiting.length === 0) return undefined;
    return { id: randomUUID(), records: this.#waiting.splice(0, MAX_BATCH) };
  }

  #failed(error: unknown): void {
    const { warn, where, clock } = this.#input;
    if (this.#failures === 0)
      warn(
        `usage records cannot be written to ${where} (${error instanceof Error ? error.message : String(error)}); requests go on, and the newest records beyond ${MAX_WAITING} are lost`,
      );
    const afterMs = Math.min(RETRY_MS * 2 ** this.#failures, SLOWEST_MS);
    this.#failures += 1;
    this.#stopRetry = clock.after(afterMs, () => {
      this.#stopRetry = undefined;
      this.#next();
    });
  }
}
