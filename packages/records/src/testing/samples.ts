/** Usage records for tests. */
import type { RecordedAttempt, UsageRecord } from "@headgate/contract";

export const NOON_MS = Date.UTC(2026, 10, 21, 12);
let counter = 0;

export const attemptOf = (part: Partial<RecordedAttempt> = {}): RecordedAttempt => ({
  provider: "groq",
  model: "groq-llama",
  upstream: "llama",
  key: "GROQ_API_KEY",
  outcome: "answered",
  ms: 100,
  usage: { inputTokens: 10, outputTokens: 5 },
  listNanoUsd: 1_000,
  costNanoUsd: 0,
  ...part,
});

export function recordOf(part: Partial<UsageRecord> = {}): UsageRecord {
  counter += 1;
  const attempts = part.attempts ?? [attemptOf()];
  return {
    uid: `u${counter}`,
    id: `r${counter}`,
    atMs: NOON_MS,
    client: "master",
    surface: "openai",
    operation: "chat",
    model: "groq-llama",
    route: "groq-llama",
    stream: false,
    outcome: "answered",
    status: 200,
    served: { provider: "groq", model: "groq-llama", upstream: "llama", key: "GROQ_API_KEY" },
    skipped: [],
    plan: [],
    durationMs: 120,
    usage: { inputTokens: 10, outputTokens: 5 },
    counted: "upstream",
    listNanoUsd: 1_000,
    costNanoUsd: 0,
    askedNanoUsd: 2_000,
    ...part,
    attempts,
  };
}
