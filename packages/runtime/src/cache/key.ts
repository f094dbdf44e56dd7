/** The key of a request's answer: a hash of everything that shapes the answer, whichever surface asks. */
import { hash } from "node:crypto";
import { EncodeError, type NativeBody } from "@headgate/adapter-kit";
import type { ChatRequest, JsonObject, JsonValue } from "@headgate/contract";
import type { IndexedRoute, RequestFacts } from "@headgate/router";
import type { SurfaceRequest } from "../codec/surface-request.ts";
import type { Controls } from "../exchange/controls.ts";
import { ClientError } from "../http/client-error.ts";
import { isPlain, LONG_NUMBER, NEUTRAL } from "./shapes.ts";

const VERSION = 1;

/**
 * Fields beside the canonical ones that change words alone. A request with another one is not cached: its answer may hold
 * what the canonical events do not.
 */
const SHAPING: ReadonlySet<string> = new Set([
  "chat_template_kwargs",
  "enable_thinking",
  "guided_choice",
  "guided_json",
  "guided_regex",
  "keep_alive",
  "length_penalty",
  "logit_bias",
  "metadata",
  "min_p",
  "min_tokens",
  "num_ctx",
  "num_predict",
  "options",
  "reasoning",
  "reasoning_format",
  "repeat_penalty",
  "repetition_penalty",
  "safe_prompt",
  "safety_settings",
  "service_tier",
  "stop_token_ids",
  "think",
  "thinking",
  "top_a",
  "typical_p",
  "verbosity",
]);

/** What a key depends on beside the request's body. */
export interface Scope {
  /** Whose answers they are; empty: those of all that share. */
  readonly owner: string;
  readonly route: IndexedRoute;
  readonly controls: Controls;
  readonly facts: RequestFacts;
}

/** Undefined: the answer cannot be cached. */
export function chatKey(request: SurfaceRequest, scope: Scope): string | undefined {
  const chat = canonicalOf(request);
  if (chat === undefined || chat.webSearch !== undefined) return undefined;
  const extra = Object.entries(chat.extra)
    .filter(([name]) => !NEUTRAL.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (extra.some(([name, value]) => !SHAPING.has(name) && !(name === "n" && value === 1))) return undefined;
  return digest([
    VERSION,
    "chat",
    ...scoped(scope),
    chat.messages as unknown as JsonValue,
    (chat.tools ?? null) as JsonValue,
    (chat.toolChoice ?? null) as JsonValue,
    chat.parallelToolCalls ?? null,
    chat.maxOutputTokens ?? null,
    chat.temperature ?? null,
    chat.topP ?? null,
    chat.topK ?? null,
    chat.frequencyPenalty ?? null,
    chat.presencePenalty ?? null,
    chat.seed ?? null,
    chat.stop ?? null,
    (chat.responseFormat ?? null) as JsonValue,
    chat.reasoningEffort ?? null,
    extra,
    request.own ?? null,
    ...beyond(request),
  ]);
}

/** @param shape what shapes every vector: dimensions and a provider's own fields */
export function vectorKey(input: JsonValue, shape: JsonValue, scope: Scope): string {
  const first = scope.route.chain[0]?.deployment;
  // All candidates of a name are of one vector space; another space under the same name is another key.
  return digest([
    VERSION,
    "embedding",
    ...scoped(scope),
    first?.vectorSpace ?? first?.alias ?? null,
    shape,
    input,
  ]);
}

const digest = (parts: readonly JsonValue[]): string => hash("sha256", JSON.stringify(parts), "base64url");

function scoped({ owner, route, controls, facts }: Scope): JsonValue[] {
  const { fallbacks = null, noFallbacks } = controls;
  const { strategy = null, noTraining = false, client } = facts;
  const tiers = client?.tiers === undefined ? null : [...client.tiers].sort();
  const private_ = noTraining === true || client?.noTraining === true;
  return [owner, route.name, route.target ?? null, fallbacks, noFallbacks, strategy, private_, tiers];
}

function canonicalOf(request: SurfaceRequest): ChatRequest | undefined {
  try {
    return request.canonical();
  } catch (error) {
    // What only an upstream of the client's wire understands is not cached.
    if (error instanceof ClientError || error instanceof EncodeError) return undefined;
    throw error;
  }
}

/** What reaches an upstream of the client's wire beyond the canonical form; nothing for a plain body. */
function beyond({ wire, native }: SurfaceRequest): JsonValue[] {
  if (native === undefined) return [];
  const beta = native.headers?.["anthropic-beta"] ?? null;
  if (isPlain(wire, native.json, native.bytes)) return beta === null ? [] : [beta];
  return [wire, beta, wholeBody(native)];
}

/** Numbers that are not exact in JavaScript make the bytes themselves count. */
function wholeBody({ json, bytes }: NativeBody): JsonValue {
  const left: [string, JsonValue | undefined][] = Object.entries(json as JsonObject).filter(
    ([name]) => !NEUTRAL.has(name),
  );
  const text = bytes.toString("utf8");
  return LONG_NUMBER.test(text) ? text : (left as JsonValue);
}
