/**
 * Real clients in a loop of tools whose provider changes at every step, among the strict twins of Groq, Mistral, DeepSeek,
 * Gemini, Claude, a Qwen model behind vLLM and OpenRouter; whole and streamed.
 */

import { createAnthropic } from "@ai-sdk/anthropic";
import Anthropic from "@anthropic-ai/sdk";
import { type Content, GoogleGenAI, type Part } from "@google/genai";
import {
  type AIMessage,
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import * as ai7 from "ai";
import { type Message, Ollama } from "ollama";
import OpenAI from "openai";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import type { ResponseInput } from "openai/resources/responses/responses";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Bench, startBench } from "./conversations/bench.ts";
import { CLIENT_KEY } from "./support/gateway.ts";

// It warns about every unknown model.
globalThis.AI_SDK_LOG_WARNINGS = false;

const HOPS = [
  "groq-openai-gpt-oss-120b",
  "mistral-mistral-small-2603",
  "deepseek-deepseek-reasoner",
  "gemini-gemini-3.5-flash",
  "anthropic-claude-sonnet-4-6",
  "vllm-qwen3.6-35b-a3b-nvfp4",
  "openrouter-qwen-qwen3-coder-free",
];
/** Each provider calls tools once, and the first one answers at the end. */
const STEPS = [...HOPS, HOPS[0] ?? ""];
const QUESTION = "What is the weather in Graz and in Linz?";
const parameters = { type: "object" as const, properties: { city: { type: "string" } }, required: ["city"] };
const weatherIn = (city: unknown, step: number): string => `${20 + step} degrees in ${String(city)}`;

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(() => {
  bench.refusals();
});

/** What the model of this step says: two calls at once, or the end. */
function say(step: number): void {
  const last = step === STEPS.length - 1;
  const cities = ["Graz", "Linz"].map((city) => ({ tool: 0, arguments: JSON.stringify({ city }) }));
  bench.say(
    last
      ? { text: "It is mild.", reasoning: "Done.", calls: [] }
      : { text: "", reasoning: `Step ${step}.`, calls: cities },
  );
}

/** Every provider took the conversation, and the last one has all that was said before. */
function expectWhole(text: string): void {
  expect(bench.refusals()).toEqual([]);
  expect(text).toBe("It is mild.");
  const sent = bench.sent();
  for (let step = 0; step < HOPS.length; step += 1) {
    expect([step, sent.includes(weatherIn("Graz", step)), sent.includes(weatherIn("Linz", step))]).toEqual([
      step,
      true,
      true,
    ]);
  }
}

const base = () => `${bench.gateway.url}/v1`;
const both = [
  ["whole", false],
  ["streamed", true],
] as const;

