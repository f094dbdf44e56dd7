/**
 * Faults that users of other gateways reported, one for each kind, over HTTP: the client's request, what the provider of the
 * catalogue is sent, and what the client gets. `ref` names the report.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Catalog, combineDialects, rulesFor } from "@headgate/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

const { providers } = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

/** What the upstream answers next, and the body that it got last. */
let answer = { type: "application/json", body: "" };
let sent = "";
let sentTo: string | undefined;
let server: Server;
let gateway: TestGateway;

const MODELS = [
  ["groq", "llama-3.3-70b-versatile"],
  ["deepseek", "deepseek-reasoner"],
  ["deepseek", "deepseek-chat"],
  ["mistral", "mistral-small-2603"],
  ["custom", "my-model"],
  ["anthropic", "claude-haiku-4-5"],
  ["gemini", "gemini-3.5-flash"],
  ["openai", "gpt-4o"],
  ["openai", "gpt-5.6"],
  ["xai", "grok-4"],
  ["openrouter", "minimax/minimax-m2.5:free"],
  ["zai", "glm-4.5"],
] as const;
const nameOf = (id: string, upstream: string): string => `${id}:${upstream}`;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      sent = Buffer.concat(chunks).toString("utf8");
      sentTo = request.url;
      response.writeHead(200, { "content-type": answer.type }).end(answer.body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  gateway = await startGateway(
    MODELS.map(([id, upstream], at) => {
      const provider = providers.find((one) => one.id === id);
      if (provider === undefined) throw new Error(`the catalogue has no ${id}`);
      return {
        id: `${id}-${at}`,
        adapter: provider.adapter,
        baseUrl: `http://127.0.0.1:${port}/v1`,
        dialect: combineDialects(rulesFor(provider.modelDialects ?? [], upstream), {}, provider.dialect),
        models: [{ alias: nameOf(id, upstream), upstream }],
      };
    }),
  );
});
afterAll(async () => {
  await gateway.close();
  await new Promise((closed) => server.close(closed));
});

type Json = Readonly<Record<string, unknown>>;
const CHAT = "/v1/chat/completions";
const MESSAGES = "/v1/messages";
const RESPONSES = "/v1/responses";
const OK = { role: "assistant", content: "ok" };
const chatAnswer = (message: Json = OK, finish_reason = "stop"): string =>
  JSON.stringify({
    id: "c1",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message, finish_reason }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  });
const textStream = (...pieces: readonly string[]): string =>
  `${[...pieces.map((content) => ({ delta: { content } })), { delta: {}, finish_reason: "stop" }]
    .map((choice) =>
      JSON.stringify({ id: "c1", model: "m", choices: [{ index: 0, finish_reason: null, ...choice }] }),
    )
    .map((chunk) => `data: ${chunk}\n\n`)
    .join("")}data: [DONE]\n\n`;
const claudeAnswer = (content: string): string =>
  `{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[${content}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":2}}`;
const CLAUDE_OK = claudeAnswer('{"type":"text","text":"ok"}').replace("tool_use", "end_turn");
const streamOf = (...deltas: Json[]): string =>
  [
    ...[
      ...deltas.map((delta) => ({ delta, finish_reason: null })),
      { delta: {}, finish_reason: "tool_calls" },
    ].map(
      (choice) =>
        `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", choices: [{ index: 0, ...choice }] })}\n\n`,
    ),
    "data: [DONE]\n\n",
  ].join("");

