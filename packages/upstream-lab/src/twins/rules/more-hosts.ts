import { closed, field, notValues, onlyValues } from "../checks/fields.ts";
import { contentList, nullContent, partField, role } from "../checks/messages.ts";
import { anyTool, notChatTool, outerToolField, toolField } from "../checks/tools.ts";
import { anyOf, type TwinRule } from "../rule.ts";
import { chatBase, noDeveloper } from "./chat-base.ts";

const WITHOUT_TOOLS = /-without-tools$/;
const invalid = { type: "invalid_request_error" };

export const TOGETHER: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "together-01",
    check: anyOf(field("store", "max_completion_tokens"), role("developer"), toolField("strict")),
    status: 400,
    words: "Input validation error",
    error: invalid,
  },
];

const FIREWORKS_FIELDS = [
  "messages",
  "model",
  "context_length_exceeded_behavior",
  "echo",
  "frequency_penalty",
  "functions",
  "ignore_eos",
  "logit_bias",
  "logprobs",
  "max_completion_tokens",
  "max_tokens",
  "metadata",
  "min_p",
  "mirostat_lr",
  "mirostat_target",
  "n",
  "parallel_tool_calls",
  "perf_metrics_in_response",
  "prediction",
  "presence_penalty",
  "prompt_cache_isolation_key",
  "prompt_cache_key",
  "prompt_truncate_len",
  "raw_output",
  "reasoning_effort",
  "reasoning_history",
  "repetition_penalty",
  "response_format",
  "safe_tokenization",
  "seed",
  "service_tier",
  "speculation",
  "stop",
  "stream",
  "stream_options",
  "temperature",
  "thinking",
  "tool_choice",
  "tools",
  "top_k",
  "top_logprobs",
  "top_p",
  "typical_p",
  "user",
];

export const FIREWORKS: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "fireworks-01",
    check: anyOf(partField("cache_control"), outerToolField("cache_control")),
    status: 400,
    words: "Extra inputs are not permitted, field: '{at}'",
    error: { object: "error", ...invalid },
  },
  {
    id: "fireworks-02",
    check: closed(FIREWORKS_FIELDS),
    status: 400,
    words: "Extra inputs are not permitted, field: '{at}'",
    error: { object: "error", ...invalid },
  },
];

export const DEEPINFRA: readonly TwinRule[] = [
  ...chatBase(422),
  {
    id: "deepinfra-01",
    models: /Mistral-Small-24B|Hermes-3|-without-tools$/,
    check: anyTool,
    status: 405,
    words: "Tool calling is not supported for model {model}",
  },
];

export const SAMBANOVA: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "sambanova-01",
    models: /^DeepSeek/,
    check: contentList(),
    status: 400,
    words: "{at}: expected one of [str], got list",
    error: invalid,
  },
];

export const CLOUDFLARE: readonly TwinRule[] = [
  {
    id: "cloudflare-workers-ai-01",
    check: notChatTool,
    status: 400,
    words: "AiError: Bad input: Error: oneOf at '/' not met, required properties at '/{at}' are 'name'",
    error: { code: 5006 },
  },
  ...chatBase(),
  {
    id: "cloudflare-workers-ai-02",
    check: contentList(),
    status: 400,
    words:
      "AiError: Bad input: Error: oneOf at '/' not met: Type mismatch of '/{at}', 'array' not in 'string'",
    error: { code: 5006 },
  },
  {
    id: "cloudflare-workers-ai-03",
    check: nullContent,
    status: 400,
    words:
      "AiError: Bad input: Error: oneOf at '/' not met: Type mismatch of '/{at}/content', 'null' not in 'string'",
    error: { code: 5006 },
  },
  noDeveloper(),
];

/** Kilo without a key: OpenRouter's free models. */
export const KILO: readonly TwinRule[] = [
  ...chatBase(),
  { id: "kilo-01", check: field("response_format"), status: 400, words: "Provider returned error" },
  {
    id: "kilo-02",
    models: WITHOUT_TOOLS,
    check: anyTool,
    status: 404,
    words: "No endpoints found that support tool use.",
  },
];

export const REKA: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "reka-01",
    check: notValues("response_format.type", ["json_object"]),
    status: 400,
    words: "Unsupported response_format type json_object: supported are text and json_schema",
  },
];

export const POLLINATIONS: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "pollinations-01",
    models: /^openai/,
    check: anyOf(onlyValues("temperature", [1]), field("top_p")),
    status: 400,
    words:
      "400 Bad Request: azure-openai error: Unsupported value: '{at}' does not support {value} with this model.",
  },
];

export const HUGGINGFACE: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "huggingface-02",
    models: /MiniMax-M2/,
    check: notValues("reasoning_effort", ["minimal"]),
    status: 400,
    words: "Reasoning must be on for this model: reasoning_effort {value}",
  },
];
