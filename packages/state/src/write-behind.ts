/**
 * Writes that may come a moment later: gathered, and written together once per interval. What fails stays gathered and is
 * tried again, less and less often; `warn` is called once, and once more when it works.
 */
import type { Clock } from "./clock.ts";
import { messageOf } from "./failures.ts";

const SLOWEST_MS = 30_000;

export interface WriteBehindOptions {
  readonly everyMs: number;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** What cannot be written, for the warning: "state.db". */
  readonly where: string;
  /** Writes what is gathered, wholly or not at all. */
  readonly write: () => void;
}

export class WriteBehind {
  readonly #options: WriteBehindOptions;
  #stop: (() => void) | undefined;
  #failures = 0;
  #closed = false;

  constructor(options: WriteBehindOptions) {
    this.#options = options;
  }

  /** Something was gathered. */
  touch(): void {
    if (this.#stop !== undefined || this.#closed) return;
    const { everyMs, clock } = this.#options;
    const afterMs = Math.min(everyMs * 2 ** this.#failures, Math.max(SLOWEST_MS, everyMs));
    this.#stop = clock.after(afterMs, () => {
      this.#stop = undefined;
      this.flush();
    });
  }

  /** False when it could not be written. Never throws. */
  flush(): boolean {
    this.#stop?.();
    this.#stop = undefined;
    const { write, warn, where } = this.#options;
    try {
      write();
      if (this.#failures > 0) warn(`${where} can be written again; what was waiting is in it.`);
      this.#failures = 0;
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  /** A write that was tried outside a flush failed; its content is gathered now. */
  failed(error: unknown): void {
    const { warn, where } = this.#options;
    if (this.#failures === 0) {
      warn(
        `${where} cannot be written (${messageOf(error)}). The gateway goes on and remembers in memory; what it learns is lost at a restart unless this ends before.`,
      );
    }
    this.#failures += 1;
    this.touch();
  }

  close(): void {
    this.flush();
    this.#closed = true;
    this.#stop?.();
    this.#stop = undefined;
  }
}
