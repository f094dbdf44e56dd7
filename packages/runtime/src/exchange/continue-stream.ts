/** What happens to a stream that broke after content: the next candidates take it up, or it ends in an error frame. */
import { type Failure, movesOn, present, type Usage } from "@headgate/contract";
import type { Candidate } from "@headgate/router";
import { ClientError } from "../http/client-error.ts";
import type { AnswerSink, ClientSink } from "../http/client-sink.ts";
import type { Outcome } from "../upstream/outcome.ts";
import type { Continuation } from "./continuation/continuation.ts";
import { type AttemptResult, type ExchangeState, via } from "./exchange-state.ts";

/** The trailer of a stream that was put together: who took it up, in order. */
export const SPLICED = "x-headgate-spliced";

export interface ContinuedStream {
  readonly outcome: "answered" | "broken" | "aborted";
  readonly candidate: Candidate;
  /** What all upstreams counted, together. */
  readonly usage?: Usage;
}

type Broken = Extract<Outcome, { kind: "broken" }>;

/**
 * @param broken the try that broke; told in `walk.tried` already
 * @param next the candidates that are left, one at a time
 * @param tryOne one candidate's whole try
 */
export async function continueStream(
  state: ExchangeState,
  continuation: Continuation,
  sink: ClientSink,
  broken: { readonly candidate: Candidate; readonly outcome: Broken },
  next: () => Candidate | undefined,
  attemptOne: (candidate: Candidate, sink: AnswerSink) => Promise<AttemptResult>,
): Promise<ContinuedStream> {
  const { context, failedAttempts, incoming } = state;
  const spent = new Spent();
  spent.add(broken.outcome.usage);
  let { candidate: served, outcome: last } = broken;
  const queue = state.queue();
  // One that answers in this process has no stream to take up.
  for (let at = queue.length - 1; at >= 0; at -= 1) {
    const left = queue[at];
    if (left !== undefined && context.live.endpoint(left).http === undefined) queue.splice(at, 1);
  }
  while (!continuation.finished && continuation.continuable) {
    const candidate = next();
    if (candidate === undefined) break;
    if (sink.gone) return { outcome: "aborted", candidate: served, ...spent.usage };
    const one = await attemptOne(candidate, new LaterSink(sink, continuation));
    const { outcome } = one;
    if (outcome.kind === "skipped") continue;
    if ("usage" in outcome) spent.add(outcome.usage);
    if (outcome.kind === "answered" || outcome.kind === "aborted")
      return { outcome: outcome.kind, candidate: one.candidate, ...spent.usage };
    failedAttempts.push({ via: via(one.candidate), failure: outcome.failure });
    if (outcome.kind === "broken") ({ served, last } = { served: one.candidate, last: outcome });
    else if (one.late === true || (one.param === undefined && !movesOn(outcome.failure))) break;
  }
  if (continuation.finished) {
    sink.end(continuation.end());
    return { outcome: "answered", candidate: served, ...spent.usage };
  }
  const error = brokenStream(served, last.failure);
  sink.end(continuation.errorFrame(error) ?? incoming.request.errorFrame(error));
  return { outcome: "broken", candidate: served, ...spent.usage };
}

export const brokenStream = (candidate: Candidate, failure: Failure): ClientError =>
  new ClientError({
    status: failure.class === "timeout" ? 504 : 502,
    type: "upstream_error",
    code: failure.class,
    message: `${via(candidate)} broke off in mid-stream: ${failure.message}`,
  });

/** The client's end for a part that comes later: the head is sent, and a mark stands where the part begins. */
class LaterSink implements AnswerSink {
  readonly #sink: ClientSink;
  readonly #continuation: Continuation;
  #via = "";

  constructor(sink: ClientSink, continuation: Continuation) {
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
  }

  /** The head is sent; of what would stand there only who answers is still to be told. */
  header(name: string, value: string): void {
    if (name === "x-routed-via") this.#via = value.replaceAll(/[^\x20-\x7e]/g, "?");
  }

  // The head is sent, and a stream is never sent whole.
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

  whenDrained(continueStream: () => void): void {
    this.#sink.whenDrained(continueStream);
  }

  end(bytes?: Buffer): void {
    this.#sink.end(bytes);
  }
}

/** What a request cost upstream, over all of its parts. */
class Spent {
  #usage: Usage | undefined;

  add(usage: Usage | undefined): void {
    if (usage === undefined) return;
    const { inputTokens = 0, outputTokens = 0 } = this.#usage ?? {};
    this.#usage = {
      inputTokens: inputTokens + usage.inputTokens,
      outputTokens: outputTokens + usage.outputTokens,
    };
  }

  get usage(): { readonly usage?: Usage } {
    return present({ usage: this.#usage });
  }
}
