/** A client with a key of its own: what it may use, and how much of it. These shapes are also the JSON of the admin routes. */
import type { Tier } from "../fragment.ts";

/** Interactive requests come first; background ones take what is left over. */
export const PRIORITIES = ["interactive", "background"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a client may do. Every absent rule leaves it unbounded. */
export interface ClientRules {
  /** Names that it may ask for, with at most one `*` each. */
  readonly models?: readonly string[];
  /** Names that are rewritten: pattern → name. The target needs no entry in `models`. */
  readonly map?: Readonly<Record<string, string>>;
  /** Requests a minute and a day. */
  readonly rpm?: number;
  readonly rpd?: number;
  /** Tokens in and out a minute and a day. */
  readonly tpm?: number;
  readonly tpd?: number;
  /** Requests at once. */
  readonly concurrency?: number;
  /** Such as `2usd/day`; `parseSpendLimit` reads it. */
  readonly spend?: string;
  /** Tiers that may serve it. */
  readonly tiers?: readonly Tier[];
  /** Only providers that state that they train no model on requests. */
  readonly no_training?: true;
  /** The most that it may claim; absent: interactive. */
  readonly priority?: Priority;
  /** How its answers are cached, such as `1h,shared`; `parseCacheRule` reads it. */
  readonly cache?: string;
}

export type ClientRule = keyof ClientRules;

/** A key as it is kept: SHA-256 of the whole key, hex. */
export interface KeptKey {
  readonly hash: string;
  /** Valid until, ms since the epoch; absent: as long as the client. */
  readonly until_ms?: number;
}

export interface StoredClient {
  readonly id: string;
  readonly name: string;
  readonly rules: ClientRules;
  /** The newest first. */
  readonly keys: readonly KeptKey[];
  readonly created_at_ms: number;
  readonly expires_at_ms?: number;
  readonly revoked_at_ms?: number;
}

export type ClientState = "active" | "expired" | "revoked" | "no key";

/** A client as commands and admin routes show it: without hashes. */
export interface ClientView {
  readonly id: string;
  readonly name: string;
  readonly state: ClientState;
  readonly rules: ClientRules;
  readonly created_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** After a rotation: until when the key before it is valid. */
  readonly old_key_until: string | null;
}

/** A new key, shown once. */
export interface IssuedKey {
  readonly id: string;
  readonly name: string;
  readonly key: string;
}

export interface NewClient {
  readonly name: string;
  readonly rules: ClientRules;
  readonly expires_at_ms?: number;
}

/** What changes: an absent field stays, null removes. */
export interface ClientEdit {
  readonly rules: { readonly [Rule in ClientRule]?: ClientRules[Rule] | null };
  readonly expires_at_ms?: number | null;
}

/** A change that the list of clients does not allow; the message says what to do. */
export class ClientRefusal extends Error {
  readonly code: "unknown_client" | "client_exists";
  constructor(code: ClientRefusal["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** The clients of one store. A client is named by its name or its id. */
export interface ClientStore {
  list(): Promise<readonly StoredClient[]>;
  /** @throws {ClientRefusal} where the name is taken */
  add(client: NewClient): Promise<IssuedKey>;
  /** @throws {ClientRefusal} where there is none */
  edit(client: string, edit: ClientEdit): Promise<StoredClient>;
  /** A new key; the old one stays valid for `graceMs`. @throws {ClientRefusal} where there is none */
  rotate(client: string, graceMs: number): Promise<IssuedKey>;
  /** Ends its keys for good. @throws {ClientRefusal} where there is none */
  revoke(client: string): Promise<StoredClient>;
}

/** A store whose list is followed: a change holds within a second. */
export interface LiveClients extends ClientStore {
  /** The list as it was last read; undefined until it could be read once. */
  current(): readonly StoredClient[] | undefined;
  /** Called at each change of the list. */
  onChange(listener: (clients: readonly StoredClient[]) => void): void;
}

/** A key's form: its client's id, then 256 random bits. */
const CLIENT_KEY = /^hgk-([0-9a-f]{12})-[A-Za-z0-9_-]{43}$/;

/** @returns the client's id; undefined for text that is no client key */
export const clientIdIn = (key: string): string | undefined => CLIENT_KEY.exec(key)?.[1];

export const clientKeyOf = (id: string, secret: string): string => `hgk-${id}-${secret}`;

const isoOf = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

export function clientState(client: StoredClient, nowMs: number): ClientState {
  if (client.revoked_at_ms !== undefined) return "revoked";
  if (client.expires_at_ms !== undefined && client.expires_at_ms <= nowMs) return "expired";
  return client.keys.length === 0 ? "no key" : "active";
}

export function clientView(client: StoredClient, nowMs: number): ClientView {
  const { id, name, rules, keys, created_at_ms, expires_at_ms, revoked_at_ms } = client;
  const old = keys.find(({ until_ms = 0 }) => until_ms > nowMs);
  return {
    id,
    name,
    state: clientState(client, nowMs),
    rules,
    created_at: isoOf(created_at_ms),
    expires_at: isoOf(expires_at_ms),
    revoked_at: isoOf(revoked_at_ms),
    old_key_until: isoOf(old?.until_ms),
  };
}
