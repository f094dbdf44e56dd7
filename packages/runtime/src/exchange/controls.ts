/**
 * A client's controls over the routing of one request: `fallbacks` and `disable_fallbacks` in the body, or headers where
 * the client cannot change the body; and the conversation that the request belongs to.
 */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import {
  type ChargedUnits,
  type JsonObject,
  type JsonValue,
  PRIORITIES,
  type Priority,
  present,
  type Strategy,
} from "@headgate/contract";
import { type ClientFacts, type RequestFacts, STRATEGIES } from "@headgate/router";
import type { ActiveClient } from "../clients/active-client.ts";
import { badRequest, quoted } from "../http/client-error.ts";
import { promptSize } from "./prompt-size.ts";

export interface Controls {
  /** Names tried after the first one, instead of the route's own chain. */
  readonly fallbacks?: readonly string[];
  /** Only the named model, or the first available one of a group. */
  readonly noFallbacks: boolean;
  /** For the whole request; at most the gateway's request timeout. */
  readonly timeoutMs?: number;
  readonly contentFilter?: "stop" | "next";
}

const NONE: Controls = { noFallbacks: false };
const MAX_FALLBACKS = 20;

/** Headers in which clients name a conversation. The first one that is present counts. */
const SESSION_HEADERS = [
  "x-session-id",
  "x-claude-code-session-id",
  "x-session-affinity",
  "session_id",
  "x-conversation-id",
] as const;

/** @throws {ClientError} 400 that names the field or the header */
export function readControls(headers: IncomingHttpHeaders, json: JsonObject | undefined): Controls {
  const list = json?.fallbacks ?? headers["x-headgate-fallbacks"];
  const off = json?.disable_fallbacks ?? headers["x-headgate-disable-fallbacks"];
  const timeout = headers["x-headgate-timeout-ms"];
  const filter = headers["x-headgate-content-filter"];
  if (list === undefined && off === undefined && timeout === undefined && filter === undefined) return NONE;
  const fallbacks = list === undefined || list === null ? undefined : readFallbacks(list);
  return {
    noFallbacks: readFlag(off),
    ...present({ fallbacks, timeoutMs: readTimeout(timeout), contentFilter: readFilter(filter) }),
  };
}

function readFallbacks(list: JsonValue | readonly string[]): string[] {
  const names = typeof list === "string" ? list.split(",").map((name) => name.trim()) : list;
  const valid =
    Array.isArray(names) && names.every((name): name is string => typeof name === "string" && name !== "");
  if (!valid || names.length > MAX_FALLBACKS)
    throw badRequest(`\`fallbacks\` must be a list of at most ${MAX_FALLBACKS} model names.`, "fallbacks");
  return names;
}

function readFlag(value: JsonValue | readonly string[] | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw badRequest("`disable_fallbacks` must be true or false.", "disable_fallbacks");
}

function readFilter(value: string | readonly string[] | undefined): "stop" | "next" | undefined {
  if (value === undefined) return undefined;
  if (value === "stop" || value === "next") return value;
  throw badRequest("`x-headgate-content-filter` must be stop or next.", "x-headgate-content-filter");
}

function readTimeout(value: string | readonly string[] | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = Number(value);
  if (Number.isInteger(ms) && ms > 0) return ms;
  throw badRequest(
    "`x-headgate-timeout-ms` must be a whole number of milliseconds.",
    "x-headgate-timeout-ms",
  );
}

/** A surface's facts with those that all surfaces share. Costly ones are computed on first use. */
export function completeFacts(
  facts: RequestFacts,
  headers: IncomingHttpHeaders,
  json: JsonObject | undefined,
  client?: ActiveClient,
): CompletedFacts {
  const session = sessionOf(headers, json);
  const strategy = headers["x-headgate-strategy"];
  if (strategy !== undefined && (typeof strategy !== "string" || !STRATEGIES.has(strategy)))
    throw badRequest(
      `\`x-headgate-strategy\` must be one of ${[...STRATEGIES].join(", ")}.`,
      "x-headgate-strategy",
    );
  const noTraining = readData(headers[DATA]);
  const complete = new CompleteFacts(facts, json, session, strategy as Strategy | undefined, noTraining);
  if (client !== undefined) complete.client = client.facts;
  const priority = priorityOf(headers["x-headgate-priority"], client);
  if (priority !== undefined) complete.priority = priority;
  return complete;
}

const DATA = "x-headgate-data";

/** @returns true where only providers may answer that are known not to train on prompts */
function readData(value: string | readonly string[] | undefined): boolean {
  if (value === undefined) return false;
  if (value === "no-training") return true;
  throw badRequest(`\`${DATA}\` must be no-training.`, DATA);
}

