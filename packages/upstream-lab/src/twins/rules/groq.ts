/** Groq: a closed list of fields at the top and in messages. https://console.groq.com/docs/api-reference */
import { calledToolMissing, orphanResult, unansweredCall } from "../checks/calls.ts";
import { closed, field, onlyValues } from "../checks/fields.ts";
import { closedMessages, imagesAbove, imagesOf, messageField, role } from "../checks/messages.ts";
import { type TwinRule, when } from "../rule.ts";
import { chatBase } from "./chat-base.ts";

const FIELDS = [
  "messages",
  "model",
  "citation_options",
  "compound_custom",
  "disable_tool_validation",
  "documents",
  "exclude_domains",
  "frequency_penalty",
  "function_call",
  "functions",
  "include_domains",
  "include_reasoning",
  "max_completion_tokens",
  "max_tokens",
  "n",
  "parallel_tool_calls",
  "presence_penalty",
  "reasoning_effort",
  "reasoning_format",
  "response_format",
  "search_settings",
  "seed",
  "service_tier",
  "stop",
  "stream",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_p",
  "user",
  "logprobs",
  "top_logprobs",
  "logit_bias",
  "reasoning",
];

const invalid = { type: "invalid_request_error" };

export const GROQ: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "groq-01",
    check: messageField("reasoning_content"),
    status: 400,
    words:
      "'{at}' : for 'role:assistant' the following must be satisfied[('{at}' : property 'reasoning_content' is unsupported)]",
    error: invalid,
  },
  {
    id: "groq-02",
    check: closedMessages([
      "role",
      "content",
      "name",
      "tool_calls",
      "tool_call_id",
      "reasoning",
      "reasoning_content",
    ]),
    status: 400,
    words: "'{at}' : property '{value}' is unsupported",
    error: invalid,
  },
  {
    id: "groq-03",
    check: field("reasoning"),
    status: 400,
    words: "property 'reasoning' is unsupported",
    error: invalid,
  },
  {
    id: "groq-04",
    check: closed(FIELDS),
    status: 400,
    words: "property '{at}' is unsupported",
    error: invalid,
  },
  {
    id: "groq-05",
    models: /qwen3/,
    check: onlyValues("reasoning_effort", ["none", "default"]),
    status: 400,
    words: "`reasoning_effort` must be one of `none` or `default`",
    error: { ...invalid, param: "reasoning_effort" },
  },
  {
    id: "groq-06",
    check: calledToolMissing,
    status: 400,
    words: "Tool call validation failed: attempted to call tool '{value}' which was not in request.tools",
    error: { ...invalid, code: "tool_use_failed" },
  },
  {
    id: "groq-pairs",
    check: unansweredCall,
    status: 400,
    words: "'{at}' : `tool_calls` must be followed by tool messages for each id, missing: {value}",
    error: invalid,
  },
  {
    id: "groq-orphans",
    check: orphanResult,
    status: 400,
    words: "'{at}' : tool message without a preceding call",
    error: invalid,
  },
  {
    id: "groq-10",
    check: imagesAbove(5, 4 * 1024 * 1024),
    status: 400,
    words: "Too many images or an image above 4 MB of base64: {value}",
    error: invalid,
  },
  {
    id: "groq-11",
    models: /llama-3\.2-.*vision/,
    check: when((body) => imagesOf(body).length > 0, role("system")),
    status: 400,
    words: "prompting with images is incompatible with system messages",
    error: invalid,
  },
  {
    id: "groq-12",
    check: field("logprobs", "top_logprobs", "logit_bias"),
    status: 400,
    words: "`{at}` is not supported",
    error: invalid,
  },
];
