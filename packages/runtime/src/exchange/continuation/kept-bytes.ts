/** The bytes of a stream that passed to the client, kept while it may break: they are read only after a break. */

/** The most that is kept of one stream: about 16,000 chunks of a chat completion. */
export const MAX_STREAM_BYTES = 4 * 1024 * 1024;
/** The most that is kept of all streams of this process together. */
export const MAX_ALL_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 16 * 1024;
/** Free blocks that are kept for the next streams: 4 MiB. */
const MAX_FREE_BLOCKS = 256;

/** The blocks of all streams of a process. They are used again: allocating one costs more than what is copied into it. */
export class KeptBudget {
  readonly #free: Buffer[] = [];
  #bytes = 0;

  /** @returns a block of at least this size; undefined where all streams together hold too much */
  take(bytes: number): Buffer | undefined {
    const size = Math.max(BLOCK_BYTES, bytes);
    if (this.#bytes + size > MAX_ALL_BYTES) return undefined;
    this.#bytes += size;
    return (size === BLOCK_BYTES ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
  }

  give(block: Buffer): void {
    this.#bytes -= block.length;
    if (block.length === BLOCK_BYTES && this.#free.length < MAX_FREE_BLOCKS) this.#free.push(block);
  }

  /** Held by streams. */
  get bytes(): number {
    return this.#bytes;
  }
}

export const PROCESS_BUDGET = new KeptBudget();

export class KeptBytes {
  readonly #budget: KeptBudget;
  readonly #blocks: Buffer[] = [];
  /** The bytes used of each block but the last. */
  readonly #full: number[] = [];
  #block: Buffer | undefined;
  #used = 0;
  #reserved = 0;
  #over = false;

  constructor(budget: KeptBudget = PROCESS_BUDGET) {
    this.#budget = budget;
  }

  /** Copies: the chunks that pass would hold larger buffers of the socket. */
  add(bytes: Buffer): void {
    if (this.#over) return;
    let block = this.#block;
    if (block === undefined || this.#used + bytes.length > block.length) {
      block = this.#grow(bytes.length);
      if (block === undefined) return;
    }
    block.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** All bytes so far; undefined where there were too many to keep. */
  all(): Buffer | undefined {
    if (this.#over) return undefined;
    const parts = this.#blocks.map((block, at) => block.subarray(0, this.#full[at] ?? this.#used));
    return Buffer.concat(parts);
  }

  /** Gives the memory back. Nothing is kept from here on. */
  drop(): void {
    this.#over = true;
    for (const block of this.#blocks.splice(0)) this.#budget.give(block);
    this.#block = undefined;
  }

  #grow(bytes: number): Buffer | undefined {
    const block = this.#reserved + bytes > MAX_STREAM_BYTES ? undefined : this.#budget.take(bytes);
    if (block === undefined) {
      this.drop();
      return undefined;
    }
    if (this.#block !== undefined) this.#full.push(this.#used);
    this.#reserved += block.length;
    this.#blocks.push(block);
    this.#block = block;
    this.#used = 0;
    return block;
  }
}
