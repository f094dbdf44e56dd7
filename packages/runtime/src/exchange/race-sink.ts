/** The sink of one attempt in a hedge: it holds its headers until this attempt is first. */
import type { AnswerSink, ClientEnd, Place } from "../http/client-sink.ts";

export class RaceSink implements AnswerSink {
  readonly #sink: ClientEnd;
  readonly #claim: () => void;
  #headers: Map<string, string | undefined> | undefined = new Map();
  onGone: (() => void) | undefined;
  /** True once another candidate was first, or the client is gone. */
  gone = false;

  /** @param claim called once, before the first byte; it closes the other candidates' sinks */
  constructor(sink: ClientEnd, claim: () => void) {
    this.#sink = sink;
    this.#claim = claim;
  }

  /** Ends the running attempt. */
  close(): void {
    if (this.gone) return;
    this.gone = true;
    this.onGone?.();
  }

  header(name: string, value: string): void {
    if (this.#headers === undefined) this.#sink.header(name, value);
    else this.#headers.set(name, value);
  }

  removeHeader(name: string): void {
    if (this.#headers === undefined) this.#sink.removeHeader(name);
    else this.#headers.set(name, undefined);
  }

  send(status: number, headers: Record<string, string>, body: Buffer | string): void {
    this.#first();
    this.#sink.send(status, headers, body);
  }

  begin(headers: Record<string, string>): void {
    this.#first();
    this.#sink.begin(headers);
  }

  write(bytes: Buffer): boolean {
    return this.#sink.write(bytes);
  }

  whenDrained(resume: () => void): void {
    this.#sink.whenDrained(resume);
  }

  end(bytes?: Buffer): void {
    this.#sink.end(bytes);
  }

  waits(place: Place | undefined): void {
    this.#sink.waits(place);
  }

  charge(usd: string | undefined): void {
    this.#sink.charge(usd);
  }

  #first(): void {
    this.#claim();
    for (const [name, value] of this.#headers ?? []) {
      if (value === undefined) this.#sink.removeHeader(name);
      else this.#sink.header(name, value);
    }
    this.#headers = undefined;
  }
}
