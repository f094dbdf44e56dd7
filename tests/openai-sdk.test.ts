/** The official OpenAI SDK, pointed at the gateway. */
import { cleanTruncation, healthy, type Lab, startLab, status } from "@headgate/upstream-lab";
import OpenAI, { APIError, AuthenticationError, NotFoundError, RateLimitError } from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [{ alias: "alpha", upstream: "up-alpha", chain: ["beta"] }],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "beta", upstream: "up-beta" }] },
    {
      id: "near",
      adapter: "ollama",
      baseUrl: lab.url,
      keys: [],
      models: [{ alias: "local", upstream: "up-local", chain: ["beta"] }],
    },
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
  ]);
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY });
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: "user", content: "What is the weather in Graz?" },
];
const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  let text = "";
  let finish: string | null = null;
  let usage: OpenAI.CompletionUsage | null | undefined;
  const calls: { id: string; name: string; arguments: string }[] = [];
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    text += choice?.delta.content ?? "";
    finish = choice?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
    for (const piece of choice?.delta.tool_calls ?? []) {
      const call = calls[piece.index] ?? { id: "", name: "", arguments: "" };
      calls[piece.index] = call;
      call.id += piece.id ?? "";
      call.name += piece.function?.name ?? "";
      call.arguments += piece.function?.arguments ?? "";
    }
  }
  return { text, finish, usage, calls };
}

it("lists models and retrieves one", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  expect(ids).toEqual(["alpha", "beta", "demo", "local"]);
  expect((await client.models.retrieve("alpha")).owned_by).toBe("first");
});

// An upstream of the client's own wire, one of another wire, and a model inside the gateway.
describe.each(["alpha", "local", "demo"])("with the model %s", (model) => {
  it("chats", async () => {
    const answer = await client.chat.completions.create({ model, messages });
    expect(answer.object).toBe("chat.completion");
    expect(answer.choices[0]?.message.role).toBe("assistant");
    expect(answer.choices[0]?.message.content).not.toBe("");
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it("streams, with usage on request", async () => {
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const { text, finish, usage } = await collect(stream);
    expect(text).not.toBe("");
    expect(finish).toBe("stop");
    expect(usage?.completion_tokens).toBeGreaterThan(0);
  });

  it("calls a tool and continues with its result, whole", async () => {
    const first = await client.chat.completions.create({ model, messages, tools, tool_choice: "required" });
    const reply = first.choices[0]?.message;
    const [call] = reply?.tool_calls ?? [];
    if (reply === undefined || call?.type !== "function") throw new Error("no tool call");
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(call.function.name).toBe("get_weather");
    expect(JSON.parse(call.function.arguments)).toMatchObject({ city: expect.any(String) });
    const second = await client.chat.completions.create({
      model,
      tools,
      messages: [...messages, reply, { role: "tool", tool_call_id: call.id, content: '{"celsius":21}' }],
    });
    expect(second.choices[0]?.message.content).not.toBe("");
    expect(second.choices[0]?.finish_reason).toBe("stop");
  });

  it("calls a tool in a stream", async () => {
    const stream = await client.chat.completions.create({
      model,
      messages,
      tools,
      tool_choice: "required",
      stream: true,
    });
    const { calls, finish } = await collect(stream);
    expect(finish).toBe("tool_calls");
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ id: expect.stringMatching(/./), name: "get_weather" });
    expect(JSON.parse(calls[0]?.arguments ?? "")).toMatchObject({ city: expect.any(String) });
  });
});

it("falls back when the primary breaks, and the client sees no error", async () => {
  lab.behave("up-alpha", status(503));
  lab.behave("up-beta", healthy({ text: ["from ", "beta"] }));
  const { data, response } = await client.chat.completions
    .create({ model: "alpha", messages })
    .withResponse();
  expect(data.choices[0]?.message.content).toBe("from beta");
  expect(response.headers.get("x-routed-via")).toBe("second/up-beta");
  expect(
    (await collect(await client.chat.completions.create({ model: "alpha", messages, stream: true }))).text,
  ).toBe("from beta");
});

it("throws on a truncated stream instead of accepting it as whole", async () => {
  lab.behave("up-alpha", cleanTruncation({ after: 2 }));
  const stream = await client.chat.completions.create(
    { model: "alpha", messages, stream: true },
    { headers: { "x-headgate-midstream": "error" } },
  );
  await expect(collect(stream)).rejects.toThrow(APIError);
});

it("gets the right error class, and does not retry what the gateway has tried", async () => {
  await expect(client.chat.completions.create({ model: "nope", messages })).rejects.toThrow(NotFoundError);
  await expect(new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "wrong" }).models.list()).rejects.toThrow(
    AuthenticationError,
  );
  lab.behave("up-beta", status(429, { retryAfterS: 20 }));
  await expect(client.chat.completions.create({ model: "beta", messages })).rejects.toThrow(RateLimitError);
  expect(lab.requests).toHaveLength(1);
});

it("aborts a stream", async () => {
  const stream = await client.chat.completions.create({ model: "demo", messages, stream: true });
  for await (const _ of stream) {
    stream.controller.abort();
    break;
  }
  expect(stream.controller.signal.aborted).toBe(true);
});

it("completes a prompt on the older route", async () => {
  const answer = await client.completions.create({ model: "alpha", prompt: "Say hi" });
  expect(answer.object).toBe("text_completion");
  expect(answer.choices[0]?.text).not.toBe("");
});
