/**
 * One attempt at one candidate over HTTP: dispatch, wait for the first valid content, commit, relay, finish.
 *
 * It is an undici dispatch handler: bytes go from the upstream's socket to the client's without a stream object in
 * between. Everything ends in `#finish`, once.
 */
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import {
  classify,
  classifyError,
  limitInText,
  limitReadings,
  type RelayPiece,
  type StreamRelay,
} from "@headgate/adapter-kit";
import { type Failure, type LimitReading, present, type UpstreamError, type Usage } from "@headgate/contract";
import type { Candidate } from "@headgate/router";
import type { Dispatcher } from "undici";
import type { ExchangeCodec } from "../codec/exchange-codec.ts";
import { type AnswerSink, streamHeaders } from "../http/client-sink.ts";
import type { MemoryHold } from "../http/memory-budget.ts";
import { type AnswerEvents, AnswerFlow, HOLD } from "../upstream/answer-flow.ts";
import type { Endpoint } from "../upstream/live-table.ts";
import {
  failed,
  isReset,
  memoryUsedUp,
  type Outcome,
  observed,
  timeUsedUp,
  transportFailure,
} from "../upstream/outcome.ts";

/** The most of an error's body that is read. */
const MAX_ERROR_BYTES = 64 * 1024;
/** The most that is held back before the first content. */
const MAX_HELD_BYTES = 1024 * 1024;
/** The shortest secret that is searched for in messages. */
const MIN_SECRET_CHARS = 8;
/** How long, and for how many bytes, an upstream may continue after a whole answer. */
const LINGER_MS = 1_000;
const MAX_TRAILING_BYTES = 64 * 1024;
/** An answer up to this size is not counted. */
const UNCOUNTED_BYTES = 64 * 1024;
/** Failures whose text may state a limit. */
const REFUSALS: ReadonlySet<Failure["class"]> = new Set(["rate_limit", "daily_quota", "monthly_quota"]);

export interface AttemptLimits {
  /** Time without any content. */
  readonly firstContentMs: number;
  readonly streamIdleMs: number;
  /** Time until this attempt must end. */
  readonly remainingMs: number;
  readonly maxResponseBytes: number;
}

export interface AttemptInput {
  readonly candidate: Candidate;
  readonly exchangeCodec: ExchangeCodec;
  readonly http: NonNullable<Endpoint["http"]>;
  readonly sink: AnswerSink;
  readonly limits: AttemptLimits;
  /** Another model answered this request with nothing, so that a second empty answer is believed. */
  readonly passEmpty: boolean;
  /** The request's cost with this answer, for its headers; undefined where it is unknown. */
  readonly usd: (outcome: Outcome) => string | undefined;
  readonly nowMs: () => number;
  /** What the request holds of the memory budget. */
  readonly memory: Pick<MemoryHold, "take" | "waitOrGoAhead">;
  /** Where the request is traced. */
  readonly traceparent?: string | undefined;
}

type Mode = "waiting" | "stream" | "whole" | "error";

