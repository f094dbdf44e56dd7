/** The official Anthropic SDK, pointed at the gateway. */
import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import { cleanTruncation, endless, healthy, type Lab, startLab, status } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;
let client: Anthropic;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [{ alias: "alpha", upstream: "up-alpha", chain: ["beta"], contextTokens: 8192 }],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "beta", upstream: "up-beta" }] },
    {
      id: "near",
      adapter: "ollama",
      baseUrl: lab.url,
      keys: [],
      models: [{ alias: "local", upstream: "up-local" }],
    },
    {
      id: "own",
      adapter: "anthropic",
      baseUrl: lab.url,
      models: [{ alias: "claude", upstream: "up-claude" }],
    },
    {
      id: "google",
      adapter: "gemini",
      baseUrl: `${lab.url}/v1beta`,
      models: [{ alias: "gemini", upstream: "up-gemini" }],
    },
    {
      id: "cohere",
      adapter: "cohere",
      baseUrl: `${lab.url}/v2`,
      models: [{ alias: "command", upstream: "up-command" }],
    },
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
  ]);
  client = new Anthropic({ baseURL: gateway.url, apiKey: CLIENT_KEY });
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const messages: Anthropic.MessageParam[] = [{ role: "user", content: "What is the weather in Graz?" }];
const tools: Anthropic.Tool[] = [
  {
    name: "get_weather",
    description: "The weather of a city",
    input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
];
const base = { max_tokens: 500, messages };
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

it("lists models page by page and retrieves one", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
  expect(ids).toEqual(["alpha", "beta", "claude", "command", "demo", "gemini", "local"]);
  const back = await client.models.list({ limit: 2, before_id: "demo" });
  expect(back.data.map(({ id }) => id)).toEqual(["claude", "command"]);
  expect(back.has_more).toBe(true);
  expect(await client.models.retrieve("alpha")).toMatchObject({
    id: "alpha",
    type: "model",
    display_name: "first: up-alpha",
    max_input_tokens: 8192,
  });
  await expect(client.models.retrieve("nope")).rejects.toThrow(NotFoundError);
  await expect(client.models.list({ limit: 0 })).rejects.toThrow(BadRequestError);
});

// OpenAI's wire, Ollama's, the client's own, Google's, Cohere's; the last has no upstream.
describe.each(["alpha", "local", "claude", "gemini", "command", "demo"])("with the model %s", (model) => {
  it("answers a message", async () => {
    const { data, response } = await client.messages.create({ ...base, model }).withResponse();
    expect(data).toMatchObject({ type: "message", role: "assistant", stop_reason: "end_turn" });
    expect(data.id).toMatch(/^msg_/);
    expect(data.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/./) });
    expect(data.usage.input_tokens).toBeGreaterThan(0);
    expect(data.usage.output_tokens).toBeGreaterThan(0);
    expect(response.headers.get("request-id")).toBe(response.headers.get("x-request-id"));
  });

  it("streams one", async () => {
    const stream = client.messages.stream({ ...base, model });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    const final = await stream.finalMessage();
    expect(types[0]).toBe("message_start");
    expect(types.slice(-2)).toEqual(["message_delta", "message_stop"]);
    expect(final.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/./) });
    expect(final.stop_reason).toBe("end_turn");
    expect(final.usage.output_tokens).toBeGreaterThan(0);
    expect(final.usage.input_tokens).toBeGreaterThan(0);
  });

  // Ollama cannot be forced to call a tool.
  const tool_choice: Anthropic.ToolChoice = { type: model === "local" ? "auto" : "any" };

  it.each([false, true])("calls a tool and continues with its result (stream: %s)", async (stream) => {
    const ask = (
      params: Omit<Anthropic.MessageCreateParamsNonStreaming, "model">,
    ): Promise<Anthropic.Message> =>
      stream
        ? client.messages.stream({ ...params, model }).finalMessage()
        : client.messages.create({ ...params, model });
    const first = await ask({ ...base, tools, tool_choice });
    expect(first.stop_reason).toBe("tool_use");
    const call = first.content.find((block) => block.type === "tool_use");
    if (call?.type !== "tool_use") throw new Error("no tool call");
    expect(call.name).toBe("get_weather");
    expect(call.input).toMatchObject({ city: expect.any(String) });
    const second = await ask({
      ...base,
      tools,
      messages: [
        ...messages,
        { role: "assistant", content: first.content },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: call.id, content: [{ type: "text", text: "21 °C" }] },
          ],
        },
      ],
    });
    expect(second.stop_reason).toBe("end_turn");
    expect(second.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/./) });
  });

  it("takes an image", async () => {
    const answer = await client.messages.create({
      model,
      max_tokens: 50,
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data: PIXEL } },
            { type: "text", text: "What is this?" },
          ],
        },
      ],
    });
    expect(answer.content[0]?.type).toBe("text");
    if (model !== "demo") expect(lab.requests[0]?.rawBody.toString()).toContain(PIXEL);
  });

  it("counts tokens, tools among them", async () => {
    const plain = await client.messages.countTokens({ model, messages });
    expect(plain.input_tokens).toBeGreaterThan(5);
    expect(plain.input_tokens).toBeLessThan(30);
    const more = await client.messages.countTokens({ model, messages, tools, system: "Be brief." });
    expect(more.input_tokens).toBeGreaterThan(plain.input_tokens + 25);
  });
});

