/**
 * The canonical chat form: what a surface decodes a client's request into, and what an adapter decodes an
 * upstream's answer into, whenever the two speak different wires. When the wires match it is not used at all.
 */
import type { FailureClass, FailureScope } from "./failure.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/**
 * An opaque token that an upstream attaches to its text, such as Gemini's thoughtSignature. It is sent back unchanged
 * with the same text, to the wire it came from and to no other.
 */
export interface Sealed {
  /** The codec's name, such as `gemini`. */
  readonly wire: string;
  readonly data: string;
}

/** A mark after which an upstream caches the prompt, in Anthropic's form; other wires of its models take it over. */
export interface Cached {
  readonly cache?: JsonObject;
}

export type ContentPart = Cached & PlainPart;

type PlainPart =
  | { readonly type: "text"; readonly text: string; readonly sealed?: Sealed }
  /** Exactly one of `url` (http or https; never fetched by the gateway) and `data` (base64) is set. */
  | {
      readonly type: "image";
      readonly url?: string;
      readonly data?: string;
      readonly mediaType?: string;
      readonly detail?: string;
    }
  /** A document. Exactly one of `url` and `data` is set, as in an image; `mediaType` is such as `application/pdf`. */
  | {
      readonly type: "file";
      readonly url?: string;
      readonly data?: string;
      readonly mediaType: string;
      readonly name?: string;
    }
  /** `data` is base64; `format` is the codec's short name, for example `wav`. */
  | { readonly type: "audio"; readonly data: string; readonly format: string };

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, exactly as the model wrote it. */
  readonly arguments: string;
  readonly sealed?: Sealed;
}

/** One part of the reasoning with its seal, such as Anthropic's thinking block with its signature. */
export interface ReasoningPart {
  /** Empty where the upstream shows no text. */
  readonly text: string;
  readonly sealed?: Sealed;
  /** The text itself is sealed (Anthropic's redacted_thinking). */
  readonly redacted?: true;
}

/** Fields of a message that only the client's own wire has; an adapter of another wire gets none. */
export interface OwnFields {
  readonly wire: string;
  readonly fields: JsonObject;
}

export type ChatMessage = { readonly own?: OwnFields } & PlainMessage;

type PlainMessage =
  | { readonly role: "system"; readonly content: readonly ContentPart[]; readonly name?: string }
  | { readonly role: "user"; readonly content: readonly ContentPart[]; readonly name?: string }
  | {
      readonly role: "assistant";
      readonly content: readonly ContentPart[];
      readonly toolCalls: readonly ToolCall[];
      readonly reasoning?: string;
      /** The same reasoning in the parts that an upstream sealed; set only where one is sealed. */
      readonly reasoningParts?: readonly ReasoningPart[];
      readonly name?: string;
    }
  | { readonly role: "tool"; readonly toolCallId: string; readonly content: readonly ContentPart[] };

export interface Tool extends Cached {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
}

export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

export interface WebSearch {
  /** The request depends on it: a model that cannot search does not get the request. */
  readonly required?: true;
  /** Searches at most. */
  readonly maxUses?: number;
  readonly allowedDomains?: readonly string[];
  readonly blockedDomains?: readonly string[];
}

export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json" }
  | {
      readonly type: "json-schema";
      readonly name: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly stream: boolean;
  /** True when the client asked for a final usage event on its stream. */
  readonly includeUsage: boolean;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly responseFormat?: ResponseFormat;
  /** `none`, `minimal`, `low`, `medium`, `high`, `max`. */
  readonly reasoningEffort?: string;
  readonly user?: string;
  /** The model may search the web. Unless it is required, models that cannot leave it out by name. */
  readonly webSearch?: WebSearch;
  /** Fields without a counterpart in the canonical form, by the client's names. An adapter carries or refuses each by name. */
  readonly extra: Readonly<Record<string, JsonValue>>;
}

export interface Usage {
  /** The whole prompt, cached or not. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of `inputTokens`: read from a cache. */
  readonly cachedInputTokens?: number;
  /** Of `inputTokens`: written into a cache, where that costs extra. */
  readonly cacheWriteInputTokens?: number;
  readonly reasoningTokens?: number;
  /** Of `inputTokens`: sound. */
  readonly audioInputTokens?: number;
  /** Of `inputTokens`: pictures. */
  readonly imageInputTokens?: number;
  /** Seconds of sound, where that is what the upstream counts. */
  readonly soundS?: number;
}

/**
 * A source of the answer, and the part of the text it supports. Only the wire that a source came from accepts it back, so
 * a conversation is sent on without sources.
 */
export interface Citation {
  /**
   * Position in the answer's whole text, in characters (Unicode code points) as OpenAI and Cohere count; `end` is
   * exclusive. A source without a position supports all the text before it.
   */
  readonly start: number;
  readonly end: number;
  /** One of `url` and `documentId` is set. */
  readonly url?: string;
  /** For a source without a URL: the id of a document in the request or in a tool's result. */
  readonly documentId?: string;
  readonly title?: string;
  /** Quoted from the source. */
  readonly citedText?: string;
}

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** One event of an upstream's answer. A whole (not streamed) answer is the same list of events. */
export type ChatEvent =
  | { readonly type: "start"; readonly id?: string; readonly model?: string; readonly createdAtS?: number }
  /** With `sealed` the text may be empty: the seal covers all the text since the last seal. */
  | { readonly type: "text"; readonly text: string; readonly sealed?: Sealed }
  /** With `sealed` the text may be empty: the seal covers all the reasoning since the last seal. */
  | ({ readonly type: "reasoning" } & ReasoningPart)
  | { readonly type: "refusal"; readonly text: string }
  /** Comes after the text that it supports. */
  | { readonly type: "citation"; readonly citation: Citation }
  /** A tool call, or a piece of one: `index` identifies the call; `id`, `name` and `sealed` come once, `arguments` in pieces. */
  | {
      readonly type: "tool-call";
      readonly index: number;
      readonly id?: string;
      readonly name?: string;
      readonly arguments?: string;
      readonly sealed?: Sealed;
    }
  | { readonly type: "finish"; readonly reason: FinishReason }
  | { readonly type: "usage"; readonly usage: Usage }
  /** The upstream reported an error inside its answer. Terminal. */
  | { readonly type: "error"; readonly error: UpstreamError }
  /** The upstream marked the answer as whole. Terminal. */
  | { readonly type: "end" };

/** An error as an upstream worded it, before it is classified. */
export interface UpstreamError {
  /** HTTP status, or the status named inside the body when the HTTP one was 200. */
  readonly status?: number;
  readonly message: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
  /** Set where the decoder determines the class: `malformed` for unreadable bytes, `network` for a cut answer. */
  readonly class?: FailureClass;
  /** Set with `class` where it affects less than the class usually does. */
  readonly scope?: FailureScope;
}
