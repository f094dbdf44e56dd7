/**
 * Stored responses that survive the process: recent ones in memory, all in the gateway's store. Decoding a request is
 * synchronous, so the responses that it reads are fetched before (`fetch`).
 */
import { isObject } from "@headgate/adapter-kit";
import type { JsonObject, KeptStore } from "@headgate/contract";
import { isArray } from "../../../http/json-body.ts";
import { placeOf } from "./ids.ts";
import {
  MemoryResponseStore,
  type MemoryStoreOptions,
  type ResponseStore,
  type StoredResponse,
} from "./store.ts";

const SPACE = "responses";
/** Chains are as long as conversations; this bounds what one request may make the gateway read. */
const MAX_CHAIN = 1_000;

export interface LastingOptions extends MemoryStoreOptions {
  /** Absent: nothing outlives the process. */
  readonly kept?: KeptStore | undefined;
  /** True: other processes write there too, so memory may be outdated. */
  readonly shared: boolean;
}

export class LastingResponseStore implements ResponseStore {
  readonly #options: LastingOptions;
  readonly #memory: MemoryResponseStore;
  /** Until when the store keeps what is in memory, so that reading renews it now and then and not each time. */
  readonly #keptUntilMs = new Map<string, number>();

  constructor(options: LastingOptions) {
    this.#options = options;
    this.#memory = new MemoryResponseStore(options);
  }

  get(id: string): StoredResponse | undefined {
    const stored = this.#memory.get(id);
    if (stored !== undefined) this.#renew(id, stored);
    return stored;
  }

  put(id: string, stored: StoredResponse): void {
    this.#memory.put(id, stored);
    this.#keep(id, stored);
  }

  delete(id: string): boolean {
    this.#keptUntilMs.delete(id);
    return this.#memory.delete(id);
  }

  /** @returns false when there was none, here or in the store */
  async deleteAll(id: string): Promise<boolean> {
    const here = this.delete(id);
    const there = (await this.#options.kept?.delete(SPACE, id).catch(() => false)) ?? false;
    return here || there;
  }

  /** Whether a request reads responses that may have to be fetched. */
  reads(json: JsonObject): boolean {
    return this.#options.kept !== undefined && idsIn(json).length > 0;
  }

  /** Brings what a request reads into memory, with all that it builds on. */
  async fetch(json: JsonObject): Promise<void> {
    for (const id of idsIn(json)) await this.fetchChain(id);
  }

  async fetchChain(id: string): Promise<void> {
    let next: unknown = id;
    for (let links = 0; typeof next === "string" && links < MAX_CHAIN; links += 1) {
      const stored: StoredResponse | undefined = await this.#fetchOne(next);
      next = stored?.response.previous_response_id;
    }
  }

  async #fetchOne(id: string): Promise<StoredResponse | undefined> {
    const { kept, shared, nowMs } = this.#options;
    const known = this.get(id);
    if (kept === undefined || (known !== undefined && !shared)) return known;
    // While the store is unreachable, what is in memory counts.
    const bytes = await kept.get(SPACE, id, nowMs()).catch(() => null);
    if (bytes === null) return known;
    if (bytes === undefined) {
      this.delete(id);
      return undefined;
    }
    const stored = known ?? readStored(bytes);
    if (stored === undefined) return undefined;
    if (known === undefined) this.#memory.put(id, stored);
    this.#renew(id, stored);
    return stored;
  }

  #renew(id: string, stored: StoredResponse): void {
    const { nowMs, ttlMs } = this.#options;
    const until = this.#keptUntilMs.get(id) ?? 0;
    if (until - nowMs() < ttlMs / 2) this.#keep(id, stored);
  }

  #keep(id: string, stored: StoredResponse): void {
    const { kept, nowMs, ttlMs } = this.#options;
    if (kept === undefined) return;
    const expiresAtMs = nowMs() + ttlMs;
    this.#keptUntilMs.set(id, expiresAtMs);
    for (const [oldest, until] of this.#keptUntilMs) {
      if (until > nowMs()) break;
      this.#keptUntilMs.delete(oldest);
    }
    kept.put({ space: SPACE, key: id, value: Buffer.from(JSON.stringify(stored)), expiresAtMs });
  }
}

/** The responses that a request names: the one before it, and those of items that it refers to. */
function idsIn(json: JsonObject): string[] {
  const ids = new Set<string>();
  if (typeof json.previous_response_id === "string") ids.add(json.previous_response_id);
  for (const item of isArray(json.input) ? json.input : []) {
    if (!isObject(item) || typeof item.id !== "string") continue;
    // An item with content of its own refers to nothing.
    if (item.type !== "item_reference" && (item.type !== undefined || item.content !== undefined)) continue;
    const place = placeOf(item.id);
    if (place !== undefined) ids.add(place.responseId);
  }
  return [...ids];
}

function readStored(bytes: Uint8Array): StoredResponse | undefined {
  try {
    const stored: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return isObject(stored) && isObject(stored.response) && isArray(stored.input)
      ? (stored as unknown as StoredResponse)
      : undefined;
  } catch {
    return undefined;
  }
}
