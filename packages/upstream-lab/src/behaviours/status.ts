/** Errors with a status. For a misleading status see misleading.ts. */
import { STATUS_CODES } from "node:http";
import { bytesStep } from "../frames.ts";
import type { JsonObject } from "../json.ts";
import type { LabRequest } from "../lab-request.ts";
import { type LimitOptions, limitHeaders } from "../limit-headers.ts";
import { type Behaviour, behaviour, type Headers, type Step } from "../step.ts";
import { WIRES, wireFormat } from "../wires.ts";

export interface StatusOptions {
  /** `retry-after` in seconds. */
  readonly retryAfterS?: number | undefined;
  /** `retry-after` as an HTTP date: milliseconds from now, rounded up to whole seconds. */
  readonly retryAfterDateInMs?: number | undefined;
  /** `retry-after-ms`, which OpenAI and Azure send. */
  readonly retryAfterMs?: number | undefined;
  readonly limits?: LimitOptions | undefined;
  readonly headers?: Headers | undefined;
  readonly message?: string | undefined;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
}

/** Any status, its error in the shape of the wire. */
export function status(code: number, options: StatusOptions = {}): Behaviour {
  return behaviour("status", (request) => {
    const message = options.message ?? STATUS_CODES[code] ?? `HTTP ${code}`;
    const error = { message, type: options.type ?? typeOf(code), param: null, code: options.code ?? null };
    return answerJson(code, envelopeOf(request, error, code), {
      ...waitHeaders(options, request.nowMs),
      ...options.headers,
    });
  });
}

function envelopeOf(
  request: LabRequest,
  error: JsonObject & { readonly message: string },
  code: number,
): JsonObject {
  const listsOllama = /\/api\/(tags|version|ps)$/.test(request.path);
  return (listsOllama ? WIRES["ollama-chat"] : wireFormat(request.wire)).error(request, error, code);
}

const typeOf = (code: number): string =>
  code === 429 ? "rate_limit_exceeded" : code >= 500 ? "server_error" : "invalid_request_error";

function waitHeaders(options: StatusOptions, nowMs: number): Headers {
  const { retryAfterS, retryAfterDateInMs, retryAfterMs, limits } = options;
  const headers: Record<string, string | readonly string[]> = {};
  if (limits !== undefined) Object.assign(headers, limitHeaders(limits, nowMs));
  if (retryAfterS !== undefined) headers["retry-after"] = String(retryAfterS);
  if (retryAfterDateInMs !== undefined) {
    headers["retry-after"] = new Date(Math.ceil((nowMs + retryAfterDateInMs) / 1000) * 1000).toUTCString();
  }
  if (retryAfterMs !== undefined) headers["retry-after-ms"] = String(retryAfterMs);
  return headers;
}

/** A JSON document with a status. */
export function* answerJson(
  code: number,
  body: JsonObject | readonly JsonObject[],
  headers: Headers = {},
): Generator<Step> {
  const bytes = Buffer.from(JSON.stringify(body));
  yield {
    kind: "head",
    status: code,
    headers: { "content-type": "application/json", "content-length": String(bytes.length), ...headers },
  };
  yield bytesStep(bytes);
}

/** A page of text with a status. */
export function* answerText(
  code: number,
  text: string,
  contentType = "text/html; charset=UTF-8",
): Generator<Step> {
  const bytes = Buffer.from(text);
  yield {
    kind: "head",
    status: code,
    headers: { "content-type": contentType, "content-length": String(bytes.length) },
  };
  yield bytesStep(bytes);
}

/** nginx and Cloudflare in front of anything: a 502 whose body is a page. */
export function html502(): Behaviour {
  const page =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
  return behaviour("html502", () => answerText(502, page));
}

/** Anthropic: 529 with its own envelope. https://docs.claude.com/en/api/errors */
export function anthropicOverloaded(): Behaviour {
  return behaviour("anthropicOverloaded", (request) =>
    answerJson(529, {
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
      request_id: `req_lab_${request.seq}`,
    }),
  );
}

/** OpenAI: the account's credit is spent; a 429 that does not end by waiting. */
export function quotaSpent(): Behaviour {
  return behaviour("quotaSpent", (request) =>
    status(429, {
      message: "You exceeded your current quota, please check your plan and billing details.",
      type: "insufficient_quota",
      code: "insufficient_quota",
    }).plan(request),
  );
}

/** OpenAI: the prompt does not fit the model's window. */
export function contextTooLong(options: { readonly maxTokens?: number | undefined } = {}): Behaviour {
  const { maxTokens = 8192 } = options;
  return behaviour("contextTooLong", (request) =>
    status(400, {
      message: `This model's maximum context length is ${maxTokens} tokens. However, your messages resulted in ${maxTokens + 1} tokens.`,
      code: "context_length_exceeded",
    }).plan(request),
  );
}

/** OpenAI: no such model. */
export function modelMissing(): Behaviour {
  return behaviour("modelMissing", (request) =>
    status(404, {
      message: `The model \`${request.model}\` does not exist or you do not have access to it.`,
      code: "model_not_found",
    }).plan(request),
  );
}

/** OpenRouter: the daily cap over all free models; the reset is also in the body. */
export function openRouterDailyCap(options: { readonly resetInMs?: number | undefined } = {}): Behaviour {
  return behaviour("openRouterDailyCap", (request) => {
    const reset = String(Math.round(request.nowMs + (options.resetInMs ?? 3_600_000)));
    const headers = { "X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset };
    const message =
      "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day";
    return answerJson(429, { error: { message, code: 429, metadata: { headers } } }, headers);
  });
}
