/**
 * Records on their way to the thread: JSON lines in blocks of shared memory. What waits there is no garbage to copy, and a block is
 * used again once the thread has read it, so that nothing is allocated per record.
 */
import type { RecordedBodies, UsageRecord } from "@headgate/contract";
import type { Written } from "../store/store.ts";

/** Holds more than a thousand records of a usual size. */
export const BLOCK_BYTES = 1_048_576;
/** A character of UTF-16 takes at most so many bytes of UTF-8. */
const MAX_BYTES_PER_CHAR = 3;
const NEWLINE = 0x0a;

export interface Batch {
  readonly block: SharedArrayBuffer;
  /** So many bytes of the block are used, one record per line. */
  readonly length: number;
  /** By the number of the line. */
  readonly bodies: ReadonlyMap<number, RecordedBodies>;
}

export class BatchWriter {
  readonly #give: (batch: Batch) => void;
  /** Read blocks, to be used again. */
  readonly #free: SharedArrayBuffer[] = [];
  #bytes: Buffer<SharedArrayBuffer> | undefined;
  #length = 0;
  #count = 0;
  #bodies = new Map<number, RecordedBodies>();

  /** @param give is called with each full block, and with what waits at a flush */
  constructor(give: (batch: Batch) => void) {
    this.#give = give;
  }

  add(record: UsageRecord, bodies: RecordedBodies | undefined): void {
    const json = JSON.stringify(record);
    const bytes = this.#withRoom(json.length * MAX_BYTES_PER_CHAR + 1);
    this.#length += bytes.write(json, this.#length);
    bytes[this.#length] = NEWLINE;
    this.#length += 1;
    if (bodies !== undefined) this.#bodies.set(this.#count, bodies);
    this.#count += 1;
  }

  flush(): void {
    if (this.#bytes === undefined || this.#length === 0) return;
    this.#give({ block: this.#bytes.buffer, length: this.#length, bodies: this.#bodies });
    this.#bytes = undefined;
    this.#length = 0;
    this.#count = 0;
    this.#bodies = new Map();
  }

  /** The thread has read a block. */
  release(block: SharedArrayBuffer): void {
    // A larger one was made for a single record.
    if (block.byteLength === BLOCK_BYTES && this.#free.length === 0) this.#free.push(block);
  }

  #withRoom(room: number): Buffer<SharedArrayBuffer> {
    if (this.#bytes !== undefined && this.#length + room > this.#bytes.length) this.flush();
    this.#bytes ??= Buffer.from(
      (room > BLOCK_BYTES ? undefined : this.#free.pop()) ??
        new SharedArrayBuffer(Math.max(room, BLOCK_BYTES)),
    );
    return this.#bytes;
  }
}

/** Copies the records out of the block. */
export function readBatch({ block, length, bodies }: Batch): Written[] {
  const bytes = Buffer.from(block, 0, length);
  const written: Written[] = [];
  for (let from = 0; from < length; ) {
    const to = bytes.indexOf(NEWLINE, from);
    // Line by line: one text of the whole block would be a large object that only a full collection frees.
    const json = bytes.toString("utf8", from, to);
    const own = bodies.get(written.length);
    written.push(own === undefined ? { json } : { json, bodies: own });
    from = to + 1;
  }
  return written;
}