describe.each(both)("%s", (_, stream) => {
  it("openai: chat completions", async () => {
    const client = new OpenAI({ baseURL: base(), apiKey: CLIENT_KEY, maxRetries: 0 });
    const messages: ChatCompletionMessageParam[] = [{ role: "user", content: QUESTION }];
    let text = "";
    for (const [step, model] of STEPS.entries()) {
      say(step);
      const request = {
        model,
        messages,
        tools: [{ type: "function" as const, function: { name: "get_weather", parameters } }],
      };
      const message = stream
        ? await client.chat.completions.stream(request).finalMessage()
        : (await client.chat.completions.create(request)).choices[0]?.message;
      if (message === undefined) throw new Error("no answer");
      messages.push(message);
      for (const call of message.tool_calls ?? []) {
        if (call.type !== "function") continue;
        const { city } = JSON.parse(call.function.arguments) as { city: string };
        messages.push({ role: "tool", tool_call_id: call.id, content: weatherIn(city, step) });
      }
      text = message.content ?? "";
    }
    expectWhole(text);
  });

  it("openai: responses", async () => {
    const client = new OpenAI({ baseURL: base(), apiKey: CLIENT_KEY, maxRetries: 0 });
    const input: ResponseInput = [{ role: "user", content: QUESTION }];
    let text = "";
    for (const [step, model] of STEPS.entries()) {
      say(step);
      const request = {
        model,
        input,
        store: false,
        include: ["reasoning.encrypted_content" as const],
        tools: [{ type: "function" as const, name: "get_weather", parameters, strict: false }],
      };
      const response = stream
        ? await client.responses.stream(request).finalResponse()
        : await client.responses.create(request);
      input.push(...(response.output as ResponseInput));
      for (const item of response.output) {
        if (item.type !== "function_call") continue;
        const { city } = JSON.parse(item.arguments) as { city: string };
        input.push({ type: "function_call_output", call_id: item.call_id, output: weatherIn(city, step) });
      }
      text = response.output_text;
    }
    expectWhole(text);
  });

  it("@anthropic-ai/sdk", async () => {
    const client = new Anthropic({
      baseURL: bench.gateway.url,
      authToken: CLIENT_KEY,
      apiKey: null,
      maxRetries: 0,
    });
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: QUESTION }];
    let text = "";
    for (const [step, model] of STEPS.entries()) {
      say(step);
      const request = {
        model,
        max_tokens: 4096,
        thinking: { type: "adaptive" as const },
        messages,
        tools: [{ name: "get_weather", input_schema: parameters }],
      };
      const { content } = stream
        ? await client.messages.stream(request).finalMessage()
        : await client.messages.create(request);
      messages.push({ role: "assistant", content });
      const results = content.flatMap((block) =>
        block.type === "tool_use"
          ? [
              {
                type: "tool_result" as const,
                tool_use_id: block.id,
                content: weatherIn((block.input as { city: string }).city, step),
              },
            ]
          : [],
      );
      if (results.length > 0) messages.push({ role: "user", content: results });
      text = content.map((block) => (block.type === "text" ? block.text : "")).join("");
    }
    expectWhole(text);
  });

  it("@google/genai", async () => {
    const client = new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions: { baseUrl: bench.gateway.url } });
    const contents: Content[] = [{ role: "user", parts: [{ text: QUESTION }] }];
    let text = "";
    for (const [step, model] of STEPS.entries()) {
      say(step);
      const request = {
        model,
        contents,
        config: {
          tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: parameters }] }],
        },
      };
      const parts: Part[] = [];
      const take = (content: Content | undefined): void => void parts.push(...(content?.parts ?? []));
      if (stream) {
        for await (const chunk of await client.models.generateContentStream(request))
          take(chunk.candidates?.[0]?.content);
      } else take((await client.models.generateContent(request)).candidates?.[0]?.content);
      contents.push({
        role: "model",
        parts: parts.filter((part) => part.text !== "" || part.thoughtSignature !== undefined),
      });
      const results = parts.flatMap(({ functionCall }) =>
        functionCall === undefined
          ? []
          : [
              {
                functionResponse: {
                  ...(functionCall.id === undefined ? {} : { id: functionCall.id }),
                  name: functionCall.name ?? "",
                  response: { output: weatherIn(functionCall.args?.city, step) },
                },
              },
            ],
      );
      if (results.length > 0) contents.push({ role: "user", parts: results });
      text = parts.map((part) => (part.thought === true ? "" : (part.text ?? ""))).join("");
    }
    expectWhole(text);
  });

  it("ollama", async () => {
    const client = new Ollama({
      host: bench.gateway.url,
      headers: { authorization: `Bearer ${CLIENT_KEY}` },
    });
    const messages: Message[] = [{ role: "user", content: QUESTION }];
    const tools = [
      {
        type: "function",
        function: { name: "get_weather", description: "The weather of a city", parameters },
      },
    ];
    let text = "";
    for (const [step, model] of STEPS.entries()) {
      say(step);
      const answer: Message = { role: "assistant", content: "" };
      const take = ({ message }: { message: Message }): void => {
        answer.content += message.content;
        if (message.thinking !== undefined) answer.thinking = (answer.thinking ?? "") + message.thinking;
        if (message.tool_calls !== undefined)
          answer.tool_calls = [...(answer.tool_calls ?? []), ...message.tool_calls];
      };
      if (stream)
        for await (const part of await client.chat({ model, messages, tools, stream: true })) take(part);
      else take(await client.chat({ model, messages, tools }));
      messages.push(answer);
      for (const call of answer.tool_calls ?? []) {
        messages.push({
          role: "tool",
          tool_name: call.function.name,
          content: weatherIn(call.function.arguments.city, step),
        });
      }
      text = answer.content;
    }
    expectWhole(text);
  });

  it("@langchain/openai", async () => {
    const weather = langchainTool(async ({ city }: { city: string }) => city, {
      name: "get_weather",
      description: "The weather of a city",
      schema: z.object({ city: z.string() }),
    });
    const messages: BaseMessage[] = [new HumanMessage(QUESTION)];
    let text = "";
    for (const [step, model] of STEPS.entries()) {
      say(step);
      const chat = new ChatOpenAI({
        model,
        apiKey: CLIENT_KEY,
        configuration: { baseURL: base() },
        maxRetries: 0,
        useResponsesApi: false,
      }).bindTools([weather]);
      let answer: AIMessage | AIMessageChunk | undefined;
      if (stream) {
        for await (const chunk of await chat.stream(messages))
          answer = answer instanceof AIMessageChunk ? answer.concat(chunk) : chunk;
      } else answer = await chat.invoke(messages);
      if (answer === undefined) throw new Error("no answer");
      messages.push(answer);
      for (const { id, args } of answer.tool_calls ?? []) {
        messages.push(new ToolMessage({ tool_call_id: id ?? "", content: weatherIn(args.city, step) }));
      }
      text = answer.text;
    }
    expectWhole(text);
  });
});

