/** Chats through the cache: given again, joined with an equal request's call, or made and kept. */
import { type ChatEvent, listNanoUsd } from "@headgate/contract";
import { jsonAnswer } from "../codec/json-answer.ts";
import type { KeptAnswer } from "../codec/kept-answer.ts";
import type { SurfaceRequest } from "../codec/surface-request.ts";
import type { ExchangeEnd } from "../exchange/usage-record.ts";
import { sendEvents } from "../exchange/web-search/answer.ts";
import type { ClientEnd } from "../http/client-sink.ts";
import type { Asking } from "./asking.ts";
import type { Entries, Entry } from "./entries.ts";
import { Flight } from "./flight.ts";
import { chatKey } from "./key.ts";
import type { CacheWish } from "./rules.ts";

export const STATE_HEADER = "x-headgate-cache";

/** An answer as it is kept. */
interface ChatAnswer {
  readonly events: readonly ChatEvent[];
  readonly listNanoUsd: number;
}

/** It is read the first time that it is wanted: most answers never are. */
class Answer {
  #kept: KeptAnswer | undefined;
  #read: ChatAnswer | undefined;
  readonly #listNanoUsd: number;

  constructor(kept: KeptAnswer, nanoUsd: number) {
    this.#kept = kept;
    this.#listNanoUsd = nanoUsd;
  }

  /** Undefined where it turns out not to be whole. */
  read(): ChatAnswer | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    const events = kept?.events();
    if (events !== undefined) this.#read = { events, listNanoUsd: this.#listNanoUsd };
    return this.#read;
  }
}

type Kept = Answer | ChatAnswer;

export class ChatAnswers {
  readonly #entries: Entries;
  readonly #nowMs: () => number;
  readonly #flights = new Map<string, Flight<Answer>>();

  constructor(entries: Entries, nowMs: () => number) {
    this.#entries = entries;
    this.#nowMs = nowMs;
  }

  /** Undefined: the request cannot be cached, and goes on as it is. */
  async answer(request: SurfaceRequest, wish: CacheWish, asking: Asking): Promise<ExchangeEnd | undefined> {
    const { sink, trace } = asking;
    const key = chatKey(request, { owner: wish.owner, ...asking });
    if (key === undefined) {
      sink.header(STATE_HEADER, "bypass");
      return undefined;
    }
    // An answer with calls is another wish than one without.
    const named = wish.tools ? `${key}t` : key;
    if (!wish.read) return this.#make(request, wish, named, asking, sink);
    const form = `${request.wire} ${request.stream} ${request.includeUsage} ${asking.timeoutMs ?? ""}`;
    for (;;) {
      const hit = this.#entries.peek<Kept>(named);
      if (hit !== undefined && this.#replay(request, hit, asking)) return ANSWERED;
      const flight = this.#flights.get(named);
      if (flight !== undefined && !flight.abandoned) {
        const same = flight.form === form && flight.open;
        sink.header(STATE_HEADER, "joined");
        const end = await (same ? flight.join(sink) : flight.whole(sink));
        if (sink.gone) return GONE;
        if (end.kind === "failed") throw end.error;
        if (same && end.kind === "broken") return { outcome: "broken", status: 200 };
        const answer = end.kind === "answered" ? end.value?.read() : undefined;
        if (answer !== undefined) trace.cache = { how: "joined", ...savedBy(answer) };
        if (same && end.kind === "answered") return ANSWERED;
        if (answer !== undefined && this.#send(request, answer, sink)) return ANSWERED;
        continue;
      }
      return this.#lead(request, wish, named, form, asking);
    }
  }

  async #lead(
    request: SurfaceRequest,
    wish: CacheWish,
    key: string,
    form: string,
    asking: Asking,
  ): Promise<ExchangeEnd> {
    const { sink } = asking;
    const flight = new Flight<Answer>(form, sink);
    this.#flights.set(key, flight);
    let made = false;
    try {
      if (this.#entries.stored) {
        const hit = await this.#entries.find<Kept>(key, readAnswer);
        if (hit !== undefined && this.#replay(request, hit, asking)) {
          flight.over({ kind: "again" });
          return ANSWERED;
        }
      }
      await asking.admit(flight);
      made = true;
      const end = await this.#make(request, wish, key, asking, flight, flight);
      return flight.leaderGone ? { ...end, outcome: "aborted", status: 499 } : end;
    } catch (error) {
      // What refused this client alone says nothing of the others.
      flight.over(made ? { kind: "failed", error } : { kind: "again" });
      throw error;
    } finally {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
      flight.over({ kind: "again" });
    }
  }

  async #make(
    request: SurfaceRequest,
    wish: CacheWish,
    key: string,
    asking: Asking,
    to: ClientEnd,
    flight?: Flight<Answer>,
  ): Promise<ExchangeEnd> {
    asking.sink.header(STATE_HEADER, "miss");
    request.keepAnswer = true;
    if (flight === undefined) await asking.admit(to);
    const end = await asking.run(request, to);
    const { kept, candidate } = end;
    if (end.outcome === "broken") flight?.over({ kind: "broken" });
    if (end.outcome !== "answered") return end;
    if (kept === undefined || candidate === undefined) {
      // It was continued by another candidate, or made in this process.
      flight?.over({ kind: "answered", value: undefined });
      return end;
    }
    const usage = asking.trace.attempts.at(-1)?.outcome;
    const counted = usage !== undefined && "usage" in usage ? usage.usage : undefined;
    const answer = new Answer(kept.seal(), listNanoUsd(candidate.deployment.price, counted) ?? 0);
    flight?.over({ kind: "answered", value: answer });
    if (this.#entries.stored) {
      const read = answer.read();
      if (read === undefined || !isKeepable(read.events, wish.tools)) return end;
      const text = JSON.stringify(read);
      this.#entries.put(key, read, { forMs: wish.forMs, bytes: text.length, text: () => text });
    } else this.#entries.put(key, answer, { forMs: wish.forMs, bytes: kept.bytes, text: () => "" });
    return end;
  }

