/** The cache as requests meet it. It exists only where HEADGATE_CACHE is on. */
import type { CacheStore } from "@headgate/contract";
import { type AnyRequest, isChat, type OperationRequest, type VectorRequest } from "../codec/any-request.ts";
import type { ExchangeEnd } from "../exchange/usage-record.ts";
import type { Asking } from "./asking.ts";
import { ChatAnswers } from "./chat-answers.ts";
import { Entries } from "./entries.ts";
import { type CacheWish, type Wishing, wishOf } from "./rules.ts";
import { VectorAnswers } from "./vectors.ts";

export interface CacheInput {
  readonly maxBytes: number;
  readonly ttlMs: number;
  readonly nowMs: () => number;
  /** Absent: entries are in this process only. */
  readonly store: CacheStore | undefined;
}

export class Cache {
  readonly #ttlMs: number;
  readonly #chats: ChatAnswers;
  readonly #vectors: VectorAnswers;

  constructor({ maxBytes, ttlMs, nowMs, store }: CacheInput) {
    this.#ttlMs = ttlMs;
    const entries = new Entries({ maxBytes, nowMs, store });
    this.#chats = new ChatAnswers(entries, nowMs);
    this.#vectors = new VectorAnswers(entries, nowMs);
  }

  /** Undefined: the request goes past the cache. @throws {ClientError} 400 that names the header */
  wish(wishing: Omit<Wishing, "ttlMs">): CacheWish | undefined {
    return wishOf({ ...wishing, ttlMs: this.#ttlMs });
  }

  /** Undefined: the request goes on as it is. */
  answer(request: AnyRequest, asking: Asking): Promise<ExchangeEnd | undefined> {
    const { wish } = asking;
    if (isChat(request)) return this.#chats.answer(request, wish, asking);
    return hasVectors(request) ? this.#vectors.answer(request, wish, asking) : Promise.resolve(undefined);
  }
}

const hasVectors = (
  request: OperationRequest,
): request is OperationRequest & { readonly vectors: VectorRequest } => request.vectors !== undefined;