export class Attempt implements Dispatcher.DispatchHandler, AnswerEvents {
  readonly #input: AttemptInput;
  #resolve: (outcome: Outcome) => void = () => {};
  readonly #flow = new AnswerFlow(this);
  #relay: StreamRelay | undefined;
  #mode: Mode = "waiting";
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Of a whole answer, how many bytes need no more room in the memory budget. */
  #counted = UNCOUNTED_BYTES;
  #held: Buffer[] = [];
  #usage: Usage | undefined;
  #committed = false;
  #finished = false;
  #paused = false;
  #connectionsBefore = 0;
  #startedAtMs = 0;
  #firstTokenMs: number | undefined;
  #readings: readonly LimitReading[] = [];
  /** Of a stream; a stand-in for its tokens where the upstream counts none. */
  #contentFrames = 0;
  #over = false;
  #trailing = 0;
  #linger: NodeJS.Timeout | undefined;
  #waitTimer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(input: AttemptInput) {
    this.#input = input;
  }

  run(): Promise<Outcome> {
    return new Promise((resolve) => {
      const { http, exchangeCodec, limits, sink } = this.#input;
      const { encoded } = exchangeCodec;
      this.#resolve = resolve;
      const waitMs = limits.firstContentMs;
      this.#startedAtMs = performance.now();
      // One timer until the first content. A stream gets a second one, for the deadline, when it commits.
      if (waitMs < limits.remainingMs) this.#waitTimer = setTimeout(this.#tooSlow, waitMs);
      else this.#waitTimer = setTimeout(this.#outOfTime, alikeMs(limits.remainingMs));
      sink.onGone = () => this.#finish({ kind: "aborted" });
      const headers = http.headers.slice();
      for (const name in encoded.headers) headers.push(name, encoded.headers[name] ?? "");
      if (this.#input.traceparent !== undefined) headers.push("traceparent", this.#input.traceparent);
      this.#connectionsBefore = http.pool.connectionsMade;
      const body =
        typeof encoded.body === "function"
          ? Readable.from(encoded.body(), { objectMode: false })
          : encoded.body;
      http.pool.pool.dispatch({ path: http.basePath + encoded.path, method: "POST", headers, body }, this);
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#flow.start(controller);
    if (this.#finished) controller.abort(new Error("the attempt is over"));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#finished || status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#readings = limitReadings(headers, this.#input.nowMs());
    if (!this.#flow.decode(headers["content-encoding"])) {
      this.#broke(observed("malformed", "its answer has an unknown content-encoding"));
      return;
    }
    if (status >= 300) this.#mode = "error";
    else if (!this.#input.exchangeCodec.streams || isWhole(headers["content-type"])) {
      this.#mode = "whole";
      this.#countStated(headers["content-length"]);
    } else {
      this.#mode = "stream";
      this.#relay = this.#input.exchangeCodec.relay();
    }
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#finished) {
      this.#trailing += chunk.length;
      if (this.#trailing > MAX_TRAILING_BYTES) this.#abort();
      return;
    }
    this.#flow.push(chunk);
  }

  onResponseEnd(): void {
    this.#responseOver();
    if (this.#finished) return;
    this.#flow.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#responseOver();
    if (this.#finished) return;
    if (this.#mode === "error") this.end();
    else {
      const failure = transportFailure(error, this.#input.http.pool.proxy);
      if (isReset(error)) this.#wasReset(failure);
      else this.#broke(failure);
    }
  }

  #wasReset(failure: Failure): void {
    if (this.#committed) {
      this.#broke(failure);
      return;
    }
    const { pool } = this.#input.http;
    const reset = {
      beforeAnyByte: this.#mode === "waiting",
      // A proxy's connections are not counted.
      kept: pool.proxy === undefined && pool.connectionsMade === this.#connectionsBefore,
      sinceSentMs: performance.now() - this.#startedAtMs,
    };
    this.#finish({ ...failed(failure), reset });
  }

  damaged(): void {
    this.#broke(observed("malformed", "its compressed answer is damaged"));
  }

  data(chunk: Buffer): void {
    if (this.#finished) return;
    if (this.#relay !== undefined) {
      const pieces = this.#relay.push(chunk);
      if (this.#committed && !this.#paused && !isIdle(pieces, chunk)) this.#waitTimer?.refresh();
      this.#pieces(pieces);
      return;
    }
    this.#bytes += chunk.length;
    const limit = this.#mode === "error" ? MAX_ERROR_BYTES : this.#input.limits.maxResponseBytes;
    if (this.#bytes <= limit) {
      this.#chunks.push(chunk);
      if (this.#bytes > this.#counted) this.#count(chunk.length);
    } else if (this.#mode !== "error")
      this.#broke(observed("malformed", `its answer is larger than ${limit} bytes`));
    else {
      this.#chunks.push(chunk.subarray(0, chunk.length - (this.#bytes - limit)));
      this.end();
    }
  }

  /** A stated length is counted at once, so that answers do not wait for each other half read. */
  #countStated(length: string | string[] | undefined): void {
    const bytes = Number(length ?? 0);
    if (!(bytes > UNCOUNTED_BYTES) || bytes > this.#input.limits.maxResponseBytes) return;
    this.#counted = bytes;
    this.#count(bytes);
  }

  /** Waits before more is read where the memory budget has no room for what comes. */
  #count(bytes: number): void {
    const { memory } = this.#input;
    if (memory.take(bytes)) return;
    this.#flow.hold(HOLD.memory);
    memory.waitOrGoAhead(bytes).then(
      () => this.#flow.release(HOLD.memory),
      () => this.#broke(memoryUsedUp()),
    );
  }

  end(): void {
    if (this.#finished) return;
    if (this.#relay !== undefined) {
      this.#pieces(this.#relay.end());
      if (!this.#finished) this.#wasReset(observed("network", "its stream was cut"));
      return;
    }
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    if (this.#mode === "error") {
      const response = { status: this.#status, headers: this.#headers, body: body.toString("utf8") };
      const { candidate, nowMs } = this.#input;
      const failure = classify(response, candidate.provider.errors, nowMs(), idsOf(candidate));
      if (REFUSALS.has(failure.class)) this.#readings = [...this.#readings, ...limitInText(response.body)];
      this.#broke(failure);
    } else if (this.#input.exchangeCodec.streams) this.#pieces(this.#input.exchangeCodec.pieces(body));
    else this.#whole(body);
  }

  #pieces(pieces: readonly RelayPiece[]): void {
    for (const piece of pieces) {
      if (this.#finished) return;
      if (piece.usage !== undefined) this.#usage = piece.usage;
      switch (piece.kind) {
        case "hold":
          if (this.#committed) this.#write(piece.bytes);
          else this.#hold(piece.bytes);
          break;
        case "content":
          if (!this.#committed) this.#commit();
          this.#contentFrames += 1;
          this.#write(piece.bytes);
          break;
        case "comment":
          if (this.#committed) this.#write(piece.bytes);
          break;
        case "end":
          this.#endOfStream(piece.bytes);
          break;
        case "error":
          this.#reported(piece.error ?? { message: "it broke off" });
      }
    }
  }

  #endOfStream(terminator: Buffer): void {
    if (this.#committed) {
      this.#charge();
      this.#input.sink.end(terminator);
      this.#finish(this.#answered());
      return;
    }
    if (!this.#input.passEmpty && (this.#usage?.outputTokens ?? 0) === 0) {
      this.#wasEmpty();
      return;
    }
    this.#commit();
    this.#charge();
    this.#input.sink.end(terminator);
    this.#finish(this.#answered());
  }

  #charge(): void {
    const { sink, usd } = this.#input;
    sink.charge(usd({ ...this.#answered(), seen: { readings: [], outputTokens: this.#contentFrames } }));
  }

  #wasEmpty(): void {
    const failure = observed("malformed", "its answer is empty: no text, no call, no output tokens");
    this.#finish({ ...failed(failure), empty: true });
  }

  #hold(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_HELD_BYTES)
      this.#broke(observed("malformed", `it sent ${MAX_HELD_BYTES} bytes without any content`));
    else this.#held.push(bytes);
  }

  #commit(): void {
    const { sink, exchangeCodec, limits } = this.#input;
    this.#committed = true;
    this.#firstTokenMs = performance.now() - this.#startedAtMs;
    clearTimeout(this.#waitTimer);
    this.#waitTimer = setTimeout(this.#tooSlow, limits.streamIdleMs);
    this.#deadline = setTimeout(this.#outOfTime, alikeMs(this.#leftMs()));
    this.#passRateLimits();
    sink.begin(streamHeaders(exchangeCodec.streamContentType(this.#headers["content-type"])));
    for (const bytes of this.#held) this.#write(bytes);
    this.#held = [];
  }

  #write(bytes: Buffer): void {
    if (bytes.length === 0 || this.#input.sink.write(bytes) || this.#paused) return;
    this.#paused = true;
    this.#flow.hold(HOLD.client);
    // The client is slow, so the upstream's silence does not count.
    clearTimeout(this.#waitTimer);
    this.#input.sink.whenDrained(() => {
      this.#paused = false;
      if (this.#finished) return;
      this.#waitTimer = setTimeout(this.#tooSlow, this.#input.limits.streamIdleMs);
      this.#flow.release(HOLD.client);
    });
  }

  #whole(body: Buffer): void {
    const whole = this.#input.exchangeCodec.whole(body, this.#headers["content-type"]);
    if (!whole.ok) {
      this.#reported(whole.error);
      return;
    }
    if (whole.empty === true && !this.#input.passEmpty) {
      this.#wasEmpty();
      return;
    }
    this.#usage = whole.usage;
    this.#firstTokenMs = performance.now() - this.#startedAtMs;
    this.#passRateLimits();
    this.#charge();
    this.#input.sink.send(200, { "content-type": whole.contentType }, whole.body);
    this.#finish(this.#answered());
  }

  #passRateLimits(): void {
    for (const name in this.#headers) {
      if (!/^(?:x|anthropic)-ratelimit-/.test(name)) continue;
      const value = this.#headers[name];
      if (typeof value === "string") this.#input.sink.header(name, value);
    }
  }

  #answered(): Outcome {
    return { kind: "answered", ...present({ usage: this.#usage }) };
  }

  #reported(error: UpstreamError): void {
    const { candidate, nowMs } = this.#input;
    this.#broke(classifyError(error, candidate.provider.errors, nowMs(), idsOf(candidate)));
  }

  #broke(failure: Failure): void {
    const shown = this.#redact(this.#ownServers(failure));
    const usage = present({ usage: this.#usage });
    this.#finish(this.#committed ? { kind: "broken", failure: shown, ...usage } : failed(shown));
  }

  /** A model may be pulled to a server of one's own at any moment, and asking it again costs nothing. */
  #ownServers(failure: Failure): Failure {
    const own = this.#input.candidate.provider.local !== undefined;
    return own && failure.class === "model_gone" ? { ...failure, scope: "request" } : failure;
  }

  /** Some upstreams quote the key that they refuse. */
  #redact(failure: Failure): Failure {
    const { secret } = this.#input.http;
    // A shorter secret is part of ordinary words.
    if (secret === undefined || secret.length < MIN_SECRET_CHARS) return failure;
    const { code, ...others } = failure;
    const shown = failure.message.includes(secret)
      ? { ...failure, message: failure.message.replaceAll(secret, "[key]") }
      : failure;
    return code?.includes(secret) === true ? { ...others, message: shown.message } : shown;
  }

  readonly #tooSlow = (): void => {
    const { limits, exchangeCodec } = this.#input;
    const silence = exchangeCodec.streams ? "no content in time" : "no answer in time";
    const stall = `nothing more for ${limits.streamIdleMs} ms in mid-stream`;
    this.#broke(observed("timeout", this.#committed ? stall : silence));
  };

  #leftMs(): number {
    return this.#input.limits.remainingMs - (performance.now() - this.#startedAtMs);
  }

  readonly #outOfTime = (): void => {
    // A timer may fire early. A candidate that begins in that moment would exceed the request's time.
    const leftMs = this.#leftMs();
    if (leftMs > 0) {
      const timer = setTimeout(this.#outOfTime, alikeMs(leftMs));
      if (this.#committed) this.#deadline = timer;
      else this.#waitTimer = timer;
      return;
    }
    this.#broke(timeUsedUp("model"));
  };

  #finish(outcome: Outcome): void {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#waitTimer);
    clearTimeout(this.#deadline);
    this.#input.sink.onGone = undefined;
    this.#flow.destroy();
    if (!this.#over) {
      // A whole stream's last bytes are usually in the next packet: a short wait keeps the connection.
      if (outcome.kind === "answered") this.#linger = setTimeout(this.#abort, LINGER_MS);
      else this.#abort();
    }
    const firstTokenMs = this.#firstTokenMs;
    this.#resolve({
      ...outcome,
      seen: {
        readings: this.#readings,
        ...present({
          firstTokenMs,
          streamed: this.#committed ? (true as const) : undefined,
          outputTokens: this.#usage === undefined ? this.#contentFrames : undefined,
        }),
      },
    });
  }

  readonly #abort = (): void => {
    this.#flow.abort(new Error("the attempt is over"));
  };

  /** Nothing more comes from the upstream. */
  #responseOver(): void {
    this.#over = true;
    clearTimeout(this.#linger);
  }
}

const SECOND_MS = 1_000;

/**
 * Node keeps a list of timers per duration, and makes and drops one for each duration that no other timer has. Long times are
 * therefore cut to whole seconds: `#outOfTime` waits for the rest.
 */
const alikeMs = (ms: number): number =>
  ms < 2 * SECOND_MS ? Math.max(1, Math.ceil(ms)) : ms - (ms % SECOND_MS);

/** Ids that an upstream's message may name. */
const idsOf = ({ provider, deployment }: Candidate): readonly string[] => [
  provider.id,
  deployment.alias,
  deployment.upstream,
];

/** A JSON or HTML body in a stream's place. */
const isWhole = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^(application\/json|text\/html)/i.test(contentType);

const COLON = 58;

/** True for what only keeps a connection open: comments, and a chunk that begins with one and completes nothing else. */
function isIdle(pieces: readonly RelayPiece[], chunk: Buffer): boolean {
  for (const { kind } of pieces) if (kind !== "comment") return false;
  return pieces.length > 0 || chunk[0] === COLON || chunk.includes("\n:");
}
