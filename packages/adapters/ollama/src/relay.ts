/** Relays a stream to a client of the same wire: its lines pass unchanged. */
import {
  ANSWER_CUT,
  type BodyVerdict,
  EVENT_TOO_LARGE,
  editJson,
  isObject,
  LineFramer,
  notAnAnswer,
  parseJson,
  type RelayOptions,
  type RelayPiece,
  type StreamRelay,
} from "@headgate/adapter-kit";
import { type ChatEvent, present, type UpstreamError, type Usage } from "@headgate/contract";
import { AnswerReader, decodeBody, WANTED } from "./decode.ts";

const EMPTY = Buffer.alloc(0);
const LINE_FEED = Buffer.from("\n");

/** A whole answer is one small object, so it is decoded completely. */
export function inspectBody(bytes: Buffer): BodyVerdict {
  const events = decodeBody(bytes);
  const last = events.at(-1);
  if (last?.type === "error") return { ok: false, error: last.error };
  const usage = usageIn(events);
  const empty = (usage?.outputTokens ?? 0) === 0 && !events.some(commits);
  return { ok: true, ...present({ usage }), ...(empty ? { empty } : {}) };
}

/** An answer, or one line of a stream, under the name that the client gave the model. */
export const renamed = (bytes: Buffer, shownModel: string): Buffer =>
  editJson(bytes, { set: { model: JSON.stringify(shownModel) } }).bytes;

export class ChatLineRelay implements StreamRelay {
  readonly #shownModel: string | undefined;
  readonly #framer = new LineFramer();
  readonly #reader = new AnswerReader();
  #committed = false;
  #over = false;

  constructor({ shownModel }: Pick<RelayOptions, "shownModel"> = {}) {
    this.#shownModel = shownModel;
  }

  push(chunk: Buffer): readonly RelayPiece[] {
    const pieces: RelayPiece[] = [];
    if (this.#over) return pieces;
    for (const line of this.#framer.push(chunk)) {
      pieces.push(...this.#take(line, false));
      if (this.#over) return pieces;
    }
    if (this.#framer.overflowed) pieces.push(this.#fail(EVENT_TOO_LARGE));
    return pieces;
  }

  end(): readonly RelayPiece[] {
    if (this.#over) return [];
    const unfinished = this.#framer.end();
    const pieces = unfinished === undefined ? [] : this.#take(unfinished, true);
    return this.#over ? pieces : [...pieces, this.#fail(ANSWER_CUT)];
  }

  #take(line: Buffer, last: boolean): RelayPiece[] {
    const text = line.toString("utf8");
    if (text.trim() === "") return [];
    const value = parseJson(text);
    if (value === undefined)
      return [this.#fail(last && text.trimStart().startsWith("{") ? ANSWER_CUT : notAnAnswer(text, WANTED))];
    const events = this.#reader.read(value, text);
    const ending = events.at(-1);
    if (ending?.type === "error") return [this.#fail(ending.error)];
    const named = this.#shownModel === undefined || !isObject(value) ? line : renamed(line, this.#shownModel);
    const bytes = Buffer.concat([named, LINE_FEED]);
    if (ending?.type === "end") {
      this.#over = true;
      const usage = usageIn(events);
      this.#committed ||= events.some(commits);
      return [
        { kind: this.#committed ? "content" : "hold", bytes, ...present({ usage }) },
        { kind: "end", bytes: EMPTY },
      ];
    }
    this.#committed ||= events.some(commits);
    return [{ kind: this.#committed ? "content" : "hold", bytes }];
  }

  #fail(error: UpstreamError): RelayPiece {
    this.#over = true;
    return { kind: "error", bytes: EMPTY, error };
  }
}

/** Content, or an end that is no usual one. */
const commits = (event: ChatEvent): boolean =>
  event.type !== "start" &&
  event.type !== "usage" &&
  event.type !== "end" &&
  !(event.type === "finish" && event.reason === "stop");

const usageIn = (events: readonly ChatEvent[]): Usage | undefined =>
  events.find((event) => event.type === "usage")?.usage;
