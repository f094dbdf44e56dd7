/** Who is signed in to the page: opaque ids and one-time links, of which only digests are kept. */
import { createHash, randomBytes } from "node:crypto";
import type { KeptStore } from "@headgate/contract";

export interface SessionsInput {
  /** Shared by the processes that serve this port; absent: this process only. */
  readonly kept: KeptStore | undefined;
  readonly nowMs: () => number;
}

const SESSION_SPACE = "page-session";
const LINK_SPACE = "page-link";
/** A session ends this long after its last use. */
export const SESSION_MS = 7 * 86_400_000;
/** A use is written down at most this often. */
const RENEW_MS = 3_600_000;
export const LINK_MS = 60_000;

const digest = (secret: string): string => createHash("sha256").update(secret).digest("base64url");
const newSecret = (): string => randomBytes(32).toString("base64url");

export class Sessions {
  readonly #kept: KeptStore;
  readonly #nowMs: () => number;

  constructor({ kept, nowMs }: SessionsInput) {
    this.#kept = kept ?? inMemory();
    this.#nowMs = nowMs;
  }

  /** @returns the id of a new session */
  async open(): Promise<string> {
    const id = newSecret();
    await this.#keep(SESSION_SPACE, id, SESSION_MS);
    return id;
  }

  async isOpen(id: string): Promise<boolean> {
    const value = await this.#kept.get(SESSION_SPACE, digest(id), this.#nowMs());
    if (value === undefined) return false;
    if (this.#nowMs() - Number(Buffer.from(value).toString()) > RENEW_MS)
      await this.#keep(SESSION_SPACE, id, SESSION_MS);
    return true;
  }

  async close(id: string): Promise<void> {
    await this.#kept.delete(SESSION_SPACE, digest(id));
  }

  /** @returns a token that opens one session within a minute */
  async makeLink(): Promise<string> {
    const token = newSecret();
    await this.#keep(LINK_SPACE, token, LINK_MS);
    return token;
  }

  /** True once for each token: of two that use it at once, only one deletes it. */
  async takeLink(token: string): Promise<boolean> {
    const found = await this.#kept.get(LINK_SPACE, digest(token), this.#nowMs());
    return found !== undefined && (await this.#kept.delete(LINK_SPACE, digest(token)));
  }

  async #keep(space: string, secret: string, forMs: number): Promise<void> {
    const nowMs = this.#nowMs();
    const key = digest(secret);
    this.#kept.put({ space, key, value: Buffer.from(String(nowMs)), expiresAtMs: nowMs + forMs });
    // Answered behind the put, so that another process of this port sees the session as well.
    await this.#kept.get(space, key, nowMs);
  }
}

/** Without a store, sessions end with the process. */
function inMemory(): KeptStore {
  const records = new Map<string, { readonly value: Uint8Array; readonly expiresAtMs: number }>();
  const id = (space: string, key: string): string => `${space}\n${key}`;
  return {
    async get(space, key, nowMs) {
      const record = records.get(id(space, key));
      return record === undefined || record.expiresAtMs <= nowMs ? undefined : record.value;
    },
    put: ({ space, key, value, expiresAtMs }) => void records.set(id(space, key), { value, expiresAtMs }),
    delete: async (space, key) => records.delete(id(space, key)),
    sweep() {},
  };
}
