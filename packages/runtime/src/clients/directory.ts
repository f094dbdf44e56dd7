/** The clients in force, and which of them a key is of. */
import { hash as digestOf, timingSafeEqual } from "node:crypto";
import { clientIdIn, type StoredClient } from "@headgate/contract";
import type { Memory } from "@headgate/router";
import { UNKNOWN_CLIENT_KEY } from "../http/auth.ts";
import { ClientError } from "../http/client-error.ts";
import { ActiveClient } from "./active-client.ts";

interface Entry {
  readonly client: ActiveClient;
  readonly text: string;
  readonly keys: readonly { readonly hash: Buffer; readonly untilMs: number }[];
}

export class ClientDirectory {
  readonly #memory: Pick<Memory, "meter">;
  readonly #nowMs: () => number;
  #entries: ReadonlyMap<string, Entry> = new Map();
  #known = false;

  constructor(memory: Pick<Memory, "meter">, nowMs: () => number) {
    this.#memory = memory;
    this.#nowMs = nowMs;
  }

  /** The whole list, from the next request on. */
  apply(clients: readonly StoredClient[]): void {
    const entries = new Map<string, Entry>();
    for (const stored of clients) {
      const text = JSON.stringify(stored);
      const before = this.#entries.get(stored.id);
      entries.set(stored.id, before?.text === text ? before : this.#entryOf(stored, text));
    }
    this.#entries = entries;
    this.#known = true;
  }

  #entryOf(stored: StoredClient, text: string): Entry {
    return {
      client: new ActiveClient(stored, this.#memory),
      text,
      keys: stored.keys.map(({ hash, until_ms = Number.POSITIVE_INFINITY }) => ({
        hash: Buffer.from(hash, "hex"),
        untilMs: until_ms,
      })),
    };
  }

  /** All in force. */
  *all(): Generator<ActiveClient> {
    for (const { client } of this.#entries.values())
      if (client.stored.revoked_at_ms === undefined) yield client;
  }

  /** The client of an id, as requests meet it. */
  byId(id: string): ActiveClient | undefined {
    return this.#entries.get(id)?.client;
  }

  /**
   * The client of a key.
   * @returns undefined for text that has not the form of a client key
   * @throws {ClientError} 401 for a key that is of no client any more, or never was; 503 while the list is not known
   */
  find(key: string): ActiveClient | undefined {
    const id = clientIdIn(key);
    if (id === undefined) return undefined;
    const entry = this.#entries.get(id);
    if (entry === undefined) throw this.#known ? UNKNOWN() : NOT_READ();
    const { client, keys } = entry;
    const nowMs = this.#nowMs();
    const { name, stored } = client;
    const sent = digestOf("sha256", key, "buffer");
    let valid = false;
    let old = false;
    for (const { hash, untilMs } of keys) {
      if (!(hash.length === sent.length && timingSafeEqual(hash, sent))) continue;
      if (untilMs > nowMs) valid = true;
      else old = true;
    }
    // These keys were right once, so they are not slowed down like guesses.
    if (stored.revoked_at_ms !== undefined)
      throw refused("client_key_revoked", `The key of the client ${name} is revoked.`);
    if (old && !valid)
      throw refused(
        "client_key_rotated",
        `This key of the client ${name} was replaced by a new one, and its grace period is over. Use the new key.`,
      );
    if (!valid) throw UNKNOWN();
    const { expires_at_ms } = stored;
    if (expires_at_ms !== undefined && expires_at_ms <= nowMs)
      throw refused(
        "client_key_expired",
        `The key of the client ${name} expired on ${new Date(expires_at_ms).toISOString()}. The operator prolongs it with \`headgate clients edit ${name} --expires 90d\`.`,
      );
    return client;
  }
}

const refused = (code: string, message: string): ClientError =>
  new ClientError({ status: 401, type: "authentication_error", code, message });

const UNKNOWN = (): ClientError =>
  refused(
    UNKNOWN_CLIENT_KEY,
    "This client key is of no client here: it belongs to another installation, or its client was removed. `headgate clients list` shows the clients of this one.",
  );

const NOT_READ = (): ClientError =>
  new ClientError({
    status: 503,
    type: "server_error",
    code: "clients_unavailable",
    message:
      "Client keys cannot be checked: the database that holds them does not answer. Try again in some seconds.",
    retryAfterMs: 5_000,
  });
