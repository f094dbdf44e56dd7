/** DeepSeek, Moonshot, Xiaomi, and the hosts of China. */

import type { ChatWire, TwinId } from "../twins.ts";
import {
  AGAIN,
  call,
  calling,
  type Example,
  image,
  loop,
  result,
  said,
  text,
  tool,
  USER,
  withParameters,
  withProperty,
} from "./example.ts";

const answer = (content: string, more = {}) => ({ role: "assistant", content, ...more });
const system = { role: "system", content: "Be brief." };
const tools = [tool()];

const of =
  (twin: TwinId, model: string, wire?: ChatWire) =>
  (rule: string, refused: Example["refused"], taken: Example["taken"], other = model): Example => ({
    twin,
    rule,
    model: other,
    refused,
    taken,
    ...(wire === undefined ? {} : { wire }),
  });

const deepseek = of("deepseek", "deepseek-v4-pro");
const reasoned = loop("call_1", { reasoning_content: "because" });
const moonshot = of("moonshot", "kimi-k2.6");
const _cerebras = of("cerebras", "gpt-oss-120b");
const _xai = of("xai", "grok-4");
const _openrouter = of("openrouter", "qwen/qwen3-coder:free");
const qwen = of("qwen", "qwen3-32b");
const zai = of("zai", "glm-4.5");
const minimax = of("minimax", "MiniMax-M2.5");
const _nvidia = of("nvidia", "meta/llama-3.3-70b-instruct");
const _llama = of("llama-cpp", "qwen3-8b");
const _vllm = of("vllm", "Qwen3.6-35B-A3B");
const _ollama = of("ollama", "qwen3:8b", "ollama-chat");
const _cohere = of("cohere", "command-a-03-2025", "cohere-chat");
const _cloudflare = of("cloudflare", "@cf/openai/gpt-oss-120b");
const parallel = { messages: [USER, calling([call(), call("call_2")]), result(), result("call_2")], tools };

export const THINKER_EXAMPLES: readonly Example[] = [
  deepseek(
    "deepseek-03",
    said({ role: "user", content: [image()] }),
    said({ role: "user", content: [text("x")] }),
  ),
  deepseek(
    "deepseek-04",
    { messages: [USER, calling([call()], { reasoning_content: "r" }), result("call_1", [text("x")])], tools },
    reasoned,
  ),
  deepseek("deepseek-01", loop(), [
    reasoned,
    loop("call_1", { reasoning_content: "" }),
    { ...loop(), thinking: { type: "disabled" } },
  ]),
  deepseek("deepseek-05", { tools, tool_choice: "required" }, [
    { tools, tool_choice: "auto" },
    { tools, tool_choice: "required", thinking: { type: "disabled" } },
  ]),
  deepseek("deepseek-06", { tools, tool_choice: "auto" }, { tools }, "deepseek-reasoner"),
  deepseek(
    "deepseek-pairs",
    [
      { messages: [USER, result()], tools },
      { messages: [USER, calling([call()], { reasoning_content: "r" }), AGAIN], tools },
    ],
    reasoned,
  ),
  deepseek("deepseek-names", { tools: [tool("a.b")] }, { tools: [tool("a_b")] }),
  of("xiaomi-mimo", "mimo-v2.5")("xiaomi-mimo-01", loop(), reasoned),
  moonshot(
    "moonshot-01",
    [loop(), loop("call_1", { reasoning_content: "" })],
    [reasoned, { ...loop(), thinking: { type: "disabled" } }],
  ),
  moonshot(
    "moonshot-02",
    { thinking: { type: "enabled" }, reasoning_effort: "high" },
    { thinking: { type: "enabled" } },
  ),
  moonshot(
    "moonshot-03",
    [{ temperature: 0.6 }, { thinking: { type: "disabled" }, temperature: 1 }, { top_p: 1 }],
    [
      { temperature: 1, top_p: 0.95 },
      { thinking: { type: "disabled" }, temperature: 0.6 },
    ],
  ),
  moonshot("moonshot-04", { tools, tool_choice: "required" }, { tools, tool_choice: "auto" }),
  moonshot(
    "moonshot-05",
    { thinking: { type: "disabled" } },
    { thinking: { type: "enabled" } },
    "kimi-k2.7-code",
  ),
  moonshot("moonshot-07", { thinking: true }, { thinking: { type: "enabled" } }, "kimi-k2-thinking"),
  moonshot(
    "moonshot-08",
    withProperty({ type: "string", anyOf: [{ type: "string" }] }),
    withProperty({ anyOf: [{ type: "string" }] }),
    "kimi-k3",
  ),
  moonshot(
    "moonshot-09",
    withProperty({ type: "array", items: [{ type: "string" }] }),
    withProperty({ type: "array", items: { type: "string" } }),
  ),
  moonshot("moonshot-10", withProperty(true), withProperty({}), "kimi-k3"),
  moonshot(
    "moonshot-11",
    withProperty({ $ref: "#/$defs/a", description: "x" }),
    withProperty({ $ref: "#/$defs/a" }),
  ),
  moonshot(
    "moonshot-12",
    withParameters({ properties: {} }),
    withParameters({ type: "object", properties: {} }),
  ),
  moonshot("moonshot-13", { tools: [tool("2fa")] }, { tools: [tool("fa2")] }, "kimi-k3"),
  moonshot("moonshot-14", said(USER, answer(""), AGAIN), said(USER, answer("x"), AGAIN)),
  moonshot(
    "moonshot-15",
    said({ role: "user", content: [{ type: "video_url", video_url: { url: "x" } }] }),
    said({ role: "user", content: [image()] }),
    "kimi-for-coding",
  ),
  moonshot("moonshot-pairs", { messages: [USER, result()], tools }, reasoned),
];

