/** A stream that broke after content: the next candidates continue it, or it ends in an error frame. */
import type { Failure } from "@headgate/contract";
import type { Candidate } from "@headgate/router";
import { ClientError } from "../http/client-error.ts";
import type { AnswerSink, ClientEnd } from "../http/client-sink.ts";
import type { Outcome } from "../upstream/outcome.ts";
import type { Continuation } from "./continuation/continuation.ts";
import { type AttemptResult, type ExchangeState, via } from "./exchange-state.ts";
import { usdOf } from "./usage-record.ts";

/** The trailer of a continued stream: the candidates that continued it, in order. */
export const SPLICED = "x-headgate-spliced";

export interface ContinuedStream {
  readonly outcome: "answered" | "broken" | "aborted";
  readonly candidate: Candidate;
}

type Broken = Extract<Outcome, { kind: "broken" }>;

/**
 * @param broken the attempt that broke; it is in `state.failedAttempts` already
 * @param next gives the candidates that are left, one at a time
 * @param attemptOne makes one attempt
 */
export async function continueStream(
  state: ExchangeState,
  continuation: Continuation,
  sink: ClientEnd,
  broken: { readonly candidate: Candidate; readonly outcome: Broken },
  next: () => Candidate | undefined,
  attemptOne: (candidate: Candidate, sink: AnswerSink) => Promise<AttemptResult>,
): Promise<ContinuedStream> {
  const { context, failedAttempts, incoming } = state;
  let { candidate: served, outcome: last } = broken;
  const takeUp = (): void => continuation.takeUp(Math.floor(context.nowMs() / 1000));
  takeUp();
  const queue = state.queue();
  // A candidate that answers in this process cannot continue a stream.
  for (let at = queue.length - 1; at >= 0; at -= 1) {
    const left = queue[at];
    if (left !== undefined && context.live.endpoint(left).http === undefined) queue.splice(at, 1);
  }
  while (!continuation.finished && continuation.continuable) {
    const candidate = next();
    if (candidate === undefined) break;
    if (sink.gone) return { outcome: "aborted", candidate: served };
    const one = await attemptOne(candidate, new LaterSink(sink, continuation));
    const { outcome } = one;
    if (outcome.kind === "skipped") continue;
    // It does not complete the call that the client has: another may.
    if (outcome.kind === "aborted" && continuation.differed) continue;
    if (outcome.kind === "answered" || outcome.kind === "aborted")
      return { outcome: outcome.kind, candidate: one.candidate };
    failedAttempts.push({ via: via(one.candidate), failure: outcome.failure });
    if (outcome.kind === "broken") {
      ({ served, last } = { served: one.candidate, last: outcome });
      takeUp();
    } else if (one.late === true || outcome.failure.class === "content_filter") break;
  }
  if (continuation.finished) {
    sink.charge(usdOf(state.trace));
    sink.end(continuation.end());
    return { outcome: "answered", candidate: served };
  }
  const error = brokenStream(served, last.failure);
  sink.charge(usdOf(state.trace));
  sink.end(continuation.errorFrame(error) ?? incoming.request.errorFrame(error));
  return { outcome: "broken", candidate: served };
}

export const brokenStream = (candidate: Candidate, failure: Failure): ClientError =>
  new ClientError({
    status: failure.class === "timeout" ? 504 : 502,
    type: "upstream_error",
    code: failure.class,
    message: `${via(candidate)} broke off in mid-stream: ${failure.message}`,
  });

/** The sink of a later part: the head has been sent, and a mark is written where the part begins. */
class LaterSink implements AnswerSink {
  readonly #sink: ClientEnd;
  readonly #continuation: Continuation;
  #via = "";

  constructor(sink: ClientEnd, continuation: Continuation) {
    this.#sink = sink;
    this.#continuation = continuation;
  }

  get gone(): boolean {
    return this.#sink.gone;
  }

  get onGone(): (() => void) | undefined {
    return this.#sink.onGone;
  }

  set onGone(callback: (() => void) | undefined) {
    this.#sink.onGone = callback;
    if (callback !== undefined) this.#continuation.onDiffers(callback);
  }

  /** The head has been sent. Of the headers only the candidate's name is still used. */
  header(name: string, value: string): void {
    if (name === "x-routed-via") this.#via = value.replaceAll(/[^\x20-\x7e]/g, "?");
  }

  // The head has been sent, and a stream is never sent whole.
  removeHeader(): void {}
  send(): void {}

  begin(): void {
    const { mark, trailer } = this.#continuation.continuedBy(this.#via);
    this.#sink.trailer(trailer);
    if (mark !== undefined) this.#sink.write(mark);
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

  // The stream has content, so that no silence is filled any more.
  waits(): void {}

  charge(usd: string | undefined): void {
    this.#sink.charge(usd);
  }
}