/** What the three versions of the AI SDK have in common. */
interface AiSdk {
  generateText(options: object): Promise<{ text: string }>;
  streamText(options: object): { text: PromiseLike<string>; consumeStream(): PromiseLike<void> };
  stepCountIs(count: number): unknown;
  tool(options: object): unknown;
}
interface Maker {
  createAnthropic(options: object): (model: string) => unknown;
}

/** The packages of older versions are aliases in package.json. */
const load = async (name: string): Promise<unknown> => import(name);
const SDKS: Readonly<Record<string, () => Promise<readonly [AiSdk, Maker]>>> = {
  "ai 5 with @ai-sdk/anthropic 2": async () => [
    (await load("ai-5")) as AiSdk,
    (await load("ai-sdk-anthropic-2")) as Maker,
  ],
  "ai 6 with @ai-sdk/anthropic 3": async () => [
    (await load("ai-6")) as AiSdk,
    (await load("ai-sdk-anthropic-3")) as Maker,
  ],
  "ai 7 with @ai-sdk/anthropic 4": async () => [
    ai7 as unknown as AiSdk,
    { createAnthropic } as unknown as Maker,
  ],
};

describe.each(Object.keys(SDKS))("%s", (name) => {
  it.each(both)("%s", async (_, stream) => {
    const open = SDKS[name];
    if (open === undefined) throw new Error(name);
    const [sdk, maker] = await open();
    const make = maker.createAnthropic({ baseURL: base(), apiKey: CLIENT_KEY });
    let current = 0;
    const options = {
      model: make(STEPS[0] ?? ""),
      prompt: QUESTION,
      maxRetries: 0,
      providerOptions: { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } },
      stopWhen: sdk.stepCountIs(STEPS.length),
      prepareStep: ({ stepNumber }: { stepNumber: number }) => {
        current = stepNumber;
        say(stepNumber);
        return { model: make(STEPS[stepNumber] ?? "") };
      },
      tools: {
        get_weather: sdk.tool({
          description: "The weather of a city",
          inputSchema: z.object({ city: z.string() }),
          execute: async ({ city }: { city: string }) => weatherIn(city, current),
        }),
      },
    };
    const run = async (): Promise<string> => {
      if (!stream) return (await sdk.generateText(options)).text;
      const result = sdk.streamText(options);
      await result.consumeStream();
      return result.text;
    };
    expectWhole(await run());
  });
});
