import { EncodeError } from "@headgate/adapter-kit";

/** The fields of a request that were left out, which the client gets reported. */
export class Refusals {
  readonly dropped: string[] = [];
  readonly #mayDrop: readonly string[];

  /** @param mayDrop fields, by the client's names, that the provider's fragment drops. */
  constructor(mayDrop: readonly string[]) {
    this.#mayDrop = mayDrop;
  }

  /** A hint that does not change the answer: left out, and reported once. */
  drop(name: string): void {
    if (!this.dropped.includes(name)) this.dropped.push(name);
  }

  /** A field that would change the answer. @throws {EncodeError} unless the fragment drops it. */
  refuse(name: string, why: string): void {
    if (!this.#mayDrop.includes(name)) throw new EncodeError(why, name);
    this.drop(name);
  }
}
