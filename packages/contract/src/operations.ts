/** The canonical forms of operations other than chat, for upstreams of another wire than the client's. */
import type { JsonObject, JsonValue } from "./json.ts";

export interface EmbeddingRequest {
  /** Texts, or arrays of token ids where the client sent those. */
  readonly inputs: readonly (string | readonly number[])[];
  readonly dimensions?: number;
  readonly user?: string;
  /** By input, what only the client's own wire has words for; for codecs of that wire. */
  readonly own?: { readonly wire: string; readonly inputs: readonly JsonObject[] };
  /** Fields without a counterpart here, by the client's names. */
  readonly extra: Readonly<Record<string, JsonValue>>;
}

export interface EmbeddingAnswer {
  /** One vector per input, in the order of the inputs. */
  readonly vectors: readonly (readonly number[])[];
  readonly model?: string;
  /** Absent when the upstream did not report it. */
  readonly inputTokens?: number;
}

export interface RerankRequest {
  readonly query: string;
  /** Texts, or documents of several fields. */
  readonly documents: readonly (string | JsonObject)[];
  /** The number of results to return; absent: all. */
  readonly topN?: number;
  readonly extra: Readonly<Record<string, JsonValue>>;
}

export interface RerankAnswer {
  /** Best first; `index` points into the request's documents. */
  readonly results: readonly { readonly index: number; readonly score: number }[];
  readonly model?: string;
  readonly inputTokens?: number;
  /** The unit that the provider bills, where the answer reports it. */
  readonly searchUnits?: number;
}
