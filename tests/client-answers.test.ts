/** What clients of each surface send and read beside the plain conversation. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { geminiBlocked, healthy, type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  gateway = await startGateway([
    { id: "plain", baseUrl: lab.baseUrl, models: [{ alias: "alpha", contextTokens: 8_000 }] },
    {
      id: "theirs",
      adapter: "anthropic",
      baseUrl: lab.url,
      models: [{ alias: "claude" }, { alias: "opus", upstream: "claude-opus-4-8" }],
    },
    { id: "google", adapter: "gemini", baseUrl: `${lab.url}/v1beta`, models: [{ alias: "flash" }] },
    { id: "near", adapter: "ollama", baseUrl: lab.url, keys: [], models: [{ alias: "local" }] },
    { id: "coral", adapter: "cohere", baseUrl: `${lab.url}/v2`, models: [{ alias: "command" }] },
  ]);
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const messages = [{ role: "user", content: "Hello" }];
const post = (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  gateway.fetch(path, { method: "POST", body: JSON.stringify(body), headers });
const sent = (at = 0) => lab.requests[at]?.body as Record<string, unknown>;

describe("JSON without a schema", () => {
  const fenced = 'Here you are:\n```json\n{"a": 1}\n```';
  const ROUTES: readonly (readonly [path: string, body: object, read: (answer: unknown) => unknown])[] = [
    [
      "/v1/chat/completions",
      { model: "claude", messages, response_format: { type: "json_object" } },
      (answer) => (answer as { choices: { message: { content: unknown } }[] }).choices[0]?.message.content,
    ],
    [
      "/v1/responses",
      { model: "claude", input: "Hello", text: { format: { type: "json_object" } } },
      (answer) => (answer as { output: { content: { text: unknown }[] }[] }).output[0]?.content[0]?.text,
    ],
    [
      "/v1beta/models/claude:generateContent",
      {
        contents: [{ parts: [{ text: "Hello" }] }],
        generationConfig: { responseMimeType: "application/json" },
      },
      (answer) =>
        (answer as { candidates: { content: { parts: { text: unknown }[] } }[] }).candidates[0]?.content
          .parts[0]?.text,
    ],
  ];

  it.each(ROUTES)(
    "is asked for in words where a provider knows schemas alone: %s",
    async (path, body, read) => {
      lab.behave("claude", healthy({ text: [fenced] }));
      const response = await post(path, body);
      expect(response.status).toBe(200);
      expect(read(await response.json())).toBe('{"a": 1}');
      expect(JSON.stringify(sent().system)).toContain("JSON object");
    },
  );

  it("fails over where the answer is none", async () => {
    lab.behave("claude", healthy({ text: ["I would rather not."] }));
    lab.behave("alpha", healthy({ text: ["{}"] }));
    const response = await post("/v1/chat/completions", {
      model: "claude",
      messages,
      response_format: { type: "json_object" },
      fallbacks: ["alpha"],
    });
    expect(response.headers.get("x-routed-via")).toBe("plain/alpha");
    await response.text();
  });
});

it("gives the SDK the reason why a thread cannot be kept, so that it goes on without", async () => {
  const response = await post("/v1/messages", {
    model: "claude",
    max_tokens: 9,
    messages,
    thread: { type: "create" },
  });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    {
      type: "error",
      error: {
        type: "invalid_request_error",
        details: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
      },
    },
  ]);
  expect(lab.requests).toEqual([]);
});

it("sends Claude Code's billing block to Claude's models only", async () => {
  const system = [
    { type: "text", text: "x-anthropic-billing-header: cc_version=2.1; cch=a1b2c;" },
    { type: "text", text: "You are Claude Code." },
  ];
  for (const model of ["opus", "alpha"])
    await (await post("/v1/messages", { model, max_tokens: 9, system, messages })).text();
  expect(sent(0).system).toEqual(system);
  expect(JSON.stringify(sent(1))).not.toContain("billing");
  expect(JSON.stringify(sent(1))).toContain("You are Claude Code.");
});

describe("a prompt that Gemini blocked, on Gemini's own surface", () => {
  const contents = [{ role: "user", parts: [{ text: "Hello" }] }];
  const feedback = { promptFeedback: { blockReason: "PROHIBITED_CONTENT" } };

  it("is Google's 200, whole and streamed", async () => {
    lab.behave("flash", geminiBlocked({ reason: "PROHIBITED_CONTENT" }));
    const whole = await post("/v1beta/models/flash:generateContent", { contents });
    expect([whole.status, await whole.json()]).toMatchObject([200, feedback]);
    const events = await post("/v1beta/models/flash:streamGenerateContent?alt=sse", { contents });
    expect([events.status, events.headers.get("content-type")]).toEqual([
      200,
      expect.stringContaining("event-stream"),
    ]);
    const [data, ...rest] = (await events.text()).split("\n\n");
    expect(rest).toEqual([""]);
    expect(JSON.parse(data?.replace(/^data: /, "") ?? "")).toMatchObject(feedback);
    const array = await post("/v1beta/models/flash:streamGenerateContent", { contents });
    expect(await array.json()).toMatchObject([feedback]);
  });

  it("stays a 400 on every other surface", async () => {
    lab.behave("flash", geminiBlocked());
    for (const [path, body] of [
      ["/v1/chat/completions", { model: "flash", messages }],
      ["/v1/messages", { model: "flash", messages, max_tokens: 9 }],
    ] as const) {
      const response = await post(path, body);
      expect([path, response.status]).toEqual([path, 400]);
      await response.text();
    }
  });
});

describe("a prompt's tokens", () => {
  it("are counted by the provider where it has the client's wire, with the client's own headers", async () => {
    const seen: { readonly url: string | undefined; readonly headers: object; readonly body: unknown }[] = [];
    const server = createServer(async (request, response) => {
      seen.push({ url: request.url, headers: request.headers, body: await json(request) });
      response.end(JSON.stringify({ input_tokens: 4711, totalTokens: 42 }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await gateway.close();
    gateway = await startGateway([
      {
        id: "theirs",
        adapter: "anthropic",
        baseUrl: url,
        models: [{ alias: "claude", upstream: "claude-9" }],
      },
      { id: "google", adapter: "gemini", baseUrl: `${url}/v1beta`, models: [{ alias: "flash" }] },
    ]);
    const response = await post(
      "/v1/messages/count_tokens",
      { model: "claude", messages },
      { "anthropic-beta": "token-counting-2024-11-01" },
    );
    expect(await response.json()).toEqual({ input_tokens: 4711 });
    const contents = [{ role: "user", parts: [{ text: "Hello" }] }];
    const gemini = await post("/v1beta/models/flash:countTokens", { contents });
    expect(await gemini.json()).toEqual({ totalTokens: 42 });
    expect(seen).toMatchObject([
      {
        url: "/v1/messages/count_tokens",
        headers: { "anthropic-beta": "token-counting-2024-11-01", "anthropic-version": expect.any(String) },
        body: { model: "claude-9", messages },
      },
      { url: "/v1beta/models/flash:countTokens", body: { contents } },
    ]);
    server.closeAllConnections();
    server.close();
  });

  it("are estimated where it has not, or does not answer", async () => {
    for (const model of ["alpha", "claude"]) {
      const response = await post("/v1/messages/count_tokens", { model, messages });
      expect(await response.json()).toEqual({ input_tokens: expect.any(Number) });
    }
    expect(lab.requests.every(({ model }) => model !== "alpha")).toBe(true);
  });
});

describe("fields of another server's dialect", () => {
  const tools = [
    { type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } },
  ];

  it.each(["claude", "flash", "local", "command"])("are left out by name at %s", async (model) => {
    const response = await post("/v1/chat/completions", {
      model,
      messages,
      options: { num_ctx: 8192 },
      min_p: 0.1,
      chat_template_kwargs: { thinking: true },
      tools: [],
    });
    expect(response.status).toBe(200);
    const dropped = response.headers.get("x-headgate-dropped-params")?.split(",") ?? [];
    expect(dropped).toEqual(expect.arrayContaining(["min_p", "chat_template_kwargs"]));
    // Ollama has options of its own.
    expect(dropped.includes("options")).toBe(model !== "local");
    await response.text();
  });

  it.each([
    ["/v1/chat/completions", { messages, tools, parallel_tool_calls: false }, "parallel_tool_calls"],
    [
      "/v1/messages",
      {
        messages,
        max_tokens: 9,
        tools: [{ name: "f", input_schema: { type: "object" } }],
        tool_choice: { type: "auto", disable_parallel_tool_use: true },
      },
      "tool_choice.disable_parallel_tool_use",
    ],
  ])("one call at a time is a hint on %s", async (path, body, name) => {
    for (const model of ["flash", "local", "command"]) {
      const response = await post(path, { model, ...body });
      expect([model, response.status]).toEqual([model, 200]);
      expect(response.headers.get("x-headgate-dropped-params")).toContain(name);
      await response.text();
    }
  });
});

it("carries the context length where aider's and LiteLLM's lists have it", async () => {
  const list = (await (await gateway.fetch("/v1/models")).json()) as { data: { id: string }[] };
  expect(list.data.find(({ id }) => id === "alpha")).toMatchObject({
    context_length: 8_000,
    max_input_tokens: 8_000,
    top_provider: { context_length: 8_000 },
  });
  for (const path of ["/v1/model/info", "/model/info"]) {
    const info = (await (await gateway.fetch(path)).json()) as { data: { model_name: string }[] };
    expect(info.data.find((one) => one.model_name === "alpha")).toMatchObject({
      litellm_params: { model: "alpha" },
      model_info: { max_input_tokens: 8_000, mode: "chat" },
    });
  }
});
