/**
 * How each provider behaves beyond what its fragment declares, as data: which headers it sends, in what words it refuses,
 * what it limits without saying so, how quick it is. Header families and words are the real ones (they are what the
 * classifier and the shared limits must read); undeclared limits and speeds are invented, of a likely size.
 */
import type { Limit } from "@headgate/contract";

export type HeaderFamily =
  /** Groq, OpenAI: `x-ratelimit-*-requests` (the day's) and `-tokens` (the minute's). */
  | "pair"
  /** Cerebras: `x-ratelimit-*-requests-day`, `-tokens-minute`. */
  | "windowed"
  /** OpenRouter: `x-ratelimit-*` without a unit, only on refusals, the reset in epoch ms. */
  | "refusal"
  /** The IETF draft's `ratelimit-*`. */
  | "draft"
  /** `retry-after` alone, on refusals. */
  | "retry-after"
  | "none";

export type Wording =
  | "groq"
  | "google"
  | "cohere"
  | "cerebras"
  | "openrouter"
  | "zhipu"
  | "mistral"
  | "cloudflare"
  | "huggingface"
  | "plain";

export interface Profile {
  readonly headers: HeaderFamily;
  readonly wording: Wording;
  /** Limits that the fragment does not state. */
  readonly hidden?: readonly Limit[];
  /** What a window is that the fragment calls rolling: Groq's come back slot by slot. */
  readonly rollingIs?: "bucket";
  /** Until the first token, ms, and tokens per second afterwards. */
  readonly firstTokenMs: number;
  readonly tokensPerS: number;
}

const perModel = (
  unit: Limit["unit"],
  amount: number,
  window: NonNullable<Limit["window"]> = "minute",
): Limit => ({
  scope: "model",
  unit,
  window,
  amount,
});
const perAccount = (
  unit: Limit["unit"],
  amount: number,
  window: NonNullable<Limit["window"]> = "minute",
): Limit => ({
  scope: "account",
  unit,
  window,
  amount,
});
const atOnce = (amount: number): Limit => ({ scope: "account", unit: "concurrency", amount });

const QUICK = { firstTokenMs: 250, tokensPerS: 300 };
const USUAL = { firstTokenMs: 700, tokensPerS: 90 };
const SLOW = { firstTokenMs: 6_000, tokensPerS: 25 };

export const PROFILES: Readonly<Record<string, Profile>> = {
  agnes: { headers: "none", wording: "plain", hidden: [perModel("requests", 10)], ...USUAL },
  bluesmind: {
    headers: "none",
    wording: "plain",
    hidden: [perModel("requests", 10), perModel("requests", 500, "day")],
    ...USUAL,
  },
  cerebras: { headers: "windowed", wording: "cerebras", ...QUICK },
  cloudflare: { headers: "none", wording: "cloudflare", ...USUAL },
  cohere: { headers: "none", wording: "cohere", ...USUAL },
  deepinfra: { headers: "none", wording: "plain", hidden: [perModel("requests", 12)], ...USUAL },
  fireworks: { headers: "pair", wording: "plain", hidden: [perAccount("requests", 10)], ...USUAL },
  gemini: { headers: "none", wording: "google", ...USUAL },
  groq: { headers: "pair", wording: "groq", rollingIs: "bucket", ...QUICK },
  huggingface: { headers: "none", wording: "huggingface", ...USUAL },
  kilo: { headers: "draft", wording: "plain", ...USUAL },
  llm7: { headers: "retry-after", wording: "plain", ...USUAL },
  mistral: {
    headers: "draft",
    wording: "mistral",
    hidden: [perAccount("requests", 30), perModel("tokens", 500_000)],
    ...USUAL,
  },
  nous: {
    headers: "retry-after",
    wording: "plain",
    hidden: [perAccount("requests", 12), perAccount("requests", 2_000, "day")],
    ...USUAL,
  },
  nvidia: { headers: "none", wording: "plain", hidden: [perAccount("requests", 40)], ...SLOW },
  ofox: {
    headers: "retry-after",
    wording: "plain",
    hidden: [perAccount("requests", 1_000, "hour")],
    ...USUAL,
  },
  "ollama-cloud": { headers: "none", wording: "plain", ...SLOW },
  openai: { headers: "pair", wording: "groq", hidden: [perModel("requests", 300)], ...QUICK },
  "opencode-zen": { headers: "none", wording: "plain", ...USUAL },
  openrouter: { headers: "refusal", wording: "openrouter", ...USUAL },
  ovh: { headers: "none", wording: "plain", ...USUAL },
  pollinations: { headers: "none", wording: "plain", ...SLOW },
  reka: { headers: "none", wording: "plain", hidden: [perModel("requests", 10)], ...USUAL },
  sambanova: { headers: "pair", wording: "groq", hidden: [perModel("requests", 20)], ...QUICK },
  siliconflow: { headers: "none", wording: "plain", hidden: [perModel("requests", 5)], ...USUAL },
  together: { headers: "draft", wording: "plain", hidden: [perModel("requests", 10)], ...USUAL },
  zai: { headers: "none", wording: "zhipu", hidden: [atOnce(1)], ...SLOW },
  zhipu: { headers: "none", wording: "zhipu", hidden: [atOnce(1)], ...SLOW },
};

/** A provider that is newer than this file. */
export const ANY_PROFILE: Profile = { headers: "none", wording: "plain", ...USUAL };

/**
 * OpenRouter without credit sends everything through one backend, whose own refusals arrive as "401 User not found"
 * (reference 001): a limit that its counters know nothing of.
 */
export const BACKEND_LIMITS: Readonly<Record<string, Limit>> = {
  openrouter: { scope: "account", unit: "requests", window: "minute", amount: 12 },
};

/** What a thousand tokens cost where money or neurons are counted. */
export const COST_PER_1K_TOKENS = { usd: 0.0004, neurons: 25 } as const;
