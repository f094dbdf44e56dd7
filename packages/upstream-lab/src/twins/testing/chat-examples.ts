/** OpenAI, Groq, Mistral: rules of the chat wire. */
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

const LONE = "cut \ud83d here";
const answer = (content: string, more = {}) => ({ role: "assistant", content, ...more });

/** Rules that several twins share; each is tried at every twin that has it. */
export const SHARED: readonly Omit<Example, "twin">[] = [
  {
    rule: "chat-unicode",
    refused: said({ role: "user", content: LONE }),
    taken: said({ role: "user", content: "whole 😀 here" }),
  },
  {
    rule: "chat-structure",
    refused: [
      { messages: [] },
      said({ role: "bot", content: "x" }),
      said({ role: "user", content: null }),
      said(USER, { role: "assistant", content: null }, USER),
      said({ role: "user", content: [{ text: "x" }] }),
      said({ role: "user", content: [{ type: "image_url", image_url: "https://example.com/a.png" }] }),
      { tools: [{ type: "function", name: "f", parameters: SCHEMA }] },
      { tools: [tool()], tool_choice: "any" },
    ],
    taken: [said({ role: "user", content: "x" }), { tools: [tool()], tool_choice: "auto" }],
  },
  {
    rule: "chat-arguments",
    refused: {
      messages: [
        USER,
        calling([call("abcdefgh1", "f", { city: "Graz" })], { reasoning_content: undefined }),
        result("abcdefgh1"),
      ],
      tools: [tool()],
    },
    taken: {},
  },
  {
    rule: "cerebras-06",
    refused: [said({ role: "developer", content: "Be brief." }, USER), { store: false }],
    taken: said({ role: "system", content: "Be brief." }, USER),
  },
];

const openai = (
  rule: string,
  model: string,
  refused: Example["refused"],
  taken: Example["taken"],
): Example => ({
  twin: "openai",
  rule,
  model,
  refused,
  taken,
});
const many = (count: number) => Array.from({ length: count }, (_, at) => tool(`f${at}`));
const manyCalls = (count: number) => {
  const calls = Array.from({ length: count }, (_, at) => call(`call_${at}`));
  return { messages: [USER, calling(calls), ...calls.map((_, at) => result(`call_${at}`))], tools: [tool()] };
};

