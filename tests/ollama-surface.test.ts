/** The `ollama` package, pointed at the gateway. */
import {
  answerJson,
  behaviour,
  cut,
  healthy,
  type Lab,
  stall,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { Ollama, type Tool } from "ollama";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;
let client: Ollama;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [
        { alias: "alpha", upstream: "up-alpha", chain: ["beta"], contextTokens: 8_000 },
        { alias: "blind", upstream: "up-blind", capabilities: [] },
        { alias: "vectors", upstream: "up-vectors", operation: "embedding" },
      ],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "beta", upstream: "up-beta" }] },
    {
      id: "near",
      adapter: "ollama",
      baseUrl: lab.url,
      keys: [],
      models: [
        { alias: "local", upstream: "up-local" },
        { alias: "local-vectors", upstream: "up-local-vectors", operation: "embedding" },
      ],
    },
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
  ]);
  client = new Ollama({ host: gateway.url, headers: { authorization: `Bearer ${CLIENT_KEY}` } });
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const messages = [{ role: "user", content: "What is the weather in Graz?" }];
const tools: Tool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "The weather of a city",
      parameters: {
        type: "object",
        properties: { city: { type: "string", description: "the city" } },
        required: ["city"],
      },
    },
  },
];
const post = (path: string, body: unknown) =>
  gateway.fetch(path, { method: "POST", body: JSON.stringify(body) });

describe("the first requests of clients", () => {
  it("lists models, gets one with its capabilities, and gets a version", async () => {
    expect((await client.list()).models.map((model) => model.name)).toEqual([
      "alpha",
      "beta",
      "blind",
      "demo",
      "local",
      "local-vectors",
      "vectors",
    ]);
    const shown = await client.show({ model: "alpha" });
    expect(shown.capabilities).toEqual(["completion", "tools", "vision", "thinking"]);
    expect(shown.model_info).toMatchObject({ "first.context_length": 8000 });
    expect((await client.ps()).models).toEqual([]);
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("requires the key, with an error in Ollama's envelope", async () => {
    const response = await fetch(`${gateway.url}/api/tags`);
    expect(response.status).toBe(401);
    expect(Object.keys((await response.json()) as object)).toEqual(["error"]);
  });
});

describe("where the operator allows programs on this machine to come without a key", () => {
  it("answers them on Ollama's routes alone, and no web page and no proxy", async () => {
    await using open = await startGateway(
      [{ id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] }],
      { options: { ollamaNoKey: "1" } },
    );
    const get = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(`${open.url}${path}`, { headers })).status;
    expect(await get("/api/tags")).toBe(200);
    expect(await get("/v1/models")).toBe(401);
    expect(await get("/admin/resources")).toBe(401);
    for (const [name, value] of [
      ["x-forwarded-for", "203.0.113.7"],
      ["origin", "https://page.example"],
    ] as const)
      expect(await get("/api/tags", { [name]: value })).toBe(401);
    const keyless = new Ollama({ host: open.url });
    expect((await keyless.chat({ model: "demo", messages })).message.content).not.toBe("");
  });
});

