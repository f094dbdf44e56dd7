/** Reads errors from the envelopes of all upstreams. */
import { type JsonObject, type JsonValue, present, type UpstreamError } from "@headgate/contract";
import { asArray, asObject, asText, isObject, parseJson } from "./json-read.ts";
import { retryInfoMs } from "./stated-wait.ts";

/** The upstream closed before the answer was whole. */
export const ANSWER_CUT: UpstreamError = { class: "network", message: "the answer was cut" };
export const EVENT_MALFORMED: UpstreamError = {
  class: "malformed",
  message: "an event of the stream is not JSON",
};
/** An event, or a line of newline-delimited JSON, is larger than the framer keeps. */
export const EVENT_TOO_LARGE: UpstreamError = {
  class: "malformed",
  message: "an event of the stream is too large",
};

/** An error's message and names, before classification. */
export interface ErrorWords {
  readonly message: string;
  /** The `code` field, unless it is a status. */
  readonly code?: string;
  /** The `type` (or Google's `status`) field. */
  readonly type?: string;
  /** A status inside the body. */
  readonly status?: number;
  /** From Google's RetryInfo, in ms. */
  readonly retryAfterMs?: number;
}

const HTML = /^\s*(?:<!--[\s\S]{0,500}?-->\s*)?<(?:!doctype|html|head|body|center|title|h1)\b/i;

/** True for a web page in place of JSON. */
export const isHtml = (text: string): boolean => HTML.test(text);

/** The page's title, mostly the proxy's own error: `502 Bad Gateway`. */
export const htmlTitle = (text: string): string | undefined =>
  asText(/<(title|h1)\b[^>]*>([^<]{1,100})</i.exec(text)?.[2]?.trim());

/**
 * The error in a parsed body: `{error: {message, type, code}}`, `{error: "text"}`, `{message}`, `{detail}`,
 * `{errors: […]}` or a list of one. `undefined` when the value holds no error.
 */
export function readErrorValue(value: JsonValue | undefined): ErrorWords | undefined {
  if (Array.isArray(value)) return isObject(value[0]) ? readErrorValue(value[0]) : undefined;
  const body = asObject(value);
  if (body === undefined) return undefined;
  const { error } = body;
  if (isObject(error)) return words(error, body);
  if (typeof error === "string") return { ...words(body, {}), message: error };
  const listed = asArray(body.errors)?.[0];
  if (isObject(listed)) return words(listed, body);
  if (asText(listed) !== undefined) return { message: String(listed) };
  const named = body.message ?? body.detail ?? body.msg ?? body.error_message;
  return named === undefined || named === null ? undefined : words(body, {});
}

/** The same for a body's text, which may be cut: then its first `"message"` is used. */
export function readErrorText(text: string): ErrorWords | undefined {
  const value = parseJson(text);
  if (value !== undefined) return readErrorValue(value);
  const quoted = /"(?:message|error|detail)"\s*:\s*("(?:[^"\\]|\\.){1,2000}(?:"|$))/.exec(text)?.[1];
  if (quoted === undefined) return undefined;
  const message = parseJson(quoted.endsWith('"') ? quoted : `${quoted}"`);
  const code = /"(?:code|type)"\s*:\s*"([A-Za-z0-9_.-]{1,100})"/.exec(text)?.[1];
  return typeof message === "string" ? { message, ...present({ code }) } : undefined;
}

/** An error inside a 2xx answer, as a decoder reports it. */
export function upstreamError(found: ErrorWords): UpstreamError {
  const code = found.code ?? found.type;
  return {
    message: found.message,
    ...present({ status: found.status, code, retryAfterMs: found.retryAfterMs }),
  };
}

/** The error of an `event: error` frame, whose payload may be any text. */
export function eventError(text: string): UpstreamError {
  const found = readErrorText(text);
  return found === undefined ? { message: text === "" ? "an error event" : text } : upstreamError(found);
}

/**
 * The error of a body that is no event stream: an error document, a web page, a plain JSON answer.
 *
 * @param findError returns the error in an object of the wire, if any.
 */
export function nonStreamError(
  text: string,
  findError: (body: JsonObject) => UpstreamError | undefined,
): UpstreamError {
  const body = parseJson(text);
  return (isObject(body) ? findError(body) : undefined) ?? notAnAnswer(text, "an event stream");
}

/**
 * The error of a whole 2xx body that is no answer: its own, that of a list of one, or what it is instead. Such bodies are
 * small, so they are parsed.
 *
 * @param wanted what was expected, with its article, such as `a chat completion`.
 */
export function bodyError(
  text: string,
  wanted: string,
  findError: (body: JsonObject) => UpstreamError | undefined,
): UpstreamError {
  const body = parseJson(text);
  const found = isObject(body) ? findError(body) : undefined;
  if (found !== undefined) return found;
  const listed = Array.isArray(body) ? readErrorValue(body) : undefined;
  if (listed !== undefined) return upstreamError(listed);
  if (body === undefined && /^\s*\{/.test(text))
    return { class: "malformed", message: "the answer is cut or no JSON" };
  return notAnAnswer(text, wanted);
}

/** What a decoder reports for a 2xx body that is neither an answer nor an error. */
export function notAnAnswer(text: string, wanted: string): UpstreamError {
  if (isHtml(text)) {
    const title = htmlTitle(text);
    return {
      class: "server_error",
      message: `an HTML page, not ${wanted}${title === undefined ? "" : ` (${title})`}`,
    };
  }
  return { class: "malformed", message: `not ${wanted}` };
}

function words(
  error: Readonly<Record<string, JsonValue>>,
  body: Readonly<Record<string, JsonValue>>,
): ErrorWords {
  const code = asText(error.code) ?? asText(body.code);
  const type = asText(error.type) ?? asText(error.status);
  const status =
    statusOf(error.code) ?? statusOf(error.status) ?? statusOf(body.code) ?? statusOf(body.status);
  return {
    message: messageOf(error) ?? code ?? type ?? "no message",
    ...present({
      code: statusOf(code) === undefined ? code : undefined,
      type,
      status,
      retryAfterMs: retryInfoMs(error.details),
    }),
  };
}

/** The message, followed by `metadata.raw`: where OpenRouter puts its upstream's own message. */
function messageOf(error: Readonly<Record<string, JsonValue>>): string | undefined {
  const named = error.message ?? error.detail ?? error.msg ?? error.error_message;
  const message =
    typeof named === "string" ? asText(named) : named === undefined ? undefined : JSON.stringify(named);
  const raw = asText(asObject(error.metadata)?.raw);
  return message !== undefined && raw !== undefined ? `${message}: ${raw}` : (message ?? raw);
}

function statusOf(value: JsonValue | undefined): number | undefined {
  const number = typeof value === "string" && /^[1-5][0-9]{2}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 400 && number <= 599
    ? number
    : undefined;
}
