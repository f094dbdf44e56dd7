/**
 * An upstream's limits from its response headers, in any of these families: OpenAI, Groq,
 * Cerebras and Mistral `x-ratelimit-{limit,remaining,reset}-{requests,tokens}[-{minute,hour,day}]`; Anthropic
 * `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-*`; OpenRouter and others `x-ratelimit-*` without a
 * unit, which is requests; the IETF draft's `ratelimit-*`.
 */
import { type LimitReading, present } from "@headgate/contract";
import { type Headers, readWaitMs } from "./retry-after.ts";

const NAME =
  /^(?:x-)?ratelimit-(limit|remaining|reset)(?:-(requests?|tokens?))?(?:-(minute|hour|day|month))?$|^anthropic-ratelimit-(requests|tokens)-(limit|remaining|reset)$/;
const NUMBER = /^[0-9]{1,15}(?:\.[0-9]{1,6})?$/;

interface Parts {
  unit: "requests" | "tokens";
  window?: NonNullable<LimitReading["window"]>;
  limit?: number;
  remaining?: number;
  resetMs?: number;
}

const NONE: readonly LimitReading[] = [];

/** @returns one reading per unit and window in the headers; most answers have none, so that case is cheap */
export function limitReadings(headers: Headers, nowMs: number): readonly LimitReading[] {
  let found: Map<string, Parts> | undefined;
  for (const name in headers) {
    // Names are lower case; all families contain this word.
    if (!name.includes("ratelimit-")) continue;
    const match = NAME.exec(name);
    const raw = headers[name];
    const value = typeof raw === "string" ? raw : raw?.[0];
    if (match === null || value === undefined) continue;
    const what = match[1] ?? match[5];
    const unit = (match[2] ?? match[4])?.startsWith("token") === true ? "tokens" : "requests";
    const window = match[3] as Parts["window"];
    found ??= new Map();
    const key = `${unit}/${window ?? ""}`;
    let parts = found.get(key);
    if (parts === undefined) {
      parts = { unit, ...present({ window }) };
      found.set(key, parts);
    }
    if (what === "reset") {
      const resetMs = readWaitMs(value, nowMs);
      if (resetMs !== undefined) parts.resetMs = resetMs;
    } else if (NUMBER.test(value.trim())) {
      parts[what as "limit" | "remaining"] = Number(value);
    }
  }
  if (found === undefined) return NONE;
  return [...found.values()].map((parts) => ({ ...parts, from: "header" }));
}

const UNIT_IN_TEXT: readonly (readonly [
  RegExp,
  LimitReading["unit"],
  NonNullable<LimitReading["window"]>,
])[] = [
  [/requests per (?:1 )?minute|per-minute requests|\brpm\b|requestsperminute/i, "requests", "minute"],
  [/requests per (?:1 )?hour|\brph\b/i, "requests", "hour"],
  [/requests per (?:1 )?day|\brpd\b|requestsperday/i, "requests", "day"],
  [/tokens per (?:1 )?min(?:ute)?|\btpm\b|tokensperminute|tokencountperminute/i, "tokens", "minute"],
  [/tokens per (?:1 )?day|\btpd\b|tokensperday/i, "tokens", "day"],
  [/api calls? ?(?:\/|per) ?month|requests per month/i, "requests", "month"],
  [/api calls? ?(?:\/|per) ?minute/i, "requests", "minute"],
];
const LIMIT_IN_TEXT =
  /\blimit:? ?([0-9][0-9,]{0,14})\b|limited to ([0-9][0-9,]{0,14})\b|"?quotaValue"?: ?"?([0-9]{1,15})/i;
/** Zhipu's 1302: "High concurrency usage of this API, please reduce concurrency". It never states the limit. */
const AT_ONCE_IN_TEXT = /\bconcurren(?:cy|t)\b/i;
const AT_ONCE: readonly LimitReading[] = [{ unit: "concurrency", from: "message" }];
const USED_IN_TEXT = /\bused:? ?~?([0-9][0-9,]{0,14})\b/i;

/**
 * Limits from the text of a refusal: "Rate limit reached … on tokens per day (TPD): Limit 100000, Used 99000" (Groq, OpenAI);
 * `quotaId: GenerateRequestsPerDay…`, `quotaValue: 20` (Google); "limited to 1000 API calls / month" (Cohere).
 * @param text at most a few KB of the error's body
 */
export function limitInText(text: string): readonly LimitReading[] {
  const named = UNIT_IN_TEXT.find(([pattern]) => pattern.test(text));
  const limit = LIMIT_IN_TEXT.exec(text);
  if (named === undefined && AT_ONCE_IN_TEXT.test(text)) return AT_ONCE;
  if (named === undefined || limit === null) return NONE;
  const amount = readNumber(limit[1] ?? limit[2] ?? limit[3]);
  if (amount === undefined || amount <= 0) return NONE;
  const used = readNumber(USED_IN_TEXT.exec(text)?.[1]);
  const [, unit, window] = named;
  return [
    {
      unit,
      window,
      limit: amount,
      // After a refusal nothing remains, whatever the numbers in the text.
      remaining: used === undefined ? 0 : Math.max(0, amount - used),
      from: "message",
    },
  ];
}

const readNumber = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text.replaceAll(",", ""));