// The second's own wire passes through.
describe.each(["alpha", "local", "demo"])("with the model %s", (model) => {
  it("chats, whole and streamed, with the candidate in a header", async () => {
    const whole = await client.chat({ model, messages });
    expect(whole).toMatchObject({
      model,
      done: true,
      done_reason: "stop",
      message: { role: "assistant" },
    });
    expect(whole.message.content).not.toBe("");
    expect(whole.eval_count).toBeGreaterThan(0);
    let text = "";
    let last: { done: boolean; total_duration?: number; eval_duration?: number } = { done: false };
    let lines = 0;
    for await (const part of await client.chat({ model, messages, stream: true })) {
      expect(last.done).toBe(false);
      text += part.message.content;
      last = part;
      lines += 1;
    }
    expect(text).toBe(whole.message.content);
    expect(last).toMatchObject({ model, done: true, done_reason: "stop" });
    for (const one of [whole, last]) {
      expect(one.total_duration).toBeGreaterThan(0);
      // Clients divide the tokens by it.
      expect(one.eval_duration).toBeGreaterThan(0);
    }
    expect(lines).toBeGreaterThan(2);
  });

  it("generates", async () => {
    const answer = await client.generate({ model: `${model}:latest`, prompt: "Say hi", system: "Be brief." });
    expect(answer).toMatchObject({ model: `${model}:latest`, done: true });
    expect(answer.response).not.toBe("");
    let text = "";
    for await (const part of await client.generate({ model, prompt: "Say hi", stream: true })) {
      expect(part.model).toBe(model);
      text += part.response;
    }
    expect(text).not.toBe("");
  });

  it("is named by `name` too", async () => {
    for (const [path, body] of [
      ["/api/chat", { messages }],
      ["/api/generate", { prompt: "Say hi" }],
    ] as const) {
      const response = await post(path, { ...body, name: model, stream: false });
      expect(await response.json()).toMatchObject({ model, done: true });
    }
  });

  it("is loaded and unloaded by a request without a prompt, which reaches no model elsewhere", async () => {
    const before = lab.requests.length;
    for (const [keep, done_reason] of [
      [{}, "load"],
      [{ keep_alive: "5m" }, "load"],
      [{ keep_alive: 0 }, "unload"],
      [{ keep_alive: "0s" }, "unload"],
    ] as const) {
      const chat = await post("/api/chat", { model, messages: [], ...keep });
      expect(await chat.json()).toMatchObject({
        model,
        message: { role: "assistant", content: "" },
        done: true,
        done_reason,
      });
      const generate = await post("/api/generate", { model, ...keep });
      expect(await generate.json()).toMatchObject({ model, response: "", done: true, done_reason });
    }
    expect(lab.requests.length).toBe(before);
  });
});

it("passes a generate request whole to a server of its own wire", async () => {
  const body = { model: "local", prompt: "x", suffix: "y", raw: true, context: [1, 2], stream: false };
  const raw = JSON.stringify(body);
  const response = await gateway.fetch("/api/generate", { method: "POST", body: raw });
  expect(await response.json()).toMatchObject({ model: "local", done: true, load_duration: 1_000_000 });
  expect(lab.requests.at(-1)?.path).toBe("/api/generate");
  expect(lab.requests.at(-1)?.rawBody.toString()).toBe(raw.replace('"local"', '"up-local"'));
});

it("gives the calls of all turns ids of their own", async () => {
  const call = { function: { name: "get_weather", arguments: { city: "Graz" } } };
  const turn = [
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", tool_name: "get_weather", content: "fog" },
  ];
  await post("/api/chat", { model: "alpha", messages: [...messages, ...turn, ...turn], stream: false });
  const sent = lab.requests.at(-1)?.body as {
    messages: { tool_call_id?: string; tool_calls?: { id: string }[] }[];
  };
  const made = sent.messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id));
  expect(made).toHaveLength(2);
  expect(new Set(made).size).toBe(2);
  expect(sent.messages.flatMap(({ tool_call_id = [] }) => tool_call_id)).toEqual(made);
});

it("ignores a tool_choice, as Ollama does, and names what is lost elsewhere", async () => {
  const body = { messages, tools, tool_choice: "required", logprobs: true, top_logprobs: 2, stream: false };
  const far = await post("/api/chat", { ...body, model: "alpha" });
  expect(far.status).toBe(200);
  expect(far.headers.get("x-headgate-dropped-params")).toBe("logprobs,tool_choice,top_logprobs");
  expect(lab.requests.at(-1)?.body).not.toHaveProperty("tool_choice");
  const near = await post("/api/chat", { ...body, model: "local" });
  expect(near.status).toBe(200);
  // It gives log probabilities itself.
  expect(lab.requests.at(-1)?.body).toMatchObject({ logprobs: true, top_logprobs: 2 });
});

it("answers for a route that is not there in Ollama's envelope", async () => {
  const response = await post("/api/push", { model: "alpha" });
  expect(response.status).toBe(404);
  expect(Object.keys((await response.json()) as object)).toEqual(["error"]);
});

it("counts the vectors of an upstream, and their tokens", async () => {
  const embed = (input: readonly string[]) => post("/api/embed", { model: "local-vectors", input });
  const good = (await (await embed(["one", "two"])).json()) as { embeddings: unknown[] };
  expect(good.embeddings).toHaveLength(2);
  lab.behave(
    "up-local-vectors",
    behaviour("short", () => answerJson(200, { embeddings: [[1, 0]] })),
  );
  const short = await embed(["one", "two"]);
  expect(short.status).toBe(503);
  expect(((await short.json()) as { error: string }).error).toMatch(/1 embeddings for 2 inputs/);
});