  /** False where what is kept is no whole answer. */
  #replay(request: SurfaceRequest, hit: Entry<Kept>, { sink, trace, wish }: Asking): boolean {
    const answer = hit.value instanceof Answer ? hit.value.read() : hit.value;
    if (answer === undefined || !isKeepable(answer.events, wish.tools)) return false;
    sink.header(STATE_HEADER, "hit");
    sink.header("age", String(Math.max(0, Math.floor((this.#nowMs() - hit.storedAtMs) / 1000))));
    if (!this.#send(request, answer, sink)) {
      sink.removeHeader("age");
      return false;
    }
    trace.cache = { how: "hit", ...savedBy(answer) };
    return true;
  }

  #send(request: SurfaceRequest, { events }: ChatAnswer, sink: ClientEnd): boolean {
    const shown = request.wantsJson === true && !request.stream ? jsonAnswer(events) : events;
    if (shown.some(({ type }) => type === "error")) return false;
    sendEvents(request, shown, sink, Math.floor(this.#nowMs() / 1000));
    return true;
  }
}

const ANSWERED: ExchangeEnd = { outcome: "answered", status: 200 };
const GONE: ExchangeEnd = { outcome: "aborted", status: 499 };

/** Whole, not cut, not filtered, and without calls unless they are wanted. */
function isKeepable(events: readonly ChatEvent[], tools: boolean): boolean {
  let finished = false;
  for (const event of events) {
    if (event.type === "error" || event.type === "refusal") return false;
    if (event.type === "tool-call" && !tools) return false;
    if (event.type !== "finish") continue;
    if (event.reason !== "stop" && event.reason !== "tool_calls") return false;
    finished = true;
  }
  return finished;
}

function savedBy({ events, listNanoUsd }: ChatAnswer): { tokens: number; listNanoUsd: number } {
  const usage = events.findLast((event) => event.type === "usage")?.usage;
  return { tokens: (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0), listNanoUsd };
}

function readAnswer(value: unknown): ChatAnswer | undefined {
  const { events, listNanoUsd } = (value ?? {}) as Partial<ChatAnswer>;
  return Array.isArray(events) && typeof listNanoUsd === "number" ? { events, listNanoUsd } : undefined;
}
