/** Servers on the user's own machine, and Cohere: Ollama, vLLM and llama.cpp, whose templates are strict. */
import {
  argumentsNotJson,
  argumentsNotObject,
  argumentsNotText,
  argumentsText,
  unansweredCall,
} from "../checks/calls.ts";
import { closed, loneSurrogate, valueAt } from "../checks/fields.ts";
import {
  contentList,
  emptyContentList,
  emptyText,
  endsWithAssistant,
  partType,
  role,
  sameRoleTwice,
  systemNotFirst,
} from "../checks/messages.ts";
import { contentNotText, imageNotBase64, thinkLevel, thinkOn } from "../checks/ollama.ts";
import { keyword } from "../checks/schema.ts";
import { anyTool, toolField } from "../checks/tools.ts";
import { anyOf, type TwinRule, when } from "../rule.ts";
import { chatBase } from "./chat-base.ts";

export const OLLAMA: readonly TwinRule[] = [
  {
    id: "ollama-01",
    check: argumentsText,
    status: 400,
    words:
      "json: cannot unmarshal string into Go struct field ChatRequest.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments",
  },
  {
    id: "ollama-02",
    check: contentList(),
    status: 400,
    words: "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string",
  },
  {
    id: "ollama-structure",
    check: anyOf(contentNotText, role("developer")),
    status: 400,
    words: "json: cannot unmarshal {value} into Go struct field ChatRequest.messages.content of type string",
  },
  {
    id: "ollama-03",
    models: /^(llama3|gemma3|phi4-mini|smollm|qwen2\.5|dolphin|mistral)/,
    check: thinkOn,
    status: 400,
    words: '"{model}" does not support thinking',
  },
  {
    id: "ollama-04",
    models: /^(qwen3|deepseek)/,
    check: thinkLevel,
    status: 400,
    words: "think value {value} is not supported for this model",
  },
  {
    id: "ollama-05",
    models: /^(gemma3|dolphin-phi|nuextract)|-without-tools$/,
    check: anyTool,
    status: 400,
    words: "registry.ollama.ai/library/{model} does not support tools",
  },
  {
    id: "ollama-06",
    check: imageNotBase64,
    status: 400,
    words: "illegal base64 data at input byte 4 ({at})",
  },
];

const harmony = /gpt-oss/;

export const VLLM: readonly TwinRule[] = [
  {
    id: "vllm-03",
    check: argumentsNotText,
    status: 400,
    words: "[{'type': 'string_type', 'loc': ('body', '{at}'), 'msg': 'Input should be a valid string'}]",
  },
  ...chatBase(),
  {
    id: "vllm-01",
    models: /-without-tools$/,
    check: when(({ tool_choice }) => tool_choice === undefined || tool_choice === "auto", anyTool),
    status: 400,
    words: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
  },
  {
    id: "llama-cpp-02",
    check: systemNotFirst,
    status: 400,
    words: "System message must be at the beginning.",
  },
  {
    id: "vllm-04",
    models: /Qwen|DeepSeek/i,
    check: argumentsNotObject,
    status: 400,
    words: "Can only get item pairs from a mapping. ({at})",
  },
  {
    id: "llama-cpp-07",
    check: argumentsNotJson,
    status: 400,
    words: "Failed to parse tool call arguments as JSON ({at})",
  },
  {
    id: "vllm-05",
    models: harmony,
    check: anyOf(contentList("tool", "system"), emptyContentList),
    status: 400,
    words: "2 validation errors for Message: content ({at})",
  },
  {
    id: "vllm-06",
    models: /gemma-3/i,
    check: sameRoleTwice("user", "assistant"),
    status: 400,
    words: "Conversation roles must alternate user/assistant/user/assistant/...",
  },
];

const server = { type: "server_error", code: 500 };

export const LLAMA_CPP: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "llama-cpp-01",
    models: /devstral|ministral|gemma/i,
    check: sameRoleTwice("user", "assistant"),
    status: 500,
    words:
      "Jinja Exception: After the optional system message, conversation roles must alternate user and assistant roles except for tool calls and results.",
    error: server,
  },
  {
    id: "llama-cpp-02",
    check: systemNotFirst,
    status: 500,
    words: "Jinja Exception: System message must be at the beginning.",
    error: server,
  },
  {
    id: "llama-cpp-03",
    models: /ministral-3/i,
    check: role("system", "developer"),
    status: 500,
    words: "Jinja Exception: Only user, assistant and tool roles are supported, got {value}.",
    error: server,
  },
  {
    id: "llama-cpp-04",
    models: /qwen3|thinking|gpt-oss/i,
    check: when(
      (body) => valueAt(body, "chat_template_kwargs.enable_thinking") !== false,
      endsWithAssistant("never"),
    ),
    status: 400,
    words: "Assistant response prefill is incompatible with enable_thinking.",
    error: { type: "invalid_request_error", code: 400 },
  },
  {
    id: "llama-cpp-05",
    models: /ministral/i,
    check: partType(["thinking"]),
    status: 500,
    words: "unsupported content[].type",
    error: server,
  },
  {
    id: "llama-cpp-07",
    check: argumentsNotJson,
    status: 500,
    words: "Failed to parse tool call arguments as JSON: [json.exception.parse_error.101] ({at})",
    error: server,
  },
];

const COHERE_FIELDS = [
  "model",
  "messages",
  "citation_options",
  "documents",
  "frequency_penalty",
  "k",
  "logprobs",
  "max_tokens",
  "p",
  "presence_penalty",
  "priority",
  "reasoning_effort",
  "response_format",
  "safety_mode",
  "seed",
  "stop_sequences",
  "stream",
  "strict_tools",
  "temperature",
  "thinking",
  "tool_choice",
  "tools",
];

export const COHERE: readonly TwinRule[] = [
  {
    id: "cohere-unicode",
    check: loneSurrogate,
    status: 400,
    words: "invalid request body: invalid UTF-16 ({at})",
  },
  {
    id: "cohere-closed-fields",
    check: closed(COHERE_FIELDS),
    status: 422,
    words: "unknown field: parameter '{at}' is not a valid field",
  },
  {
    id: "cohere-01",
    models: /command-r/,
    check: toolField("strict"),
    status: 422,
    words: "unknown field: parameter 'strict' is not a valid field",
  },
  {
    id: "cohere-roles",
    check: role("developer"),
    status: 400,
    words: "invalid request: {at}: unknown role developer",
  },
  {
    id: "cohere-03",
    models: /command-a/,
    check: unansweredCall,
    status: 400,
    words: "invalid request: cannot specify both tool_calls and no matching tool results: {value}",
  },
  {
    id: "cohere-04",
    check: emptyText("user", "assistant", "system"),
    status: 400,
    words: "invalid request: all elements in history must have a message ({at})",
  },
];

/** Cohere's route of OpenAI's wire. */
export const COHERE_OPENAI: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "cohere-02",
    check: keyword("additionalProperties", "$schema"),
    status: 400,
    words: "invalid request: invalid tool parameters: {value} is not supported",
  },
];
