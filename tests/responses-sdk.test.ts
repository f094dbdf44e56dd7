/** The Responses API with the official OpenAI SDK. */
import { cut, type Lab, silence, stall, startLab, status } from "@headgate/upstream-lab";
import OpenAI, { APIError, BadRequestError, NotFoundError } from "openai";
import type { Response, ResponseInput, ResponseStreamEvent } from "openai/resources/responses/responses";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";
import { expectResponse } from "./support/responses-schema.ts";

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
      models: [{ alias: "local", upstream: "up-local" }],
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

const tools: OpenAI.Responses.FunctionTool[] = [
  {
    type: "function",
    name: "get_weather",
    description: "The weather of a city",
    strict: false,
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
];
const question = "Please call the weather tool for Graz";

function callOf(response: Response) {
  const call = response.output.find((item) => item.type === "function_call");
  if (call === undefined) throw new Error("no function call");
  return call;
}

// `output_text` is the SDK's own addition.
const plain = ({ output_text: _, ...response }: Response) => response;

describe.each(["alpha", "local", "demo"])("with the model %s", (model) => {
  it("answers with a complete Response object", async () => {
    const response = await client.responses.create({ model, input: "Hello", metadata: { run: "7" } });
    expectResponse(plain(response));
    expect(response.status).toBe("completed");
    expect(response.output_text).not.toBe("");
    expect(response.metadata).toEqual({ run: "7" });
    expect(response.usage?.total_tokens).toBeGreaterThan(0);
  });

  it("streams the same content as a whole answer", async () => {
    const stream = client.responses.stream({ model, input: "Hello" });
    let text = "";
    stream.on("response.output_text.delta", ({ delta }) => {
      text += delta;
    });
    const response = await stream.finalResponse();
    expect(text).not.toBe("");
    expect(response.output_text).toBe(text);
    expect(response.usage?.output_tokens).toBeGreaterThan(0);
  });

  it("completes a loop of tool calls by previous_response_id", async () => {
    const first = await client.responses.create({ model, input: question, tools });
    const call = callOf(first);
    expect(call.name).toBe("get_weather");
    expect(JSON.parse(call.arguments)).toMatchObject({ city: expect.any(String) });
    const second = await client.responses.create({
      model,
      tools,
      previous_response_id: first.id,
      input: [{ type: "function_call_output", call_id: call.call_id, output: '{"celsius":21}' }],
    });
    expect(second.previous_response_id).toBe(first.id);
    expect(second.output_text).not.toBe("");
    const third = await client.responses.create({ model, previous_response_id: second.id, input: "Thanks" });
    expect(third.output_text).toContain("Thanks");
  });

  it("completes a loop of streamed tool calls with the whole input, nothing stored", async () => {
    const input: ResponseInput = [{ role: "user", content: question }];
    const first = await client.responses.stream({ model, input, tools, store: false }).finalResponse();
    const call = callOf(first);
    const second = await client.responses.create({
      model,
      tools,
      store: false,
      input: [
        ...input,
        ...first.output,
        { type: "function_call_output", call_id: call.call_id, output: "21 degrees" },
      ] as ResponseInput,
    });
    expect(second.output_text).not.toBe("");
    expect(second.output.some((item) => item.type === "function_call")).toBe(false);
    await expect(client.responses.retrieve(first.id)).rejects.toThrow(NotFoundError);
  });
});

it("continues a conversation after a change of provider in a tool loop", async () => {
  const first = await client.responses.create({ model: "alpha", input: question, tools });
  lab.behave("up-alpha", status(503));
  const second = await client.responses.create({
    model: "alpha",
    tools,
    previous_response_id: first.id,
    input: [{ type: "function_call_output", call_id: callOf(first).call_id, output: "sunny" }],
  });
  expect(second.model).toBe("up-beta");
  const local = await client.responses.create({
    model: "local",
    previous_response_id: second.id,
    input: "And now?",
  });
  expect(local.output_text).toContain("And now?");
  const sent = lab.requests.at(-1)?.body as { messages: { role: string; content: string }[] };
  expect(sent.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  expect(sent.messages[2]?.content).toBe("sunny");
});

it("sends instructions of this turn only, before the conversation", async () => {
  const first = await client.responses.create({ model: "alpha", input: "One", instructions: "Be brief." });
  await client.responses.create({
    model: "alpha",
    previous_response_id: first.id,
    instructions: "Be long.",
    input: [
      { role: "developer", content: "Speak German." },
      { role: "user", content: "Two" },
    ],
  });
  const sent = lab.requests.at(-1)?.body as { messages: { role: string; content: string }[] };
  expect(sent.messages.map(({ role, content }) => `${role}: ${content}`)).toEqual([
    "system: Be long.",
    "user: One",
    expect.stringMatching(/^assistant: Hello from up-alpha/),
    "system: Speak German.",
    "user: Two",
  ]);
});

it("requests structured output and parses it", async () => {
  const response = await client.responses.create({
    model: "alpha",
    input: "Where?",
    text: {
      format: {
        type: "json_schema",
        name: "place",
        strict: true,
        schema: {
          type: "object",
          properties: { city: { type: "string" } },
          required: ["city"],
          additionalProperties: false,
        },
      },
    },
  });
  expect(JSON.parse(response.output_text)).toEqual({ city: "lab" });
  expect(lab.requests[0]?.body).toMatchObject({
    response_format: { type: "json_schema", json_schema: { name: "place", strict: true } },
  });
});

it("sends images, and only to models with vision", async () => {
  const response = await client.responses.create({
    model: "alpha",
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" },
        ],
      },
    ],
  });
  expect(response.output_text).toContain("image/png of 8 bytes");
});

