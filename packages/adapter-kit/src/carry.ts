const EMPTY = Buffer.alloc(0);
const LINE_FEED = 10;

/** Bytes of an unfinished frame. The store doubles, so a frame that arrives in n chunks costs O(its size). */
export class Carry {
  #store = EMPTY;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get endsInLineFeed(): boolean {
    return this.#length > 0 && this.#store[this.#length - 1] === LINE_FEED;
  }

  append(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#store.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#store.length * 2));
      this.#store.copy(grown, 0, 0, this.#length);
      this.#store = grown;
    }
    chunk.copy(this.#store, this.#length);
    this.#length = needed;
  }

  /** The kept bytes followed by `chunk`, in a new buffer. Nothing is kept afterwards. */
  take(chunk: Buffer = EMPTY): Buffer {
    const joined = Buffer.concat([this.#store.subarray(0, this.#length), chunk]);
    this.clear();
    return joined;
  }

  clear(): void {
    this.#store = EMPTY;
    this.#length = 0;
  }
}
