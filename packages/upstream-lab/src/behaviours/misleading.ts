/** Errors with a misleading status. */
import { type Behaviour, behaviour } from "../step.ts";
import { healthy } from "./healthy.ts";
import { answerJson, answerText } from "./status.ts";

/** OpenRouter: 401 although the key is fine and a backend is limiting (accounts without credit). */
export function openRouterUserNotFound(): Behaviour {
  return behaviour("openRouterUserNotFound", () =>
    answerJson(401, { error: { message: "User not found.", code: 401 } }),
  );
}

/** Google: 400 for a bad key. On its OpenAI-compatible route the envelope is wrapped in a list. */
export function googleBadKey(options: { readonly wrapped?: boolean | undefined } = {}): Behaviour {
  const message = "API key not valid. Please pass a valid API key.";
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "API_KEY_INVALID",
    domain: "googleapis.com",
    metadata: { service: "generativelanguage.googleapis.com" },
  };
  const body = { error: { code: 400, message, status: "INVALID_ARGUMENT", details: [info] } };
  return behaviour("googleBadKey", () => answerJson(400, (options.wrapped ?? true) ? [body] : body));
}

/** NVIDIA: 400 for a function that is down; a 503 in truth. */
export function nvidiaDegraded(): Behaviour {
  return behaviour("nvidiaDegraded", () =>
    answerJson(
      400,
      {
        status: 400,
        title: "Bad Request",
        detail: "Function id '00000000-0000-4000-8000-000000000000': DEGRADED function cannot be invoked",
      },
      { "content-type": "application/problem+json" },
    ),
  );
}

/** ModelScope: 429 for a retired model. */
export function modelScopeRetired(): Behaviour {
  return behaviour("modelScopeRetired", (request) =>
    answerJson(429, {
      error: { http_code: "429", message: "insufficient balance (1008)", type: "insufficient_balance_error" },
      request_id: `lab-${request.seq}`,
    }),
  );
}

/** Default User-Agents of libraries. */
const LIBRARY =
  /^$|^(node|undici|axios|got|node-fetch|python-urllib|python-requests|python-httpx|aiohttp|go-http-client|java|okhttp|libwww-perl)\b/i;

/** Cloudflare (Groq, Together, Cerebras, aimlapi, LLM7): 403 with a bare body for a library's or no User-Agent. */
export function cloudflareBlock(inner: Behaviour = healthy()): Behaviour {
  return behaviour("cloudflareBlock", (request) =>
    LIBRARY.test((request.headers["user-agent"] ?? "").trim())
      ? answerText(403, "error code: 1010", "text/plain; charset=UTF-8")
      : inner.plan(request),
  );
}

/** Groq: 400 because the model wrote a bad tool call; its text is in `failed_generation`. */
export function groqToolUseFailed(): Behaviour {
  return behaviour("groqToolUseFailed", () =>
    answerJson(400, {
      error: {
        message:
          "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
        type: "invalid_request_error",
        code: "tool_use_failed",
        failed_generation: '<function=lookup{"query": "lab"}</function>',
      },
    }),
  );
}

/** The fields of Mistral's chat: https://docs.mistral.ai/api */
const MISTRAL_FIELDS = [
  "model",
  "messages",
  "temperature",
  "top_p",
  "max_tokens",
  "stream",
  "stop",
  "random_seed",
  "response_format",
  "tools",
  "tool_choice",
  "presence_penalty",
  "frequency_penalty",
  "n",
  "prediction",
  "parallel_tool_calls",
  "prompt_mode",
  "reasoning_effort",
  "metadata",
  "safe_prompt",
  "guardrails",
];

/** Mistral: 422 for any unknown field; `message` is an object, not text. */
export function mistralStrict(
  options: { readonly fields?: readonly string[] | undefined } = {},
  inner: Behaviour = healthy(),
): Behaviour {
  const known = new Set(options.fields ?? MISTRAL_FIELDS);
  return behaviour("mistralStrict", (request) => {
    const detail = Object.entries(request.body)
      .filter(([field]) => !known.has(field))
      .map(([field, input]) => ({
        type: "extra_forbidden",
        loc: ["body", field],
        msg: "Extra inputs are not permitted",
        input,
      }));
    if (detail.length === 0) return inner.plan(request);
    return answerJson(422, {
      object: "error",
      message: { detail },
      type: "invalid_request_error",
      param: null,
      code: null,
    });
  });
}