describe("a stored response", () => {
  it("is read, and its input is listed in pages", async () => {
    const first = await client.responses.create({ model: "alpha", input: "One" });
    const second = await client.responses.create({
      model: "alpha",
      previous_response_id: first.id,
      input: [
        { role: "user", content: "Two" },
        { role: "user", content: "Three" },
      ],
    });
    expect(await client.responses.retrieve(second.id)).toEqual(second);
    const texts: string[] = [];
    for await (const item of client.responses.inputItems.list(second.id, { limit: 2, order: "asc" })) {
      if (item.type !== "message") throw new Error(item.type);
      const [part] = item.content;
      if (part !== undefined && "text" in part) texts.push(part.text);
    }
    expect(texts).toEqual(["One", first.output_text, "Two", "Three"]);
    const newest = await client.responses.inputItems.list(second.id, { limit: 1 });
    expect(newest.data).toMatchObject([{ content: [{ text: "Three" }] }]);
    expect(newest.has_more).toBe(true);
  });

  it("is found by references to its items", async () => {
    const first = await client.responses.create({ model: "alpha", input: question, tools });
    const call = callOf(first);
    await client.responses.create({
      model: "alpha",
      tools,
      input: [
        { role: "user", content: question },
        { type: "item_reference", id: call.id ?? "" },
        { type: "function_call_output", call_id: call.call_id, output: "fog" },
      ],
    });
    const sent = lab.requests.at(-1)?.body as { messages: object[] };
    expect(sent.messages[1]).toMatchObject({ tool_calls: [{ id: call.call_id }] });
    await expect(
      client.responses.create({ model: "alpha", input: [{ type: "item_reference", id: "msg_nope" }] }),
    ).rejects.toMatchObject({ status: 400, param: "input[0].id" });
  });

  it("is deleted, and then unknown", async () => {
    const { id } = await client.responses.create({ model: "alpha", input: "One" });
    await client.responses.delete(id);
    await expect(client.responses.retrieve(id)).rejects.toThrow(NotFoundError);
    await expect(client.responses.delete(id)).rejects.toThrow(NotFoundError);
    await expect(client.responses.inputItems.list(id)).rejects.toThrow(NotFoundError);
    await expect(client.responses.cancel(id)).rejects.toThrow(NotFoundError);
    await expect(
      client.responses.create({ model: "alpha", previous_response_id: id, input: "Two" }),
    ).rejects.toMatchObject({
      status: 400,
      code: "previous_response_not_found",
      param: "previous_response_id",
    });
  });

  it("cannot be cancelled, since it is complete", async () => {
    const { id } = await client.responses.create({ model: "alpha", input: "One" });
    await expect(client.responses.cancel(id)).rejects.toThrow(BadRequestError);
  });

  it("expires a day after it was last read", async () => {
    const { id } = await client.responses.create({ model: "alpha", input: "One" });
    const dayMs = 24 * 60 * 60 * 1_000;
    gateway.clock.nowMs += dayMs - 1;
    expect((await client.responses.retrieve(id)).id).toBe(id);
    gateway.clock.nowMs += dayMs - 1;
    expect((await client.responses.retrieve(id)).id).toBe(id);
    gateway.clock.nowMs += dayMs;
    await expect(client.responses.retrieve(id)).rejects.toThrow(NotFoundError);
  });
});

