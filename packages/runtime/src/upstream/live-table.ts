/**
 * A routing table that is served: its index, and for every candidate the adapter, the pool, the path and the headers of an
 * upstream request. Built when a table is swapped in. A request in flight keeps the table it began with.
 */
import { hash } from "node:crypto";
import type { Adapter } from "@headgate/adapter-kit";
import { ACCOUNT_PLACE, type RoutedProvider, type RoutingTable, splitAccountToken } from "@headgate/contract";
import { type Candidate, indexTable, type Memory, type RouteIndex } from "@headgate/router";
import type { Pools, UpstreamPool } from "./pools.ts";

/** Values of key variables, by name. Never logged, never serialised. */
export type Secrets = Readonly<Record<string, string>>;

export interface Endpoint {
  readonly adapter: Adapter;
  /** Absent for adapters that answer in-process. */
  readonly http?: {
    readonly pool: UpstreamPool;
    /** The path of the base URL, without a trailing slash. */
    readonly basePath: string;
    /** Flat name, value, name, value, …: user agent, fixed headers, authentication. */
    readonly headers: readonly string[];
    /** Must not appear in anything that a client or a log gets. */
    readonly secret: string | undefined;
  };
}

export interface LiveTable {
  readonly index: RouteIndex;
  endpoint(candidate: Candidate): Endpoint;
  /** The connection pools it uses. */
  readonly pools: ReadonlySet<UpstreamPool>;
}

export interface LiveTableInput {
  readonly table: RoutingTable;
  readonly secrets: Secrets;
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly memory: Memory;
  readonly pools: Pools;
  readonly userAgent: string;
}

/** What an HTTP header can carry: visible ASCII. Anything else in a key is a pasting error. */
export const SENDABLE = /^[\x21-\x7e]+$/;

/** @throws {Error} naming the variable when a key is missing or cannot be sent. */
export function liveTable(input: LiveTableInput): LiveTable {
  const { table, secrets, adapters, memory, pools, userAgent } = input;
  const endpoints = new Map<Candidate, Endpoint>();
  const used = new Set<UpstreamPool>();
  const keyId = (variable: string): string =>
    `${variable}:${hash("sha256", secrets[variable] ?? "").slice(0, 12)}`;
  const index = indexTable(table, memory, keyId);

  const endpointsOf = (provider: RoutedProvider): ((key: number) => Endpoint) => {
    const adapter = adapters.get(provider.adapter);
    if (adapter === undefined)
      throw new Error(`${provider.id}: the adapter ${provider.adapter} is not installed`);
    if (adapter.answer !== undefined) return () => ({ adapter });
    if (provider.baseUrl === undefined)
      throw new Error(`${provider.id}: the ${provider.adapter} adapter needs a base URL`);
    const url = new URL(provider.baseUrl);
    const pool = pools.get(url.origin, provider.timeouts);
    used.add(pool);
    const basePath = url.pathname.replace(/\/+$/, "");
    const made = new Map<number, Endpoint>();
    return (key) => {
      let endpoint = made.get(key);
      if (endpoint === undefined) {
        const variable = provider.keyVars[key];
        const secret = variable === undefined ? undefined : secrets[variable];
        if (variable !== undefined && (secret === undefined || !SENDABLE.test(secret))) {
          throw new Error(
            `${variable} ${secret === undefined ? "is not set" : "holds characters that an HTTP header cannot carry (a line break or a space?)"}`,
          );
        }
        const credential = credentialOf(provider, variable, secret, basePath.includes(ACCOUNT));
        endpoint = {
          adapter,
          http: {
            pool,
            basePath: basePath.replace(ACCOUNT, encodeURIComponent(credential.account ?? "")),
            secret: credential.token,
            headers: headersOf(provider, credential.token, userAgent),
          },
        };
        made.set(key, endpoint);
      }
      return endpoint;
    };
  };

  const byProvider = new Map(table.providers.map((provider) => [provider, endpointsOf(provider)]));
  for (const { provider, candidates } of index.deployments) {
    const make = byProvider.get(provider);
    if (make !== undefined) for (const candidate of candidates) endpoints.set(candidate, make(candidate.key));
  }
  return {
    index,
    pools: used,
    endpoint(candidate) {
      const endpoint = endpoints.get(candidate);
      if (endpoint === undefined) throw new Error(`no endpoint for ${candidate.deployment.alias}`);
      return endpoint;
    },
  };
}

/** The placeholder as `URL` writes it in a path. */
export const ACCOUNT = encodeURIComponent(ACCOUNT_PLACE);

interface Credential {
  readonly token?: string;
  readonly account?: string;
}

/** @throws {Error} naming the variable of a key that lacks the account it needs. */
export function credentialOf(
  { auth }: RoutedProvider,
  variable: string | undefined,
  secret: string | undefined,
  wanted: boolean,
): Credential {
  if (secret === undefined) return {};
  if (auth?.scheme !== "account-token") return { token: secret };
  const split = splitAccountToken(secret);
  if (split !== undefined) return split;
  if (!wanted) return { token: secret };
  throw new Error(`${variable} must be the account's id and the token with a colon between: account:token`);
}

export function headersOf(provider: RoutedProvider, secret: string | undefined, userAgent: string): string[] {
  const headers = ["user-agent", userAgent];
  for (const [name, value] of Object.entries(provider.headers)) headers.push(name, value);
  if (provider.auth !== undefined && secret !== undefined) {
    const { scheme, header = "authorization" } = provider.auth;
    if (scheme === "header") headers.push(header, secret);
    else headers.push("authorization", `Bearer ${secret}`);
  }
  return headers;
}
