/** Clients that use chat completions or Messages through a library: the AI SDK and LangChain. */
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { cut, healthy, type Lab, silence, startLab, status } from "@headgate/upstream-lab";
import { tool as langchainTool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embedMany, generateText, type LanguageModel, stepCountIs, streamText, tool } from "ai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

// It warns about every unknown model.
globalThis.AI_SDK_LOG_WARNINGS = false;

let lab: Lab;
let gateway: TestGateway;

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
        { alias: "alpha", upstream: "up-alpha", chain: ["claude"] },
        { alias: "vectors", upstream: "up-vectors", operation: "embedding" },
      ],
    },
    {
      id: "second",
      adapter: "anthropic",
      baseUrl: lab.url,
      auth: { scheme: "header", header: "x-api-key" },
      models: [{ alias: "claude", upstream: "up-claude", chain: ["alpha"] }],
    },
    {
      id: "near",
      adapter: "ollama",
      baseUrl: lab.url,
      keys: [],
      models: [{ alias: "local", upstream: "up-local" }],
    },
  ]);
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const base = () => `${gateway.url}/v1`;
const makers: Readonly<Record<string, (model: string) => LanguageModel>> = {
  "@ai-sdk/openai (chat)": (model) => createOpenAI({ baseURL: base(), apiKey: CLIENT_KEY }).chat(model),
  "@ai-sdk/openai-compatible": (model) =>
    createOpenAICompatible({ name: "headgate", baseURL: base(), apiKey: CLIENT_KEY, includeUsage: true })(
      model,
    ),
  "@ai-sdk/anthropic": (model) => createAnthropic({ baseURL: base(), apiKey: CLIENT_KEY })(model),
};

const tools = {
  get_weather: tool({
    description: "The weather of a city",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `21 degrees in ${city}`,
  }),
};
const question = { prompt: "Please call the weather tool", tools, stopWhen: stepCountIs(3) };

describe.each(Object.keys(makers))("%s", (name) => {
  const model = (alias: string): LanguageModel => {
    const make = makers[name];
    if (make === undefined) throw new Error(name);
    return make(alias);
  };

  it.each(["alpha", "claude", "local"])(
    "completes its loop of tools with %s, whole and streamed",
    async (alias) => {
      const whole = await generateText({ model: model(alias), ...question });
      expect(whole.steps).toHaveLength(2);
      expect(whole.steps[0]?.toolCalls).toMatchObject([{ toolName: "get_weather" }]);
      expect(whole.text).toMatch(/21 degrees in lab/);
      expect(whole.usage.totalTokens).toBeGreaterThan(0);
      const stream = streamText({ model: model(alias), ...question });
      const types: string[] = [];
      for await (const part of stream.fullStream) types.push(part.type);
      expect(types).not.toContain("error");
      expect(types.filter((type) => type === "tool-call" || type === "tool-result")).toHaveLength(2);
      expect(await stream.text).toMatch(/21 degrees in lab/);
      expect((await stream.usage).totalTokens).toBeGreaterThan(0);
    },
  );

  it("finishes a loop whose provider changes in the middle", async () => {
    lab.script("up-alpha", [healthy(), status(503)]);
    const { steps, text } = await generateText({ model: model("alpha"), ...question });
    expect(steps).toHaveLength(2);
    expect(text).toMatch(/21 degrees in lab/);
    expect(lab.requests.map((request) => request.model)).toEqual(["up-alpha", "up-alpha", "up-claude"]);
  });

  it("gets reasoning", async () => {
    lab.behave("up-alpha", healthy({ reasoning: ["Let me ", "see"], text: ["Yes"] }));
    lab.behave("up-claude", healthy({ reasoning: ["Let me ", "see"], text: ["Yes"] }));
    // OpenAI's own chat completions never contain reasoning, so its provider reads none.
    const shown = name === "@ai-sdk/openai (chat)" ? undefined : "Let me see";
    expect((await generateText({ model: model("alpha"), prompt: "x" })).reasoningText).toBe(shown);
    const stream = streamText({ model: model("claude"), prompt: "x" });
    expect(await stream.text).toBe("Yes");
    expect(await stream.reasoningText).toBe(shown);
  });

  it("sends an image", async () => {
    const image =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    await generateText({
      model: model("alpha"),
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "file", data: image, mediaType: "image/png" },
          ],
        },
      ],
    });
    expect(lab.requests[0]?.rawBody.toString()).toContain(image);
  });

  it("gets an error for a broken stream, and distinct error classes", async () => {
    lab.behave("up-local", cut({ after: 2 }));
    const errors: unknown[] = [];
    const stream = streamText({
      model: model("local"),
      prompt: "x",
      onError: ({ error }) => void errors.push(error),
    });
    const types: string[] = [];
    for await (const part of stream.fullStream) types.push(part.type);
    expect(types).toContain("error");
    expect(String(JSON.stringify(errors)) + String(errors)).toContain("broke off in mid-stream");
    await expect(generateText({ model: model("nope"), prompt: "x", maxRetries: 0 })).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it("cancels its upstream call when it aborts", async () => {
    lab.behave("up-local", silence());
    const abort = new AbortController();
    const call = generateText({ model: model("local"), prompt: "x", abortSignal: abort.signal });
    await lab.received("up-local");
    abort.abort();
    await expect(call).rejects.toThrow();
    await lab.aborted("up-local");
  });
});