it.each(["alpha", "demo"])("calls a tool of %s and continues with its result", async (model) => {
  const history = [...messages, { role: "user", content: "Call the tool get_weather." }];
  lab.behave(
    "up-alpha",
    healthy({ toolCalls: [{ name: "get_weather", arguments: ['{"ci', 'ty":"Graz"}'] }] }),
  );
  for (const stream of [false, true]) {
    const calls: { name: string; arguments: Record<string, unknown> }[] = [];
    let id: string | undefined;
    if (stream)
      for await (const part of await client.chat({ model, messages: history, tools, stream: true }))
        calls.push(...(part.message.tool_calls ?? []).map((call) => call.function));
    else {
      const answer = await client.chat({ model, messages: history, tools });
      calls.push(...(answer.message.tool_calls ?? []).map((call) => call.function));
      id =
        answer.message.tool_calls?.[0] === undefined ? undefined : answer.message.tool_calls[0].function.name;
    }
    expect(calls).toHaveLength(1);
    expect(calls[0]?.name).toBe("get_weather");
    expect(calls[0]?.arguments).toMatchObject({ city: expect.any(String) });
    if (!stream) expect(id).toBe("get_weather");
  }
  lab.behave("up-alpha", healthy({ text: ["It is ", "21 degrees."] }));
  const second = await client.chat({
    model,
    tools,
    messages: [
      ...history,
      {
        role: "assistant",
        content: "",
        tool_calls: [{ function: { name: "get_weather", arguments: { city: "Graz" } } }],
      },
      { role: "tool", tool_name: "get_weather", content: '{"celsius":21}' },
    ],
  });
  expect(second.message.content).not.toBe("");
  if (model === "alpha") {
    const sent = lab.requests.at(-1)?.body as {
      messages: { role: string; tool_call_id?: string; tool_calls?: { id: string }[] }[];
    };
    expect(sent.messages.at(-1)?.tool_call_id).toBe(sent.messages.at(-2)?.tool_calls?.[0]?.id);
  }
});

it("passes options, formats, images and thinking in the upstream's fields", async () => {
  await client.chat({
    model: "alpha",
    messages: [{ role: "user", content: "What is this?", images: ["iVBORw0KGgo="] }],
    format: { type: "object", properties: {} },
    think: "low",
    options: { temperature: 0.5, num_predict: 64, stop: ["END"], top_p: 0.9, seed: 3, num_ctx: 4096 },
  });
  expect(lab.requests[0]?.body).toMatchObject({
    temperature: 0.5,
    top_p: 0.9,
    seed: 3,
    max_tokens: 64,
    stop: ["END"],
    reasoning_effort: "low",
    response_format: { type: "json_schema" },
    messages: [
      {
        content: [
          { type: "text" },
          { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
        ],
      },
    ],
  });
});

it("separates thinking from the answer", async () => {
  lab.behave("up-alpha", healthy({ reasoning: ["hm, ", "well"], text: ["yes"] }));
  const whole = await client.chat({ model: "alpha", messages, think: true });
  expect(whole.message).toMatchObject({ thinking: "hm, well", content: "yes" });
  let thinking = "";
  for await (const part of await client.chat({ model: "alpha", messages, think: true, stream: true }))
    thinking += part.message.thinking ?? "";
  expect(thinking).toBe("hm, well");
});

it("passes byte for byte to an upstream of its own wire, with options of a local runner", async () => {
  const body = {
    messages,
    model: "local",
    options: { num_ctx: 8192, temperature: 0.5, num_gpu: 1 },
    keep_alive: "10m",
    future: { unknown: [1.0] },
  };
  const raw = JSON.stringify(body, null, 1).replace("0.5", "0.50");
  const response = await gateway.fetch("/api/chat", { method: "POST", body: raw });
  expect(response.headers.has("x-headgate-dropped-params")).toBe(false);
  const lines = (await response.text()).trimEnd().split("\n");
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ done: true, load_duration: expect.any(Number) });
  expect(lab.requests.at(-1)?.rawBody.toString()).toBe(raw.replace('"local"', '"up-local"'));
  const whole = await post("/api/chat", { ...body, stream: false });
  expect(await whole.json()).toMatchObject({ done: true, load_duration: expect.any(Number) });

  const elsewhere = await post("/api/chat", { ...body, model: "alpha", stream: false });
  expect(elsewhere.headers.get("x-headgate-dropped-params")).toBe(
    "keep_alive,options.num_ctx,options.num_gpu",
  );
  expect(lab.requests.at(-1)?.body).toMatchObject({ temperature: 0.5, future: { unknown: [1] } });
});