export const OPENAI_EXAMPLES: readonly Example[] = [
  openai(
    "openai-unicode",
    "gpt-4o",
    said({ role: "user", content: LONE }),
    said({ role: "user", content: "😀" }),
  ),
  openai(
    "chat-structure",
    "gpt-4o",
    [{ messages: [] }, said({ role: "bot", content: "x" }), said({ role: "tool", content: "x" })],
    said(USER),
  ),
  openai("openai-closed-fields", "gpt-4o", [{ thinking: { type: "enabled" } }, { top_k: 40 }], {
    top_p: 0.9,
  }),
  openai("openai-01", "gpt-5.4", { tools: [tool()], reasoning_effort: "low" }, [
    { tools: [tool()], reasoning_effort: "none" },
    { reasoning_effort: "low" },
    { tools: [tool()] },
  ]),
  openai("openai-02", "gpt-5.6", { tools: [tool()] }, { tools: [tool()], reasoning_effort: "none" }),
  openai("openai-03", "gpt-5", { temperature: 0.2 }, { temperature: 1 }),
  openai("openai-04", "o3", { max_tokens: 10 }, { max_completion_tokens: 10 }),
  openai(
    "openai-05",
    "o3",
    [{ top_p: 0.5 }, { presence_penalty: 1 }, { frequency_penalty: 0.1 }, { logprobs: true }],
    { top_p: 1, presence_penalty: 0, frequency_penalty: 0, logprobs: false },
  ),
  openai(
    "openai-06",
    "gpt-5.1",
    [
      { reasoning_effort: "low", temperature: 0.2 },
      { reasoning_effort: "low", top_p: 0.2 },
    ],
    [{ reasoning_effort: "none", temperature: 0.2 }, { temperature: 0.2 }],
  ),
  openai("openai-07", "gpt-5-chat-latest", [{ reasoning_effort: "low" }, { verbosity: "low" }], {
    temperature: 0.2,
  }),
  openai("openai-08", "gpt-5", [{ reasoning_effort: "none" }, { reasoning_effort: "xhigh" }], {
    reasoning_effort: "minimal",
  }),
  openai("openai-08", "o3", { reasoning_effort: "minimal" }, { reasoning_effort: "low" }),
  openai("openai-effort-unknown", "gpt-4o", { reasoning_effort: "low" }, {}),
  openai(
    "openai-09",
    "gpt-4o",
    { messages: [USER, calling([call(), call("call_2")]), result()], tools: [tool()] },
    { messages: [USER, calling([call(), call("call_2")]), result("call_2"), result()], tools: [tool()] },
  ),
  openai("openai-10", "gpt-4o", said(USER, result()), loop()),
  openai("openai-11", "gpt-4o", { tools: many(129) }, { tools: many(128) }),
  openai("openai-12", "gpt-4o", manyCalls(129), manyCalls(128)),
  openai(
    "openai-13",
    "gpt-4o",
    [
      withParameters({ type: "object", properties: {}, anyOf: [SCHEMA] }),
      withParameters({ type: "string" }),
      withParameters({}),
    ],
    withProperty({ anyOf: [{ type: "string" }] }),
  ),
  openai(
    "openai-schema-properties",
    "gpt-4o",
    withParameters({ type: "object" }),
    withParameters({ type: "object", properties: {} }),
  ),
  openai("openai-14", "gpt-4o", withProperty({ type: "array" }), withProperty({ type: "array", items: {} })),
  openai(
    "openai-15",
    "gpt-4o",
    withParameters({ type: "object", properties: [] }),
    withParameters({ type: "object", properties: {} }),
  ),
  openai(
    "openai-16",
    "gpt-4o",
    { messages: [USER, calling(), result("call_1", [text("see"), image()])], tools: [tool()] },
    {
      messages: [USER, calling(), result("call_1", [text("see")]), { role: "user", content: [image()] }],
      tools: [tool()],
    },
  ),
  openai("openai-17", "gpt-4o", { tools: [tool("a.b")] }, { tools: [tool("a_b-c")] }),
  openai(
    "openai-name-length",
    "gpt-4o",
    { tools: [tool("n".repeat(65))] },
    { tools: [tool("n".repeat(64))] },
  ),
  openai("openai-chat-call-id", "gpt-4o", loop("c".repeat(65)), loop("c".repeat(64))),
  openai(
    "openai-chat-arguments",
    "gpt-4o",
    { messages: [USER, calling([call("call_1", "f", { city: "Graz" })]), result()], tools: [tool()] },
    loop(),
  ),
  openai("openai-tool-fields", "gpt-4o", [{ tool_choice: "auto" }, { parallel_tool_calls: true }], {
    tools: [tool()],
    tool_choice: "auto",
    parallel_tool_calls: true,
  }),
  openai(
    "openai-18",
    "gpt-4o",
    { response_format: { type: "json_object" } },
    { ...said({ role: "user", content: "as JSON" }), response_format: { type: "json_object" } },
  ),
  openai("openai-19", "o3", { stop: ["END"] }, {}),
];

const groq = (
  rule: string,
  refused: Example["refused"],
  taken: Example["taken"],
  model = "llama-3.3-70b-versatile",
): Example => ({ twin: "groq", rule, model, refused, taken });

