/** Runs scenarios through real gateways: a process, a folder and a fake provider for each lane of each set-up. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { makeRoot, type Running, removeRoot, startServe } from "../support/serve.ts";
import { type Answer, callChat } from "./client.ts";
import { ANSWER, type Attempt, type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import type { Timings } from "./faults.ts";
import type { Scenario } from "./scenarios.ts";
import {
  type CheckResult,
  judge,
  type Observed,
  type Outcome,
  type SequenceObserved,
  type Verdict,
  verdictOf,
} from "./scoring.ts";
import type { Setup, SetupId } from "./setups.ts";

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  /** Empty for a pass. */
  readonly reason: string;
  readonly checks: readonly CheckResult[];
  readonly observed: Observed;
  readonly attempts: readonly Attempt[];
}

export interface SetupResult {
  readonly id: SetupId;
  readonly title: string;
  readonly bar: number;
  readonly results: readonly Result[];
}

export interface RunOptions {
  readonly timings: Timings;
  /** One gateway for a whole set-up, sequences included. */
  readonly inSequence: boolean;
  /** Ends all. */
  readonly signal: AbortSignal;
  onResult(setup: Setup, result: Result): void;
}

const PROMPT = "Tell in exactly sixty words how boats climb a hill, and what happens when a lock fails.";
const PROBE_LIMIT_S = 10;
const STOP_MS = 3_000;

/**
 * All scenarios of a set-up, in the catalogue's order and through one gateway, because what one leaves behind is judged with the
 * next. A sequence has a gateway of its own beside it, unless all is to run in sequence.
 */
export async function runSetup(
  setup: Setup,
  scenarios: readonly Scenario[],
  options: RunOptions,
): Promise<SetupResult> {
  const beside = scenarios.filter(({ sequence }) => sequence !== undefined && !options.inSequence);
  const inOrder = scenarios.filter((scenario) => !beside.includes(scenario));
  const lanes = [inOrder, ...beside.map((scenario) => [scenario])].filter((lane) => lane.length > 0);
  const finished = await Promise.all(lanes.map((lane) => runLane(setup, lane, options)));
  const results = finished.flat().sort((a, b) => (a.id < b.id ? -1 : 1));
  return { id: setup.id, title: setup.title, bar: setup.bar, results };
}

interface Lane {
  readonly setup: Setup;
  readonly provider: FakeProvider;
  readonly url: string;
  readonly key: string;
  readonly options: RunOptions;
}

async function runLane(setup: Setup, scenarios: readonly Scenario[], options: RunOptions): Promise<Result[]> {
  await using provider = await startFakeProvider(options.timings);
  const root = makeRoot();
  let gateway: Running | undefined;
  try {
    const key = `hg-${randomBytes(24).toString("base64url")}`;
    const lines = [`HEADGATE_API_KEY=${key}`, ...setup.prepare(root, provider.baseUrl), ""];
    writeFileSync(join(root, ".env"), lines.join("\n"), { mode: 0o600 });
    gateway = await startServe(root);
    const results: Result[] = [];
    for (const scenario of scenarios) {
      const result = await runScenario(scenario, { setup, provider, url: gateway.url, key, options });
      options.onResult(setup, result);
      results.push(result);
    }
    return results;
  } finally {
    if (gateway !== undefined) await stop(gateway);
    removeRoot(root);
  }
}

async function stop({ child, exited }: Running): Promise<void> {
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await exited;
  clearTimeout(late);
}

async function runScenario(scenario: Scenario, lane: Lane): Promise<Result> {
  const { provider } = lane;
  provider.reset();
  const seen = await (scenario.sequence === undefined
    ? single(scenario, lane)
    : sequence(scenario, scenario.sequence, lane));
  const attempts = provider.attempts.slice();
  const deadAfter = await probe(scenario.fallback, lane);
  const observed: Observed = {
    ...seen,
    fallbackModel: scenario.fallback,
    primaryAtS: timesOf(attempts, scenario.primary),
    fallbackAtS: timesOf(attempts, scenario.fallback),
    primaryPromptTokens: attempts
      .filter(({ model }) => model === scenario.primary)
      .map(({ promptTokens }) => promptTokens),
    prefillRefusals: attempts.filter(({ prefillRefused }) => prefillRefused).length,
    ...(deadAfter === undefined ? {} : { deadAfter }),
  };
  const checks = judge(scenario.checks, observed);
  const { id, title } = scenario;
  return { id, title, ...verdictOf(scenario.ideal, observed, checks), checks, observed, attempts };
}

