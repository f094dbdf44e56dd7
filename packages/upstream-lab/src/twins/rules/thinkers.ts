/** DeepSeek, Moonshot and Xiaomi: reasoning that must come back, and what thinking excludes. */
import { orphanResult, reasoningMissing, unansweredCall } from "../checks/calls.ts";
import { field, notObject, notValues, onlyValues, together, valueAt } from "../checks/fields.ts";
import { contentList, emptyAssistant, partType } from "../checks/messages.ts";
import * as schema from "../checks/schema.ts";
import { forcedChoice, toolName } from "../checks/tools.ts";
import { anyOf, type TwinRule, when } from "../rule.ts";
import { chatBase, noDeveloper } from "./chat-base.ts";

type Condition = Parameters<typeof when>[0];
const thinking: Condition = (body) =>
  valueAt(body, "thinking.type") !== "disabled" && body.reasoning_effort !== "none";
const invalid = { type: "invalid_request_error", code: "invalid_request_error" };

const DEEPSEEK_THINKS = /v4|reasoner/;

export const DEEPSEEK: readonly TwinRule[] = [
  ...chatBase(422),
  noDeveloper(422),
  {
    id: "deepseek-03",
    check: partType(["image_url"]),
    status: 400,
    words:
      "Failed to deserialize the JSON body into the target type: {at}: unknown variant `image_url`, expected `text`",
    error: invalid,
  },
  {
    id: "deepseek-04",
    check: contentList("tool"),
    status: 422,
    words:
      "Failed to deserialize the JSON body into the target type: {at}: invalid type: sequence, expected a string",
    error: invalid,
  },
  {
    id: "deepseek-01",
    models: DEEPSEEK_THINKS,
    check: when(thinking, reasoningMissing("reasoning_content", "taken")),
    status: 400,
    words: "The `reasoning_content` in the thinking mode must be passed back to the API.",
    error: invalid,
  },
  {
    id: "deepseek-05",
    models: /v4/,
    check: when(thinking, forcedChoice),
    status: 400,
    words: "Thinking mode does not support this tool_choice",
    error: invalid,
  },
  {
    id: "deepseek-06",
    models: /reasoner/,
    check: field("tool_choice"),
    status: 400,
    words: "deepseek-reasoner does not support this tool_choice",
    error: invalid,
  },
  {
    id: "deepseek-pairs",
    check: anyOf(unansweredCall, orphanResult),
    status: 400,
    words:
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.",
    error: invalid,
  },
  {
    id: "deepseek-names",
    check: toolName(/^[a-zA-Z0-9_-]{1,64}$/),
    status: 400,
    words:
      "Invalid '{at}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    error: invalid,
  },
];

const KIMI_THINKS = /kimi-(k2-thinking|k2\.[5-9]|k3)/;
const flavored =
  "Invalid request: tools.function.parameters is not a valid moonshot flavored json schema, details: <At path '{at}': {value}>";
const kimi = { type: "invalid_request_error" };

export const MOONSHOT: readonly TwinRule[] = [
  ...chatBase(),
  noDeveloper(),
  {
    id: "moonshot-01",
    models: KIMI_THINKS,
    check: when(thinking, reasoningMissing("reasoning_content", "refused")),
    status: 400,
    words:
      "thinking is enabled but reasoning_content is missing in assistant tool call message at index {at}",
    error: kimi,
  },
  {
    id: "moonshot-02",
    models: /k2\.[56]/,
    check: together("thinking", "reasoning_effort"),
    status: 400,
    words: "cannot specify both 'thinking' and 'reasoning_effort'",
    error: kimi,
  },
  {
    id: "moonshot-03",
    models: /kimi-(k2\.[5-9]|k3)/,
    check: anyOf(
      when(thinking, onlyValues("temperature", [1])),
      when((body, model) => !thinking(body, model), onlyValues("temperature", [0.6])),
      onlyValues("top_p", [0.95]),
    ),
    status: 400,
    words: "invalid {at}: only 1 is allowed for this model",
    error: kimi,
  },
  {
    id: "moonshot-04",
    models: /kimi-(k2\.[5-9]|k3)/,
    check: when(thinking, forcedChoice),
    status: 400,
    words: "tool_choice '{value}' is incompatible with thinking enabled",
    error: kimi,
  },
  {
    id: "moonshot-05",
    models: /k2\.7-code/,
    check: notValues("thinking.type", ["disabled"]),
    status: 400,
    words: "invalid thinking: only type=enabled is allowed for this model",
    error: kimi,
  },
  {
    id: "moonshot-07",
    models: /k2-thinking/,
    check: notObject("thinking"),
    status: 400,
    words: "invalid thinking: object expected",
    error: kimi,
  },
  {
    id: "moonshot-08",
    models: /k2\.7|k3/,
    check: schema.typeBesideUnion,
    status: 400,
    words:
      "tools.function.parameters is not a valid moonshot flavored json schema, details: <At path '{at}': when using anyOf, type should be defined in anyOf items instead of the parent schema>",
    error: kimi,
  },
  {
    id: "moonshot-09",
    check: schema.itemsList,
    status: 400,
    words: "items must be an object ({at})",
    error: kimi,
  },
  {
    id: "moonshot-10",
    models: /k2\.7|k3/,
    check: schema.booleanNode,
    status: 400,
    words: "property schema must be an object ({at})",
    error: kimi,
  },
  {
    id: "moonshot-11",
    models: /k2\.6/,
    check: schema.refWithSiblings,
    status: 400,
    words: "conflicting keywords after $ref expansion ({at})",
    error: kimi,
  },
  { id: "moonshot-12", check: schema.rootNotObject, status: 400, words: flavored, error: kimi },
  {
    id: "moonshot-13",
    models: /k3/,
    check: toolName(/^(?!\d)/),
    status: 400,
    words:
      "Invalid request: function name is invalid, must start with a letter and can contain letters, numbers, underscores, and dashes",
    error: kimi,
  },
  {
    id: "moonshot-14",
    check: emptyAssistant,
    status: 400,
    words: "Invalid request: the message at position {at} with role 'assistant' must not be empty",
    error: kimi,
  },
  {
    id: "moonshot-15",
    models: /kimi-for-coding/,
    check: partType(["video_url"]),
    status: 400,
    words: "Invalid request: invalid part type: {value}",
    error: kimi,
  },
  {
    id: "moonshot-pairs",
    check: anyOf(unansweredCall, orphanResult),
    status: 400,
    words: "Invalid request: tool_call_id {value} is not found",
    error: kimi,
  },
];

export const XIAOMI: readonly TwinRule[] = [
  ...chatBase(),
  {
    id: "xiaomi-mimo-01",
    models: /v2\.5/,
    check: when(thinking, reasoningMissing("reasoning_content", "taken")),
    status: 400,
    words: "The reasoning_content in the thinking mode must be passed back to the API.",
    error: kimi,
  },
];
