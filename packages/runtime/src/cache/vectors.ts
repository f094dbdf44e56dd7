/** Embeddings through the cache, input by input: only those that are missing go upstream, and those on their way are waited for. */
import { listNanoUsd } from "@headgate/contract";
import type { OperationRequest, VectorRequest, Vectors } from "../codec/any-request.ts";
import { JSON_TYPE } from "../codec/exchange-codec.ts";
import type { ExchangeEnd } from "../exchange/usage-record.ts";
import type { ClientEnd } from "../http/client-sink.ts";
import { QuietSink } from "../http/quiet-sink.ts";
import type { Asking } from "./asking.ts";
import { STATE_HEADER } from "./chat-answers.ts";
import type { Entries, Entry } from "./entries.ts";
import { vectorKey } from "./key.ts";
import type { CacheWish } from "./rules.ts";

/** A vector as it is kept: JSON text, and its share of the call that made it. */
interface KeptVector {
  readonly text: string;
  readonly model?: string | undefined;
  readonly tokens: number;
  readonly listNanoUsd: number;
}

/** A call for inputs that other requests wait for. */
interface Fetching {
  readonly done: Promise<void>;
  /** Other requests that wait for it. */
  waiting: number;
}

export class VectorAnswers {
  readonly #entries: Entries;
  readonly #nowMs: () => number;
  readonly #fetching = new Map<string, Fetching>();

  constructor(entries: Entries, nowMs: () => number) {
    this.#entries = entries;
    this.#nowMs = nowMs;
  }

  /** Undefined: the upstream's answer cannot be read, so the request goes on as it is. */
  async answer(
    request: OperationRequest & { readonly vectors: VectorRequest },
    wish: CacheWish,
    asking: Asking,
  ): Promise<ExchangeEnd | undefined> {
    const { vectors } = request;
    const { sink, trace } = asking;
    const keys = vectors.inputs.map((input) =>
      vectorKey(input, vectors.shape, { owner: wish.owner, ...asking }),
    );
    const found = new Map<string, Entry<KeptVector>>();
    if (wish.read) await this.#look(keys, found);
    const hits = new Set(found.keys());
    const made = new Map<string, KeptVector>();
    let end: ExchangeEnd | undefined;
    /** Called by the first round alone: what others fetch is waited for once. */
    let waits = wish.read;
    for (;;) {
      const missing = [...new Set(keys)].filter((key) => !found.has(key) && !made.has(key));
      if (missing.length === 0) break;
      const theirs = waits ? missing.filter((key) => this.#fetching.has(key)) : [];
      const ours = missing.filter((key) => !theirs.includes(key));
      if (ours.length > 0) {
        end = await this.#fetch(vectors, keys, ours, wish, asking, made);
        if (end.outcome !== "answered") return end;
        if (ours.some((key) => !made.has(key))) return undefined;
      }
      for (const key of theirs) await this.#await(key, sink);
      if (sink.gone) return { outcome: "aborted", status: 499 };
      if (theirs.length > 0) await this.#look(theirs, found);
      waits = false;
    }
    const saved = [...found.values()].reduce(
      (sum, { value }) => ({
        tokens: sum.tokens + value.tokens,
        listNanoUsd: sum.listNanoUsd + value.listNanoUsd,
      }),
      { tokens: 0, listNanoUsd: 0 },
    );
    const all = keys.map((key) => found.get(key)?.value ?? made.get(key));
    if (found.size > 0)
      trace.cache = { how: end !== undefined ? "part" : hits.size === 0 ? "joined" : "hit", ...saved };
    this.#headers(sink, trace.cache?.how ?? "miss", found, keys);
    const tokens = all.reduce((sum, one) => sum + (one?.tokens ?? 0), 0);
    const answer: Vectors = {
      texts: all.map((one) => one?.text ?? "[]"),
      model: all.find((one) => one?.model !== undefined)?.model,
      inputTokens: Math.round(tokens),
    };
    sink.send(200, { "content-type": JSON_TYPE }, vectors.write(answer));
    return end ?? { outcome: "answered", status: 200 };
  }

  async #look(keys: readonly string[], found: Map<string, Entry<KeptVector>>): Promise<void> {
    for (const key of keys) {
      const entry = this.#entries.stored
        ? await this.#entries.find<KeptVector>(key, readVector)
        : this.#entries.peek<KeptVector>(key);
      if (entry !== undefined) found.set(key, entry);
    }
  }