export const GROQ_EXAMPLES: readonly Example[] = [
  groq(
    "groq-01",
    said(USER, answer("x", { reasoning_content: "because" }), AGAIN),
    said(USER, answer("x", { reasoning: "because" }), AGAIN),
  ),
  groq(
    "groq-02",
    [said(USER, answer("x", { reasoning_details: [] }), AGAIN), said({ ...USER, timestamp: 1 })],
    said({ ...USER, name: "ann" }),
  ),
  groq("groq-03", { reasoning: { effort: "low" } }, { reasoning_effort: "low" }),
  groq("groq-04", [{ store: false }, { verbosity: "low" }], { user: "ann" }),
  groq(
    "groq-05",
    [{ reasoning_effort: "low" }, { reasoning_effort: "high" }],
    [{ reasoning_effort: "default" }, { reasoning_effort: "none" }],
    "qwen/qwen3-32b",
  ),
  groq("groq-06", { messages: [USER, calling(), result()], tools: [tool("g")] }, loop()),
  groq("groq-pairs", { messages: [USER, calling(), AGAIN], tools: [tool()] }, loop()),
  groq("groq-orphans", { messages: [USER, result()], tools: [tool()] }, loop()),
  groq(
    "groq-10",
    said({ role: "user", content: Array.from({ length: 6 }, () => image()) }),
    said({ role: "user", content: Array.from({ length: 5 }, () => image()) }),
  ),
  groq(
    "groq-11",
    said({ role: "system", content: "s" }, { role: "user", content: [image()] }),
    said({ role: "user", content: [image()] }),
    "llama-3.2-11b-vision-preview",
  ),
  groq("groq-12", [{ logprobs: true }, { top_logprobs: 2 }, { logit_bias: {} }], {}),
];

const mistral = (
  rule: string,
  refused: Example["refused"],
  taken: Example["taken"],
  model = "mistral-large-2512",
): Example => ({ twin: "mistral", rule, model, refused, taken });
const ID = "abcdefgh1";

export const MISTRAL_EXAMPLES: readonly Example[] = [
  mistral(
    "mistral-roles",
    said({ role: "developer", content: "s" }, USER),
    said({ role: "system", content: "s" }, USER),
  ),
  mistral("mistral-05", { max_completion_tokens: 9 }, { max_tokens: 9 }),
  mistral("mistral-06", [{ store: false }, { logit_bias: {} }, { top_k: 1 }, { stream_options: {} }], {
    random_seed: 7,
  }),
  mistral("mistral-effort", { reasoning_effort: "high" }, {}),
  mistral(
    "mistral-effort-values",
    { reasoning_effort: "minimal" },
    [{ reasoning_effort: "high" }, { reasoning_effort: "none" }],
    "mistral-small-2603",
  ),
  mistral(
    "mistral-07",
    said(USER, answer("x", { reasoning_content: "r" }), AGAIN),
    said(
      USER,
      { role: "assistant", content: [{ type: "thinking", thinking: [text("r")] }, text("x")] },
      AGAIN,
    ),
  ),
  mistral(
    "mistral-08",
    [loop("call_PTLP8xhu3uwZk4l3nlnrrJha"), loop("abcdefgh"), loop("abcdefg-1")],
    loop(ID),
  ),
  mistral("mistral-names", [{ tools: [tool("a.b")] }, { tools: [tool("n".repeat(65))] }], {
    tools: [tool("n".repeat(64))],
  }),
  mistral("mistral-03", { messages: [USER, result(ID)], tools: [tool()] }, loop(ID)),
  mistral(
    "mistral-02",
    { messages: [USER, calling([call(ID)]), result(ID), AGAIN], tools: [tool()] },
    { messages: [USER, calling([call(ID)]), result(ID), answer("Done."), AGAIN], tools: [tool()] },
  ),
  mistral(
    "mistral-system-after-tool",
    {
      messages: [USER, calling([call(ID)]), result(ID), { role: "system", content: "s" }, answer("x"), AGAIN],
      tools: [tool()],
    },
    loop(ID),
  ),
  mistral(
    "mistral-04",
    { messages: [USER, calling([call(ID), call("abcdefgh2")]), result(ID)], tools: [tool()] },
    {
      messages: [USER, calling([call(ID), call("abcdefgh2")]), result(ID), result("abcdefgh2")],
      tools: [tool()],
    },
  ),
  mistral("mistral-01", said(USER, answer("x")), [
    said(USER, answer("x", { prefix: true })),
    said(USER, answer("x"), AGAIN),
  ]),
];
