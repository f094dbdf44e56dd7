/** Rules of the Messages wire. */
import type { JsonObject } from "../../json.ts";
import { seal } from "../seal.ts";
import { type Example, SCHEMA } from "./example.ts";

const LONE = "cut \ud83d here";
const USER = { role: "user", content: "Hello" };

const SONNET = "claude-sonnet-4-6";
const block = (text: string, more: JsonObject = {}) => ({ type: "text", text, ...more });
const turns = (...messages: readonly JsonObject[]) => ({ messages });
const user = (...content: readonly JsonObject[]) => ({ role: "user", content });
const assistant = (...content: readonly JsonObject[]) => ({ role: "assistant", content });
const use = (id = "toolu_1", more: JsonObject = {}) => ({
  type: "tool_use",
  id,
  name: "f",
  input: {},
  ...more,
});
const done = (id = "toolu_1", content: JsonObject["x"] = "r") => ({
  type: "tool_result",
  tool_use_id: id,
  content,
});
const cache = { cache_control: { type: "ephemeral" } };
const claudeTool = (name = "f", more: JsonObject = {}) => ({ name, input_schema: SCHEMA, ...more });
const thought = (model = SONNET, thinking = "hm", signature = seal(`anthropic/${model}`, thinking)) => ({
  type: "thinking",
  thinking,
  signature,
});
const thinking = { thinking: { type: "enabled", budget_tokens: 1024 } };
const png = (width: number, height = 1) => {
  const bytes = Buffer.alloc(24);
  bytes.write("\x89PNG\r\n\x1a\n", "latin1");
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return {
    type: "image",
    source: { type: "base64", media_type: "image/png", data: bytes.toString("base64") },
  };
};
const loop = turns(USER, assistant(use()), user(done()));

const answer = (properties: JsonObject): JsonObject => ({
  output_config: {
    format: { type: "json_schema", schema: { type: "object", properties, additionalProperties: false } },
  },
});

const claude = (
  rule: string,
  refused: Example["refused"],
  taken: Example["taken"],
  model = SONNET,
): Example => ({ twin: "anthropic", wire: "anthropic-messages", rule, model, refused, taken });
const like = (
  rule: string,
  refused: Example["refused"],
  taken: Example["taken"],
  model = "kimi-k2",
): Example => ({ twin: "anthropic-compatible", wire: "anthropic-messages", rule, model, refused, taken });

const structure = {
  refused: [
    turns(),
    { max_tokens: undefined },
    turns({ ...USER, reasoning_content: "x" }),
    turns(user()),
    turns({ role: "tool", content: "x" }),
    turns(user({ type: "image_url" })),
    turns(USER, assistant(use("toolu_1", { input: "{}" })), user(done())),
    turns(user(block("x", { extra: 1 }))),
  ],
  taken: turns(user(block("x"))),
};

