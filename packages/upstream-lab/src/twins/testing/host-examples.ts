/** The other providers of OpenAI's chat wire, Ollama and Cohere. */

import { seal } from "../seal.ts";
import type { ChatWire, TwinId } from "../twins.ts";
import {
  AGAIN,
  call,
  calling,
  type Example,
  image,
  loop,
  result,
  SCHEMA,
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

const _deepseek = of("deepseek", "deepseek-v4-pro");
const _reasoned = loop("call_1", { reasoning_content: "because" });
const _moonshot = of("moonshot", "kimi-k2.6");
const cerebras = of("cerebras", "gpt-oss-120b");
const xai = of("xai", "grok-4");
const openrouter = of("openrouter", "qwen/qwen3-coder:free");
const _qwen = of("qwen", "qwen3-32b");
const _zai = of("zai", "glm-4.5");
const _minimax = of("minimax", "MiniMax-M2.5");
const nvidia = of("nvidia", "meta/llama-3.3-70b-instruct");
const llama = of("llama-cpp", "qwen3-8b");
const vllm = of("vllm", "Qwen3.6-35B-A3B");
const ollama = of("ollama", "qwen3:8b", "ollama-chat");
const cohere = of("cohere", "command-a-03-2025", "cohere-chat");
const cloudflare = of("cloudflare", "@cf/openai/gpt-oss-120b");
const parallel = { messages: [USER, calling([call(), call("call_2")]), result(), result("call_2")], tools };

const OWN = "tool_0_f_abc";
const sealedBy = (data: string) =>
  loop(OWN, {
    reasoning_details: [
      { type: "reasoning.text", text: "r" },
      { type: "reasoning.encrypted", data },
    ],
  });
const gemini3 = "google/gemini-3-flash";

export const HOST_EXAMPLES: readonly Example[] = [
  cerebras(
    "cerebras-01",
    said(USER, answer("x", { reasoning_content: "r" }), AGAIN),
    said(USER, answer("x", { reasoning: "r" }), AGAIN),
  ),
  cerebras("cerebras-02", [{ reasoning: { effort: "low" } }, { enable_thinking: true }], {
    reasoning_effort: "low",
  }),
  cerebras("cerebras-03", { tools, parallel_tool_calls: false }, { tools, parallel_tool_calls: true }),
  cerebras(
    "cerebras-04",
    { tools: [tool("f", { strict: true })] },
    { tools },
    "qwen-3-235b-a22b-instruct-2507",
  ),
  cerebras(
    "cerebras-05",
    [
      withProperty({ type: "array", items: {}, minItems: 1 }),
      withProperty({ type: "string", format: "uri" }),
    ],
    withProperty({ type: "array", items: {} }),
  ),
  xai("xai-01", { reasoning_effort: "high" }, {}),
  xai("xai-01", { reasoning_effort: "high" }, {}, "grok-3"),
  xai(
    "xai-02",
    [{ reasoning_effort: "none" }, { reasoning_effort: "xhigh" }],
    { reasoning_effort: "low" },
    "grok-4.5",
  ),
  xai("xai-02", { reasoning_effort: "none" }, { reasoning_effort: "xhigh" }, "grok-4.6"),
  xai("xai-03", [{ presence_penalty: 0 }, { frequency_penalty: 0 }], {}),
  xai("xai-04", { stop: ["END"] }, {}, "grok-3-mini"),
  openrouter("openrouter-03", { tools }, {}, "lab/model-without-tools"),
  openrouter("openrouter-04", said({ role: "user", content: [image()] }), {}, "lab/model-without-vision"),
  openrouter(
    "openrouter-05",
    { tools, tool_choice: "required" },
    { tools, tool_choice: "auto" },
    "z-ai/glm-4.6",
  ),
  openrouter("openrouter-06", said({ role: "developer", content: "s" }, USER), said(system, USER)),
  openrouter("openrouter-06", [], said({ role: "developer", content: "s" }, USER), "openai/gpt-4o"),
  openrouter(
    "openrouter-sealed",
    [sealedBy("b3RoZXI="), sealedBy(seal("openrouter/other", "reasoning"))],
    sealedBy(seal(`openrouter/${gemini3}`, "reasoning")),
    gemini3,
  ),
  openrouter(
    "openrouter-sealed-calls",
    [loop(OWN), loop()],
    [sealedBy(seal(`openrouter/${gemini3}`, "reasoning")), sealedBy("skip_thought_signature_validator")],
    gemini3,
  ),
  openrouter("openrouter-pairs", { messages: [USER, calling(), AGAIN], tools }, loop()),
  nvidia("nvidia-01", [{ prompt_cache_key: "k" }, { verbosity: "low" }], { user: "ann" }),
  nvidia("nvidia-02", { reasoning: { effort: "low" } }, { reasoning_effort: "low" }),
  nvidia("nvidia-04", { tools }, {}, "mistralai/mixtral-8x22b-instruct"),
  nvidia("nvidia-05", parallel, loop()),
  nvidia("nvidia-06", [{ n: 1 }, { frequency_penalty: 0 }], {}, "nvidia/nemotron-mini-4b"),
  of("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo")(
    "together-01",
    [
      { store: false },
      { max_completion_tokens: 9 },
      said({ role: "developer", content: "s" }, USER),
      { tools: [tool("f", { strict: true })] },
    ],
    { max_tokens: 9, tools },
  ),
  of("fireworks", "accounts/fireworks/models/kimi-k2p5")(
    "fireworks-01",
    [
      said({ role: "user", content: [{ ...text("x"), cache_control: { type: "ephemeral" } }] }),
      { tools: [{ ...tool(), cache_control: { type: "ephemeral" } }] },
    ],
    said({ role: "user", content: [text("x")] }),
  ),
  of("fireworks", "accounts/fireworks/models/kimi-k2p5")("fireworks-02", { store: false }, { top_k: 40 }),
  of("deepinfra", "mistralai/Mistral-Small-24B")("deepinfra-01", { tools }, {}),
  of("sambanova", "DeepSeek-V3.2")("sambanova-01", said({ role: "user", content: [text("x")] }), said(USER)),
  cloudflare(
    "cloudflare-workers-ai-01",
    { tools: [{ type: "function", name: "f", parameters: SCHEMA }] },
    { tools },
  ),
  cloudflare("cloudflare-workers-ai-02", said({ role: "user", content: [text("x")] }), said(USER)),
  cloudflare("cloudflare-workers-ai-03", loop("call_1", { content: null }), loop()),
  of("kilo", "lab/free")("kilo-01", { response_format: { type: "json_object" } }, {}),
  of("kilo", "lab/model-without-tools")("kilo-02", { tools }, {}),
  of("reka", "reka-flash")(
    "reka-01",
    { response_format: { type: "json_object" } },
    { response_format: { type: "json_schema", json_schema: { name: "a", schema: SCHEMA } } },
  ),
  of("pollinations", "openai-large")("pollinations-01", [{ temperature: 0.2 }, { top_p: 1 }], {
    temperature: 1,
  }),
  of("huggingface", "MiniMaxAI/MiniMax-M2")(
    "huggingface-02",
    { reasoning_effort: "minimal" },
    { reasoning_effort: "low" },
  ),
  of("gemini-openai", "gemini-1.5-pro")("gemini-24", { tools, parallel_tool_calls: true }, { tools }),
  of("gemini-openai", "gemini-2.5-flash")(
    "gemini-25",
    [{ frequency_penalty: 0 }, { reasoning_effort: "minimal" }],
    { reasoning_effort: "low" },
  ),
];

const ollamaLoop = (args: unknown) => ({
  messages: [
    USER,
    { role: "assistant", content: "", tool_calls: [{ function: { name: "f", arguments: args as string } }] },
    { role: "tool", tool_name: "f", content: "x" },
  ],
  tools,
});

export const LOCAL_EXAMPLES: readonly Example[] = [
  vllm(
    "vllm-03",
    { messages: [USER, calling([call("call_1", "f", { city: "Graz" })]), result()], tools },
    loop(),
  ),
  vllm("vllm-01", { tools }, { tools, tool_choice: "none" }, "lab-without-tools"),
  vllm("llama-cpp-02", [said(USER, system, AGAIN), said(system, system, USER)], said(system, USER)),
  vllm("vllm-04", { messages: [USER, calling([call("call_1", "f", '["x"]')]), result()], tools }, loop()),
  vllm(
    "llama-cpp-07",
    { messages: [USER, calling([call("call_1", "f", '{"a":')]), result()], tools },
    loop(),
  ),
  vllm(
    "vllm-05",
    { messages: [USER, calling(), result("call_1", [text("x")])], tools },
    loop(),
    "gpt-oss-20b",
  ),
  vllm("vllm-06", said(USER, AGAIN), said(USER, answer("x"), AGAIN), "google/gemma-3-27b-it"),
  llama("llama-cpp-01", said(USER, AGAIN), said(USER, answer("x"), AGAIN), "devstral-small"),
  llama("llama-cpp-02", said(USER, system, AGAIN), said(system, USER)),
  llama("llama-cpp-03", said(system, USER), said(USER), "ministral-3-8b"),
  llama("llama-cpp-04", said(USER, answer("x")), {
    ...said(USER, answer("x")),
    chat_template_kwargs: { enable_thinking: false },
  }),
  llama(
    "llama-cpp-05",
    said(USER, { role: "assistant", content: [{ type: "thinking", thinking: "r" }, text("x")] }, AGAIN),
    said(USER, answer("x", { reasoning_content: "r" }), AGAIN),
    "ministral-8b",
  ),
  llama(
    "llama-cpp-07",
    { messages: [USER, calling([call("call_1", "f", '{"a":')]), result()], tools },
    loop(),
  ),
  ollama("ollama-01", ollamaLoop('{"city":"Graz"}'), ollamaLoop({ city: "Graz" })),
  ollama("ollama-02", said({ role: "user", content: [text("x")] }), said(USER)),
  ollama(
    "ollama-structure",
    [said({ role: "user", content: 7 }), said({ role: "developer", content: "s" }, USER)],
    said(system, USER),
  ),
  ollama("ollama-03", [{ think: true }, { think: "low" }], { think: false }, "llama3.2:3b"),
  ollama("ollama-04", { think: "medium" }, { think: true }),
  ollama("ollama-05", { tools }, {}, "gemma3:4b"),
  ollama(
    "ollama-06",
    said({ ...USER, images: ["https://example.com/a.png"] }),
    said({ ...USER, images: ["AAAA"] }),
  ),
  cohere("cohere-unicode", said({ role: "user", content: "\ud83d" }), said(USER)),
  cohere("cohere-closed-fields", [{ top_p: 1 }, { parallel_tool_calls: true }], { p: 0.9 }),
  cohere("cohere-01", { tools: [tool("f", { strict: true })] }, { tools }, "command-r-08-2024"),
  cohere("cohere-roles", said({ role: "developer", content: "s" }, USER), said(system, USER)),
  cohere("cohere-03", { messages: [USER, calling(), AGAIN], tools }, loop()),
  cohere("cohere-04", said(USER, answer(""), AGAIN), said(USER, answer("x"), AGAIN)),
  of("cohere-openai", "command-a-03-2025")(
    "cohere-02",
    withParameters({ ...SCHEMA, additionalProperties: false }),
    { tools },
  ),
];