  async #fetch(
    vectors: VectorRequest,
    keys: readonly string[],
    ours: readonly string[],
    wish: CacheWish,
    asking: Asking,
    made: Map<string, KeptVector>,
  ): Promise<ExchangeEnd> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const fetching: Fetching = { done: promise, waiting: 0 };
    for (const key of ours) this.#fetching.set(key, fetching);
    try {
      const sink = new VectorSink(asking.sink, fetching);
      await asking.admit(sink);
      const places = ours.map((key) => keys.indexOf(key));
      const { request, json } = vectors.only(places);
      const end = await asking.run(request, sink, json);
      const answer = sink.body === undefined ? undefined : vectors.read(sink.body);
      if (end.outcome !== "answered" || answer === undefined || answer.texts.length !== ours.length)
        return end;
      const nanoUsd =
        end.candidate === undefined
          ? 0
          : (listNanoUsd(end.candidate.deployment.price, {
              inputTokens: answer.inputTokens ?? 0,
              outputTokens: 0,
            }) ?? 0);
      const chars = places.map((place) => JSON.stringify(vectors.inputs[place] ?? "").length);
      const total = chars.reduce((sum, one) => sum + one, 0);
      for (const [at, key] of ours.entries()) {
        const share = (chars[at] ?? 0) / total;
        const kept: KeptVector = {
          text: answer.texts[at] ?? "",
          model: answer.model,
          tokens: (answer.inputTokens ?? 0) * share,
          listNanoUsd: Math.round(nanoUsd * share),
        };
        made.set(key, kept);
        this.#entries.put(key, kept, {
          forMs: wish.forMs,
          bytes: kept.text.length,
          text: () => JSON.stringify(kept),
        });
      }
      return end;
    } finally {
      for (const key of ours) if (this.#fetching.get(key) === fetching) this.#fetching.delete(key);
      resolve();
    }
  }

  async #await(key: string, sink: ClientEnd): Promise<void> {
    const fetching = this.#fetching.get(key);
    if (fetching === undefined || sink.gone) return;
    const left = Promise.withResolvers<void>();
    fetching.waiting += 1;
    sink.onGone = () => left.resolve();
    await Promise.race([fetching.done, left.promise]);
    fetching.waiting -= 1;
    sink.onGone = undefined;
  }

  #headers(
    sink: ClientEnd,
    state: string,
    found: ReadonlyMap<string, Entry<KeptVector>>,
    keys: readonly string[],
  ): void {
    sink.header(STATE_HEADER, state);
    if (found.size === 0) return;
    sink.header("x-headgate-cached-inputs", String(keys.filter((key) => found.has(key)).length));
    const oldest = Math.min(...[...found.values()].map(({ storedAtMs }) => storedAtMs));
    sink.header("age", String(Math.max(0, Math.floor((this.#nowMs() - oldest) / 1000))));
  }
}

/** Keeps the answer to the inputs that were missing. The call goes on while other requests wait for it. */
class VectorSink extends QuietSink {
  readonly #fetching: Fetching;
  body: Buffer | undefined;

  constructor(client: ClientEnd, fetching: Fetching) {
    super(client);
    this.#fetching = fetching;
  }

  override get gone(): boolean {
    return super.gone && this.#fetching.waiting === 0;
  }

  override get onGone(): (() => void) | undefined {
    return super.onGone;
  }

  override set onGone(callback: (() => void) | undefined) {
    super.onGone = callback && (() => (this.gone ? callback() : undefined));
  }

  override send(_status?: number, _headers?: Record<string, string>, body?: Buffer | string): void {
    this.body = typeof body === "string" ? Buffer.from(body) : body;
  }
}

function readVector(value: unknown): KeptVector | undefined {
  const { text, model, tokens, listNanoUsd } = (value ?? {}) as Partial<KeptVector>;
  if (typeof text !== "string" || typeof tokens !== "number" || typeof listNanoUsd !== "number")
    return undefined;
  return { text, tokens, listNanoUsd, ...(typeof model === "string" ? { model } : {}) };
}