/** @param body the request's, or its bytes */
async function ask(
  path: string,
  body: Json | string,
): Promise<{ status: number; text: string; dropped: string }> {
  sent = "";
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${CLIENT_KEY}`,
      "anthropic-version": "2023-06-01",
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const dropped = response.headers.get("x-headgate-dropped-params") ?? "";
  return { status: response.status, text: await response.text(), dropped };
}
const plain = (body = chatAnswer()): void => {
  answer = { type: "application/json", body };
};
const streamed = (...deltas: Json[]): void => {
  answer = { type: "text/event-stream", body: streamOf(...deltas) };
};
const got = <T = Json & { messages: Json[] }>(): T => JSON.parse(sent) as T;

const U = { role: "user", content: "hi" };
const called = (id: string, args: unknown = '{"a":"1"}'): Json => ({
  role: "assistant",
  content: null,
  tool_calls: [{ id, type: "function", function: { name: "f", arguments: args } }],
});
const result = (id: string, content: unknown = "r"): Json => ({ role: "tool", tool_call_id: id, content });
const SCHEMA = { type: "object", properties: { a: { type: "string" } } };
const TOOLS = [{ type: "function", function: { name: "f", description: "d", parameters: SCHEMA } }];
const CLAUDE_TOOLS = [{ name: "f", description: "d", input_schema: SCHEMA }];
const LONG = "2512292042121000001";

describe("a conversation", () => {
  it("with reasoning goes without it to a provider that refuses it (tashfeenahmed/freellmapi#1070)", async () => {
    plain();
    const messages = [U, { role: "assistant", content: "x", reasoning_content: "because" }, U];
    const { status, dropped } = await ask(CHAT, { model: "groq:llama-3.3-70b-versatile", messages });
    expect([status, dropped]).toEqual([200, "messages[].reasoning_content"]);
    expect(got().messages).toEqual([U, { role: "assistant", content: "x" }, U]);
  });

  it("brings a thinking block as the reasoning that is required beside calls (anomalyco/opencode#24722)", async () => {
    plain();
    const turn = [
      { type: "thinking", thinking: "I think", signature: "" },
      { type: "tool_use", id: "toolu_1", name: "f", input: { a: "1" } },
    ];
    const messages = [
      U,
      { role: "assistant", content: turn },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "r" }] },
    ];
    await ask(MESSAGES, {
      model: "deepseek:deepseek-reasoner",
      max_tokens: 9,
      messages,
      tools: CLAUDE_TOOLS,
    });
    expect(got().messages[1]).toMatchObject({ reasoning_content: "I think" });
  });

  it("has call ids of nine letters and digits for Mistral, in the call and in its result (anomalyco/opencode#1680)", async () => {
    plain();
    const id = "call_PTLP8xhu3uwZk4l3nlnrrJha";
    await ask(CHAT, {
      model: "mistral:mistral-small-2603",
      messages: [U, called(id), result(id)],
      tools: TOOLS,
    });
    const [, call, back] = got<{ messages: [Json, { tool_calls: [{ id: string }] }, Json] }>().messages;
    expect(call.tool_calls[0].id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(back.tool_call_id).toBe(call.tool_calls[0].id);
  });

  it("has no role developer for a provider that knows none (earendil-works/pi#1048)", async () => {
    plain();
    const messages = [{ role: "developer", content: "be brief" }, U];
    await ask(CHAT, { model: "deepseek:deepseek-chat", messages });
    expect(got().messages[0]).toEqual({ role: "system", content: "be brief" });
  });

  it("has an order that Mistral takes (zed-industries/zed#37021)", async () => {
    plain();
    const content = [
      { type: "tool_result", tool_use_id: "ABCDEF123", content: "r" },
      { type: "text", text: "<system-reminder>x</system-reminder>" },
    ];
    const turn = [{ type: "tool_use", id: "ABCDEF123", name: "f", input: {} }];
    const messages = [U, { role: "assistant", content: turn }, { role: "user", content }];
    await ask(MESSAGES, {
      model: "mistral:mistral-small-2603",
      max_tokens: 9,
      messages,
      tools: CLAUDE_TOOLS,
    });
    expect(got().messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
      "user",
    ]);
  });

  it("has all system text at the front for servers of chat templates (ggml-org/llama.cpp#27367)", async () => {
    plain();
    const messages = [U, { role: "assistant", content: "a" }, { role: "system", content: "s2" }, U];
    await ask(MESSAGES, { model: "custom:my-model", max_tokens: 9, messages, system: "s1" });
    expect(got().messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(got().messages[0]?.content).toBe("s1\n\ns2");
  });

  it("keeps arguments that a client holds as an object (bytedance/deer-flow#4445)", async () => {
    plain(CLAUDE_OK);
    const messages = [U, called("call_1", { a: "1" }), result("call_1")];
    await ask(CHAT, { model: "anthropic:claude-haiku-4-5", messages, tools: TOOLS });
    expect(sent).toContain('"input":{"a":"1"}');
  });

  it("has a tool's result as one string where a list is refused (anomalyco/opencode#32966)", async () => {
    plain();
    const parts = ["first", "second"].map((text) => ({ type: "text", text }));
    const messages = [U, called("call_1", "{}"), result("call_1", parts)];
    await ask(CHAT, { model: "zai:glm-4.5", messages, tools: TOOLS });
    expect(got().messages[2]?.content).toBe("first\nsecond");
  });

  it("has the image of a tool's output in a user's message behind it (raine/claude-code-proxy#59)", async () => {
    plain();
    const url = "data:image/png;base64,iVBORw0KGgo=";
    const input = [
      { role: "user", content: "hi" },
      { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: [{ type: "input_image", image_url: url }] },
    ];
    await ask(RESPONSES, {
      model: "openai:gpt-4o",
      input,
      tools: [{ type: "function", name: "f", parameters: SCHEMA }],
    });
    expect(got().messages.at(-1)).toEqual({
      role: "user",
      content: [{ type: "image_url", image_url: { url } }],
    });
  });

  it("keeps OpenRouter's sealed reasoning for its next turn (musistudio/claude-code-router#1057)", async () => {
    const details = [
      { type: "reasoning.encrypted", data: "SEALED-1", id: "t1", format: "google-gemini-v1", index: 0 },
    ];
    const tool_calls = [{ id: "t1", type: "function", function: { name: "f", arguments: "{}" } }];
    plain(
      chatAnswer(
        { role: "assistant", content: null, reasoning: "think", reasoning_details: details, tool_calls },
        "tool_calls",
      ),
    );
    const request = {
      model: "openrouter:minimax/minimax-m2.5:free",
      max_tokens: 2000,
      tools: CLAUDE_TOOLS,
      thinking: { type: "enabled", budget_tokens: 1024 },
    };
    const { text } = await ask(MESSAGES, { ...request, messages: [U] });
    const { content } = JSON.parse(text) as { content: Json[] };
    plain();
    const back = { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "r" }] };
    await ask(MESSAGES, { ...request, messages: [U, { role: "assistant", content }, back] });
    expect(got().messages[1]).toMatchObject({ reasoning_details: details });
  });
});

describe("an answer", () => {
  it.each<[string, Json[], [string, string][]]>([
    [
      "of two calls under one index and without ids (NousResearch/hermes-agent#62940)",
      ["1", "2"].map((a) => ({
        tool_calls: [
          { index: 0, id: "", type: "function", function: { name: "f", arguments: `{"a":"${a}"}` } },
        ],
      })),
      [
        ["f", '{"a":"1"}'],
        ["f", '{"a":"2"}'],
      ],
    ],
    [
      "whose call has its name in a later piece (vercel/ai#14722)",
      [
        { id: "x", function: { arguments: '{"a"' } },
        { function: { name: "f", arguments: "" } },
        { function: { arguments: ':"1"}' } },
      ].map((piece) => ({ tool_calls: [{ index: 0, type: "function", ...piece }] })),
      [["f", '{"a":"1"}']],
    ],
    [
      "with words between the pieces of a call (agentgateway/agentgateway#2147)",
      [
        { tool_calls: [{ index: 0, id: "x", type: "function", function: { name: "f", arguments: '{"a"' } }] },
        { content: "\n" },
        { tool_calls: [{ index: 0, function: { arguments: ':"1"}' } }] },
      ],
      [["f", '{"a":"1"}']],
    ],
  ])("%s is read", async (_, deltas, expected) => {
    streamed(...deltas);
    const { text } = await ask(MESSAGES, {
      model: "custom:my-model",
      max_tokens: 9,
      messages: [U],
      tools: CLAUDE_TOOLS,
      stream: true,
    });
    const events = text
      .split("\n")
      .flatMap((line) => (line.startsWith("data: ") ? [JSON.parse(line.slice(6)) as Json] : []));
    const calls: [string, string][] = [];
    for (const { type, content_block: block, delta } of events as {
      type: string;
      content_block?: Json;
      delta?: Json;
    }[]) {
      if (type === "content_block_start" && block?.type === "tool_use") calls.push([String(block.name), ""]);
      const last = calls.at(-1);
      if (last !== undefined && delta?.type === "input_json_delta") last[1] += String(delta.partial_json);
    }
    expect(calls).toEqual(expected);
  });

  it("with arguments as an object is never an empty input (ggml-org/llama.cpp#20198)", async () => {
    const tool_calls = [{ id: "x", type: "function", function: { name: "f", arguments: { a: "1" } } }];
    plain(chatAnswer({ role: "assistant", content: null, tool_calls }, "tool_calls"));
    const { text } = await ask(MESSAGES, {
      model: "custom:my-model",
      max_tokens: 9,
      messages: [U],
      tools: CLAUDE_TOOLS,
    });
    expect(text).toContain('"input":{"a":"1"}');
  });

  it.each([
    [
      "Anthropic's",
      "anthropic:claude-haiku-4-5",
      claudeAnswer(`{"type":"tool_use","id":"t","name":"f","input":{"id":${LONG}}}`),
    ],
    [
      "Gemini's",
      "gemini:gemini-3.5-flash",
      `{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{"id":${LONG}}}}]},"finishReason":"STOP","index":0}]}`,
    ],
  ])("of %s keeps the digits of a long integer (earendil-works/pi#8943)", async (_, model, body) => {
    plain(body);
    const { text } = await ask(CHAT, { model, messages: [U], tools: TOOLS });
    expect(text).toContain(`{\\"id\\":${LONG}}`);
  });

  it("calls a tool by the client's own name (BerriAI/litellm#17904)", async () => {
    const name = "mcp__plugin_warehouse-planning-and-management__list-every-open-order-of-the-region";
    answer = { type: "application/json", body: "" };
    const tools = [{ name, description: "d", input_schema: SCHEMA }];
    plain();
    await ask(MESSAGES, { model: "openai:gpt-4o", max_tokens: 9, messages: [U], tools });
    const short = got<{ tools: [{ function: { name: string } }] }>().tools[0].function.name;
    expect(short.length).toBeLessThanOrEqual(64);
    const tool_calls = [{ id: "x", type: "function", function: { name: short, arguments: "{}" } }];
    plain(chatAnswer({ role: "assistant", content: null, tool_calls }, "tool_calls"));
    const { text } = await ask(MESSAGES, { model: "openai:gpt-4o", max_tokens: 9, messages: [U], tools });
    expect(text).toContain(`"name":"${name}"`);
    const own = [{ type: "function", function: { name, parameters: SCHEMA } }];
    expect((await ask(CHAT, { model: "openai:gpt-4o", messages: [U], tools: own })).text).toContain(
      `"name":"${name}"`,
    );
  });
});

describe("a request", () => {
  it("has a chat client's mark of a cache for Claude (agentgateway/agentgateway#2628)", async () => {
    plain(CLAUDE_OK);
    const content = [{ type: "text", text: "long", cache_control: { type: "ephemeral" } }];
    await ask(CHAT, { model: "anthropic:claude-haiku-4-5", messages: [{ role: "system", content }, U] });
    expect(got().system).toEqual([{ type: "text", text: "long", cache_control: { type: "ephemeral" } }]);
  });

  it("has no blank stop sequence for Claude (BerriAI/litellm#3286)", async () => {
    plain(CLAUDE_OK);
    const { dropped } = await ask(CHAT, {
      model: "anthropic:claude-haiku-4-5",
      messages: [U],
      stop: ["\n", "END"],
    });
    expect([got().stop_sequences, dropped]).toEqual([["END"], "stop"]);
  });

  it("has properties in every object schema for OpenAI (langchain-ai/langchain-mcp-adapters#137)", async () => {
    plain();
    const tools = [{ name: "list", description: "d", input_schema: { type: "object" } }];
    await ask(MESSAGES, { model: "openai:gpt-4o", max_tokens: 9, messages: [U], tools });
    expect(sent).toContain('"parameters":{"type":"object","properties":{}}');
  });

  it("carries a tool of free text as a function, and gives its call back (router-for-me/CLIProxyAPI#5753)", async () => {
    const tool = {
      type: "custom",
      name: "apply_patch",
      description: "p",
      format: { type: "grammar", syntax: "lark", definition: "start: /.+/s" },
    };
    const tool_calls = [
      { id: "x", type: "function", function: { name: "apply_patch", arguments: '{"input":"*** Begin"}' } },
    ];
    plain(chatAnswer({ role: "assistant", content: null, tool_calls }, "tool_calls"));
    const { text } = await ask(RESPONSES, {
      model: "groq:llama-3.3-70b-versatile",
      input: "hi",
      tools: [tool],
    });
    expect(got<{ tools: Json[] }>().tools).toMatchObject([
      { function: { name: "apply_patch", parameters: { required: ["input"] } } },
    ]);
    const { output } = JSON.parse(text) as { output: Json[] };
    expect(output[0]).toMatchObject({
      type: "custom_tool_call",
      name: "apply_patch",
      input: "*** Begin",
      call_id: "x",
    });
    const input = [
      { role: "user", content: "hi" },
      output[0],
      { type: "custom_tool_call_output", call_id: "x", output: "done" },
      { type: "web_search_call", id: "ws_1", status: "completed" },
    ];
    plain();
    const { dropped } = await ask(RESPONSES, { model: "groq:llama-3.3-70b-versatile", input, tools: [tool] });
    expect(got().messages[1]).toMatchObject({
      tool_calls: [{ function: { arguments: '{"input":"*** Begin"}' } }],
    });
    expect(dropped).toContain("input[3]");
  });

  it("has no field of tools without a tool (openai/swarm#30)", async () => {
    plain();
    const body = {
      model: "openai:gpt-4o",
      input: "hi",
      tools: [],
      parallel_tool_calls: true,
      tool_choice: "auto",
    };
    expect((await ask(RESPONSES, body)).status).toBe(200);
    expect(sent).not.toMatch(/tool/);
  });

  it("has no effort for a model that refuses it (BerriAI/litellm#16265)", async () => {
    plain();
    const body = { model: "xai:grok-4", max_tokens: 9, messages: [U], output_config: { effort: "high" } };
    expect((await ask(MESSAGES, body)).dropped).toContain("output_config.effort");
    expect(sent).not.toContain("effort");
  });

  it("has its stop sequences cut here where the model takes none (huggingface/smolagents#1766)", async () => {
    const model = "openai:gpt-5.6";
    answer = { type: "application/json", body: chatAnswer({ role: "assistant", content: "one END two" }) };
    const whole = await ask(CHAT, { model, messages: [U], stop: ["END"] });
    expect([got().stop, whole.dropped]).toEqual([undefined, "stop"]);
    expect(JSON.parse(whole.text).choices[0]).toMatchObject({
      message: { content: "one " },
      finish_reason: "stop",
    });
    answer = { type: "text/event-stream", body: textStream("one E", "ND two") };
    const { text } = await ask(CHAT, { model, messages: [U], stop: ["END"], stream: true });
    expect(text).toContain('"content":"one "');
    expect(text).not.toMatch(/"content":"[^"]*(?:E|ND|two)/);
  });

  it("has arguments of lists read where they came as text once more (GLM)", async () => {
    const parameters = { type: "object", properties: { edits: { type: "array" } } };
    const tools = [{ type: "function", function: { name: "f", parameters } }];
    const nested = called("c1", JSON.stringify({ edits: '[{"n":1}]' }));
    answer = { type: "application/json", body: chatAnswer(nested, "tool_calls") };
    const { text } = await ask(CHAT, { model: "zai:glm-4.5", messages: [U], tools });
    expect(JSON.parse(text).choices[0].message.tool_calls[0].function.arguments).toBe('{"edits":[{"n":1}]}');
  });

  it("goes by the Responses route with tools, where the chat route takes no effort beside them", async () => {
    plain();
    const { dropped } = await ask(CHAT, { model: "openai:gpt-5.6", messages: [U], tools: TOOLS });
    expect([sentTo, dropped]).toEqual(["/v1/responses", ""]);
    expect(JSON.parse(sent)).toMatchObject({ model: "gpt-5.6", store: false, tools: [{ type: "function" }] });
  });

  it("has the effort none beside tools where a field keeps it on the chat route", async () => {
    plain();
    const { dropped } = await ask(CHAT, { model: "openai:gpt-5.6", messages: [U], tools: TOOLS, n: 2 });
    expect([got().reasoning_effort, dropped]).toEqual(["none", "reasoning_effort"]);
  });

  it.each([
    [
      MESSAGES,
      `{"model":"custom:my-model","max_tokens":9,"messages":[{"role":"user","content":"cut \\ud83d here"}]}`,
    ],
    [CHAT, `{"model":"custom:my-model","messages":[{"role":"user","content":"cut \\ud83d here"}]}`],
  ])("of %s holds no half of a surrogate pair (BerriAI/litellm#24196)", async (path, body) => {
    plain();
    expect((await ask(path, body)).status).toBe(200);
    expect(got().messages[0]?.content).toBe("cut \ufffd here");
  });

  it.each([
    ["anthropic:claude-haiku-4-5", CLAUDE_OK],
    [
      "gemini:gemini-3.5-flash",
      `{"candidates":[{"content":{"role":"model","parts":[{"text":"ok"}]},"finishReason":"STOP","index":0}]}`,
    ],
  ])(
    "keeps the digits of a long integer in the history for %s (earendil-works/pi#8943)",
    async (model, body) => {
      plain(body);
      await ask(CHAT, {
        model,
        messages: [U, called("call_1", `{"id":${LONG}}`), result("call_1")],
        tools: TOOLS,
      });
      expect(sent).toContain(`{"id":${LONG}}`);
    },
  );

  it("keeps them from a Messages client's input (earendil-works/pi#8943)", async () => {
    plain();
    const turn = `{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{"id":${LONG}}}]}`;
    const back = `{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}`;
    const tools = JSON.stringify(CLAUDE_TOOLS);
    await ask(
      MESSAGES,
      `{"model":"custom:my-model","max_tokens":9,"tools":${tools},"messages":[{"role":"user","content":"hi"},${turn},${back}]}`,
    );
    expect(sent).toContain(`{\\"id\\":${LONG}}`);
  });
});
