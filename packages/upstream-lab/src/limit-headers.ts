/** Rate-limit headers in three providers' forms. */
import type { Headers } from "./step.ts";

/**
 * `groq` (also OpenAI, Cerebras, Mistral): resets are durations such as `1m26.4s`; the requests pair is per day,
 * the tokens pair per minute. https://console.groq.com/docs/rate-limits
 * `openrouter`: one counter, reset in epoch milliseconds. https://openrouter.ai/docs/api/reference/limits
 * `anthropic`: resets in RFC 3339. https://docs.claude.com/en/api/rate-limits
 */
export type LimitStyle = "groq" | "openrouter" | "anthropic";

export interface LimitOptions {
  readonly style: LimitStyle;
  readonly requestsLimit?: number | undefined;
  readonly requestsRemaining?: number | undefined;
  /** Milliseconds from now. */
  readonly requestsResetInMs?: number | undefined;
  readonly tokensLimit?: number | undefined;
  readonly tokensRemaining?: number | undefined;
  readonly tokensResetInMs?: number | undefined;
}

export function limitHeaders(options: LimitOptions, nowMs: number): Headers {
  const {
    requestsLimit = 1000,
    requestsRemaining = 999,
    requestsResetInMs = 86_400,
    tokensLimit = 12_000,
    tokensRemaining = 11_900,
    tokensResetInMs = 500,
  } = options;
  if (options.style === "openrouter") {
    return {
      "x-ratelimit-limit": String(requestsLimit),
      "x-ratelimit-remaining": String(requestsRemaining),
      "x-ratelimit-reset": String(Math.round(nowMs + requestsResetInMs)),
    };
  }
  if (options.style === "anthropic") {
    return {
      "anthropic-ratelimit-requests-limit": String(requestsLimit),
      "anthropic-ratelimit-requests-remaining": String(requestsRemaining),
      "anthropic-ratelimit-requests-reset": rfc3339(nowMs + requestsResetInMs),
      "anthropic-ratelimit-tokens-limit": String(tokensLimit),
      "anthropic-ratelimit-tokens-remaining": String(tokensRemaining),
      "anthropic-ratelimit-tokens-reset": rfc3339(nowMs + tokensResetInMs),
    };
  }
  return {
    "x-ratelimit-limit-requests": String(requestsLimit),
    "x-ratelimit-remaining-requests": String(requestsRemaining),
    "x-ratelimit-reset-requests": goDuration(requestsResetInMs),
    "x-ratelimit-limit-tokens": String(tokensLimit),
    "x-ratelimit-remaining-tokens": String(tokensRemaining),
    "x-ratelimit-reset-tokens": goDuration(tokensResetInMs),
  };
}

/** Go's notation: 86400 → `1m26.4s`, 500 → `500ms`. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(3))}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/** Whole seconds, rounded up, as Anthropic sends them. */
export function rfc3339(epochMs: number): string {
  return new Date(Math.ceil(epochMs / 1000) * 1000).toISOString().replace(".000Z", "Z");
}
