/** The official OpenAI SDK, pointed at the gateway, in front of an upstream of Cohere's own wire. */
import {
  cleanTruncation,
  cohereFailed,
  cohereTrialCap,
  healthy,
  type Lab,
  oneByteAtATime,
  stall,
  startLab,
  status,
} from "@headgate/upstream-lab";
import OpenAI, { APIError, BadRequestError, RateLimitError } from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway, UPSTREAM_KEY } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;
let client: OpenAI;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  const baseUrl = `${lab.url}/v2`;
  gateway = await startGateway([
    {
      id: "cohere",
      adapter: "cohere",
      baseUrl,
      dialect: { drop: ["parallel_tool_calls"] },
      models: [{ alias: "command", upstream: "up-command", chain: ["spare"] }, { alias: "alone" }],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "spare", upstream: "up-spare" }] },
  ]);
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const model = "command";
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Hello there" }];
const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: {
        type: "object",
        properties: { city: { type: "string" } },
        required: ["city"],
        additionalProperties: false,
      },
    },
  },
];

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  let text = "";
  let reasoning = "";
  let finish: string | null = null;
  let usage: OpenAI.CompletionUsage | null | undefined;
  const args: string[] = [];
  const names: string[] = [];
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    const delta = choice?.delta as { content?: string; reasoning_content?: string } | undefined;
    text += delta?.content ?? "";
    reasoning += delta?.reasoning_content ?? "";
    finish = choice?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
    for (const call of choice?.delta.tool_calls ?? []) {
      if (call.function?.name !== undefined) names.push(call.function.name);
      if (call.function?.arguments) args.push(call.function.arguments);
    }
  }
  return { text, reasoning, finish, usage, args, names };
}

const sentTo = (upstream: string): Record<string, unknown> => {
  const sent = lab.requests.findLast((request) => request.model === upstream);
  if (sent === undefined) throw new Error(`nothing was sent to ${upstream}`);
  return JSON.parse(sent.rawBody.toString("utf8")) as Record<string, unknown>;
};

describe("chat", () => {
  it("answers whole, with thinking and usage, and sends the key as a bearer token", async () => {
    lab.behave("up-command", healthy({ reasoning: ["Be", " kind."], text: ["Hi", " there"] }));
    const answer = await client.chat.completions.create({ model, messages, top_p: 1, stop: ["END"] });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { role: "assistant", content: "Hi there", reasoning_content: "Be kind." },
    });
    expect(answer.usage?.completion_tokens).toBe(4);
    expect(sentTo("up-command")).toEqual({
      model: "up-command",
      messages: [{ role: "user", content: "Hello there" }],
      stream: false,
      p: 0.99,
      stop_sequences: ["END"],
    });
    expect(lab.requests[0]).toMatchObject({
      path: "/v2/chat",
      headers: { authorization: `Bearer ${UPSTREAM_KEY}-COHERE_API_KEY` },
    });
  });

  it("streams text and thinking, with usage on request, however the bytes are split", async () => {
    lab.behave(
      "up-command",
      oneByteAtATime(healthy({ reasoning: ["Be", " kind."], text: ["Grüß", " dich 🦆"] })),
    );
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(await collect(stream)).toMatchObject({
      text: "Grüß dich 🦆",
      reasoning: "Be kind.",
      finish: "stop",
      usage: { completion_tokens: 4 },
    });
  });

  it("passes images on by URL and as data", async () => {
    const answer = await client.chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw==" } },
            { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
          ],
        },
      ],
    });
    expect(answer.choices[0]?.message.content).toContain("image/png of 4 bytes, https://example.com/a.png");
  });

  it("gets JSON that fits a schema", async () => {
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    const answer = await client.chat.completions.create({
      model,
      messages,
      response_format: { type: "json_schema", json_schema: { name: "s", schema } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ ok: true });
  });

  it("cancels the upstream call when the client disconnects", async () => {
    lab.behave("up-command", stall({ after: 1 }));
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    const reading = collect(stream);
    stream.controller.abort();
    expect(await lab.aborted("up-command")).toBeGreaterThan(0);
    expect((await reading).finish).toBeNull();
  });
});