describe("counting input tokens", () => {
  const count = async (body: Parameters<typeof client.responses.inputTokens.count>[0]): Promise<number> =>
    (await client.responses.inputTokens.count({ model: "alpha", ...body })).input_tokens;

  it("counts text, instructions, tools, images and earlier turns", async () => {
    const bare = await count({ input: "tell me a joke" });
    expect(bare).toBe(8);
    expect(await count({ input: "tell me a joke", instructions: "Be brief." })).toBe(bare + 7);
    expect(await count({ input: "tell me a joke", tools })).toBeGreaterThan(bare + 20);
    const image = { type: "input_image", detail: "low", image_url: "https://example.com/a.png" } as const;
    expect(await count({ input: [{ role: "user", content: [image] }] })).toBe(4 + 85);
    const { id } = await client.responses.create({ model: "alpha", input: "tell me a joke" });
    expect(await count({ input: "another", previous_response_id: id })).toBeGreaterThan(bare + 10);
  });

  it("calls no upstream, and refuses a request that could not be sent", async () => {
    await expect(count({ input: [{ type: "item_reference", id: "x" }] })).rejects.toThrow(BadRequestError);
    await expect(count({ model: "nope", input: "x" })).rejects.toThrow(NotFoundError);
    expect(lab.requests).toHaveLength(0);
  });
});

describe("errors", () => {
  it("are the SDK's classes, with the gateway's messages", async () => {
    await expect(client.responses.create({ model: "nope", input: "x" })).rejects.toThrow(NotFoundError);
    lab.behave("up-beta", status(400, { message: "no such thing" }));
    await expect(client.responses.create({ model: "beta", input: "x" })).rejects.toThrow(BadRequestError);
  });

  it("in mid-stream throw, and nothing is stored", async () => {
    lab.behave("up-alpha", cut({ after: 2 }));
    const stream = await client.responses.create(
      { model: "alpha", input: "x", stream: true },
      { headers: { "x-headgate-midstream": "error" } },
    );
    let id = "";
    const read = async () => {
      for await (const event of stream) if (event.type === "response.created") id = event.response.id;
    };
    await expect(read()).rejects.toThrow(APIError);
    await expect(client.responses.retrieve(id)).rejects.toThrow(NotFoundError);
  });
});

it("cancels the upstream call when the client aborts", async () => {
  lab.behave("up-alpha", silence({ gate: lab.gate() }));
  const controller = new AbortController();
  const waiting = client.responses.create(
    { model: "alpha", input: "x" },
    { signal: controller.signal, maxRetries: 0 },
  );
  const refused = expect(waiting).rejects.toThrow();
  await lab.received("up-alpha");
  controller.abort();
  await refused;
  await lab.aborted("up-alpha");
});

it("cancels the upstream call when the client leaves a stream", async () => {
  lab.behave("up-alpha", stall({ after: 2, gate: lab.gate() }));
  const stream = await client.responses.create({ model: "alpha", input: "x", stream: true });
  const seen: ResponseStreamEvent["type"][] = [];
  for await (const event of stream) {
    seen.push(event.type);
    if (event.type === "response.output_text.delta") break;
  }
  expect(seen.at(-1)).toBe("response.output_text.delta");
  await lab.aborted("up-alpha");
});