it("completes a loop of tools whose steps alternate between providers, with thinking in each", async () => {
  const order = ["alpha", "claude", "gemini", "claude", "local", "command", "alpha"];
  const toolCalls = [{ name: "get_weather", arguments: ['{"ci', 'ty":"Graz"}'] }];
  for (const name of new Set(order))
    lab.behave(`up-${name}`, healthy({ reasoning: [`${name} thinks.`], toolCalls }));
  const history: Anthropic.MessageParam[] = [...messages];
  for (const [at, model] of order.entries()) {
    const params = {
      model,
      max_tokens: 5000,
      messages: history,
      tools,
      thinking: { type: "enabled", budget_tokens: 1024 } as const,
    };
    const step =
      at % 2 === 0
        ? await client.messages.stream(params).finalMessage()
        : await client.messages.create(params);
    expect(step.stop_reason).toBe("tool_use");
    expect(step.content.at(-1)).toMatchObject({ type: "tool_use", input: { city: "Graz" } });
    expect(step.content[0]).toMatchObject({ type: "thinking", thinking: `${model} thinks.` });
    history.push({ role: "assistant", content: step.content });
    const results = step.content.flatMap((block) =>
      block.type === "tool_use"
        ? [{ type: "tool_result", tool_use_id: block.id, content: "21 °C" } as const]
        : [],
    );
    history.push({ role: "user", content: results });
  }
  lab.behave("up-alpha", healthy({ text: ["It is warm."] }));
  const last = await client.messages.create({ ...base, model: "alpha", messages: history, tools });
  expect(last.content).toMatchObject([{ type: "text", text: "It is warm." }]);
  // Anthropic's API accepts only its own thinking, signed.
  const [, atClaude] = lab.requests.filter(({ model }) => model === "up-claude");
  const sent = atClaude?.rawBody.toString() ?? "";
  expect(sent).toContain("claude thinks.");
  expect(sent).not.toContain("alpha thinks.");
  expect(sent).not.toContain("headgate.");
  expect(sent).toContain('"thinking":{"type":"disabled"}');
});

it("gets the reasoning of other wires' models as thinking", async () => {
  lab.behave("up-alpha", healthy({ reasoning: ["Let me ", "see."], text: ["Rain."] }));
  const thinking: Anthropic.ThinkingConfigParam = { type: "enabled", budget_tokens: 1024 };
  const whole = await client.messages.create({ ...base, max_tokens: 2000, model: "alpha", thinking });
  const stream = client.messages.stream({ ...base, max_tokens: 2000, model: "alpha", thinking });
  const streamed = await stream.finalMessage();
  for (const { content } of [whole, streamed]) {
    expect(content).toMatchObject([
      { type: "thinking", thinking: "Let me see.", signature: "" },
      { type: "text", text: "Rain." },
    ]);
  }
  const hidden = await client.messages.create({ ...base, model: "alpha", thinking: { type: "disabled" } });
  expect(hidden.content).toMatchObject([{ type: "text", text: "Rain." }]);
});

it("gets the right error class, and does not retry what the gateway has tried", async () => {
  const create = (model: string, more = {}) => client.messages.create({ ...base, model, ...more });
  const unknown = await create("nope").catch((error: unknown) => error);
  expect(unknown).toBeInstanceOf(NotFoundError);
  expect(unknown).toMatchObject({ type: "not_found_error", requestID: expect.stringMatching(/./) });
  const stranger = new Anthropic({ baseURL: gateway.url, apiKey: "wrong" });
  await expect(stranger.messages.create({ ...base, model: "alpha" })).rejects.toThrow(AuthenticationError);
  await expect(stranger.models.list()).rejects.toMatchObject({ type: "authentication_error" });
  await expect(create("alpha", { max_tokens: -1 })).rejects.toThrow(BadRequestError);
  lab.behave("up-beta", status(429, { retryAfterS: 20 }));
  const limited = await create("beta").catch((error: unknown) => error);
  expect(limited).toBeInstanceOf(RateLimitError);
  if (!(limited instanceof APIError)) throw limited;
  expect(limited.type).toBe("rate_limit_error");
  expect(Number(limited.headers?.get("retry-after"))).toBeGreaterThan(15);
  expect(Number(limited.headers?.get("retry-after-ms"))).toBeGreaterThan(15_000);
  lab.behave("up-local", status(500));
  await expect(create("local")).rejects.toThrow(InternalServerError);
  expect(lab.requests).toHaveLength(2);
});

it("throws on a stream that breaks instead of accepting it as whole", async () => {
  lab.behave("up-alpha", cleanTruncation({ after: 2 }));
  const broken = client.messages
    .stream({ ...base, model: "alpha" }, { headers: { "x-headgate-midstream": "error" } })
    .finalMessage();
  await expect(broken).rejects.toMatchObject({
    error: { type: "error", error: { type: "api_error", message: expect.stringContaining("broke off") } },
  });
});

it("falls back when the primary breaks, and the client sees no error", async () => {
  lab.behave("up-alpha", status(503));
  lab.behave("up-beta", healthy({ text: ["from ", "beta"] }));
  const stream = client.messages.stream({ ...base, model: "alpha" });
  expect(await stream.finalText()).toBe("from beta");
});

it("cancels the upstream call when it aborts", async () => {
  lab.behave("up-alpha", endless());
  const stream = client.messages.stream({ ...base, model: "alpha" });
  stream.on("text", () => stream.abort());
  await expect(stream.done()).rejects.toThrow();
  await lab.aborted("up-alpha");
});
