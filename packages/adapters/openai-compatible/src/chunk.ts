/** The parts of a parsed answer or chunk that decoder and relay share. */
import { asArray, asObject, asText, readErrorValue, upstreamError } from "@headgate/adapter-kit";
import type { JsonObject, JsonValue, UpstreamError, Usage } from "@headgate/contract";
import { readUsage } from "./usage.ts";

/** The fields of a delta or message that hold text of the answer or of the thinking before it. */
export const TEXT_FIELDS = ["content", "reasoning_content", "reasoning", "refusal"] as const;

/**
 * The error in a 2xx body or chunk: at the top, or in a choice (OpenRouter puts a backend's failure there).
 * Without `choices` every envelope counts as one.
 */
export function findError(body: JsonObject): UpstreamError | undefined {
  const choices = asArray(body.choices);
  const flagged = body.error !== undefined && body.error !== null;
  if (flagged || (choices === undefined && body.usage === undefined)) {
    const found = readErrorValue(body);
    if (found !== undefined) return upstreamError(found);
    if (flagged) return { message: "an error without a message" };
  }
  for (const item of choices ?? []) {
    const choice = asObject(item);
    if (choice === undefined) continue;
    const found = choice.error === undefined || choice.error === null ? undefined : readErrorValue(choice);
    if (found !== undefined) return upstreamError(found);
    if (choice.finish_reason === "error") return { message: "the upstream stopped with finish_reason error" };
  }
  return undefined;
}

/** True for a whole answer with a choice that a client can read. */
export const isUsable = (body: JsonObject): boolean =>
  (asArray(body.choices) ?? []).some((item) => {
    const choice = asObject(item);
    // Some upstreams answer a request without a stream with a delta.
    return asObject(choice?.message) !== undefined || asObject(choice?.delta) !== undefined;
  });

const STOP = "stop";

export interface ChunkFacts {
  /** True when it holds text, a tool call, a finish reason other than `stop`, or anything else that a client shows. */
  readonly content: boolean;
  readonly choices: readonly { readonly index: number; readonly finished: boolean }[];
  readonly usage?: Usage;
}

/** The facts of a stream's chunk. */
export function readChunk(chunk: JsonObject): ChunkFacts {
  const choices: { index: number; finished: boolean }[] = [];
  let content = false;
  for (const item of asArray(chunk.choices) ?? []) {
    const choice = asObject(item);
    if (choice === undefined) continue;
    const reason = asText(choice.finish_reason);
    const finished = reason !== undefined;
    choices.push({ index: typeof choice.index === "number" ? choice.index : 0, finished });
    if ((finished && reason !== STOP) || hasContent(asObject(choice.delta) ?? asObject(choice.message)))
      content = true;
  }
  const usage = usageOf(chunk);
  return { content, choices, ...(usage === undefined ? {} : { usage }) };
}

/** True for a whole answer without content whose finish reason is `stop`. */
export function isEmptyBody(body: JsonObject): boolean {
  const choices = asArray(body.choices) ?? [];
  return choices.every((item) => {
    const choice = asObject(item);
    return (
      choice !== undefined && asText(choice.finish_reason) === STOP && !hasContent(asObject(choice.message))
    );
  });
}

/** Groq puts a stream's usage under `x_groq`. */
export function usageOf(body: JsonObject): Usage | undefined {
  return readUsage(body.usage) ?? readUsage(asObject(body.x_groq)?.usage);
}

function hasContent(delta: JsonObject | undefined): boolean {
  if (delta === undefined) return false;
  for (const field of TEXT_FIELDS) if (filled(delta[field])) return true;
  return (
    filled(delta.tool_calls) || filled(delta.function_call) || filled(delta.audio) || filled(delta.images)
  );
}

function filled(value: JsonValue | undefined): boolean {
  if (typeof value === "string" || Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null;
}
