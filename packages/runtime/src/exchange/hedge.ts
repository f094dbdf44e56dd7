/**
 * A candidate that is slow to commit, and the next one beside it: the first to commit has the client, the other is
 * cancelled on the spot. If one fails, the other goes on alone.
 */
import { HEDGED } from "@headgate/contract";
import type { Candidate } from "@headgate/router";
import type { AnswerSink, ClientSink } from "../http/client-sink.ts";
import type { AttemptResult, ExchangeState } from "./exchange-state.ts";
import { RaceSink } from "./race-sink.ts";

/** After how many ms the request is hedged; undefined: never. */
export function hedgeAfterMs({
  incoming: { policy, facts },
}: Pick<ExchangeState, "incoming">): number | undefined {
  const afterMs = policy?.hedgeAfterMs ?? 0;
  return afterMs > 0 && HEDGED.has(facts.operation) ? afterMs : undefined;
}

/** Takes the next candidate that is not `candidate` under another name: the same provider, key and model. */
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
 * @param tryOne one candidate's whole try
 * @param take the candidate to ask besides; undefined when none is left
 * @returns the tries that came to something: one that was cancelled because the other was first is not among them
 */
export async function race(
  sink: ClientSink,
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
  const enter = (candidate: Candidate): Promise<Settled> => {
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
  /** One that turns out to have no room was not called, so the one after it is asked. */
  const hedge = async (): Promise<void> => {
    let skipped = true;
    while (skipped && !firstIsOver && winner === undefined && !sink.gone) {
      const second = take();
      if (second === undefined) return;
      sink.header("x-headgate-hedged", "1");
      const { done } = await enter(second);
      skipped = done?.outcome.kind === "skipped";
      if (skipped) sink.removeHeader("x-headgate-hedged");
    }
  };

  const timer = setTimeout(() => void hedge(), afterMs);
  await enter(first);
  firstIsOver = true;
  // From here on no other one begins; one that has begun is waited for.
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
