/** OpenAI's Responses API, and endpoints of others that have its form. */
import { closed, loneSurrogate } from "../checks/fields.ts";
import {
  callIdLonger,
  emptyItemId,
  foreignEncryption,
  foreignItemId,
  hostedTool,
  itemArgumentsNotJson,
  itemIdLonger,
  itemStructure,
  notPersisted,
  orphanOutput,
  reasoningAlone,
  reasoningEmpty,
  reasoningLeftOut,
  reasoningTextMissing,
  summaryMissing,
  unansweredItem,
  unknownItemField,
} from "../checks/responses.ts";
import { arrayWithoutItems, rootKeyword, rootNotObject } from "../checks/schema.ts";
import { toolName } from "../checks/tools.ts";
import { anyOf, type TwinRule } from "../rule.ts";

const FIELDS = [
  "background",
  "context_management",
  "conversation",
  "include",
  "input",
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "metadata",
  "model",
  "parallel_tool_calls",
  "previous_response_id",
  "prompt",
  "prompt_cache_key",
  "prompt_cache_retention",
  "reasoning",
  "safety_identifier",
  "service_tier",
  "store",
  "stream",
  "stream_options",
  "temperature",
  "text",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "truncation",
  "user",
];

const invalid = { type: "invalid_request_error" };
const REASONS = /^(o\d|gpt-5(?!.*-chat))/;

/** The form alone, for any endpoint of this wire. */
const FORM: readonly TwinRule[] = [
  {
    id: "openai-unicode",
    check: loneSurrogate,
    status: 400,
    words: "We could not parse the JSON body of your request.",
    error: invalid,
  },
  {
    id: "responses-structure",
    check: itemStructure,
    status: 400,
    words: "{value}: '{at}'.",
    error: { ...invalid, code: "invalid_value" },
  },
  {
    id: "responses-pairs",
    check: unansweredItem,
    status: 400,
    words: "No tool output found for function call {value}.",
    error: { ...invalid, param: "input" },
  },
  {
    id: "responses-orphan-output",
    check: orphanOutput,
    status: 400,
    words: "No tool call found for function call output with call_id {value}.",
    error: { ...invalid, param: "input" },
  },
];

export const OPENAI_RESPONSES: readonly TwinRule[] = [
  ...FORM,
  {
    id: "responses-closed-fields",
    check: closed(FIELDS),
    status: 400,
    words: "Unknown parameter: '{at}'.",
    error: { ...invalid, code: "unknown_parameter" },
  },
  {
    id: "responses-item-fields",
    check: unknownItemField,
    status: 400,
    words: "Unknown parameter: '{at}'.",
    error: { ...invalid, code: "unknown_parameter" },
  },
  {
    id: "openai-20",
    models: REASONS,
    check: reasoningAlone,
    status: 400,
    words: "Item '{value}' of type 'reasoning' was provided without its required following item.",
    error: { ...invalid, param: "input" },
  },
  {
    id: "openai-21",
    models: /^(gpt-5\.3-codex|o4-mini)/,
    check: reasoningLeftOut,
    status: 400,
    words: "Item '{value}' was provided without its required 'reasoning' item.",
    error: { ...invalid, param: "input" },
  },
  {
    id: "openai-22",
    check: foreignItemId,
    status: 400,
    words: "Invalid '{at}': {value}.",
    error: { ...invalid, code: "invalid_value" },
  },
  {
    id: "openai-23",
    check: callIdLonger(64),
    status: 400,
    words:
      "Invalid '{at}': string too long. Expected a string with maximum length 64, but got a string with length {value} instead.",
    error: { ...invalid, code: "string_above_max_length" },
  },
  {
    id: "openai-24",
    models: /^gpt-5\.3-codex/,
    check: itemIdLonger(64),
    status: 400,
    words:
      "Invalid '{at}': string too long. Expected a string with maximum length 64, but got a string with length {value} instead.",
    error: { ...invalid, code: "string_above_max_length" },
  },
  {
    id: "openai-25",
    check: emptyItemId,
    status: 400,
    words:
      "Invalid '{at}': ''. Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained additional characters.",
    error: { ...invalid, code: "invalid_value" },
  },
  {
    id: "openai-26",
    check: notPersisted,
    status: 404,
    words:
      "Item with id '{value}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.",
    error: { ...invalid, param: "input" },
  },
  {
    id: "openai-27",
    check: foreignEncryption("openai"),
    status: 400,
    words:
      "The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
    error: { ...invalid, code: "invalid_encrypted_content" },
  },
  {
    id: "responses-schema",
    check: anyOf(rootKeyword("oneOf", "anyOf", "allOf", "enum", "not"), rootNotObject, arrayWithoutItems),
    status: 400,
    words: "Invalid schema for function: {value} ({at}).",
    error: { ...invalid, code: "invalid_function_parameters" },
  },
  {
    id: "responses-tool-name",
    check: toolName(/^[a-zA-Z0-9_-]{1,128}$/),
    status: 400,
    words:
      "Invalid '{at}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    error: { ...invalid, code: "invalid_value" },
  },
];

/** Responses endpoints of others: functions alone, reasoning with its summary, and DeepSeek's texts. */
export const OTHER_RESPONSES: readonly TwinRule[] = [
  ...FORM,
  {
    id: "openai-shaped-response-01",
    check: summaryMissing,
    status: 400,
    words: "Missing required field 'summary' at {at}",
    error: invalid,
  },
  {
    id: "responses-endpoints-of-01",
    check: hostedTool("function"),
    status: 400,
    words: "Unsupported tool type: {value}",
    error: invalid,
  },
  {
    id: "opencode-zen-03",
    check: itemArgumentsNotJson,
    status: 400,
    words: "arguments must be valid JSON ({at})",
    error: invalid,
  },
];

export const DEEPSEEK_RESPONSES: readonly TwinRule[] = [
  ...OTHER_RESPONSES,
  {
    id: "deepseek-02",
    models: /v4-flash/,
    check: reasoningTextMissing,
    status: 400,
    words: "The reasoning_text in the thinking mode must be passed back to the API.",
    error: { ...invalid, code: "invalid_request_error" },
  },
];

export const LLAMA_RESPONSES: readonly TwinRule[] = [
  {
    id: "llama-cpp-06",
    check: reasoningEmpty,
    status: 400,
    words: "Cannot determine type of 'item'",
    error: invalid,
  },
  ...OTHER_RESPONSES,
];