it("carries options of a local runner on its other routes too, and names those that are dropped", async () => {
  const tuned = { options: { num_ctx: 8192, temperature: 0.5 }, keep_alive: "10m" };
  const generated = { ...tuned, prompt: "Say hi", stream: false };
  const near = await post("/api/generate", { ...generated, model: "local" });
  // Nothing of a request that passes through is lost.
  expect(near.headers.has("x-headgate-dropped-params")).toBe(false);
  expect(lab.requests.at(-1)?.body).toMatchObject(tuned);
  const far = await post("/api/generate", { ...generated, model: "alpha" });
  expect(far.headers.get("x-headgate-dropped-params")).toBe("keep_alive,options.num_ctx");

  const embedded = { ...tuned, input: "hi", truncate: false };
  const nearVectors = await post("/api/embed", { ...embedded, model: "local-vectors" });
  expect(nearVectors.headers.get("x-headgate-dropped-params")).toBe("keep_alive");
  expect(lab.requests.at(-1)?.body).toMatchObject({ options: tuned.options, truncate: false });
  const farVectors = await post("/api/embed", { ...embedded, model: "vectors" });
  expect(farVectors.headers.get("x-headgate-dropped-params")).toBe("keep_alive,options,truncate");
});

it("cancels its upstream call when it aborts", async () => {
  lab.behave("up-alpha", stall());
  const stream = await client.chat({ model: "alpha", messages, stream: true });
  const read = async () => {
    for await (const _ of stream) client.abort();
  };
  await expect(read()).rejects.toThrow(/abort/i);
  expect(await lab.aborted("up-alpha")).toBeGreaterThan(0);
});

it("falls back unseen by the client, and ends a broken stream with an error line", async () => {
  lab.behave("up-alpha", status(503));
  lab.behave("up-beta", healthy({ text: ["from ", "beta"] }));
  expect((await client.chat({ model: "alpha", messages })).message.content).toBe("from beta");
  lab.behave("up-beta", cut({ after: 2 }));
  const read = async () => {
    for await (const _ of await client.chat({ model: "beta", messages, stream: true }));
  };
  await expect(read()).rejects.toThrow(/broke off in mid-stream/);
});

it.each([
  ["/api/chat", { model: "alpha", messages: "hi" }, 400, /`messages`/],
  ["/api/chat", { model: "vectors", messages: [] }, 400, /not for chat/],
  ["/api/generate", { model: "nope", keep_alive: 0 }, 404, /not found/],
  ["/api/chat", { model: "alpha", messages: [{ role: "king", content: "x" }] }, 400, /`role`/],
  ["/api/chat", { model: "alpha", messages: [{ role: "tool", content: "x" }] }, 400, /answers no call/],
  [
    "/api/chat",
    { model: "alpha", messages: [{ role: "user", content: "x", images: ["no base64!"] }] },
    400,
    /base64/,
  ],
  [
    "/api/chat",
    { model: "blind", messages: [{ role: "user", content: "x", images: ["AAAA"] }] },
    422,
    /lacks vision/,
  ],
  ["/api/chat", { model: "nope", messages }, 404, /does not exist/],
  ["/api/generate", { model: "alpha", prompt: "x", suffix: "y" }, 400, /`suffix`/],
  ["/api/generate", { prompt: "x" }, 400, /`model`/],
  ["/api/embed", { model: "alpha", input: "x" }, 400, /not for embedding/],
  ["/api/show", { model: "nope" }, 404, /does not exist/],
])("%s %j answers %i in Ollama's envelope", async (path, body, code, words) => {
  const response = await post(path, body);
  expect(response.status).toBe(code);
  expect(((await response.json()) as { error: string }).error).toMatch(words);
});