export const ANTHROPIC_EXAMPLES: readonly Example[] = [
  claude("anthropic-28", turns({ role: "user", content: LONE }), turns(USER)),
  claude("anthropic-structure", structure.refused, structure.taken),
  claude("anthropic-closed-fields", { reasoning_effort: "low" }, { top_k: 4 }),
  claude("anthropic-03", turns(user(block("x"), block("", cache))), turns(user(block("x", cache)))),
  claude("anthropic-01", turns(user(block("x"), block(""))), turns(user(block("x")))),
  claude("anthropic-02", turns(user(block(" \n"))), turns(user(block(" x ")))),
  claude(
    "anthropic-04",
    turns(USER, assistant({ ...thought(), ...cache }, block("x")), USER),
    turns(USER, assistant(thought(), block("x", cache)), USER),
  ),
  claude(
    "anthropic-05",
    {
      system: [block("s", cache)],
      tools: [claudeTool("f", cache)],
      ...turns(user(block("a", cache), block("b", cache), block("c", cache))),
    },
    {
      system: [block("s", cache)],
      tools: [claudeTool("f", cache)],
      ...turns(user(block("a", cache), block("b", cache), block("c"))),
    },
  ),
  claude("anthropic-06", turns(USER, assistant(block("x"))), turns(USER, assistant(block("x")), USER)),
  claude(
    "anthropic-07",
    [
      { ...thinking, tools: [claudeTool()], tool_choice: { type: "any" } },
      { ...thinking, tools: [claudeTool()], tool_choice: { type: "tool", name: "f" } },
    ],
    { ...thinking, tools: [claudeTool()], tool_choice: { type: "auto" } },
  ),
  claude("anthropic-08", { ...thinking, ...loop }, [
    { ...thinking, ...turns(USER, assistant(thought(), use()), user(done())) },
    loop,
  ]),
  claude(
    "anthropic-09",
    turns(USER, assistant({ ...thought(), thinking: "hm!" }, use()), user(done())),
    turns(USER, assistant(thought(), use()), user(done())),
  ),
  claude(
    "anthropic-10",
    [
      turns(USER, assistant(thought("other-model"), block("x")), USER),
      turns(USER, assistant({ ...thought(), signature: "" }, block("x")), USER),
    ],
    turns(USER, assistant(thought(), block("x")), USER),
  ),
  claude(
    "anthropic-11",
    turns(USER, assistant({ type: "redacted_thinking", data: "AAAA" }, block("x")), USER),
    turns(
      USER,
      assistant({ type: "redacted_thinking", data: seal(`anthropic/${SONNET}`, "redacted") }, block("x")),
      USER,
    ),
  ),
  claude("anthropic-12", thinking, { thinking: { type: "adaptive" } }, "claude-opus-4-7"),
  claude(
    "anthropic-13",
    [{ temperature: 0.2 }, { top_p: 0.9 }, { top_k: 4 }],
    { temperature: 1 },
    "claude-opus-4-7",
  ),
  claude(
    "anthropic-thinking-temperature",
    [
      { ...thinking, temperature: 0.2 },
      { ...thinking, top_k: 4 },
    ],
    { ...thinking, temperature: 1 },
  ),
  claude("anthropic-14", { temperature: 0.2, top_p: 0.9 }, { temperature: 0.2 }),
  claude(
    "anthropic-answer-bounds",
    answer({ score: { type: "integer", minimum: 1 } }),
    answer({ list: { type: "array", items: { type: "string" }, minItems: 1 } }),
  ),
  claude(
    "anthropic-answer-formats",
    answer({ at: { type: "string", format: "iri" } }),
    answer({ at: { type: "string", format: "date" } }),
  ),
  claude(
    "anthropic-answer-open",
    answer({ in: { type: "object", properties: {} } }),
    answer({ in: { type: "object", properties: {}, additionalProperties: false } }),
  ),
  claude("anthropic-15", { thinking: { type: "enabled", budget_tokens: 4096 } }, thinking),
  claude(
    "anthropic-17",
    turns(USER, assistant(use(), use("toolu_2")), user(done(), block("x"), done("toolu_2"))),
    turns(USER, assistant(use(), use("toolu_2")), user(done(), done("toolu_2"), block("x"))),
  ),
  claude(
    "anthropic-16",
    [
      turns(USER, assistant(use()), USER),
      turns(USER, assistant(use(), use("toolu_2")), user(done()), user(done("toolu_2"))),
    ],
    loop,
  ),
  claude("anthropic-orphan-result", turns(user(done())), loop),
  claude(
    "anthropic-18",
    turns(
      USER,
      assistant({ type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] }, block("x")),
      USER,
    ),
    turns(
      USER,
      assistant(
        { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} },
        { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
        block("x"),
      ),
      USER,
    ),
  ),
  claude("anthropic-19", { tools: [claudeTool(), claudeTool()] }, { tools: [claudeTool(), claudeTool("g")] }),
  claude(
    "anthropic-20",
    turns(USER, assistant(use(), use()), user(done(), done())),
    turns(USER, assistant(use(), use("toolu_2")), user(done(), done("toolu_2"))),
  ),
  claude("anthropic-21", [{ tools: [claudeTool("a.b")] }, { tools: [claudeTool("n".repeat(129))] }], {
    tools: [claudeTool("n".repeat(128))],
  }),
  claude(
    "anthropic-22",
    turns(USER, assistant(use("functions.f:0")), user(done("functions.f:0"))),
    turns(USER, assistant(use("functions_f_0")), user(done("functions_f_0"))),
  ),
  claude(
    "anthropic-23",
    { tools: [claudeTool("f", { input_schema: { type: "object", anyOf: [] } })] },
    { tools: [claudeTool()] },
  ),
  claude("anthropic-24", turns(user(png(8001))), turns(user(png(8000)))),
  claude(
    "anthropic-25",
    turns(user(...Array.from({ length: 21 }, () => png(2001)))),
    turns(user(...Array.from({ length: 20 }, () => png(2001)))),
  ),
  claude(
    "anthropic-26",
    turns(
      user({
        type: "image",
        source: { type: "base64", media_type: "image/jpeg", data: "A".repeat(10 * 1024 * 1024 + 4) },
      }),
    ),
    turns(user({ type: "image", source: { type: "base64", media_type: "image/jpeg", data: "AAAA" } })),
  ),
  claude("anthropic-27", turns(USER, { role: "system", content: "s" }, USER), { system: "s" }),
  claude("anthropic-27", [], turns(USER, { role: "system", content: "s" }, USER), "claude-opus-4-8"),
  claude("anthropic-stop", { stop_sequences: ["\n", "END"] }, { stop_sequences: ["END"] }),
  like("anthropic-28", turns({ role: "user", content: LONE }), turns(USER)),
  like("anthropic-structure", structure.refused, structure.taken),
  like(
    "anthropic-compatible-01",
    turns(USER, assistant({ type: "thinking", thinking: "hm" }, block("x")), USER),
    turns(USER, assistant({ type: "thinking", thinking: "hm", signature: "" }, block("x")), USER),
  ),
  like("anthropic-compatible-d-01", turns(USER, { role: "system", content: "s" }, USER), { system: "s" }),
  like("anthropic-compatible-02", [{ context_management: {} }, { output_config: { effort: "low" } }], {}),
  like(
    "anthropic-29",
    [
      { tools: [claudeTool("f", { defer_loading: true })] },
      { tools: [claudeTool("f", { eager_input_streaming: true })] },
    ],
    { tools: [claudeTool()] },
  ),
  like(
    "openrouter-02",
    { tools: [claudeTool("f", cache)] },
    { tools: [claudeTool()] },
    "anthropic/claude-3-haiku",
  ),
  like(
    "copilot-01",
    turns(user(block("x", { cache_control: { type: "ephemeral", scope: "global" } }))),
    turns(user(block("x", cache))),
  ),
  like("anthropic-16", turns(USER, assistant(use()), USER), loop),
];
