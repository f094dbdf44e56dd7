/** Rules of the Responses wire. */
import type { JsonObject } from "../../json.ts";
import { seal } from "../seal.ts";
import type { TwinId } from "../twins.ts";
import { type Example, SCHEMA } from "./example.ts";

const LONE = "cut \ud83d here";
const USER = { role: "user", content: "Hello" };

const items = (...input: readonly JsonObject[]) => ({ input });
const fc = (more: JsonObject = {}) => ({
  type: "function_call",
  call_id: "call_1",
  name: "f",
  arguments: "{}",
  ...more,
});
const output = (more: JsonObject = {}) => ({
  type: "function_call_output",
  call_id: "call_1",
  output: "r",
  ...more,
});
const sealed = seal("openai", "reasoning");
const rs = (more: JsonObject = {}) => ({
  type: "reasoning",
  id: "rs_1",
  summary: [],
  encrypted_content: sealed,
  ...more,
});
const flatTool = (name = "f", parameters: JsonObject = SCHEMA) => ({ type: "function", name, parameters });

const responses =
  (twin: TwinId, model: string) =>
  (rule: string, refused: Example["refused"], taken: Example["taken"], other = model): Example => ({
    twin,
    wire: "openai-responses",
    rule,
    model: other,
    refused,
    taken,
  });

/** Rules of the form, which every Responses twin has. */
const form = (twin: TwinId, model: string, thought: readonly JsonObject[] = []): readonly Example[] => {
  const one = responses(twin, model);
  return [
    one("openai-unicode", items({ role: "user", content: LONE }), items(USER)),
    one(
      "responses-structure",
      [
        items({ role: "bot", content: "x" }),
        items({ role: "user", content: [{ type: "text", text: "x" }] }),
        items(USER, ...thought, fc({ arguments: { a: 1 } }), output()),
      ],
      items({ role: "user", content: [{ type: "input_text", text: "x" }] }),
    ),
    one("responses-pairs", items(USER, ...thought, fc()), items(USER, ...thought, fc(), output())),
    one("responses-orphan-output", items(USER, output()), items(USER, ...thought, fc(), output())),
  ];
};
const openText = { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "r" }] };
const other = (twin: TwinId, model: string, thought: readonly JsonObject[] = []): readonly Example[] => {
  const one = responses(twin, model);
  return [
    ...form(twin, model, thought),
    one(
      "openai-shaped-response-01",
      items(
        USER,
        { type: "reasoning", content: openText.content },
        { role: "assistant", content: "x" },
        USER,
      ),
      items(USER, openText, { role: "assistant", content: "x" }, USER),
    ),
    one(
      "responses-endpoints-of-01",
      { tools: [{ type: "custom", name: "apply_patch" }] },
      { tools: [flatTool()] },
    ),
    one(
      "opencode-zen-03",
      items(USER, ...thought, fc({ arguments: '{"a":' }), output()),
      items(USER, ...thought, fc(), output()),
    ),
  ];
};

const gpt5 = responses("openai", "gpt-5");
export const RESPONSES_EXAMPLES: readonly Example[] = [
  ...form("openai", "gpt-5"),
  gpt5("responses-closed-fields", { messages: [] }, { instructions: "s" }),
  gpt5(
    "responses-item-fields",
    [items({ ...USER, cache_control: {} }), items(USER, fc({ extra_content: {} }), output())],
    items({ ...USER, id: "msg_1" }),
  ),
  gpt5("openai-20", items(USER, rs(), USER), [
    items(USER, rs(), fc({ id: "fc_1" }), output()),
    items(USER, rs({ id: undefined }), USER),
  ]),
  gpt5(
    "openai-21",
    items(USER, fc({ id: "fc_1" }), output()),
    [items(USER, rs(), fc({ id: "fc_1" }), output()), items(USER, fc(), output())],
    "o4-mini",
  ),
  gpt5(
    "openai-22",
    [
      items(USER, fc({ id: "call_1" }), output()),
      items(USER, { type: "message", id: "chatcmpl-1", role: "assistant", content: "x" }, USER),
    ],
    items(USER, fc({ id: "fc_1" }), output()),
  ),
  gpt5(
    "openai-23",
    items(USER, fc({ call_id: "c".repeat(65) }), output({ call_id: "c".repeat(65) })),
    items(USER, fc({ call_id: "c".repeat(64) }), output({ call_id: "c".repeat(64) })),
  ),
  gpt5(
    "openai-24",
    items(USER, rs(), fc({ id: `fc_${"x".repeat(413)}` }), output()),
    items(USER, rs(), fc({ id: "fc_1" }), output()),
    "gpt-5.3-codex",
  ),
  gpt5("openai-25", items(USER, fc({ id: "" }), output()), items(USER, fc(), output())),
  gpt5(
    "openai-26",
    [
      { ...items(USER, { type: "item_reference", id: "msg_1" }), store: false },
      { ...items(USER, rs({ encrypted_content: null }), fc({ id: "fc_1" }), output()), store: false },
    ],
    { ...items(USER, rs(), fc({ id: "fc_1" }), output()), store: false },
  ),
  gpt5(
    "openai-27",
    items(USER, rs({ encrypted_content: "gAAAAABo-theirs" }), fc(), output()),
    items(USER, rs(), fc(), output()),
  ),
  gpt5(
    "responses-schema",
    [
      { tools: [flatTool("f", { type: "object", anyOf: [] })] },
      { tools: [flatTool("f", {})] },
      { tools: [flatTool("f", { type: "object", properties: { a: { type: "array" } } })] },
    ],
    { tools: [flatTool()] },
  ),
  gpt5("responses-tool-name", { tools: [flatTool("a.b")] }, { tools: [flatTool("a-b")] }),
  ...other("responses-host", "muse-spark"),
  ...other("deepseek", "deepseek-v4-flash", [openText]),
  responses("deepseek", "deepseek-v4-flash")(
    "deepseek-02",
    items(USER, openText, fc(), fc({ call_id: "call_2" }), output(), output({ call_id: "call_2" })),
    items(USER, openText, fc(), openText, fc({ call_id: "call_2" }), output(), output({ call_id: "call_2" })),
  ),
  ...other("llama-cpp", "qwen3-8b"),
  responses("llama-cpp", "qwen3-8b")(
    "llama-cpp-06",
    [
      items(USER, { type: "reasoning", summary: null }, USER),
      items(USER, { type: "reasoning", summary: [], content: [] }, USER),
    ],
    items(USER, openText, { role: "assistant", content: "x" }, USER),
  ),
];
