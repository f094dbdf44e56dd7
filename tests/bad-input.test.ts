/** Bad input: a 400 in the surface's own envelope that names the field, before any provider is asked; never a 500. */
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
  gateway = await startGateway([
    {
      id: "plain",
      baseUrl: lab.baseUrl,
      models: [{ alias: "alpha" }, { alias: "vectors", operation: "embedding" }],
    },
    { id: "theirs", adapter: "anthropic", baseUrl: lab.url, models: [{ alias: "claude" }] },
    { id: "google", adapter: "gemini", baseUrl: `${lab.url}/v1beta`, models: [{ alias: "flash" }] },
    { id: "near", adapter: "ollama", baseUrl: lab.url, keys: [], models: [{ alias: "local" }] },
  ]);
});
afterAll(async () => {
  await gateway.close();
  await lab.close();
});

const MODELS = ["alpha", "claude", "flash", "local"];
const messages = [{ role: "user", content: "Hello" }];
const contents = [{ role: "user", parts: [{ text: "Hello" }] }];
const tool = { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } };
const theirs = { name: "f", input_schema: { type: "object" } };
const content = (value: unknown) => ({ messages: [{ role: "user", content: value }] });

/** What is wrong, and the field that the error names. */
type Case = readonly [body: Readonly<Record<string, unknown>>, param: string];

