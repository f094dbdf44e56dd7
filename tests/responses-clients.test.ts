/** Other clients of the Responses API: the AI SDK and LangChain. */
import { createOpenAI } from "@ai-sdk/openai";
import { cut, healthy, type Lab, silence, startLab, status } from "@headgate/upstream-lab";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

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
      models: [{ alias: "alpha", upstream: "up-alpha" }],
    },
    {
      id: "near",
      adapter: "ollama",
      baseUrl: lab.url,
      keys: [],
      models: [{ alias: "local", upstream: "up-local" }],
    },
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
  ]);
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const openai = () => createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY });
const paths = () => new Set(lab.requests.map(({ path }) => path));

describe("the AI SDK", () => {
  const tools = {
    get_weather: tool({
      description: "The weather of a city",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => `21 degrees in ${city}`,
    }),
  };
  const question = { prompt: "Please call the weather tool", tools, stopWhen: stepCountIs(3) };

  describe.each(["alpha", "local", "demo"])("with the model %s", (model) => {
    it("completes its loop of tools, each step built on stored items", async () => {
      const { steps, text, usage, warnings } = await generateText({ model: openai()(model), ...question });
      expect(steps).toHaveLength(2);
      expect(steps[0]?.toolCalls).toMatchObject([{ toolName: "get_weather" }]);
      expect(text).toMatch(/21 degrees in (lab|demo)/);
      expect(usage.totalTokens).toBeGreaterThan(0);
      expect(warnings ?? []).toEqual([]);
    });

    it("streams the same loop", async () => {
      const stream = streamText({ model: openai()(model), ...question });
      const types: string[] = [];
      for await (const part of stream.fullStream) types.push(part.type);
      expect(types).not.toContain("error");
      expect(types.filter((type) => type === "tool-call" || type === "tool-result")).toHaveLength(2);
      expect(await stream.text).toMatch(/21 degrees/);
    });
  });

  it("gets reasoning, and sends it back by reference in the next turn", async () => {
    lab.behave("up-alpha", healthy({ reasoning: ["Let me ", "see"], text: ["Yes"] }));
    const providerOptions = { openai: { forceReasoning: true, reasoningSummary: "auto" } };
    const first = await generateText({ model: openai()("alpha"), prompt: "One", providerOptions });
    expect(first.reasoningText).toBe("Let me see");
    await generateText({
      model: openai()("alpha"),
      providerOptions,
      messages: [
        { role: "user", content: "One" },
        ...first.response.messages,
        { role: "user", content: "Two" },
      ],
    });
    expect(lab.requests.at(-1)?.body).toMatchObject({
      messages: [
        { role: "user", content: "One" },
        { role: "assistant", content: "Yes" },
        { role: "user", content: "Two" },
      ],
    });
  });

  it("gets an error for a broken stream", async () => {
    lab.behave("up-alpha", cut({ after: 2 }));
    const errors: unknown[] = [];
    const stream = streamText({
      model: openai()("alpha"),
      prompt: "x",
      onError: ({ error }) => void errors.push(error),
    });
    const types: string[] = [];
    for await (const part of stream.fullStream) types.push(part.type);
    expect(types).toContain("error");
    expect(JSON.stringify(errors)).toContain("broke off in mid-stream");
  });

  it("cancels its upstream call when it aborts", async () => {
    lab.behave("up-alpha", silence());
    const abort = new AbortController();
    const call = generateText({ model: openai()("alpha"), prompt: "x", abortSignal: abort.signal });
    await lab.received("up-alpha");
    abort.abort();
    await expect(call).rejects.toThrow(/abort/i);
    expect(await lab.aborted("up-alpha")).toBeGreaterThan(0);
  });

  it("does not repeat a request that failed at every candidate", async () => {
    lab.behave("up-alpha", status(400, { message: "no" }));
    await expect(generateText({ model: openai()("alpha"), prompt: "x" })).rejects.toThrow(/no/);
    expect(lab.requests).toHaveLength(1);
  });
});

describe("LangChain", () => {
  const model = (fields = {}) =>
    new ChatOpenAI({
      model: "alpha",
      apiKey: CLIENT_KEY,
      configuration: { baseURL: `${gateway.url}/v1` },
      useResponsesApi: true,
      ...fields,
    });

  it("chats, streams and calls tools", async () => {
    const answer = await model().invoke("Hello");
    expect(answer.text).toContain("You said: Hello");
    expect(answer).toMatchObject({ usage_metadata: { total_tokens: expect.any(Number) } });
    let text = "";
    for await (const chunk of await model().stream("Hello")) text += chunk.text;
    expect(text).toBe(answer.text);
    const parameters = { type: "object", properties: { city: { type: "string" } } };
    const called = await model()
      .bindTools([{ type: "function", function: { name: "get_weather", parameters } }])
      .invoke("Weather?");
    expect(called.tool_calls).toMatchObject([{ name: "get_weather", args: { city: "lab" } }]);
    expect(paths()).toEqual(new Set(["/v1/chat/completions"]));
  });

  it("does not accept a cut stream as whole", async () => {
    lab.behave("up-alpha", cut({ after: 2 }));
    const read = async () => {
      for await (const _ of await model({ maxRetries: 0 }).stream("Hello"));
    };
    await expect(read()).rejects.toThrow(/broke off in mid-stream/);
  });
});
