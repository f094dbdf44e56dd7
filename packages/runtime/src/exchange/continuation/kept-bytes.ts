/** The bytes of a stream that passed to the client, kept while it may break: they are read only after a break. */

/** The most that is kept of one stream: about 16,000 chunks of a chat completion. */
export const MAX_STREAM_BYTES = 4 * 1024 * 1024;
/** The most that is kept of all streams of this process together. */
export const MAX_ALL_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 16 * 1024;

/** The blocks of all streams of a process. */
export class KeptBudget {
  #bytes = 0;

  take(bytes: number): boolean {
    if (this.#bytes + bytes > MAX_ALL_BYTES) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }
}

export const PROCESS_BUDGET = new KeptBudget();

export class KeptBytes {
  readonly #budget: KeptBudget;
  #blocks: Buffer[] = [];
  #block: Buffer | undefined;
  /** The bytes used of the last block. */
  #used = 0;
  #reserved = 0;
  #over = false;

  constructor(budget: KeptBudget = PROCESS_BUDGET) {
    this.#budget = budget;
  }

  /** Copies: the chunks that pass share memory with larger buffers of the socket. */
  add(bytes: Buffer): void {
    if (this.#over || bytes.length === 0) return;
    if (this.#block === undefined || this.#used + bytes.length > this.#block.length) {
      if (!this.#grow(bytes.length)) return;
    }
    this.#block?.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** All bytes so far; undefined where there were too many to keep. */
  all(): Buffer | undefined {
    if (this.#over) return undefined;
    const last = this.#block?.subarray(0, this.#used);
    return Buffer.concat(last === undefined ? [] : [...this.#blocks, last]);
  }

  /** Gives the memory back. Nothing is kept from here on. */
  drop(): void {
    this.#over = true;
    this.#blocks = [];
    this.#block = undefined;
    this.#budget.give(this.#reserved);
    this.#reserved = 0;
  }

  #grow(bytes: number): boolean {
    const size = Math.max(BLOCK_BYTES, bytes);
    if (this.#reserved + size > MAX_STREAM_BYTES || !this.#budget.take(size)) {
      this.drop();
      return false;
    }
    this.#reserved += size;
    if (this.#block !== undefined) this.#blocks.push(this.#block.subarray(0, this.#used));
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#used = 0;
    return true;
  }
}