const CHAT: readonly Case[] = [
  [{ temperature: "hot" }, "temperature"],
  [{ temperature: 2.1 }, "temperature"],
  [{ top_p: 7 }, "top_p"],
  [{ presence_penalty: -3 }, "presence_penalty"],
  [{ max_tokens: "9" }, "max_tokens"],
  [{ max_tokens: 0 }, "max_tokens"],
  [{ max_completion_tokens: 1.5 }, "max_completion_tokens"],
  [{ n: 0 }, "n"],
  [{ seed: "x" }, "seed"],
  [{ stop: [5] }, "stop"],
  [{ user: 5 }, "user"],
  [{ stream: "yes" }, "stream"],
  [{ stream_options: 5 }, "stream_options"],
  [{ logit_bias: 3 }, "logit_bias"],
  [{ parallel_tool_calls: "no" }, "parallel_tool_calls"],
  [{ reasoning_effort: 5 }, "reasoning_effort"],
  [{ response_format: "json" }, "response_format"],
  [{ response_format: { type: "xml" } }, "response_format"],
  [{ response_format: { type: "json_schema" } }, "response_format.json_schema"],
  [{ tools: {} }, "tools"],
  [{ tools: [{ type: "function" }] }, "tools[0].function.name"],
  [{ tools: [{ type: "function", function: { name: "" } }] }, "tools[0].function.name"],
  [{ tools: [tool, tool] }, "tools[1].function.name"],
  [{ tools: [tool], tool_choice: "sometimes" }, "tool_choice"],
  [
    { tools: [tool], tool_choice: { type: "function", function: { name: "g" } } },
    "tool_choice.function.name",
  ],
  [{ tool_choice: "required" }, "tool_choice"],
  [{ messages: "x" }, "messages"],
  [{ messages: [] }, "messages"],
  [{ messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
  [{ messages: [{ role: "user" }] }, "messages[0].content"],
  [content(5), "messages[0].content"],
  [content([{ type: "text" }]), "messages[0].content[0].text"],
  [content([{ type: "image_url" }]), "messages[0].content[0].image_url.url"],
  [{ messages: [{ role: "assistant", content: "x", tool_calls: "x" }] }, "messages[0].tool_calls"],
  [{ messages: [{ role: "tool", tool_call_id: "nowhere", content: "x" }] }, "messages[0].tool_call_id"],
];

const MESSAGES: readonly Case[] = [
  [{ max_tokens: "x" }, "max_tokens"],
  [{ temperature: 3 }, "temperature"],
  [{ top_p: -1 }, "top_p"],
  [{ stream: 1 }, "stream"],
  [{ system: 5 }, "system"],
  [{ messages: [] }, "messages"],
  [{ messages: [{ role: "tool", content: "x" }] }, "messages.0.role"],
  [{ tools: [theirs, theirs] }, "tools.1.name"],
  [{ tools: [{ name: "f" }] }, "tools.0.input_schema"],
  [{ tools: [theirs], tool_choice: { type: "tool", name: "g" } }, "tool_choice.name"],
  [{ tools: [theirs], tool_choice: { type: "sometimes" } }, "tool_choice.type"],
  [{ tool_choice: { type: "any" } }, "tool_choice.type"],
];

const RESPONSES: readonly Case[] = [
  [{ input: 5 }, "input"],
  [{ input: [] }, "input"],
  [{ input: [{ role: "user", content: 5 }] }, "input[0].content"],
  [{ input: [{ type: "function_call_output", output: "x" }] }, "input[0].call_id"],
  [{ temperature: 9 }, "temperature"],
  [{ top_p: "x" }, "top_p"],
  [{ max_output_tokens: 0 }, "max_output_tokens"],
  [{ text: { format: { type: "xml" } } }, "text.format.type"],
  [{ tools: [{ type: "function" }] }, "tools[0].name"],
  [{ tools: [{ type: "nothing" }] }, "tools[0].type"],
  [{ tool_choice: "sometimes" }, "tool_choice"],
  [{ tool_choice: "required" }, "tool_choice"],
  [{ tool_choice: { type: "function", name: "g" } }, "tool_choice.name"],
];

const declared = [{ functionDeclarations: [{ name: "f" }] }];
const calling = (config: object) => ({ toolConfig: { functionCallingConfig: config } });
const GEMINI: readonly Case[] = [
  [{ contents: 5 }, "contents"],
  [{ contents: [] }, "contents"],
  [{ contents: [{ role: "robot", parts: [{ text: "x" }] }] }, "contents[0].role"],
  [{ generationConfig: { temperature: "x" } }, "generationConfig.temperature"],
  [{ tools: [{ functionDeclarations: [{}] }] }, "tools[0].functionDeclarations[0].name"],
  [calling({ mode: "SOMETIMES" }), "toolConfig.functionCallingConfig.mode"],
  [calling({ mode: "ANY" }), "toolConfig.functionCallingConfig.mode"],
  [
    { tools: declared, ...calling({ mode: "ANY", allowedFunctionNames: ["g"] }) },
    "toolConfig.functionCallingConfig.allowedFunctionNames",
  ],
];

const OLLAMA: readonly Case[] = [
  [{ messages: 5 }, "messages"],
  [{ options: { temperature: "x" } }, "temperature"],
  [{ format: 5 }, "format"],
];

interface Told {
  readonly status: number;
  readonly body: { readonly error?: unknown };
}

const post = async (path: string, body: unknown): Promise<Told> => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await gateway.fetch(path, { method: "POST", body: text });
  return { status: response.status, body: (await response.json()) as Told["body"] };
};

/** By surface: its path, a valid body, its cases, and where its envelope has the field. */
const SURFACES: Readonly<
  Record<
    string,
    {
      readonly path: (model: string) => string;
      readonly valid: (model: string) => object;
      readonly cases: readonly Case[];
      readonly envelope: (param: string) => unknown;
    }
  >
> = {
  chat: {
    path: () => "/v1/chat/completions",
    valid: (model) => ({ model, messages }),
    cases: CHAT,
    envelope: (param) => ({ type: "invalid_request_error", param, message: expect.any(String) }),
  },
  messages: {
    path: () => "/v1/messages",
    valid: (model) => ({ model, messages, max_tokens: 9 }),
    cases: MESSAGES,
    envelope: (param) => ({ type: "invalid_request_error", message: expect.stringContaining(`${param}: `) }),
  },
  responses: {
    path: () => "/v1/responses",
    valid: (model) => ({ model, input: "Hello" }),
    cases: RESPONSES,
    envelope: (param) => ({ type: "invalid_request_error", param, message: expect.any(String) }),
  },
  gemini: {
    path: (model) => `/v1beta/models/${model}:generateContent`,
    valid: () => ({ contents }),
    cases: GEMINI,
    envelope: (param) => ({ status: "INVALID_ARGUMENT", code: 400, message: expect.stringContaining(param) }),
  },
  ollama: {
    path: () => "/api/chat",
    valid: (model) => ({ model, messages, stream: false }),
    cases: OLLAMA,
    envelope: (param) => expect.stringContaining(param),
  },
};

describe.each(Object.entries(SURFACES))("on %s", (_, { path, valid, cases, envelope }) => {
  it.each(MODELS)("a valid body is answered by %s", async (model) => {
    expect((await post(path(model), valid(model))).status).toBe(200);
  });

  it.each(cases)("%j is a 400 that names %s, whatever the candidate", async (wrong, param) => {
    for (const model of MODELS) {
      const before = lab.requests.length;
      const { status, body } = await post(path(model), { ...valid(model), ...wrong });
      expect([model, status, body.error]).toEqual([
        model,
        400,
        body.error instanceof Object ? expect.objectContaining(envelope(param) as object) : envelope(param),
      ]);
      expect(lab.requests.length).toBe(before);
    }
  });

  it.each(["", "{", "[]", "null", '"x"', '{"model":', "\u{1f986}"])("%j is no body", async (text) => {
    const { status, body } = await post(path("alpha"), text);
    expect([status, body]).toEqual([400, expect.objectContaining({ error: expect.anything() })]);
  });

  it("a model of another operation is a 400 that says which", async () => {
    const { status, body } = await post(path("vectors"), valid("vectors"));
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining("a model for embedding")]);
  });
});
