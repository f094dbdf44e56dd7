/** Mistral: closed lists, nine-character ids, the order of turns. https://docs.mistral.ai/api */
import { calledName, callId, countsDiffer, orphanResult } from "../checks/calls.ts";
import { closed, field, onlyValues } from "../checks/fields.ts";
import { closedMessages, endsWithAssistant, follows, role } from "../checks/messages.ts";
import { toolName } from "../checks/tools.ts";
import { anyOf, type TwinRule } from "../rule.ts";
import { chatBase } from "./chat-base.ts";

const FIELDS = [
  "model",
  "messages",
  "temperature",
  "top_p",
  "max_tokens",
  "stream",
  "stop",
  "random_seed",
  "metadata",
  "response_format",
  "tools",
  "tool_choice",
  "presence_penalty",
  "frequency_penalty",
  "n",
  "prediction",
  "parallel_tool_calls",
  "prompt_mode",
  "safe_prompt",
  "guardrails",
];
const ADJUSTABLE = /mistral-(small-(26|latest)|medium-(3-5|latest)|large-4)/;
const FIXED = /^(?!mistral-(small-(26|latest)|medium-(3-5|latest)|large-4))/;
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

const order = { type: "invalid_request_message_order", code: "3230" };
const extra = { type: "extra_forbidden" };

export const MISTRAL: readonly TwinRule[] = [
  ...chatBase(422),
  {
    id: "mistral-roles",
    check: role("developer"),
    status: 422,
    words:
      "Input tag 'developer' found using 'role' does not match any of the expected tags: 'assistant', 'system', 'tool', 'user'",
    error: { type: "union_tag_invalid" },
  },
  {
    id: "mistral-05",
    check: field("max_completion_tokens"),
    status: 422,
    words: "Extra inputs are not permitted",
    error: extra,
  },
  {
    id: "mistral-06",
    check: closed([...FIELDS, "max_completion_tokens", "reasoning_effort"]),
    status: 422,
    words: "Extra inputs are not permitted",
    error: extra,
  },
  {
    id: "mistral-effort",
    models: FIXED,
    check: field("reasoning_effort"),
    status: 422,
    words: "Extra inputs are not permitted",
    error: extra,
  },
  {
    id: "mistral-effort-values",
    models: ADJUSTABLE,
    check: onlyValues("reasoning_effort", ["none", "low", "medium", "high"]),
    status: 422,
    words: "Input should be 'none' or 'high'",
    error: { type: "enum" },
  },
  {
    id: "mistral-07",
    check: closedMessages(["role", "content", "tool_calls", "tool_call_id", "name", "prefix"]),
    status: 422,
    words: "Extra inputs are not permitted",
    error: extra,
  },
  {
    id: "mistral-08",
    check: callId(/^[a-zA-Z0-9]{9}$/),
    status: 400,
    words: "Tool call id was {value} but must be a-z, A-Z, 0-9, with a length of 9.",
    error: { type: "invalid_function_call", code: "3280" },
  },
  {
    id: "mistral-names",
    check: anyOf(toolName(NAME), calledName(NAME)),
    status: 400,
    words:
      "Function name was {value} but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64.",
    error: { type: "invalid_function_name", code: "3240" },
  },
  {
    id: "mistral-03",
    check: anyOf(follows("tool", "user"), orphanResult),
    status: 400,
    words: "Unexpected role 'tool' after role 'user'",
    error: order,
  },
  {
    id: "mistral-02",
    check: follows("user", "tool"),
    status: 400,
    words: "Unexpected role 'user' after role 'tool'",
    error: order,
  },
  {
    id: "mistral-system-after-tool",
    check: follows("system", "tool"),
    status: 400,
    words: "Unexpected role 'system' after role 'tool'",
    error: order,
  },
  {
    id: "mistral-04",
    check: countsDiffer,
    status: 400,
    words: "Not the same number of function calls and responses",
    error: order,
  },
  {
    id: "mistral-01",
    check: endsWithAssistant("prefix"),
    status: 400,
    words: "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",
    error: order,
  },
];
