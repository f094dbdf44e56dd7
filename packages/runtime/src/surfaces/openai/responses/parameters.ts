/** The fields of a request beside its input and tools: what they mean for the model, and what the answer repeats. */
import { GATEWAY_FIELDS, isObject } from "@headgate/adapter-kit";
import {
  type ChatRequest,
  type JsonObject,
  type JsonValue,
  present,
  type ResponseFormat,
} from "@headgate/contract";
import { badRequest, quoted } from "../../../http/client-error.ts";
import { flagField, listField, numberField, objectField, textField } from "../../field-readers.ts";
import { unsupported } from "./fields.ts";

export interface Parameters {
  /** Fields of the canonical request. */
  readonly chat: Pick<
    ChatRequest,
    | "parallelToolCalls"
    | "maxOutputTokens"
    | "temperature"
    | "topP"
    | "responseFormat"
    | "reasoningEffort"
    | "user"
    | "extra"
  >;
  /** Fields of the Response object that repeat the request. */
  readonly echo: JsonObject;
  /** Understood, and of no effect on another wire. */
  readonly dropped: readonly string[];
  /** True when the client requested a summary of the reasoning instead of the reasoning. */
  readonly summary: boolean;
  readonly store: boolean;
  readonly stream: boolean;
  readonly previousResponseId?: string;
}

/** Hints to OpenAI's service: the answer does not depend on them. */
const HINTS = [
  "client_metadata",
  "context_management",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "safety_identifier",
] as const;

/** What only OpenAI's service can do, unless the value is neutral. */
const REFUSED: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  background: (value) => value === false,
  conversation: () => false,
  prompt: () => false,
  moderation: () => false,
  top_logprobs: (value) => value === 0,
};

/** Fields with a reader of their own below or elsewhere, or without effect here. The adapter judges all others. */
const PLACED: ReadonlySet<string> = new Set([
  ...HINTS,
  ...Object.keys(REFUSED),
  "access_programs",
  "image",
  "include",
  "input",
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  ...GATEWAY_FIELDS,
  "model",
  "parallel_tool_calls",
  "previous_response_id",
  "reasoning",
  "service_tier",
  "store",
  "stream",
  "stream_options",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_p",
  "truncation",
  "user",
]);

/** @throws {ClientError} 400 with the field's path. */
export function readParameters(body: JsonObject): Parameters {
  for (const [name, harmless] of Object.entries(REFUSED)) {
    const value = body[name];
    if (value !== undefined && value !== null && !harmless(value))
      throw unsupported(`\`${name}\` is not supported here.`, name);
  }
  checkInclude(body);
  const reasoning = objectField(body, "reasoning") ?? {};
  const text = objectField(body, "text") ?? {};
  const verbosity = textField(text, "verbosity", "text.verbosity");
  const serviceTier = textField(body, "service_tier");
  const extra: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(body))
    if (!PLACED.has(name) && value !== null) extra[name] = value;
  if (verbosity !== undefined) extra.verbosity = verbosity;
  if (serviceTier !== undefined && serviceTier !== "auto" && serviceTier !== "default")
    extra.service_tier = serviceTier;

  const given = {
    parallelToolCalls: flagField(body, "parallel_tool_calls"),
    maxOutputTokens: maxOutputTokens(body),
    temperature: within(body, "temperature", 2),
    topP: within(body, "top_p", 1),
    responseFormat: readFormat(text.format),
    reasoningEffort: textField(reasoning, "effort", "reasoning.effort"),
    user: textField(body, "user"),
  };
  const chat = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const summary = textField(reasoning, "summary", "reasoning.summary");
  const truncation = textField(body, "truncation") ?? "disabled";
  const store = flagField(body, "store") ?? true;
  const previousResponseId = textField(body, "previous_response_id");
  const dropped: string[] = HINTS.filter((name) => body[name] !== undefined && body[name] !== null);
  if (truncation !== "disabled") dropped.push("truncation");
  return {
    chat: { ...chat, extra },
    dropped,
    summary: summary !== undefined && summary !== "none",
    store,
    stream: flagField(body, "stream") ?? false,
    ...present({ previousResponseId }),
    echo: {
      background: false,
      instructions: textField(body, "instructions") ?? null,
      frequency_penalty: numberField(body, "frequency_penalty") ?? 0,
      max_output_tokens: given.maxOutputTokens ?? null,
      max_tool_calls: numberField(body, "max_tool_calls") ?? null,
      metadata: readMetadata(body),
      parallel_tool_calls: given.parallelToolCalls ?? true,
      presence_penalty: numberField(body, "presence_penalty") ?? 0,
      previous_response_id: previousResponseId ?? null,
      prompt_cache_key: textField(body, "prompt_cache_key") ?? null,
      reasoning: { effort: given.reasoningEffort ?? null, summary: summary ?? null },
      safety_identifier: textField(body, "safety_identifier") ?? null,
      service_tier: serviceTier ?? "default",
      store,
      temperature: given.temperature ?? 1,
      text: { format: echoedFormat(text.format), ...present({ verbosity }) },
      tool_choice: body.tool_choice ?? "auto",
      tools: (listField(body, "tools") ?? []).map(echoedTool),
      top_logprobs: 0,
      top_p: given.topP ?? 1,
      truncation,
      user: given.user ?? null,
    },
  };
}

