/** The vendors' own clients read a stream of two upstreams' parts as one answer. */
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { healthy, type Lab, startLab } from "@headgate/upstream-lab";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { BREAK, breaking } from "./support/faults.ts";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";
import { expectResponse } from "./support/responses-schema.ts";

const model = "alias";
const QUESTION = "What is the weather in Graz?";
const parameters = { type: "object" as const, properties: { city: { type: "string" } } };

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
      models: [{ alias: model, upstream: "one", chain: ["second"], policy: { midstream: "continue" } }],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "second", upstream: "two" }] },
  ]);
  lab.behave("one", breaking({ text: ["It rains ", "in ", BREAK] }));
  lab.behave("two", healthy({ text: ["in ", "Graz. 🌧"], tokens: { inputTokens: 50, outputTokens: 4 } }));
});
afterEach(async () => {
  await lab.idle();
  await gateway.close();
  lab.reset();
});

const openai = () => new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
const anthropic = () => new Anthropic({ baseURL: gateway.url, apiKey: CLIENT_KEY, maxRetries: 0 });
const TOOL_CALL = { toolCalls: [{ name: "get_weather", arguments: ['{"city":', '"Graz"}'] }] };

/** The first breaks in the middle of a call, the second completes it. */
function cutCall(): void {
  lab.behave("one", breaking({ toolCalls: [{ name: "get_weather", arguments: ['{"ci', BREAK] }] }));
  lab.behave("two", healthy(TOOL_CALL));
}

it("openai, chat completions", async () => {
  const stream = openai().chat.completions.stream({
    model,
    messages: [{ role: "user", content: QUESTION }],
    stream_options: { include_usage: true },
  });
  const { choices, usage } = await stream.finalChatCompletion();
  expect(choices).toHaveLength(1);
  expect(choices[0]).toMatchObject({
    finish_reason: "stop",
    message: { role: "assistant", content: "It rains in Graz. 🌧" },
  });
  expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
});

it("openai, chat completions, a tool call that was cut", async () => {
  cutCall();
  const stream = openai().chat.completions.stream({
    model,
    messages: [{ role: "user", content: QUESTION }],
    tools: [{ type: "function", function: { name: "get_weather", parameters } }],
  });
  const { choices } = await stream.finalChatCompletion();
  const [call, ...others] = choices[0]?.message.tool_calls ?? [];
  expect(others).toEqual([]);
  expect(call).toMatchObject({
    type: "function",
    function: { name: "get_weather", arguments: '{"city":"Graz"}' },
  });
  expect(choices[0]?.finish_reason).toBe("tool_calls");
});

it("openai, responses", async () => {
  const stream = openai().responses.stream({ model, input: QUESTION });
  const numbers: number[] = [];
  for await (const event of stream) numbers.push(event.sequence_number);
  const response = await stream.finalResponse();
  expect(numbers).toEqual(numbers.map((_, at) => at));
  expect(response.output).toHaveLength(1);
  expect(response.output_text).toBe("It rains in Graz. 🌧");
  const {
    output_text: _,
    output_parsed: __,
    ...plain
  } = response as typeof response & { output_parsed?: unknown };
  expectResponse(JSON.parse(JSON.stringify(plain, (name, value) => (name === "parsed" ? undefined : value))));
});

it("anthropic, messages", async () => {
  const message = await anthropic()
    .messages.stream({ model, max_tokens: 500, messages: [{ role: "user", content: QUESTION }] })
    .finalMessage();
  expect(message.content).toMatchObject([{ type: "text", text: "It rains in Graz. 🌧" }]);
  expect(message.stop_reason).toBe("end_turn");
  expect(message.usage.output_tokens).toBeGreaterThan(4);
});

it("anthropic, messages, a tool call that was cut", async () => {
  cutCall();
  const message = await anthropic()
    .messages.stream({
      model,
      max_tokens: 500,
      messages: [{ role: "user", content: QUESTION }],
      tools: [{ name: "get_weather", input_schema: parameters }],
    })
    .finalMessage();
  expect(message.content).toMatchObject([{ type: "tool_use", name: "get_weather", input: { city: "Graz" } }]);
  expect(message.stop_reason).toBe("tool_use");
});

it("google, generateContentStream", async () => {
  const google = new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions: { baseUrl: gateway.url } });
  let text = "";
  for await (const chunk of await google.models.generateContentStream({ model, contents: QUESTION }))
    text += chunk.text ?? "";
  expect(text).toBe("It rains in Graz. 🌧");
});
