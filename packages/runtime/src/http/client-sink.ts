/** The client's end of an exchange: the one place that writes to the client, and knows whether it is connected. */
import type { ServerResponse } from "node:http";
import type { BodyCopy } from "./body-copy.ts";
import type { MemoryHold } from "./memory-budget.ts";

const ONE_WRITE_BYTES = 16 * 1024;

/** The bytes that a stream sends before its first content. */
export interface Silence {
  readonly streamContentType: string;
  /** Bytes that the stream's clients ignore. */
  readonly keepAlive: Buffer;
}

/** Asks where a request stands in its queue: one line of words, or undefined where that is not known. */
export type Place = () => Promise<string | undefined>;

/** What an attempt sees of the client's end. */
export interface AnswerSink {
  /** True once the client has disconnected. */
  readonly gone: boolean;
  /** Called once if that happens before the answer is whole. */
  onGone: (() => void) | undefined;
  /** A header of every answer of this exchange. A second call with the same name replaces it. */
  header(name: string, value: string): void;
  removeHeader(name: string): void;
  /** Sends a whole answer. */
  send(status: number, headers: Record<string, string>, body: Buffer | string): void;
  /** Starts a stream. */
  begin(headers: Record<string, string>): void;
  /** Writes whole frames. False: the client is slow; wait for `whenDrained`. */
  write(bytes: Buffer): boolean;
  whenDrained(resume: () => void): void;
  end(bytes?: Buffer): void;
  /** What tells the place in a queue while the request waits in one; undefined once it does not. */
  waits(place: Place | undefined): void;
  /** What the request costs so far, in US dollars; undefined where that is unknown. Before `send` or `end`. */
  charge(usd: string | undefined): void;
}

/** The whole of a client's end, as an exchange uses it. */
export interface ClientEnd extends AnswerSink {
  /** Announces that a stream may end with this trailer. */
  announceTrailer(name: string): void;
  /** The announced trailer's value. Only before `end`. */
  trailer(value: string): void;
}

/** The headers that tell cost and duration; of a stream they are trailers. */
export interface MoneyNames {
  readonly cost: readonly string[];
  readonly duration: readonly string[];
  /** Another header for the request's id. */
  readonly id?: string;
  /** All trailers, as the header `trailer` lists them. */
  readonly trailers: string;
}

const moneyNames = (cost: readonly string[], duration: readonly string[], id?: string): MoneyNames => ({
  cost,
  duration,
  ...(id === undefined ? {} : { id }),
  trailers: [...cost, ...duration].join(", "),
});

const COST = "x-headgate-cost-usd";
const DURATION = "x-headgate-duration-ms";
const MONEY = moneyNames([COST], [DURATION]);
/** LiteLLM's names besides. */
export const LITELLM_MONEY = moneyNames(
  [COST, "x-litellm-response-cost"],
  [DURATION, "x-litellm-response-duration-ms"],
  "x-litellm-call-id",
);

/** Headers that name the candidate. After a keep-alive they come too late for the head, and follow the answer. */
const LATE = ["x-routed-via", "x-fallback-attempts", "x-headgate-trail", "x-headgate-dropped-params"];

export const streamHeaders = (contentType: string): Record<string, string> => ({
  "content-type": contentType,
  "cache-control": "no-cache",
  // Without it, proxies such as nginx buffer the stream.
  "x-accel-buffering": "no",
});

export class ClientSink implements ClientEnd {
  readonly #response: ServerResponse;
  /** Flat name, value, name, value, …: what node:http writes fastest. */
  readonly #headers: string[];
  #onDrain: (() => void) | undefined;
  #trailer: string | undefined;
  #trailerValue: string | undefined;
  readonly #names: MoneyNames;
  readonly #startedAtMs = performance.now();
  #usd: string | undefined = "0";
  /** Trailers need a chunked body, which HTTP/1.0 has not. */
  readonly #trails: boolean;
  #begun = false;
  /** A keep-alive sent the head, before any candidate had answered. */
  #early = false;
  /** The stream's clients skip comments. */
  #comments = false;
  #place: Place | undefined;
  #silence: Silence | undefined;
  #copy: BodyCopy | undefined;
  onGone: (() => void) | undefined;
  /** Released once the answer is sent, or the client is gone. */
  readonly memory: MemoryHold | undefined;
  gone = false;
  committed = false;

  /** @param names of the headers for cost and duration */
  constructor(
    response: ServerResponse,
    requestId: string,
    names: MoneyNames = MONEY,
    memory: MemoryHold | undefined = undefined,
  ) {
    this.memory = memory;
    this.#response = response;
    this.#names = names;
    this.#trails = response.req.httpVersion !== "1.0";
    this.#headers = ["x-request-id", requestId];
    if (names.id !== undefined) this.#headers.push(names.id, requestId);
    response.on("close", () => {
      this.memory?.release();
      if (response.writableFinished || this.gone) return;
      this.gone = true;
      this.onGone?.();
    });
    // A reset while writing is followed by a close, which is handled above.
    response.on("error", () => {});
  }

  /** What is sent is copied there, too. */
  copyTo(copy: BodyCopy): void {
    this.#copy = copy;
  }

  header(name: string, value: string): void {
    const at = this.#headers.indexOf(name);
    if (at === -1) this.#headers.push(name, value);
    else this.#headers[at + 1] = value;
  }

