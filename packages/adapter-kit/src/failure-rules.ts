/** The classes of errors, as data. The classifier applies a fragment's own rules first, then these, in order. */
import type { FailureClass, FailureScope } from "@headgate/contract";

/** What a failure of each class affects, and so what cools down after it. */
export const FAILURE_SCOPES: Readonly<Record<FailureClass, FailureScope>> = {
  rate_limit: "model",
  daily_quota: "model",
  monthly_quota: "key",
  out_of_credit: "key",
  dead_key: "key",
  permission: "model",
  model_gone: "model",
  context_window: "request",
  content_filter: "request",
  bad_request: "request",
  overloaded: "model",
  server_error: "model",
  timeout: "model",
  network: "model",
  malformed: "model",
};

/** Every condition that is set must hold. A status of 0 is an error without one. */
export interface GeneralRule {
  readonly class: FailureClass;
  readonly scope?: FailureScope;
  readonly status?: (status: number) => boolean;
  readonly code?: RegExp;
  /** Against the body (or the message), without regard to case. */
  readonly text?: RegExp;
  readonly html?: boolean;
  /** Put before the upstream's message. */
  readonly note?: string;
}

const is =
  (...wanted: readonly number[]) =>
  (status: number): boolean =>
    wanted.includes(status);
const between =
  (from: number, to: number) =>
  (status: number): boolean =>
    status >= from && status <= to;
const refusal = (status: number): boolean => status === 0 || (status >= 400 && status <= 499);

/** Prompts beyond a model's window, in the words of OpenAI, Anthropic, Google, xAI, Moonshot, Together and others. */
const CONTEXT =
  /context[ _-]?(length|window|size)|maximum context|prompt is too long|too many (input )?tokens|input is too long|reduce the length of the (messages|prompt)|exceeds the (available|model'?s) (context|maximum)|exceeds the maximum number of (input )?tokens|maximum prompt length|exceed(s|ed) (the )?model('s)? token limit|`?inputs`? tokens \+ `?max_new_tokens`? must be/i;
const LONG_TEXT =
  /'(?:messages\[\d+\]\.content|input|instructions|prompt)\b(?![^']*\b(?:id|call_id|name)')[^']*'/;
const CREDIT =
  /insufficient[ _-]?(balance|credits?|funds)|credit balance is too low|out of credits?|(requires|need) more credits|no credits? (left|remaining)|negative balance|billing hard limit/i;
const DAY = /per[ _-]?day|\bdaily\b|perday|\b[rt]pd\b/i;
const MONTH = /per[ _-]?month|\bmonthly\b|permonth/i;
const KEY =
  /api[ _-]?key (is )?(not valid|invalid|expired|revoked|not found)|api_key_invalid|(invalid|incorrect|expired|revoked|unknown) (x-)?api[ _-]?key/i;
const MODERATION =
  /content[ _-](policy|management policy|filter)|safety (system|filter)|flagged (by|as|for)|moderation/i;
const MODEL =
  /model\b.{0,120}(not found|not exist|not available|unavailable|not supported|decommissioned|deprecated|retired|no longer)|(no such|unknown|invalid|unsupported) model|not a valid model|no (allowed providers|endpoints found)/i;
const MEMORY = /out of memory|cudamalloc failed|failed to allocate|requires more system memory/i;
const BUSY =
  /overloaded|server (is )?busy|degraded|(at|over) capacity|no (healthy|available) (upstream|instance)s?/i;
/** What a 429 says that means a 503: the server has too much to do, and no limit of the caller is reached. */
const BUSY_REFUSAL =
  /\bbusy\b|overload|(high|heavy|peak|too much) (demand|load|traffic)|capacity|(service|server|model|engine|temporarily) (is )?(currently |temporarily )?unavailable|degraded|no (healthy|available) (upstream|instance)s?/i;
/** A client's own mistake that Ollama and llama.cpp answer with a 500, or within a 200. */
const MISTAKE =
  /invalid json schema in format|invalid format: .{0,200}json schema|failed to parse grammar|option \\?"[a-z_]+\\?" must be of type|illegal base64 data|(invalid|unsupported|unknown) image (format|type)|image: unknown format|failed to (decode|load) image/i;
const RATE = /rate[ _-]?limit|too many requests|resource_exhausted/i;

export const GENERAL_RULES: readonly GeneralRule[] = [
  { class: "context_window", code: /^(context_length_exceeded|request_too_large)$/ },
  // OpenAI gives the code for a long id or name too, which no larger window takes.
  { class: "context_window", code: /^string_above_max_length$/, text: LONG_TEXT },
  {
    class: "context_window",
    text: CONTEXT,
    status: (s) => s === 0 || s === 413 || s === 422 || s === 400 || s >= 500,
  },
  { class: "context_window", status: is(413) },
  {
    class: "permission",
    scope: "provider",
    status: is(403),
    text: /error code:? ?1010\b|browser_signature_banned|"error_?code": ?1010\b/i,
    note: "Cloudflare refused the request by its User-Agent (1010)",
  },
  { class: "out_of_credit", status: is(402) },
  {
    class: "out_of_credit",
    code: /^(insufficient_quota|billing_error|billing_hard_limit_reached|insufficient_balance)$/,
  },
  { class: "out_of_credit", text: CREDIT, status: refusal },
  { class: "content_filter", status: is(451) },
  { class: "content_filter", code: /content_?(filter|policy)|moderation/i, status: refusal },
  { class: "content_filter", text: MODERATION, status: is(400, 403, 422) },
  { class: "daily_quota", status: is(0, 429), text: DAY },
  { class: "monthly_quota", status: is(0, 402, 403, 429), text: MONTH },
  {
    class: "overloaded",
    status: is(429),
    code: /overload|^(queue_exceeded|unavailable|service_unavailable)$/i,
  },
  { class: "overloaded", status: is(429), text: BUSY_REFUSAL },
  { class: "rate_limit", status: is(429) },
  { class: "dead_key", status: is(401) },
  {
    class: "dead_key",
    status: is(0, 400, 403),
    code: /^(invalid_api_key|authentication_error|unauthenticated)$/i,
  },
  { class: "dead_key", status: is(0, 400, 403), text: KEY },
  {
    class: "model_gone",
    code: /^model_(not_found|decommissioned|not_available|terms_required)$/,
    status: refusal,
  },
  { class: "model_gone", text: MODEL, status: is(0, 400, 404, 410, 422) },
  { class: "permission", status: is(403) },
  { class: "permission", status: is(0), code: /^permission_(error|denied)$/i },
  { class: "timeout", status: is(408, 504, 522, 524) },
  {
    class: "overloaded",
    text: MEMORY,
    status: (s) => s === 0 || s >= 500,
    note: "the backend is out of memory",
  },
  { class: "overloaded", status: is(409, 425, 503, 529) },
  { class: "overloaded", code: /^overloaded(_error)?$|^unavailable$/i },
  { class: "overloaded", text: BUSY },
  { class: "rate_limit", status: (s) => s === 0 || s >= 500, code: /rate_?limit/i },
  { class: "rate_limit", status: is(0), text: RATE },
  { class: "bad_request", text: MISTAKE, status: (s) => s === 0 || s >= 500 },
  { class: "server_error", html: true, scope: "provider" },
  { class: "server_error", status: is(404, 405, 410), scope: "provider", note: "the route is not there" },
  { class: "bad_request", status: between(400, 499) },
  { class: "bad_request", status: is(0), code: /^invalid_request(_error)?$/ },
  { class: "timeout", status: is(0), code: /timeout/i },
  { class: "server_error" },
];