const timesOf = (attempts: readonly Attempt[], name: string): number[] =>
  attempts.filter(({ model }) => model === name).map(({ atMs }) => atMs / 1000);

type Seen = Pick<
  Observed,
  "outcome" | "complete" | "words" | "error" | "elapsedS" | "reportedModel" | "hasUsage" | "sequence"
>;

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");
const isComplete = (text: string): boolean => wordsOf(text).join(" ") === ANSWER;
const outcomeOf = ({ ok, hung }: Answer): Outcome => (hung ? "hang" : ok ? "answer" : "error");

const send = ({ primary, fallback, limitS }: Scenario, { setup, url, key, options }: Lane): Promise<Answer> =>
  callChat({
    url,
    key,
    limitS,
    signal: options.signal,
    body: {
      ...setup.request(primary, fallback),
      messages: [{ role: "user", content: PROMPT }],
      stream: true,
      stream_options: { include_usage: true },
    },
  });

const seenOf = (answer: Answer): Seen => ({
  outcome: outcomeOf(answer),
  complete: isComplete(answer.text),
  words: wordsOf(answer.text).length,
  elapsedS: answer.elapsedS,
  hasUsage: answer.hasUsage,
  ...(answer.error === undefined ? {} : { error: answer.error }),
  ...(answer.reportedModel === undefined ? {} : { reportedModel: answer.reportedModel }),
});

const single = async (scenario: Scenario, lane: Lane): Promise<Seen> => seenOf(await send(scenario, lane));

/** One request after another, each at its time or, after a slow one, at once. */
async function sequence(
  scenario: Scenario,
  { requests, everyMs }: { readonly requests: number; readonly everyMs: number },
  lane: Lane,
): Promise<Seen> {
  const { timings, signal } = lane.options;
  const startMs = performance.now();
  const sent: { readonly atMs: number; readonly seen: Seen }[] = [];
  for (let index = 0; index < requests; index++) {
    const waitMs = startMs + index * everyMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal });
    // A timer may fire a fraction of a millisecond early, which would count a request to the outage that ended.
    const atMs = Math.round(performance.now() - startMs);
    sent.push({ atMs, seen: seenOf(await send(scenario, lane)) });
  }
  const all = sent.map(({ seen }) => seen);
  const last = all.at(-1);
  if (last === undefined) throw new Error(`${scenario.id} sends no request`);
  const firstError = all.find(({ outcome }) => outcome !== "answer")?.error;
  const { error: _, ...lastSeen } = last;
  return {
    ...lastSeen,
    outcome: all.some(({ outcome }) => outcome === "hang")
      ? "hang"
      : all.every(({ outcome }) => outcome === "answer")
        ? "answer"
        : "error",
    complete: all.every(({ complete }) => complete),
    elapsedS: (performance.now() - startMs) / 1000,
    sequence: sequenceSeen(sent, scenario.primary, lane.provider.attempts, timings.outageMs),
    ...(firstError === undefined ? {} : { error: firstError }),
  };
}

function sequenceSeen(
  sent: readonly { readonly atMs: number; readonly seen: Seen }[],
  primary: string,
  attempts: readonly Attempt[],
  outageMs: number,
): SequenceObserved {
  const during = sent.filter(({ atMs }) => atMs < outageMs);
  const onPrimary = attempts.filter(({ model }) => model === primary);
  const back = onPrimary.find(({ action }) => action.startsWith("200"));
  return {
    requests: sent.length,
    hangs: sent.filter(({ seen }) => seen.outcome === "hang").length,
    duringOutage: during.length,
    answeredDuringOutage: during.filter(({ seen }) => seen.outcome === "answer").length,
    primaryAttemptsDuringOutage: onPrimary.filter(({ atMs }) => atMs < outageMs).length,
    ...(back === undefined ? {} : { recoveredAfterS: (back.atMs - outageMs) / 1000 }),
  };
}

/** A healthy call through the same gateway. @returns why it failed */
async function probe(fallback: string, { setup, url, key, options }: Lane): Promise<string | undefined> {
  const answer = await callChat({
    url,
    key,
    limitS: PROBE_LIMIT_S,
    signal: options.signal,
    body: { ...setup.direct(fallback), messages: [{ role: "user", content: PROMPT }] },
  });
  if (answer.ok && isComplete(answer.text)) return undefined;
  return answer.error ?? "the answer is not the expected text";
}