describe("LangChain", () => {
  const chat = (model: string, fields = {}): ChatOpenAI =>
    new ChatOpenAI({
      model,
      apiKey: CLIENT_KEY,
      configuration: { baseURL: base() },
      maxRetries: 0,
      useResponsesApi: false,
      ...fields,
    });
  const weather = langchainTool(async ({ city }: { city: string }) => `21 degrees in ${city}`, {
    name: "get_weather",
    description: "The weather of a city",
    schema: z.object({ city: z.string() }),
  });

  it.each(["alpha", "claude", "local"])("chats, streams and calls tools with %s", async (model) => {
    expect((await chat(model).invoke("Hello")).text).not.toBe("");
    let text = "";
    for await (const chunk of await chat(model).stream("Hello")) text += chunk.text;
    expect(text).not.toBe("");
    const first = await chat(model).bindTools([weather]).invoke("Please call the weather tool");
    const [call] = first.tool_calls ?? [];
    if (call === undefined) throw new Error("no call");
    const result = await weather.invoke(call);
    const last = await chat(model)
      .bindTools([weather])
      .invoke([{ role: "user", content: "Please call the weather tool" }, first, result]);
    expect(last.text).toMatch(/21 degrees in lab/);
  });

  it("embeds", async () => {
    const embeddings = new OpenAIEmbeddings({
      model: "vectors",
      apiKey: CLIENT_KEY,
      configuration: { baseURL: base() },
      maxRetries: 0,
    });
    const vectors = await embeddings.embedDocuments(["one", "two"]);
    expect(vectors).toHaveLength(2);
    expect(vectors[0]?.length).toBeGreaterThan(1);
  });

  it("cancels its upstream call when it aborts", async () => {
    lab.behave("up-local", silence());
    const abort = new AbortController();
    const call = chat("local").invoke("x", { signal: abort.signal });
    await lab.received("up-local");
    abort.abort();
    await expect(call).rejects.toThrow(/abort/i);
    expect(await lab.aborted("up-local")).toBeGreaterThan(0);
  });

  it("gets errors for a wrong key and an unknown model", async () => {
    await expect(chat("local", { apiKey: "wrong" }).invoke("x")).rejects.toMatchObject({ status: 401 });
    await expect(chat("nope").invoke("x")).rejects.toMatchObject({ status: 404 });
  });

  it("gets a truncated stream as an error, not as a short answer", async () => {
    lab.behave("up-local", cut({ after: 2 }));
    const read = async (): Promise<void> => {
      for await (const _ of await chat("local").stream("x"));
    };
    await expect(read()).rejects.toThrow(/broke off in mid-stream/);
  });
});

it("the AI SDK embeds many texts at once", async () => {
  const { embeddings } = await embedMany({
    model: createOpenAI({ baseURL: base(), apiKey: CLIENT_KEY }).embeddingModel("vectors"),
    values: ["one", "two", "three"],
  });
  expect(embeddings).toHaveLength(3);
});