  removeHeader(name: string): void {
    const at = this.#headers.indexOf(name);
    if (at !== -1) this.#headers.splice(at, 2);
  }

  /** Announces that a stream may end with this trailer. A client of HTTP/1.0 gets none. */
  announceTrailer(name: string): void {
    if (this.#trails) this.#trailer = name;
  }

  /** The announced trailer's value. Only before `end`. */
  trailer(value: string): void {
    this.#trailerValue = value;
  }

  send(status: number, headers: Record<string, string>, body: Buffer | string): void {
    this.committed = true;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    this.#copy?.answer(bytes);
    this.#writeHead(status, headers, String(bytes.length));
    // As a string, a small body leaves together with the head: one write to the socket instead of two.
    if (bytes.length <= ONE_WRITE_BYTES) this.#response.end(bytes.toString("latin1"), "latin1");
    else this.#response.end(bytes);
  }

  begin(headers: Record<string, string>): void {
    this.#begun = true;
    // After a keep-alive the head has been sent; headers of the candidate come too late.
    if (!this.committed) this.#commit(headers);
  }

  /** The clients of this stream skip comments between events: what comes too late for the head may stand there. */
  allowComments(): void {
    this.#comments = true;
  }

  /** What a stream's silence is filled with; `keepAlive` sends it. */
  fillSilence(silence: Silence): void {
    this.#silence = silence;
  }

  /** Commits the status 200: a failure after it is an error frame. */
  keepAlive(): void {
    const silence = this.#silence;
    if (silence === undefined || this.#begun || this.gone) return;
    if (!this.committed) {
      this.#early = true;
      this.#commit(streamHeaders(silence.streamContentType));
    }
    this.#response.write(silence.keepAlive);
    if (this.#place !== undefined && this.#comments) void this.#tellPlace(this.#place);
  }

  waits(place: Place | undefined): void {
    this.#place = place;
  }

  async #tellPlace(place: Place): Promise<void> {
    const words = await place().catch(() => undefined);
    if (words === undefined || this.#place !== place || this.#begun || this.gone) return;
    this.#response.write(`: ${words}\n\n`);
  }

  #commit(headers: Record<string, string>): void {
    this.committed = true;
    if (this.#trails) {
      const own = this.#trailer === undefined ? [] : [this.#trailer];
      const late = this.#early ? LATE : [];
      this.#headers.push("trailer", [...own, ...late, this.#names.trailers].join(", "));
    }
    this.#writeHead(200, headers);
  }

  #writeHead(status: number, headers: Record<string, string>, length?: string): void {
    const flat = this.#headers;
    for (const name in headers) flat.push(name, headers[name] ?? "");
    if (length !== undefined) {
      flat.push("content-length", length);
      const elapsed = this.#elapsed();
      for (const name of this.#names.duration) flat.push(name, elapsed);
      if (this.#usd !== undefined) for (const name of this.#names.cost) flat.push(name, this.#usd);
    }
    this.#response.writeHead(status, flat);
  }

  write(bytes: Buffer): boolean {
    this.#copy?.answer(bytes);
    return this.#response.write(bytes);
  }

  /** Ends the answer from outside its exchange, which sees a client that went away. */
  cut(last: Buffer): void {
    if (this.gone || this.#response.writableEnded) return;
    this.end(last);
    this.gone = true;
    this.onGone?.();
  }

  whenDrained(resume: () => void): void {
    if (this.#onDrain === undefined) {
      this.#response.on("drain", () => {
        const callback = this.#onDrain;
        this.#onDrain = noop;
        callback?.();
      });
    }
    this.#onDrain = resume;
  }

  charge(usd: string | undefined): void {
    this.#usd = usd;
  }

  #elapsed(): string {
    return String(Math.round((performance.now() - this.#startedAtMs) * 10) / 10);
  }

  #lastNames(): [string, string][] {
    const named: [string, string][] = [];
    for (const name of this.#early ? LATE : []) {
      const at = this.#headers.indexOf(name);
      if (at !== -1) named.push([name, this.#headers[at + 1] ?? ""]);
    }
    if (this.#trailer !== undefined && this.#trailerValue !== undefined)
      named.push([this.#trailer, this.#trailerValue]);
    const elapsed = this.#elapsed();
    for (const name of this.#names.duration) named.push([name, elapsed]);
    if (this.#usd !== undefined) for (const name of this.#names.cost) named.push([name, this.#usd]);
    return named;
  }

  end(bytes?: Buffer): void {
    if (bytes !== undefined && bytes.length > 0) this.#copy?.answer(bytes);
    const named = this.#lastNames();
    if (this.#trails) this.#response.addTrailers(named);
    const last = this.#comments ? lastComment(named) : "";
    if (bytes === undefined || bytes.length === 0) this.#response.end(last);
    else if (last === "") this.#response.end(bytes);
    else this.#response.end(Buffer.concat([bytes, Buffer.from(last)]));
  }
}

/** Few clients read trailers, and most skip a comment: one line per name, as an empty event. */
const lastComment = (named: readonly (readonly [string, string])[]): string =>
  `${named.map(([name, value]) => `: ${name}: ${value}\n`).join("")}\n`;

const noop = (): void => {};
