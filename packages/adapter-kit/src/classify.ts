/** Classifies every error of an upstream. */
import { type ErrorRule, type Failure, present, type UpstreamError } from "@headgate/contract";
import { type ErrorWords, htmlTitle, isHtml, readErrorText } from "./error-body.ts";
import { FAILURE_SCOPES, GENERAL_RULES, type GeneralRule } from "./failure-rules.ts";
import { tidyCode, tidyMessage } from "./redact.ts";
import { type Headers, MAX_STATED_WAIT_MS, retryAfterMs } from "./retry-after.ts";
import { hintedRetryMs } from "./stated-wait.ts";

/** An answer whose status is not 2xx. */
export interface FailedResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Headers;
  /** The body's beginning; the caller limits its length. */
  readonly body: string;
}

/** The input of the rules. */
interface Evidence {
  readonly status: number;
  readonly names: readonly string[];
  readonly haystack: string;
  readonly html: boolean;
}

/**
 * @param rules the provider's own, applied before the general ones.
 * @param nowMs the current time, for headers that hold a time.
 * @param known ids that may show in the message.
 */
export function classify(
  response: FailedResponse,
  rules: readonly ErrorRule[],
  nowMs: number,
  known?: readonly string[],
): Failure {
  const { status, body } = response;
  const html = isHtml(body);
  const words = html ? undefined : readErrorText(body);
  const wait =
    retryAfterMs(response.headers, nowMs) ??
    words?.retryAfterMs ??
    hintedRetryMs(words?.message ?? "", nowMs);
  const message = words?.message ?? (html ? page(status, body) : plainText(status, body));
  return judge(
    { status, names: namesOf(words), haystack: body, html },
    rules,
    {
      message,
      status,
      ...present({ code: tidyCode(words?.code ?? words?.type, known), retryAfterMs: wait }),
    },
    words?.status,
    known,
  );
}

/** The same for an error inside a 200 or inside a stream. @param nowMs absent: a moment in its words is not read. */
export function classifyError(
  error: UpstreamError,
  rules: readonly ErrorRule[],
  nowMs?: number,
  known?: readonly string[],
): Failure {
  const { message, status, code } = error;
  const wait = error.retryAfterMs ?? hintedRetryMs(message, nowMs);
  const found = { message, ...present({ status, code: tidyCode(code, known), retryAfterMs: wait }) };
  if (error.class !== undefined) {
    return believable({
      ...found,
      message: tidyMessage(message, known),
      class: error.class,
      scope: error.scope ?? FAILURE_SCOPES[error.class],
    });
  }
  const names = code === undefined ? [] : [code];
  return judge(
    { status: status ?? 0, names, haystack: message, html: false },
    rules,
    found,
    undefined,
    known,
  );
}

/**
 * @param inner the status inside the body; it replaces an HTTP status of 500.
 */
function judge(
  evidence: Evidence,
  rules: readonly ErrorRule[],
  reported: Omit<Failure, "class" | "scope">,
  inner?: number,
  known?: readonly string[],
): Failure {
  const own = rules.find((rule) => ownRuleHolds(rule, evidence));
  if (own !== undefined) {
    return believable({
      ...reported,
      message: tidyMessage(reported.message, known),
      class: own.class,
      // An answer that is refused as malformed with a 4xx is so because of this prompt.
      scope:
        own.class === "malformed" && isClientStatus(evidence.status) ? "request" : FAILURE_SCOPES[own.class],
    });
  }
  const seen = evidence.status === 500 && inner !== undefined ? { ...evidence, status: inner } : evidence;
  const general = GENERAL_RULES.find((rule) => generalRuleHolds(rule, seen));
  const found: GeneralRule = general ?? { class: "server_error" };
  const message = tidyMessage(
    found.note === undefined ? reported.message : `${found.note}: ${reported.message}`,
    known,
  );
  const scope = found.scope ?? FAILURE_SCOPES[found.class];
  return believable({ ...reported, message, class: found.class, scope });
}

/** Without a wait that is longer than any of its class. */
function believable(failure: Failure): Failure {
  const { retryAfterMs: wait, ...others } = failure;
  return wait === undefined || wait <= MAX_STATED_WAIT_MS[failure.class] ? failure : others;
}

const isClientStatus = (status: number): boolean => status >= 400 && status <= 499;

function ownRuleHolds(rule: ErrorRule, { status, names, haystack }: Evidence): boolean {
  if (rule.status !== undefined && rule.status !== status) return false;
  if (rule.code !== undefined && !names.includes(rule.code)) return false;
  return rule.contains === undefined || haystack.toLowerCase().includes(rule.contains.toLowerCase());
}

function generalRuleHolds(rule: GeneralRule, { status, names, haystack, html }: Evidence): boolean {
  const { code, text } = rule;
  if (rule.status !== undefined && !rule.status(status)) return false;
  if (rule.html !== undefined && rule.html !== html) return false;
  if (code !== undefined && !names.some((name) => code.test(name))) return false;
  return text === undefined || text.test(haystack);
}

function namesOf(words: ErrorWords | undefined): string[] {
  return [words?.code, words?.type].filter((name) => name !== undefined);
}

function page(status: number, body: string): string {
  const title = htmlTitle(body);
  return `HTTP ${status} with an HTML page, not JSON${title === undefined ? "" : ` (${title})`}`;
}

function plainText(status: number, body: string): string {
  const text = body.trim();
  return text === "" || text.startsWith("{") ? `HTTP ${status} without a message` : text;
}
