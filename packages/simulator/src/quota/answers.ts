/** What a refusal looks like on the wire, and what an answer's headers state: input for the real classifier. */
import type { HeaderFamily, Wording } from "./profiles.ts";
import { type TrueLimit, WINDOW_MS } from "./truth.ts";

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = (value: unknown): string => JSON.stringify(value);

/** `1m26.4s`, as Groq writes it. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.ceil((ms % 60_000) / 10) / 100;
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}

const windowed = (limits: readonly TrueLimit[], unit: string, window: string): TrueLimit | undefined =>
  limits.find((limit) => limit.unit === unit && limit.window === window);

export function limitHeaders(
  family: HeaderFamily,
  limits: readonly TrueLimit[],
  nowMs: number,
  refusedBy?: TrueLimit,
  waitMs = 0,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const put = (prefix: string, suffix: string, limit: TrueLimit | undefined, reset: string): void => {
    if (limit === undefined) return;
    headers[`${prefix}limit${suffix}`] = String(Math.floor(limit.amount));
    headers[`${prefix}remaining${suffix}`] = String(
      Math.max(0, Math.floor(limit.amount - limit.used(nowMs) + 1e-6)),
    );
    headers[`${prefix}reset${suffix}`] = reset;
  };
  const retryAfter = (): void => {
    if (refusedBy !== undefined) headers["retry-after"] = String(Math.ceil(waitMs / 1_000));
  };
  switch (family) {
    case "pair": {
      const requests = windowed(limits, "requests", "day") ?? windowed(limits, "requests", "minute");
      const tokens = windowed(limits, "tokens", "minute");
      put("x-ratelimit-", "-requests", requests, duration(requests?.resetMs(nowMs) ?? 0));
      put("x-ratelimit-", "-tokens", tokens, duration(tokens?.resetMs(nowMs) ?? 0));
      retryAfter();
      break;
    }
    case "windowed":
      for (const unit of ["requests", "tokens"])
        for (const window of ["minute", "hour", "day"]) {
          const limit = windowed(limits, unit, window);
          put("x-ratelimit-", `-${unit}-${window}`, limit, ((limit?.resetMs(nowMs) ?? 0) / 1_000).toFixed(3));
        }
      break;
    case "draft": {
      const limit = windowed(limits, "requests", "minute") ?? windowed(limits, "requests", "hour");
      put("ratelimit-", "", limit, String(Math.ceil((limit?.resetMs(nowMs) ?? 0) / 1_000)));
      break;
    }
    case "refusal":
      put("x-ratelimit-", "", refusedBy, String(Math.ceil(nowMs + waitMs)));
      break;
    case "retry-after":
      retryAfter();
      break;
    case "none":
      break;
  }
  return headers;
}

const UNIT_WORDS = { requests: "requests", tokens: "tokens" } as const;

/** @param backend true where it is a gateway's own backend that refuses, in the gateway's misleading words */
export function refusal(
  wording: Wording,
  limit: TrueLimit,
  need: number,
  nowMs: number,
  headers: Readonly<Record<string, string>>,
  backend: boolean,
): WireAnswer {
  const { window = "minute", amount } = limit;
  const unit = limit.unit === "tokens" ? UNIT_WORDS.tokens : UNIT_WORDS.requests;
  const day = WINDOW_MS[window] >= WINDOW_MS.day;
  const answer = (status: number, value: unknown): WireAnswer => ({ status, headers, body: json(value) });
  switch (wording) {
    case "groq": {
      const short = `${unit === "tokens" ? "T" : "R"}P${window === "day" ? "D" : "M"}`;
      const wait = duration(limit.waitMs(need, nowMs));
      return answer(429, {
        error: {
          message: `Rate limit reached for model \`m\` in organization \`org_x\` service tier \`on_demand\` on ${unit} per ${window} (${short}): Limit ${amount}, Used ${Math.floor(limit.used(nowMs))}, Requested ${Math.ceil(need)}. Please try again in ${wait}. Need more tokens? Upgrade.`,
          type: unit,
          code: "rate_limit_exceeded",
        },
      });
    }
    case "google":
      return answer(429, {
        error: {
          code: 429,
          message: `You exceeded your current quota, please check your plan and billing details.${day ? "" : ` Please retry in ${(limit.waitMs(need, nowMs) / 1000).toFixed(3)}s.`}`,
          status: "RESOURCE_EXHAUSTED",
          details: [
            {
              "@type": "type.googleapis.com/google.rpc.QuotaFailure",
              violations: [
                {
                  quotaId:
                    unit === "tokens"
                      ? `GenerateContentInputTokensPer${day ? "Day" : "Minute"}PerProject-FreeTier`
                      : `GenerateRequestsPer${day ? "Day" : "Minute"}PerProjectPerModel-FreeTier`,
                  quotaValue: String(amount),
                },
              ],
            },
          ],
        },
      });
    case "cohere":
      return answer(429, {
        message: `You are using a Trial key, which is limited to ${amount} API calls / ${window}. You can continue to use the Trial key for free or upgrade to a Production key.`,
      });
    case "cerebras": {
      const Unit = unit === "tokens" ? "Tokens" : "Requests";
      return answer(429, {
        message: `${Unit} per ${window} limit exceeded - too many ${unit} processed.`,
        type: `too_many_${unit}_error`,
        param: "quota",
        code: `${unit.slice(0, -1)}_quota_exceeded`,
      });
    }
    case "openrouter":
      if (backend) return answer(401, { error: { message: "User not found.", code: 401 } });
      return answer(429, {
        error: {
          message: `Rate limit exceeded: free-models-per-${day ? "day. Add 10 credits to unlock 1000 free model requests per day" : "min"}.`,
          code: 429,
          metadata: { headers: { "X-RateLimit-Limit": String(amount), "X-RateLimit-Remaining": "0" } },
        },
      });
    case "zhipu":
      return answer(429, {
        error: { code: "1302", message: "High concurrency usage of this API, please reduce concurrency." },
      });
    case "mistral":
      return answer(429, {
        object: "error",
        message: "Rate limit exceeded",
        type: "rate_limited",
        param: null,
        code: "1300",
      });
    case "cloudflare":
      return answer(429, {
        errors: [
          {
            message:
              "AiError: you have used up your daily free allocation of 10,000 neurons, please upgrade to Workers Paid plan.",
            code: 4006,
          },
        ],
        success: false,
      });
    case "huggingface":
      return answer(402, {
        error: "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO.",
      });
    case "plain":
      return answer(429, { detail: day ? "Daily limit reached." : "Too Many Requests" });
  }
}
