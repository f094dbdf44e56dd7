/** The client's end of an exchange whose answer no client reads: it keeps only whether the real client is connected. */
import type { ClientEnd, Place } from "./client-sink.ts";

export class QuietSink implements ClientEnd {
  readonly #client: ClientEnd;

  constructor(client: ClientEnd) {
    this.#client = client;
  }

  get gone(): boolean {
    return this.#client.gone;
  }
  get onGone(): (() => void) | undefined {
    return this.#client.onGone;
  }
  set onGone(callback: (() => void) | undefined) {
    this.#client.onGone = callback;
  }
  header(name: string, value: string): void {
    this.#client.header(name, value);
  }
  removeHeader(name: string): void {
    this.#client.removeHeader(name);
  }
  announceTrailer(): void {}
  trailer(): void {}
  send(): void {}
  begin(): void {}
  write(): boolean {
    return true;
  }
  whenDrained(resume: () => void): void {
    resume();
  }
  waits(place: Place | undefined): void {
    this.#client.waits(place);
  }
  /** The cost so far is that of all turns. */
  charge(usd: string | undefined): void {
    this.#client.charge(usd);
  }
  end(): void {}
}
