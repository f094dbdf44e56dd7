/** Fields beyond the canonical request. Wires carry different fields; which are safe to leave out is the same for all. */
import type { JsonValue } from "@headgate/contract";
import { isObject } from "./json-read.ts";

/** Fields that do not change the answer: hints, bookkeeping, caching. */
const HARMLESS = new Set([
  "client_metadata",
  "metadata",
  "prediction",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "service_tier",
  "store",
  "stream_options",
  "verbosity",
]);

/**
 * Fields of another server's dialect, which clients send to every server: Ollama's, llama.cpp's, vLLM's, OpenRouter's and
 * LiteLLM's. The server that has one carries it.
 */
const FOREIGN = new Set([
  "add_generation_prompt",
  "cache_prompt",
  "caching",
  "chat_template_kwargs",
  "drop_params",
  "enable_thinking",
  "id_slot",
  "ignore_eos",
  "include_reasoning",
  "keep_alive",
  "length_penalty",
  "min_p",
  "min_tokens",
  "mirostat",
  "mirostat_eta",
  "mirostat_tau",
  "models",
  "num_ctx",
  "num_predict",
  "num_retries",
  "options",
  "priority",
  "provider",
  "reasoning",
  "reasoning_split",
  "repeat_last_n",
  "repeat_penalty",
  "repetition_penalty",
  "route",
  "session_id",
  "skip_special_tokens",
  "tags",
  "tfs_z",
  "think",
  "thinking",
  "thinking_budget",
  "top_a",
  "transforms",
  "typical_p",
  "usage",
]);

/** Values that request an upstream's default. */
const NEUTRAL: ReadonlyMap<string, (value: JsonValue) => boolean> = new Map([
  ["n", (value) => value === 1],
  ["logprobs", (value) => value === false],
  ["top_logprobs", (value) => value === 0],
  ["logit_bias", (value) => isObject(value) && Object.keys(value).length === 0],
  ["modalities", (value) => Array.isArray(value) && value.every((item) => item === "text")],
]);

/** What an adapter does with a field, by the client's name for it. */
export interface ExtraFates {
  /** Encodes a field that the wire has; false: `drop` or `refuse` decides. */
  carry(name: string, value: JsonValue): boolean;
  /** A field that does not change the answer, or belongs to another server: left out, and reported to the client. */
  drop(name: string): void;
  /** A field that would change the answer and that the wire lacks; mostly throws {@link EncodeError}. */
  refuse(name: string): void;
}

/**
 * Applies one of `fates` to each field, in the client's order. A null and a neutral value (`n: 1`) are ignored; a harmless
 * field that the wire has is carried.
 */
export function sortExtras(extra: Readonly<Record<string, JsonValue>>, fates: ExtraFates): void {
  for (const [name, value] of Object.entries(extra)) {
    if (value === null || NEUTRAL.get(name)?.(value) === true || fates.carry(name, value)) continue;
    if (HARMLESS.has(name) || FOREIGN.has(name)) fates.drop(name);
    else fates.refuse(name);
  }
}
