/** Anthropic's Messages API, and endpoints of others that have its form. */
import * as check from "../checks/anthropic.ts";
import { messagesStructure } from "../checks/anthropic-structure.ts";
import { closed, field, loneSurrogate, onlyValues, together } from "../checks/fields.ts";
import { answerBounds, answerFormatOtherThan, answerOpenObject, rootKeyword } from "../checks/schema.ts";
import { forcedChoice, outerToolField, repeatedToolName, toolName } from "../checks/tools.ts";
import { anyOf, type TwinRule, when } from "../rule.ts";

const FIELDS = [
  "model",
  "messages",
  "max_tokens",
  "system",
  "metadata",
  "stop_sequences",
  "stream",
  "temperature",
  "top_k",
  "top_p",
  "tools",
  "tool_choice",
  "thinking",
  "service_tier",
  "container",
  "context_management",
  "mcp_servers",
  "output_config",
  "output_format",
  "inference_geo",
  "cache_control",
  "speed",
];

const ANSWER_FORMATS = [
  ...["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"],
];

/** Models that know no budget: only adaptive thinking. */
const ADAPTIVE = /opus-4-[78]|fable-5|opus-5|sonnet-5/;
const invalid = { type: "invalid_request_error" };

const rule = (one: Omit<TwinRule, "status" | "error">): TwinRule => ({ ...one, status: 400, error: invalid });

const FORM: readonly TwinRule[] = [
  rule({
    id: "anthropic-28",
    check: loneSurrogate,
    words: "The request body is not valid JSON: no low surrogate in string: line 1 column 1 ({at})",
  }),
  rule({ id: "anthropic-structure", check: messagesStructure, words: "{at}: {value}" }),
];

