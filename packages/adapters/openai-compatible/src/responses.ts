/**
 * OpenAI's Responses API, for providers that have it: a request passes except for the model, and the typed events pass unchanged.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
import {
  ANSWER_CUT,
  asArray,
  asObject,
  asText,
  type BodyVerdict,
  type ChatNeeds,
  dialectOf,
  EVENT_MALFORMED,
  EVENT_TOO_LARGE,
  eventError,
  type FrameWatcher,
  isObject,
  type NativeWire,
  nonStreamError,
  type PassingKind,
  parseJson,
  passNamed,
  payloadText,
  type RelayWriter,
  type SseFrame,
  SseRelay,
  type Target,
} from "@headgate/adapter-kit";
import { present, type UpstreamError, type Usage } from "@headgate/contract";
import { findError } from "./chunk.ts";
import { answerError } from "./inspect.ts";
import { decodeResponse, decodeResponseStream } from "./responses-decode.ts";
import { encodeResponses, RESPONSES_WIRE } from "./responses-encode.ts";
import { addressResponses } from "./responses-native.ts";
import { failureOf, readResponseUsage } from "./responses-usage.ts";

const WANTED = "a response";

/** Mark the beginning of the answer or of a part: no content yet. */
const OPENING: ReadonlySet<string> = new Set([
  "response.created",
  "response.queued",
  "response.in_progress",
  "response.output_item.added",
  "response.content_part.added",
  "response.reasoning_summary_part.added",
]);
const COMPLETED = "response.completed";
const WHOLE: ReadonlySet<string> = new Set([COMPLETED, "response.incomplete"]);

export const RESPONSES = {
  wire: RESPONSES_WIRE,
  serves: (target: Target): boolean => dialectOf(target).responsesPath !== undefined,
  native: {
    encode: addressResponses,
    inspectBody,
    relayStream: () => new SseRelay((writer) => new ResponseWatcher(writer)),
  },
  chat: {
    wire: RESPONSES_WIRE,
    encode: encodeResponses,
    decodeBody: decodeResponse,
    decodeStream: decodeResponseStream,
  },
  prefers,
} as const satisfies NativeWire;

/** Fields that only the chat route has. */
const CHAT_ONLY = ["audio", "functions", "modalities"] as const;

/** @param asked the request's own fields by the chat route's names */
function prefers({ tools, search, asked }: ChatNeeds, target: Target): boolean {
  const { responsesFor = [] } = dialectOf(target);
  if (responsesFor.length === 0) return false;
  if (responsesFor.includes("all")) return true;
  const searches = search && target.deployment.capabilities.includes("search");
  if (!(tools && responsesFor.includes("tools")) && !(searches && responsesFor.includes("search")))
    return false;
  return (asked.n ?? 1) === 1 && CHAT_ONLY.every((name) => (asked[name] ?? null) === null);
}

/** Texts are read as latin1, which is enough to judge the answer, and quicker. */
function inspectBody(bytes: Buffer): BodyVerdict {
  const body = parseJson(bytes.toString("latin1"));
  const output = isObject(body) ? asArray(body.output) : undefined;
  if (!isObject(body) || output?.every(isObject) !== true)
    return { ok: false, error: answerError(bytes, WANTED) };
  if (body.status === "failed") return { ok: false, error: failureOf(parseJson(bytes.toString("utf8"))) };
  const usage = readResponseUsage(body.usage);
  const empty = (usage?.outputTokens ?? 0) === 0 && body.status === "completed" && output.length === 0;
  return { ok: true, ...present({ usage }), ...(empty ? { empty } : {}) };
}

/** Relays the events of one response; the answer is whole only with an event that states its outcome. */
class ResponseWatcher implements FrameWatcher {
  readonly #writer: RelayWriter;
  #committed = false;
  #usage: Usage | undefined;

  constructor(writer: RelayWriter) {
    this.#writer = writer;
  }

  close(): void {
    this.#fail(ANSWER_CUT);
  }

  tooLarge(): void {
    this.#fail(EVENT_TOO_LARGE);
  }

  take(frame: SseFrame): void {
    if (frame.kind === "comment") this.#pass("comment", frame, "");
    else if (frame.kind === "unknown") this.#fail(nonStreamError(payloadText(frame), findError));
    else if (frame.event === "error") this.#fail(eventError(payloadText(frame)));
    // The commonest event by far is a delta: its name and its braces are enough.
    else if (frame.event.endsWith(".delta") && !frame.partial && isBraced(frame))
      this.#content(frame, frame.event);
    else this.#takeEvent(frame);
  }

  #takeEvent(frame: SseFrame): void {
    const data = payloadText(frame).trim();
    if (data === "" || data === "[DONE]") return;
    const event = parseJson(data);
    if (!isObject(event)) {
      this.#fail(frame.partial ? ANSWER_CUT : EVENT_MALFORMED);
      return;
    }
    const type = asText(event.type) ?? frame.event;
    if (type === "error" || (type === "" && findError(event) !== undefined)) this.#fail(eventError(data));
    else if (type === "response.failed") this.#fail(failureOf(event.response));
    else if (WHOLE.has(type)) {
      this.#usage = readResponseUsage(asObject(event.response)?.usage);
      if (type === COMPLETED && !this.#committed) this.#pass("hold", frame, type);
      else this.#content(frame, type);
      this.#writer.finish(Buffer.alloc(0), this.#usage);
    } else if (OPENING.has(type) && !this.#committed) this.#pass("hold", frame, type);
    else this.#content(frame, type);
  }

  #content(frame: SseFrame, type: string): void {
    this.#committed = true;
    this.#pass("content", frame, type);
  }

  #pass(kind: PassingKind, frame: SseFrame, type: string): void {
    passNamed(this.#writer, kind, frame, type);
  }

  #fail(error: UpstreamError): void {
    this.#writer.fail(error, this.#usage);
  }
}

const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

/** False for most of what is no JSON: an event that was cut, or that holds words. */
const isBraced = ({ text, dataStart, dataEnd }: SseFrame): boolean =>
  text.charCodeAt(dataStart) === OPENING_BRACE && text.charCodeAt(dataEnd - 1) === CLOSING_BRACE;