export const CHINESE_HOST_EXAMPLES: readonly Example[] = [
  qwen("qwen-01", [{}, { stream: false }], [{ stream: true }, { enable_thinking: false }]),
  qwen(
    "qwen-02",
    { tools, tool_choice: "required", stream: true },
    { tools, tool_choice: "required", enable_thinking: false },
  ),
  qwen(
    "qwen-03",
    [
      { messages: [USER, result()], tools },
      { messages: [USER, calling(), AGAIN], tools },
    ],
    loop(),
    "qwen-plus",
  ),
  qwen(
    "qwen-04",
    { ...loop("call_1", { content: undefined }), stream: true },
    { ...loop("call_1", { content: null }), stream: true },
  ),
  qwen(
    "qwen-05",
    { response_format: { type: "json_object" } },
    { ...said({ role: "user", content: "json" }), response_format: { type: "json_object" } },
    "qwen3-max",
  ),
  of("siliconflow", "Qwen/Qwen2.5-VL-72B")("siliconflow-01", { enable_thinking: false }, {}),
  zai("zai-01", said(system), said(system, USER)),
  zai(
    "zai-02",
    [
      { messages: [USER, calling([call(), call()]), result(), result()], tools },
      { messages: [USER, calling(), AGAIN], tools },
      { messages: [USER, result("call_9")], tools },
    ],
    parallel,
  ),
  zai("zai-tool-content", { messages: [USER, calling(), result("call_1", [text("x")])], tools }, loop()),
  zai(
    "zai-03",
    [
      { tools, tool_choice: "required" },
      { tools, tool_choice: "none" },
    ],
    { tools, tool_choice: "auto" },
  ),
  zai(
    "zai-04",
    [
      said({ ...USER, name: "ann" }),
      { tools: [tool("f", { strict: true })] },
      { frequency_penalty: 0 },
      { stream_options: {} },
      { max_completion_tokens: 9 },
      { temperature: 1.5 },
    ],
    { temperature: 1, max_tokens: 9 },
  ),
  zai(
    "zai-05",
    [{ thinking: { type: "disabled" } }, { reasoning_effort: "medium" }, { max_tokens: 200_000 }],
    { thinking: { type: "enabled" }, reasoning_effort: "low", max_tokens: 131_072 },
    "glm-5.3",
  ),
  minimax("minimax-01", said(system, system, USER), said(system, USER)),
  minimax("minimax-02", said(USER, system, AGAIN), said(system, USER)),
  minimax("minimax-03", { messages: [USER, calling(), result(), result("call_9")], tools }, loop()),
  minimax(
    "minimax-04",
    { tools: [tool("f", { parameters: undefined })] },
    { tools: [tool("f", { parameters: { type: "object", properties: {} } })] },
  ),
  minimax(
    "minimax-05",
    { messages: [USER, calling([call("call_1", "f", '{"a":')]), result()], tools },
    loop(),
    "MiniMax-M3",
  ),
];
