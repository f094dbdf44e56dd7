/** Gemini's answers as events: one GenerateContentResponse, or one per event of a stream. */
import {
  ANSWER_CUT,
  asArray,
  asObject,
  asText,
  isObject,
  type JsonEventReader,
  jsonEventDecoder,
  notAnAnswer,
  parseExact,
  type StreamDecoder,
} from "@headgate/adapter-kit";
import {
  type ChatEvent,
  type JsonObject,
  present,
  type Sealed,
  type UpstreamError,
  type Usage,
} from "@headgate/contract";
import {
  candidateOf,
  EVENTS,
  envelope,
  findError,
  finishName,
  finishReason,
  isResponse,
  readUsage,
} from "./chunk.ts";
import { CitationReader } from "./citations.ts";
import { WIRE } from "./wire.ts";

const WANTED = "a Gemini answer";

export function decodeBody(bytes: Buffer): readonly ChatEvent[] {
  const body = parseExact(bytes.toString("utf8"));
  const error = isObject(body) && candidateOf(body) !== undefined ? findError(body) : bodyError(bytes);
  if (error !== undefined) return [{ type: "error", error }];
  const reader = new ResponseReader();
  const events = isObject(body) ? reader.read(body) : [];
  return [...events, ...reader.close()];
}

export const decodeStream = (): StreamDecoder => jsonEventDecoder(EVENTS, new ResponseReader());

/** The error of a 2xx body that is no answer. */
export function bodyError(bytes: Buffer, wanted = WANTED): UpstreamError {
  const text = bytes.toString("utf8");
  const body = parseExact(text);
  if (body === undefined && /^\s*[{[]/.test(text)) {
    return { class: "malformed", message: "the answer is cut or no JSON" };
  }
  const [listed] = asArray(body) ?? [];
  if (isObject(listed) && listed.error !== undefined) return envelope(listed);
  return (isObject(body) ? findError(body) : undefined) ?? notAnAnswer(text, wanted);
}

/** Turns responses into events; those of a stream are pieces of one answer. */
class ResponseReader implements JsonEventReader {
  #started = false;
  #id: string | undefined;
  #calls = 0;
  #finish: string | undefined;
  #usage: Usage | undefined;
  readonly #citations = new CitationReader();
  /** The text so far: positions of sources are in its bytes. */
  readonly #texts: string[] = [];

  /** The events of one response that holds no error. */
  read(response: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    if (!isResponse(response)) return events;
    if (!this.#started) this.#start(response, events);
    const candidate = candidateOf(response);
    for (const part of asArray(asObject(candidate?.content)?.parts) ?? []) {
      if (isObject(part)) this.#readPart(part, events);
    }
    this.#citations.read(candidate);
    // Older models repeat STOP on every piece: only the last one is the end, so it is emitted at the end.
    this.#finish = finishName(candidate) ?? this.#finish;
    this.#usage = readUsage(response.usageMetadata) ?? this.#usage;
    return events;
  }

  /** Gemini sends no `[DONE]`; gateways in between add one, which is ignored. */
  done(): ChatEvent[] {
    return [];
  }

  /** The answer is whole when a finish reason came. */
  close(): ChatEvent[] {
    if (this.#finish === undefined) return this.fail(ANSWER_CUT);
    const reason = finishReason(this.#finish);
    return [
      ...this.#citations.events(this.#texts.join("")),
      { type: "finish", reason: reason === "stop" && this.#calls > 0 ? "tool_calls" : reason },
      ...this.#usageEvents(),
      { type: "end" },
    ];
  }

  /** The usage up to the failure still counts. */
  fail(error: UpstreamError): ChatEvent[] {
    return [...this.#usageEvents(), { type: "error", error }];
  }

  #usageEvents(): ChatEvent[] {
    return this.#usage === undefined ? [] : [{ type: "usage", usage: this.#usage }];
  }

  #start(response: JsonObject, events: ChatEvent[]): void {
    this.#started = true;
    const id = asText(response.responseId);
    const model = asText(response.modelVersion);
    this.#id = id;
    events.push({
      type: "start",
      ...present({ id, model }),
    });
  }

  #readPart(part: JsonObject, events: ChatEvent[]): void {
    const text = typeof part.text === "string" ? part.text : undefined;
    const data = asText(part.thoughtSignature);
    const seal: { sealed?: Sealed } = data === undefined ? {} : { sealed: { wire: WIRE, data } };
    const call = asObject(part.functionCall);
    if (call !== undefined) this.#readCall(call, seal, events);
    else if (part.thought === true) {
      if (text !== undefined && text !== "") events.push({ type: "reasoning", text });
    } else if (text !== undefined && (text !== "" || data !== undefined)) {
      this.#texts.push(text);
      events.push({ type: "text", text, ...seal });
    }
  }

  /** Each call is whole, in a part of its own. */
  #readCall(call: JsonObject, seal: { sealed?: Sealed }, events: ChatEvent[]): void {
    const name = asText(call.name);
    if (name === undefined) return;
    const index = this.#calls++;
    // Before Gemini 3 calls have no ids. One made from the answer's id is unique over turns.
    const made = this.#id === undefined ? `call_${index}` : `call_${this.#id}_${index}`;
    events.push({
      type: "tool-call",
      index,
      id: asText(call.id) ?? made,
      name,
      arguments: JSON.stringify(call.args ?? {}),
      ...seal,
    });
  }
}