/** The published schema requires these fields of a function, null where they were not sent. */
const echoedTool = (tool: JsonValue): JsonValue =>
  isObject(tool) && tool.type === "function"
    ? { description: null, parameters: null, strict: null, ...tool }
    : tool;

function echoedFormat(format: JsonValue | undefined): JsonValue {
  if (!isObject(format)) return { type: "text" };
  return format.type === "json_schema" ? { description: null, strict: null, ...format } : format;
}

/** A number from 0 to `most`. */
function within(body: JsonObject, name: string, most: number): number | undefined {
  const value = numberField(body, name);
  if (value === undefined || (value >= 0 && value <= most)) return value;
  throw badRequest(`\`${name}\` must be a number from 0 to ${most}.`, name);
}

function maxOutputTokens(body: JsonObject): number | undefined {
  const value = numberField(body, "max_output_tokens");
  if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return value;
  throw badRequest("`max_output_tokens` must be a whole number above 0.", "max_output_tokens");
}

function checkInclude(body: JsonObject): void {
  for (const [index, wanted] of (listField(body, "include") ?? []).entries()) {
    const path = `include[${index}]`;
    if (typeof wanted !== "string") throw badRequest("`include` must hold strings.", path);
    if (wanted === "message.output_text.logprobs")
      throw unsupported("Logprobs are not passed on by /v1/responses; use /v1/chat/completions.", path);
  }
}

function readMetadata(body: JsonObject): JsonObject {
  const metadata = objectField(body, "metadata") ?? {};
  for (const [name, value] of Object.entries(metadata))
    if (typeof value !== "string")
      throw badRequest("Values of `metadata` must be strings.", `metadata.${name}`);
  return metadata;
}

function readFormat(format: JsonValue | undefined): ResponseFormat | undefined {
  if (format === undefined || format === null) return undefined;
  if (!isObject(format)) throw badRequest("`format` must be an object with a `type`.", "text.format");
  switch (format.type) {
    case "text":
      return { type: "text" };
    case "json_object":
      return { type: "json" };
    case "json_schema": {
      const { schema, strict } = format;
      if (!isObject(schema))
        throw badRequest("`schema` must be a JSON Schema, an object.", "text.format.schema");
      return {
        type: "json-schema",
        name: textField(format, "name", "text.format.name") ?? "answer",
        schema,
        ...(typeof strict === "boolean" ? { strict } : {}),
      };
    }
    default:
      throw badRequest(
        `\`type\` must be text, json_schema or json_object, not ${quoted(format.type)}.`,
        "text.format.type",
      );
  }
}