describe("tools", () => {
  it("are called and answered over several turns, whole", async () => {
    lab.behave("up-command", healthy({ reasoning: ["I will look."] }));
    const { data: first, response } = await client.chat.completions
      .create({ model, messages, tools, tool_choice: "required", parallel_tool_calls: false })
      .withResponse();
    const reply = first.choices[0]?.message;
    const [call] = reply?.tool_calls ?? [];
    if (reply === undefined || call?.type !== "function") throw new Error("no tool call");
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(reply).toMatchObject({ reasoning_content: "I will look." });
    expect(call).toMatchObject({
      id: expect.stringMatching(/^get_weather_lab_/),
      function: { name: "get_weather", arguments: '{"city":"lab"}' },
    });
    expect(response.headers.get("x-headgate-dropped-params")).toBe("parallel_tool_calls");
    expect(sentTo("up-command")).toMatchObject({ tool_choice: "REQUIRED" });
    const second = await client.chat.completions.create({
      model,
      tools,
      messages: [...messages, reply, { role: "tool", tool_call_id: call.id, content: "21 °C" }],
    });
    expect(second.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { content: expect.stringContaining("21 °C") },
    });
    expect(sentTo("up-command").messages).toMatchObject([
      { role: "user" },
      { role: "assistant", tool_calls: [{ id: call.id }] },
      { role: "tool", tool_call_id: call.id, content: "21 °C" },
    ]);
  });

  it("are called in a stream, their arguments in pieces as they come", async () => {
    const stream = await client.chat.completions.create({ model, messages, tools, stream: true });
    const { names, args, finish } = await collect(stream);
    expect(names).toEqual(["get_weather"]);
    expect(args).toHaveLength(2);
    expect(args.join("")).toBe('{"city":"lab"}');
    expect(finish).toBe("tool_calls");
  });

  it("can be narrowed to one, which must then be called", async () => {
    const other = { type: "function", function: { name: "other" } } as const;
    const answer = await client.chat.completions.create({
      model,
      messages,
      tools: [other, ...tools],
      tool_choice: { type: "function", function: { name: "get_weather" } },
    });
    expect(answer.choices[0]?.message.tool_calls).toMatchObject([{ function: { name: "get_weather" } }]);
  });
});

describe("errors", () => {
  it.each([
    ["a limit of the trial key", cohereTrialCap()],
    ["a spent month", cohereTrialCap({ window: "month" })],
    ["a bad key", status(401, { message: "invalid api token" })],
    ["a missing model", status(404, { message: "model 'up-command' not found" })],
    ["a server error", status(500, { message: "internal server error" })],
    ["a stream that fails before it says anything", cohereFailed({ after: 0 })],
    ["a stream that ends before it says anything", cleanTruncation({ after: 0 })],
  ])("moves on from %s, unseen by the client", async (_, behaviour) => {
    lab.behave("up-command", behaviour);
    lab.behave("up-spare", healthy({ text: ["from ", "the spare"] }));
    const { data, response } = await client.chat.completions
      .create({ model, messages, stream: true })
      .withResponse();
    expect((await collect(data)).text).toBe("from the spare");
    expect(response.headers.get("x-routed-via")).toBe("second/up-spare");
  });

  it("has the right class when no other candidate is left", async () => {
    lab.behave("alone", cohereTrialCap());
    await expect(client.chat.completions.create({ model: "alone", messages })).rejects.toThrow(
      RateLimitError,
    );
    await gateway.swap([
      { id: "cohere", adapter: "cohere", baseUrl: `${lab.url}/v2`, models: [{ alias: "fresh" }] },
    ]);
    lab.behave("fresh", status(400, { message: "invalid request: stop_sequences is too long" }));
    await expect(client.chat.completions.create({ model: "fresh", messages })).rejects.toThrow(
      BadRequestError,
    );
    await expect(client.chat.completions.create({ model: "fresh", messages, n: 2 })).rejects.toMatchObject({
      status: 400,
      param: "n",
    });
  });

  it.each([
    ["cut", cleanTruncation({ after: 2 })],
    ["failed", cohereFailed({ after: 2 })],
  ])("throws on a stream that was %s instead of accepting it as whole", async (_, behaviour) => {
    lab.behave("up-command", behaviour);
    const stream = await client.chat.completions.create(
      { model, messages, stream: true },
      { headers: { "x-headgate-midstream": "error" } },
    );
    await expect(collect(stream)).rejects.toThrow(APIError);
  });
});
