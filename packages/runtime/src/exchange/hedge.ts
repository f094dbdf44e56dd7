/**
 * A hedge: while a candidate is slow to commit, the next one is tried beside it. The first to commit answers the client
 * and the other is cancelled at once. If one fails, the other goes on alone.
 */
import { HEDGED } from "@headgate/contract";
import type { Candidate } from "@headgate/router";
import type { AnswerSink, ClientEnd } from "../http/client-sink.ts";
import type { AttemptResult, ExchangeState } from "./exchange-state.ts";
import { RaceSink } from "./race-sink.ts";

/** The delay of the hedge, in ms; undefined: no hedge. */
export function hedgeAfterMs({
  incoming: { policy, facts },
}: Pick<ExchangeState, "incoming">): number | undefined {
  const afterMs = policy?.hedgeAfterMs ?? 0;
  return afterMs > 0 && HEDGED.has(facts.operation) ? afterMs : undefined;
}

/** Takes the next candidate of the queue with another provider, key or model. */
export function takeOther(queue: Candidate[], candidate: Candidate): Candidate | undefined {
  const at = queue.findIndex(
    (other) =>
      other.provider !== candidate.provider ||
      other.key !== candidate.key ||
      other.deployment.upstream !== candidate.deployment.upstream,
  );
  return at === -1 ? undefined : queue.splice(at, 1)[0];
}

/**
 * @param attemptOne makes one attempt
 * @param take gives the candidate of the hedge; undefined when none is left
 * @returns the attempts' results, without an attempt that was cancelled because the other was first
 */
export async function race(
  sink: ClientEnd,
  first: Candidate,
  afterMs: number,
  attemptOne: (candidate: Candidate, sink: AnswerSink) => Promise<AttemptResult>,
  take: () => Candidate | undefined,
): Promise<readonly AttemptResult[]> {
  const racers: RaceSink[] = [];
  const running: Promise<Settled>[] = [];
  let winner: RaceSink | undefined;
  let firstIsOver = false;
  sink.onGone = () => {
    for (const racer of racers) racer.close();
  };
  const start = (candidate: Candidate): Promise<Settled> => {
    const racer = new RaceSink(sink, () => {
      winner = racer;
      for (const other of racers) if (other !== racer) other.close();
    });
    racers.push(racer);
    const settled = attemptOne(candidate, racer).then(
      (done): Settled => ({ racer, done }),
      (thrown: unknown): Settled => ({ racer, thrown }),
    );
    running.push(settled);
    return settled;
  };
  /** A candidate without room was not called, so the next one is tried. */
  const hedge = async (): Promise<void> => {
    let skipped = true;
    while (skipped && !firstIsOver && winner === undefined && !sink.gone) {
      const second = take();
      if (second === undefined) return;
      sink.header("x-headgate-hedged", "1");
      const { done } = await start(second);
      skipped = done?.outcome.kind === "skipped";
      if (skipped) sink.removeHeader("x-headgate-hedged");
    }
  };

  const timer = setTimeout(() => void hedge(), afterMs);
  await start(first);
  firstIsOver = true;
  // From here on no hedge begins. One that has begun is awaited.
  clearTimeout(timer);
  const settled = await Promise.all(running);
  sink.onGone = undefined;
  const results: AttemptResult[] = [];
  for (const { racer, done, thrown } of settled) {
    if (winner !== undefined && racer !== winner && (done === undefined || done.outcome.kind === "aborted"))
      continue;
    if (done === undefined) throw thrown;
    results.push(done);
  }
  return results;
}

interface Settled {
  readonly racer: RaceSink;
  readonly done?: AttemptResult;
  readonly thrown?: unknown;
}
