/** OpenAI's chat completions. */
import {
  argumentsNotText,
  calledName,
  callId,
  callsAbove,
  orphanResult,
  unansweredCall,
} from "../checks/calls.ts";
import { chatStructure } from "../checks/chat-structure.ts";
import { closed, field, jsonWordMissing, loneSurrogate, onlyValues } from "../checks/fields.ts";
import { partType } from "../checks/messages.ts";
import {
  arrayWithoutItems,
  propertiesNotObject,
  rootKeyword,
  rootNotObject,
  rootWithoutProperties,
} from "../checks/schema.ts";
import { anyTool, toolFieldsAlone, toolName, toolsAbove } from "../checks/tools.ts";
import { anyOf, type TwinRule, when } from "../rule.ts";
import { CHAT_FIELDS, EFFORTS } from "./openai-values.ts";

const REASONS = /^(o\d|gpt-5(?!.*-chat))/;
const invalid = { type: "invalid_request_error" };
const unsupportedValue = { ...invalid, code: "unsupported_value" };
const unsupported = { ...invalid, code: "unsupported_parameter" };
const badSchema = { ...invalid, code: "invalid_function_parameters" };

export const OPENAI_CHAT: readonly TwinRule[] = [
  {
    id: "openai-unicode",
    check: loneSurrogate,
    status: 400,
    words:
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
    error: invalid,
  },
  {
    id: "chat-structure",
    check: chatStructure,
    status: 400,
    words: "Invalid '{at}': {value}.",
    error: { ...invalid, code: "invalid_value" },
  },
  {
    id: "openai-closed-fields",
    check: closed(CHAT_FIELDS),
    status: 400,
    words: "Unrecognized request argument supplied: {at}",
    error: invalid,
  },
  {
    id: "openai-01",
    models: /^gpt-5\.[4-6]/,
    check: when(
      (body, model) => anyTool(body, model) !== undefined,
      onlyValues("reasoning_effort", ["none"]),
    ),
    status: 400,
    words:
      "Function tools with reasoning_effort are not supported for {model} in /v1/chat/completions. Please use /v1/responses instead.",
    error: { ...invalid, param: "reasoning_effort" },
  },
  {
    id: "openai-02",
    models: /^gpt-5\.6/,
    check: when(({ reasoning_effort }) => reasoning_effort === undefined, anyTool),
    status: 400,
    words:
      "Function tools with reasoning_effort are not supported for {model} in /v1/chat/completions. Please use /v1/responses instead.",
    error: { ...invalid, param: "reasoning_effort" },
  },
  {
    id: "openai-03",
    models: /^(o\d|gpt-5(?!\.)(?!.*-chat))/,
    check: onlyValues("temperature", [1]),
    status: 400,
    words:
      "Unsupported value: 'temperature' does not support {value} with this model. Only the default (1) value is supported.",
    error: { ...unsupportedValue, param: "temperature" },
  },
  {
    id: "openai-04",
    models: /^(o\d|gpt-5)/,
    check: field("max_tokens"),
    status: 400,
    words:
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    error: { ...unsupported, param: "max_tokens" },
  },
  {
    id: "openai-05",
    models: /^(o\d|gpt-5(?!\.)(?!.*-chat))/,
    check: anyOf(
      onlyValues("top_p", [1]),
      onlyValues("presence_penalty", [0]),
      onlyValues("frequency_penalty", [0]),
      onlyValues("logprobs", [false]),
    ),
    status: 400,
    words: "Unsupported parameter: '{at}' is not supported with this model.",
    error: unsupported,
  },
  {
    id: "openai-06",
    models: /^gpt-5\.\d(?!.*-chat)/,
    check: when(
      // From gpt-5.1 on the default effort is none; gpt-5.6 has another default.
      ({ reasoning_effort }, model) =>
        (reasoning_effort ?? (/^gpt-5\.6/.test(model) ? "medium" : "none")) !== "none",
      anyOf(onlyValues("temperature", [1]), onlyValues("top_p", [1]), onlyValues("logprobs", [false])),
    ),
    status: 400,
    words:
      "Unsupported parameter: '{at}' is not supported with this model while reasoning_effort is not 'none'.",
    error: unsupported,
  },
  {
    id: "openai-07",
    models: /^gpt-5.*-chat/,
    check: field("reasoning_effort", "verbosity"),
    status: 400,
    words: "Unsupported parameter: '{at}' is not supported with this model.",
    error: unsupported,
  },
  {
    id: "openai-08",
    models: REASONS,
    check: (body, model) => {
      const [, efforts] = EFFORTS.find(([pattern]) => pattern.test(model)) ?? [];
      return efforts === undefined ? undefined : onlyValues("reasoning_effort", efforts)(body, model);
    },
    status: 400,
    words: "Unsupported value: 'reasoning_effort' does not support '{value}' with this model.",
    error: { ...unsupportedValue, param: "reasoning_effort" },
  },
  {
    id: "openai-effort-unknown",
    models: /^(gpt-4|gpt-3|chatgpt)/,
    check: field("reasoning_effort"),
    status: 400,
    words: "Unrecognized request argument supplied: reasoning_effort",
    error: invalid,
  },
  {
    id: "openai-09",
    check: unansweredCall,
    status: 400,
    words:
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {value}",
    error: { ...invalid, param: "messages" },
  },
  {
    id: "openai-10",
    check: orphanResult,
    status: 400,
    words:
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    error: { ...invalid, param: "messages" },
  },
  {
    id: "openai-11",
    check: toolsAbove(128),
    status: 400,
    words:
      "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length {value} instead.",
    error: { ...invalid, param: "tools", code: "array_above_max_length" },
  },
  {
    id: "openai-12",
    check: callsAbove(128),
    status: 400,
    words:
      "Invalid '{at}': array too long. Expected an array with maximum length 128, but got an array with length {value} instead.",
    error: { ...invalid, code: "array_above_max_length" },
  },
  {
    id: "openai-13",
    check: anyOf(rootKeyword("oneOf", "anyOf", "allOf", "enum", "not"), rootNotObject),
    status: 400,
    words:
      "Invalid schema for function: schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level ({at}).",
    error: badSchema,
  },
  {
    id: "openai-schema-properties",
    check: rootWithoutProperties,
    status: 400,
    words: "Invalid schema for function: In context=(), object schema missing properties ({at}).",
    error: badSchema,
  },
  {
    id: "openai-14",
    check: arrayWithoutItems,
    status: 400,
    words: "Invalid schema for function: In context=('{at}'), array schema missing items.",
    error: badSchema,
  },
  {
    id: "openai-15",
    check: propertiesNotObject,
    status: 400,
    words: "Invalid schema for function: [] is not of type 'object' ({at}).",
    error: badSchema,
  },
  {
    id: "openai-16",
    check: partType(["image_url"], "tool", "assistant"),
    status: 400,
    words:
      "Invalid '{at}'. Image URLs are only allowed for messages with role 'user', but this message contains an image URL.",
    error: invalid,
  },
  {
    id: "openai-17",
    check: anyOf(toolName(/^[a-zA-Z0-9_-]+$/), calledName(/^[a-zA-Z0-9_-]+$/)),
    status: 400,
    words:
      "Invalid '{at}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    error: { ...invalid, code: "invalid_value" },
  },
  {
    id: "openai-name-length",
    check: anyOf(toolName(/^.{0,64}$/), calledName(/^.{0,64}$/)),
    status: 400,
    words: "Invalid '{at}': string too long. Expected a string with maximum length 64.",
    error: { ...invalid, code: "string_above_max_length" },
  },
  {
    id: "openai-chat-call-id",
    check: callId(/^.{0,64}$/),
    status: 400,
    words: "Invalid '{at}': string too long. Expected a string with maximum length 64.",
    error: { ...invalid, code: "string_above_max_length" },
  },
  {
    id: "openai-chat-arguments",
    check: argumentsNotText,
    status: 400,
    words: "Invalid type for '{at}': expected a string, but got an object instead.",
    error: { ...invalid, code: "invalid_type" },
  },
  {
    id: "openai-tool-fields",
    check: toolFieldsAlone,
    status: 400,
    words: "'{at}' is only allowed when 'tools' are specified.",
    error: invalid,
  },
  {
    id: "openai-18",
    check: jsonWordMissing,
    status: 400,
    words:
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    error: { ...invalid, param: "messages" },
  },
  {
    id: "openai-19",
    models: /^(o3|o4-mini|gpt-5(?!.*-chat))/,
    check: field("stop"),
    status: 400,
    words: "Unsupported parameter: 'stop' is not supported with this model.",
    error: { ...unsupported, param: "stop" },
  },
];
