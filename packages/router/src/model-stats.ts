/** Model stats: moving averages of a model at a provider, of its latency and its answers. */

/** Moving averages: the last few dozen answers weigh most. */
export interface ModelStats {
  /** Of prompts, as the provider counts tokens. */
  charsPerToken: number;
  /** Of an answer, on average; 0 while none is known. */
  outputTokens: number;
  /** Until the first content, on average, in ms; 0 while none is known. */
  firstTokenMs: number;
  /** Of the last streams, until the first content, in ms, oldest first. */
  firstTokensMs: number[];
  /** While it is writing; 0 while none is known. */
  tokensPerS: number;
  /** Successes and failures, each weighing less with the hours; both begin at a guess of one. */
  successes: number;
  failures: number;
  /** When the two were last faded, ms since the epoch. */
  fadedAtMs: number;
}

export const newStats = (): ModelStats => ({
  charsPerToken: 4,
  outputTokens: 0,
  firstTokenMs: 0,
  firstTokensMs: [],
  tokensPerS: 0,
  successes: 1,
  failures: 1,
  fadedAtMs: 0,
});

const WEIGHT = 0.1;
/** Successes and failures weigh half after this time: a provider's troubles last hours. */
const HALF_LIFE_MS = 60 * 60_000;
/** Below 2 or above 8 it is not text that was counted. */
const MIN_CHARS_PER_TOKEN = 1.5;
const MAX_CHARS_PER_TOKEN = 8;
/** Short prompts are mostly the provider's own frame around them. */
const MIN_CALIBRATING_CHARS = 400;
/** Fewer tokens cannot be so many characters. */
export const MIN_CALIBRATING_TOKENS = MIN_CALIBRATING_CHARS / MAX_CHARS_PER_TOKEN;

/** How many first tokens are kept, and how many must be known before they count. */
const FIRST_TOKENS = 40;
const FIRST_TOKENS_NEEDED = 10;

/** The 95th percentile of the time to a stream's first content, in ms; undefined while fewer than ten are known. */
export function firstTokenP95Ms({ firstTokensMs }: ModelStats): number | undefined {
  if (firstTokensMs.length < FIRST_TOKENS_NEEDED) return undefined;
  const sorted = firstTokensMs.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1];
}

const average = (before: number, now: number): number =>
  before === 0 ? now : before + WEIGHT * (now - before);

/** What one answer taught. */
export interface Answered {
  readonly promptChars: number;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly firstTokenMs?: number | undefined;
  /** A stream, so that `firstTokenMs` is the time to its first content and not to all of it. */
  readonly streamed?: boolean | undefined;
  readonly durationMs?: number | undefined;
}

export function learnAnswer(stats: ModelStats, answered: Answered, nowMs: number): void {
  fade(stats, nowMs);
  stats.successes += 1;
  const { promptChars, inputTokens = 0, outputTokens = 0, firstTokenMs, durationMs } = answered;
  if (promptChars >= MIN_CALIBRATING_CHARS && inputTokens > 0) {
    const ratio = Math.min(MAX_CHARS_PER_TOKEN, Math.max(MIN_CHARS_PER_TOKEN, promptChars / inputTokens));
    stats.charsPerToken = average(stats.charsPerToken, ratio);
  }
  if (outputTokens > 0) stats.outputTokens = average(stats.outputTokens, outputTokens);
  if (firstTokenMs !== undefined) stats.firstTokenMs = average(stats.firstTokenMs, firstTokenMs);
  if (firstTokenMs !== undefined && answered.streamed === true) {
    stats.firstTokensMs.push(Math.round(firstTokenMs));
    if (stats.firstTokensMs.length > FIRST_TOKENS) stats.firstTokensMs.shift();
  }
  if (firstTokenMs !== undefined && durationMs !== undefined && outputTokens > 1 && durationMs > firstTokenMs)
    stats.tokensPerS = average(stats.tokensPerS, (outputTokens * 1000) / (durationMs - firstTokenMs));
}

export function learnFailure(stats: ModelStats, nowMs: number): void {
  fade(stats, nowMs);
  stats.failures += 1;
}

/** Brings both counts nearer to the first guess, by the time that has passed. */
export function fade(stats: ModelStats, nowMs: number): void {
  if (stats.fadedAtMs !== 0 && nowMs > stats.fadedAtMs) {
    const left = 0.5 ** ((nowMs - stats.fadedAtMs) / HALF_LIFE_MS);
    stats.successes = 1 + (stats.successes - 1) * left;
    stats.failures = 1 + (stats.failures - 1) * left;
  }
  stats.fadedAtMs = Math.max(stats.fadedAtMs, nowMs);
}

const isAmount = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;

/** Applies what an earlier process learned; damaged numbers are left out. */
export function restoreStats(stats: ModelStats, data: string): void {
  try {
    const stored = JSON.parse(data) as Partial<Record<keyof ModelStats, unknown>> | null;
    for (const name of Object.keys(stats) as (keyof ModelStats)[]) {
      const value = stored?.[name];
      if (name === "firstTokensMs") {
        if (Array.isArray(value)) stats.firstTokensMs = value.filter(isAmount).slice(-FIRST_TOKENS);
      } else if (isAmount(value)) stats[name] = value;
    }
    stats.charsPerToken = Math.min(MAX_CHARS_PER_TOKEN, Math.max(MIN_CHARS_PER_TOKEN, stats.charsPerToken));
    stats.successes = Math.max(1, stats.successes);
    stats.failures = Math.max(1, stats.failures);
  } catch {
    // It begins anew.
  }
}
