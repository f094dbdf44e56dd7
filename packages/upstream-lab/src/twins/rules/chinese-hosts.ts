/** Qwen (DashScope), SiliconFlow, Z.ai and MiniMax. */
import {
  argumentsNotJson,
  orphanResult,
  repeatedCallId,
  unansweredCall,
  unknownResultId,
} from "../checks/calls.ts";
import { above, field, jsonWordMissing, onlyValues } from "../checks/fields.ts";
import {
  absentContent,
  contentList,
  messageField,
  noUserMessage,
  secondSystem,
  systemNotFirst,
} from "../checks/messages.ts";
import { choiceOtherThan, forcedChoice, schemaMissing, toolField } from "../checks/tools.ts";
import { anyOf, type TwinRule, when } from "../rule.ts";
import { chatBase, noDeveloper } from "./chat-base.ts";

const qwen = { type: "invalid_request_error", code: "invalid_parameter_error" };
/** Open models of the series that think unless they are told not to. */
const QWEN_THINKS = /^(qwen3-(?!coder|max)(?!.*instruct)|qwq)/;

export const QWEN: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "qwen-01",
    models: QWEN_THINKS,
    check: when(
      ({ enable_thinking, stream }) => enable_thinking !== false && stream !== true,
      () => ({ at: "enable_thinking" }),
    ),
    status: 400,
    words: "parameter.enable_thinking must be set to false for non-streaming calls",
    error: qwen,
  },
  {
    id: "qwen-02",
    check: when(
      ({ enable_thinking }, model) =>
        enable_thinking === true || (QWEN_THINKS.test(model) && enable_thinking !== false),
      forcedChoice,
    ),
    status: 400,
    words: "The tool_choice parameter does not support being set to required or object in thinking mode",
    error: qwen,
  },
  {
    id: "qwen-03",
    check: anyOf(unansweredCall, orphanResult),
    status: 400,
    words:
      '<400> InternalError.Algo.InvalidParameter: An assistant message with "tool_calls" must be followed by tool messages responding to each "tool_call_id". The following tool_call_ids did not have response messages: {at}',
    error: qwen,
  },
  {
    id: "qwen-04",
    models: /^qwen3/,
    check: absentContent,
    status: 400,
    words: "<400> InternalError.Algo.InvalidParameter: The content field is a required field. ({at})",
    error: qwen,
  },
  {
    id: "qwen-05",
    models: /qwen3-max/,
    check: jsonWordMissing,
    status: 400,
    words:
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    error: qwen,
  },
];

export const SILICONFLOW: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "siliconflow-01",
    models: /Qwen2\.5/,
    check: field("enable_thinking"),
    status: 400,
    words: "Value error, current model does not support parameter `enable_thinking`.",
    error: { code: 20015 },
  },
];

const illegal = { code: "1214" };
const parameter = { code: "1210" };

export const ZAI: readonly TwinRule[] = [
  ...chatBase(),
  noDeveloper(),
  {
    id: "zai-01",
    check: noUserMessage,
    status: 400,
    words: "messages 参数非法。请检查文档。",
    error: illegal,
  },
  {
    id: "zai-02",
    check: anyOf(repeatedCallId, unansweredCall, unknownResultId),
    status: 400,
    words: "messages 参数非法。请检查文档。",
    error: illegal,
  },
  {
    id: "zai-tool-content",
    check: contentList("tool"),
    status: 400,
    words: "messages.content.type 参数非法，取值范围 ['text']",
    error: parameter,
  },
  {
    id: "zai-03",
    check: choiceOtherThan("auto"),
    status: 400,
    words: "API 调用参数有误，请检查文档。tool_choice",
    error: parameter,
  },
  {
    id: "zai-04",
    check: anyOf(
      messageField("name"),
      toolField("strict"),
      field("frequency_penalty", "presence_penalty", "stream_options", "max_completion_tokens"),
      above("temperature", 1),
      above("top_p", 1),
    ),
    status: 400,
    words: "API 调用参数有误，请检查文档。{at}",
    error: parameter,
  },
  {
    id: "zai-05",
    models: /glm-5\.3/,
    check: anyOf(
      onlyValues("thinking.type", ["enabled"]),
      onlyValues("reasoning_effort", ["low", "high", "max"]),
      above("max_tokens", 131_072),
    ),
    status: 400,
    words: "API 调用参数有误，请检查文档。{at}",
    error: parameter,
  },
];

const minimax = { type: "bad_request_error", http_code: "400" };

export const MINIMAX: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "minimax-01",
    check: secondSystem,
    status: 400,
    words: "invalid params, invalid chat setting (2013)",
    error: minimax,
  },
  {
    id: "minimax-02",
    check: systemNotFirst,
    status: 400,
    words: "invalid params, invalid message role: system (2013)",
    error: minimax,
  },
  {
    id: "minimax-03",
    models: /M2\.[1-7]/,
    check: unknownResultId,
    status: 400,
    words: "invalid params, tool result's tool id({value}) not found (2013)",
    error: minimax,
  },
  {
    id: "minimax-04",
    models: /M(2\.[1-9]|3)/,
    check: schemaMissing,
    status: 400,
    words: "invalid params, function parameters is empty (2013)",
    error: minimax,
  },
  {
    id: "minimax-05",
    models: /M3/,
    check: argumentsNotJson,
    status: 400,
    words: "invalid params, invalid function arguments json string (2013)",
    error: minimax,
  },
];
