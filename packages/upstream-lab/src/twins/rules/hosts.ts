/** Hosts of open models on OpenAI's chat wire. A model whose id ends in `-without-tools` or `-without-vision` is served so. */
import { callsAbove, orphanResult, unansweredCall } from "../checks/calls.ts";
import { closed, field, notValues, onlyValues } from "../checks/fields.ts";
import { messageField, partType, role } from "../checks/messages.ts";
import { sealedDetailsChanged, sealedDetailsMissing } from "../checks/reasoning-details.ts";
import { keyword } from "../checks/schema.ts";
import { anyTool, choiceOtherThan, toolField } from "../checks/tools.ts";
import { anyOf, type TwinRule } from "../rule.ts";
import { chatBase, noDeveloper } from "./chat-base.ts";

const WITHOUT_TOOLS = /-without-tools$/;
const WITHOUT_VISION = /-without-vision$/;
const invalid = { type: "invalid_request_error" };
const wrongFormat = { ...invalid, code: "wrong_api_format" };

export const CEREBRAS: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "cerebras-01",
    check: messageField("reasoning_content"),
    status: 400,
    words: "{at}: property '{at}' is unsupported",
    error: wrongFormat,
  },
  {
    id: "cerebras-02",
    check: field("reasoning", "enable_thinking"),
    status: 400,
    words: "{at}: property '{at}' is unsupported",
    error: wrongFormat,
  },
  {
    id: "cerebras-03",
    models: /gpt-oss-120b/,
    check: notValues("parallel_tool_calls", [false]),
    status: 400,
    words: "parallel_tool_calls: false is not supported by this model",
    error: invalid,
  },
  {
    id: "cerebras-04",
    models: /qwen/,
    check: toolField("strict"),
    status: 400,
    words: "{at} is not supported for this model",
    error: invalid,
  },
  {
    id: "cerebras-05",
    check: keyword("minItems", "maxItems", "pattern", "format", "minLength", "maxLength"),
    status: 400,
    words: "Invalid tool parameters: unsupported JSON schema fields: {value}",
    error: invalid,
  },
  noDeveloper(),
];

const xai = "Argument not supported on this model: {at}";

export const XAI: readonly TwinRule[] = [
  ...chatBase(422),
  noDeveloper(422),
  {
    id: "xai-01",
    models: /^grok-(3(?!-mini)|4(?!\.[3-9])(?!\.20-multi-agent)|code-fast-1)/,
    check: field("reasoning_effort"),
    status: 400,
    words: "Model {model} does not support parameter reasoningEffort.",
  },
  {
    id: "xai-02",
    models: /^grok-4\.5/,
    check: onlyValues("reasoning_effort", ["low", "medium", "high"]),
    status: 400,
    words: "Invalid reasoning effort: {value}",
  },
  {
    id: "xai-02",
    models: /^grok-4\.6/,
    check: onlyValues("reasoning_effort", ["low", "medium", "high", "xhigh"]),
    status: 400,
    words: "Invalid reasoning effort: {value}",
  },
  {
    id: "xai-03",
    models: /^grok-(3-beta|4)/,
    check: field("presence_penalty", "frequency_penalty"),
    status: 400,
    words: "Model {model} does not support parameter {at}.",
  },
  { id: "xai-04", models: /^grok-(3-mini|4)/, check: field("stop"), status: 400, words: xai },
];

export const OPENROUTER: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "openrouter-03",
    models: WITHOUT_TOOLS,
    check: anyTool,
    status: 404,
    words:
      "No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing",
  },
  {
    id: "openrouter-04",
    models: WITHOUT_VISION,
    check: partType(["image_url"]),
    status: 404,
    words: "No endpoints found that support image input",
  },
  {
    id: "openrouter-05",
    models: /z-ai\/glm-4\.[5-7]/,
    check: choiceOtherThan("auto", "none"),
    status: 404,
    words: "No endpoints found that support the provided 'tool_choice' value.",
  },
  {
    id: "openrouter-06",
    models: /^(?!(anthropic|openai)\/)/,
    check: role("developer"),
    status: 400,
    words: "Provider returned error: {at}: unknown role developer",
  },
  {
    id: "openrouter-sealed",
    // The makers that verify their seals.
    models: /^(google|anthropic|openai)\//,
    check: sealedDetailsChanged("openrouter"),
    status: 400,
    words: "Provider returned error: reasoning_details of {at} are not as they were sent",
  },
  {
    id: "openrouter-sealed-calls",
    models: /google\/gemini-3/,
    check: sealedDetailsMissing,
    status: 400,
    words: "Provider returned error: Function call is missing a thought_signature ({at})",
  },
  {
    id: "openrouter-pairs",
    check: anyOf(unansweredCall, orphanResult),
    status: 400,
    words: "Provider returned error: tool calls and results do not fit ({at})",
  },
];

const NIM_FIELDS = [
  "messages",
  "model",
  "chat_template_kwargs",
  "frequency_penalty",
  "guided_json",
  "logit_bias",
  "logprobs",
  "max_completion_tokens",
  "max_tokens",
  "min_tokens",
  "n",
  "nvext",
  "parallel_tool_calls",
  "presence_penalty",
  "reasoning",
  "reasoning_budget",
  "reasoning_effort",
  "response_format",
  "seed",
  "stop",
  "stream",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_k",
  "top_logprobs",
  "top_p",
  "user",
];

export const NVIDIA: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "nvidia-01",
    check: closed(NIM_FIELDS),
    status: 400,
    words: "[{'type': 'extra_forbidden', 'loc': ('body', '{at}'), 'msg': 'Extra inputs are not permitted'}]",
  },
  { id: "nvidia-02", check: field("reasoning"), status: 400, words: "Unsupported parameter(s): `reasoning`" },
  {
    id: "nvidia-04",
    models: /mixtral|nemotron-70b|-without-tools$/,
    check: anyTool,
    status: 400,
    words: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
  },
  {
    id: "nvidia-05",
    models: /^meta\/llama/,
    check: callsAbove(1),
    status: 400,
    words: "This model only supports single tool-calls at once!",
  },
  {
    id: "nvidia-06",
    models: /mini|gemma-2-2b/,
    check: field("n", "frequency_penalty", "presence_penalty"),
    status: 422,
    words: "Extra inputs are not permitted: {at}",
  },
];
