/** Copies of a request and its answer for the usage record, where HEADGATE_RECORD_BODIES asks for them. */
import { redact } from "@headgate/adapter-kit";
import type { RecordedBodies } from "@headgate/contract";

/** More of a body is not kept. */
const MAX_BYTES = 65_536;

export class BodyCopy {
  readonly #request = new Cut();
  readonly #answer = new Cut();

  request(bytes: Buffer): void {
    this.#request.add(bytes);
  }

  answer(bytes: Buffer): void {
    this.#answer.add(bytes);
  }

  /** Without what looks like a key. */
  bodies(uid: string): RecordedBodies {
    return { uid, request: this.#request.text(), answer: this.#answer.text() };
  }
}

/** The beginning of a body. */
class Cut {
  readonly #parts: Buffer[] = [];
  #kept = 0;
  #total = 0;

  add(bytes: Buffer): void {
    this.#total += bytes.length;
    const room = MAX_BYTES - this.#kept;
    if (room <= 0) return;
    // Copied: the sender may use its memory again.
    const part = Buffer.from(bytes.subarray(0, room));
    this.#parts.push(part);
    this.#kept += part.length;
  }

  text(): string {
    const text = redact(Buffer.concat(this.#parts).toString("utf8"));
    return this.#total === this.#kept ? text : `${text}\n… ${this.#total - this.#kept} more bytes`;
  }
}