export const ANTHROPIC: readonly TwinRule[] = [
  ...FORM,
  rule({
    id: "anthropic-closed-fields",
    check: closed(FIELDS),
    words: "{at}: Extra inputs are not permitted",
  }),
  rule({
    id: "anthropic-03",
    check: check.cachedEmptyText,
    words: "{at}: cache_control cannot be set for empty text blocks",
  }),
  rule({
    id: "anthropic-01",
    check: check.emptyTextBlock,
    words: "messages: text content blocks must be non-empty ({at})",
  }),
  rule({
    id: "anthropic-02",
    check: check.blankTextBlock,
    words: "messages: text content blocks must contain non-whitespace text ({at})",
  }),
  rule({
    id: "anthropic-04",
    check: check.cachedThinking,
    words: "{at}: Extra inputs are not permitted",
  }),
  rule({
    id: "anthropic-05",
    check: check.cacheMarksAbove(4),
    words: "A maximum of 4 blocks with cache_control may be provided. Found {value}.",
  }),
  rule({
    id: "anthropic-06",
    models: /(opus|sonnet)-(4-[6-9]|[5-9])|fable/,
    check: check.endsWithAssistantTurn,
    words:
      "This model does not support assistant message prefill. The conversation must end with a user message.",
  }),
  rule({
    id: "anthropic-07",
    check: when(check.thinks, forcedChoice),
    words: "Thinking may not be enabled when tool_choice forces tool use.",
  }),
  rule({
    id: "anthropic-08",
    check: when(check.thinksByBudget, check.thinkingMissing),
    words:
      "{at}: Expected `thinking` or `redacted_thinking`, but found `{value}`. When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks).",
  }),
  rule({
    id: "anthropic-09",
    check: check.badSignature("anthropic", "changed", "latest turn"),
    words:
      "{at}: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.",
  }),
  rule({
    id: "anthropic-10",
    check: anyOf(
      check.badSignature("anthropic", "foreign", "any turn"),
      check.badSignature("anthropic", "changed", "any turn"),
    ),
    words: "{at}: Invalid `signature` in `thinking` block",
  }),
  rule({
    id: "anthropic-11",
    check: check.badRedactedThinking("anthropic"),
    words: "{at}: Invalid `data` in `redacted_thinking` block",
  }),
  rule({
    id: "anthropic-12",
    models: ADAPTIVE,
    check: when(check.thinksByBudget, field("thinking")),
    words:
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
  }),
  rule({
    id: "anthropic-13",
    models: ADAPTIVE,
    check: anyOf(onlyValues("temperature", [1]), field("top_p"), field("top_k")),
    words: "`{at}` is not supported on this model.",
  }),
  rule({
    id: "anthropic-thinking-temperature",
    check: when(check.thinks, anyOf(onlyValues("temperature", [1]), field("top_k"))),
    words: "`{at}` may only be set to 1 when thinking is enabled.",
  }),
  rule({
    id: "anthropic-14",
    models: /-4-[56]/,
    check: together("temperature", "top_p"),
    words: "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
  }),
  rule({
    id: "anthropic-answer-bounds",
    check: answerBounds,
    words: "{at}: property '{value}' is not supported",
  }),
  rule({
    id: "anthropic-answer-formats",
    check: answerFormatOtherThan(...ANSWER_FORMATS),
    words: "{at}: string format '{value}' is not supported",
  }),
  rule({
    id: "anthropic-answer-open",
    check: answerOpenObject,
    words: "{at}: For 'object' type, 'additionalProperties' must be explicitly set to false",
  }),
  rule({
    id: "anthropic-15",
    check: check.budgetAboveMaximum,
    words: "`max_tokens` must be greater than `thinking.budget_tokens`.",
  }),
  rule({
    id: "anthropic-17",
    check: check.resultsNotFirst,
    words: "{at}: `tool_result` blocks must come first in a message and follow each other",
  }),
  rule({
    id: "anthropic-16",
    check: check.unansweredToolUse,
    words:
      "{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {value}. Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
  }),
  rule({
    id: "anthropic-orphan-result",
    check: check.orphanToolResult,
    words:
      "{at}: unexpected `tool_use_id` found in `tool_result` blocks: {value}. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
  }),
  rule({
    id: "anthropic-18",
    check: check.orphanServerResult,
    words: "{at}: unexpected `tool_use_id` found in `{value}` blocks",
  }),
  rule({ id: "anthropic-19", check: repeatedToolName, words: "tools: Tool names must be unique." }),
  rule({ id: "anthropic-20", check: check.repeatedToolUseId, words: "{at}: `tool_use` ids must be unique" }),
  rule({
    id: "anthropic-21",
    check: toolName(/^[a-zA-Z0-9_-]{1,128}$/),
    words: "{at}: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
  }),
  rule({
    id: "anthropic-22",
    check: check.toolUseId(/^[a-zA-Z0-9_-]+$/),
    words: "{at}: String should match pattern '^[a-zA-Z0-9_-]+$'",
  }),
  rule({
    id: "anthropic-23",
    check: rootKeyword("oneOf", "allOf", "anyOf"),
    words: "{at}: input_schema does not support oneOf, allOf, or anyOf at the top level",
  }),
  rule({
    id: "anthropic-24",
    check: check.imageSideAbove(8000, 0),
    words: "{at}: At least one of the image dimensions exceed max allowed size: 8000 pixels",
  }),
  rule({
    id: "anthropic-25",
    check: check.imageSideAbove(2000, 20),
    words:
      "{at}: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels",
  }),
  rule({
    id: "anthropic-26",
    check: check.imageBytesAbove(10 * 1024 * 1024),
    words: "{at}: image exceeds 10 MB maximum: {value} bytes > 10485760 bytes",
  }),
  rule({
    id: "anthropic-27",
    models: /^(?!.*(opus-4-8|opus-5|fable|sonnet-5))/,
    check: check.systemInMessages,
    words:
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
  }),
  rule({
    id: "anthropic-stop",
    check: check.blankStopSequence,
    words: "{at}: each stop sequence must contain non-whitespace",
  }),
];

/** Endpoints of other makers that speak this wire: nothing is signed there. */
export const ANTHROPIC_COMPATIBLE: readonly TwinRule[] = [
  FORM[0],
  rule({
    id: "anthropic-compatible-01",
    check: check.signatureAbsent,
    words: "{at}: Field required",
  }),
  ...FORM.slice(1),
  rule({
    id: "anthropic-compatible-d-01",
    check: check.systemInMessages,
    words:
      "Failed to deserialize the JSON body into the target type: {at}: unknown variant `system`, expected `user` or `assistant`",
  }),
  rule({
    id: "anthropic-compatible-02",
    check: field("context_management", "output_config"),
    words: "{at}: Extra inputs are not permitted",
  }),
  rule({
    id: "anthropic-29",
    check: anyOf(outerToolField("defer_loading"), outerToolField("eager_input_streaming")),
    words: "{at}: Extra inputs are not permitted",
  }),
  rule({
    id: "openrouter-02",
    models: /claude-3-haiku/,
    check: outerToolField("cache_control"),
    words: "{at}: Extra inputs are not permitted",
  }),
  rule({ id: "copilot-01", check: check.cacheScope, words: "{at}: Extra inputs are not permitted" }),
  rule({
    id: "anthropic-16",
    check: check.unansweredToolUse,
    words: "{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {value}.",
  }),
].filter((one) => one !== undefined);