/** A client may claim less than its own priority, never more. Undefined: interactive. */
function priorityOf(
  header: string | readonly string[] | undefined,
  client: ActiveClient | undefined,
): Priority | undefined {
  if (header !== undefined && !PRIORITIES.some((one) => one === header))
    throw badRequest(
      `\`x-headgate-priority\` must be ${PRIORITIES.join(" or ")}, not ${quoted(header)}.`,
      "x-headgate-priority",
    );
  return header === "background" || client?.priority === "background" ? "background" : undefined;
}

/** A background request that has waited long enough goes on as an interactive one. */
export type CompletedFacts = RequestFacts & { priority?: Priority; client?: ClientFacts };

/** A class, so that making the getters costs nothing. */
class CompleteFacts implements RequestFacts {
  readonly model: string;
  readonly operation: RequestFacts["operation"];
  readonly needs: number;
  declare readonly session?: string;
  declare readonly strategy?: Strategy;
  declare readonly noTraining?: true;
  declare client?: ClientFacts;
  declare priority?: Priority;
  declare readonly maxOutputTokens?: number;
  declare readonly units?: ChargedUnits;
  readonly #json: JsonObject | undefined;
  #size: { readonly chars: number; readonly media: number } | undefined;

  constructor(
    { model, operation, needs, maxOutputTokens, units }: RequestFacts,
    json: JsonObject | undefined,
    session: string | undefined,
    strategy: Strategy | undefined,
    noTraining: boolean,
  ) {
    this.model = model;
    this.operation = operation;
    this.needs = needs;
    this.#json = json;
    const longest = maxOutputTokens ?? outputLimit(json);
    if (longest !== undefined) this.maxOutputTokens = longest;
    if (units !== undefined) this.units = units;
    if (session !== undefined) this.session = session;
    if (strategy !== undefined) this.strategy = strategy;
    if (noTraining) this.noTraining = true;
  }

  get #prompt(): { readonly chars: number; readonly media: number } {
    this.#size ??= this.#json === undefined ? { chars: 0, media: 0 } : promptSize(this.#json);
    return this.#size;
  }
  get promptChars(): number {
    return this.#prompt.chars;
  }
  get media(): number {
    return this.#prompt.media;
  }
  get inputs(): number {
    const input = this.#json?.input;
    return Array.isArray(input) && this.operation === "embedding" ? Math.max(1, input.length) : 1;
  }
  get images(): number {
    return Math.max(1, this.units?.images ?? 1);
  }
  conversation(): string | undefined {
    return beginning(this.#json);
  }
}

function outputLimit(json: JsonObject | undefined): number | undefined {
  const limit = json?.max_completion_tokens ?? json?.max_tokens ?? json?.max_output_tokens;
  return typeof limit === "number" && limit > 0 ? limit : undefined;
}

function sessionOf(headers: IncomingHttpHeaders, json: JsonObject | undefined): string | undefined {
  for (const name of SESSION_HEADERS) {
    const value = headers[name];
    if (typeof value === "string" && value !== "") return value.slice(0, 200);
  }
  const key = json?.prompt_cache_key;
  return typeof key === "string" && key !== "" ? key.slice(0, 200) : undefined;
}

/** How much of each of the first two messages is hashed: enough to distinguish conversations, at little cost. */
const BEGINNING_CHARS = 2_000;
const MESSAGE_LISTS = ["messages", "contents", "input"] as const;

/** A digest of the conversation's beginning: the system text and the first messages. It is sent nowhere. */
function beginning(json: JsonObject | undefined): string | undefined {
  if (json === undefined) return undefined;
  for (const name of MESSAGE_LISTS) {
    const list = json[name];
    if (!Array.isArray(list) || list.length === 0) continue;
    const hash = createHash("sha256");
    for (const part of [json.system, json.instructions, ...firstTurn(list)])
      if (part !== undefined) hash.update(beginningOf(part));
    return hash.digest("base64url").slice(0, 16);
  }
  return undefined;
}

/** A long text is cut before it is written as JSON. */
function beginningOf(part: JsonValue): string {
  if (typeof part === "string") return part.slice(0, BEGINNING_CHARS);
  const content = typeof part === "object" && part !== null && "content" in part ? part.content : undefined;
  return typeof content === "string"
    ? content.slice(0, BEGINNING_CHARS)
    : JSON.stringify(part).slice(0, BEGINNING_CHARS);
}

/** The messages up to the user's first: later ones differ with every request of the conversation. */
function firstTurn(list: readonly JsonValue[]): readonly JsonValue[] {
  const user = list.findIndex(
    (message) =>
      typeof message === "object" && message !== null && "role" in message && message.role === "user",
  );
  return list.slice(0, Math.min(user + 1 || 1, 4));
}
