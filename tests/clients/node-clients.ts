/** Real Node clients against a gateway: the same checks as clients.py. */
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { tool as langchainTool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, Output, stepCountIs, streamText, tool } from "ai";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { z } from "zod";

export interface NodeClient {
  readonly name: string;
  /** Words of which one stands in the error of a prompt that does not fit. */
  readonly overflow: readonly string[];
  chat(model: string): Promise<unknown>;
  stream(model: string): Promise<unknown>;
  structured(model: string): Promise<unknown>;
  tools(model: string): Promise<unknown>;
}

const ASK = "Say hello.";
const ASK_TOOL = "Please call the weather tool for Paris.";
const ASK_JSON = "The weather in Paris, as city and degrees.";
const user = (content: string) => ({ role: "user" as const, content });
const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const WEATHER = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "integer" } },
  required: ["city", "degrees"],
  additionalProperties: false,
};
const weather = z.object({ city: z.string(), degrees: z.number().int() });
const OPENAI_TOOL = { type: "function" as const, function: { name: "get_weather", parameters: CITY } };

function hasText(text: unknown): void {
  if (typeof text !== "string" || text.trim() === "") throw new Error(`no text: ${JSON.stringify(text)}`);
}
const isWeather = (value: unknown): void =>
  void weather.parse(typeof value === "string" ? JSON.parse(value) : value);

/** The answer, once the tool was called. */
function called(count: number): void {
  if (count === 0) throw new Error("the tool was not called");
}

export function nodeClients(url: string, key: string): readonly NodeClient[] {
  return [
    openAi(new OpenAI({ baseURL: `${url}/v1`, apiKey: key })),
    anthropic(new Anthropic({ baseURL: url, apiKey: key })),
    aiSdk((model) => createOpenAI({ baseURL: `${url}/v1`, apiKey: key }).chat(model)),
    langchain(
      (model) =>
        new ChatOpenAI({ model, apiKey: key, configuration: { baseURL: `${url}/v1` }, maxRetries: 2 }),
    ),
    google(new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } })),
    ollama(new Ollama({ host: url, headers: { authorization: `Bearer ${key}` } })),
  ];
}

const openAi = (client: OpenAI): NodeClient => ({
  name: "openai",
  overflow: ["context_length_exceeded"],
  async chat(model) {
    const { choices } = await client.chat.completions.create({ model, messages: [user(ASK)] });
    hasText(choices[0]?.message.content);
  },
  async stream(model) {
    const parts: string[] = [];
    for await (const chunk of await client.chat.completions.create({
      model,
      messages: [user(ASK)],
      stream: true,
    }))
      parts.push(chunk.choices[0]?.delta.content ?? "");
    hasText(parts.join(""));
  },
  async structured(model) {
    const json_schema = { name: "weather", schema: WEATHER, strict: true };
    const { choices } = await client.chat.completions.create({
      model,
      messages: [user(ASK_JSON)],
      response_format: { type: "json_schema", json_schema },
    });
    isWeather(choices[0]?.message.content);
  },
  async tools(model) {
    const messages: OpenAI.ChatCompletionMessageParam[] = [user(ASK_TOOL)];
    const first = await client.chat.completions.create({ model, messages, tools: [OPENAI_TOOL] });
    const message = first.choices[0]?.message;
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call?.type !== "function") throw new Error("no call");
    JSON.parse(call.function.arguments);
    messages.push(message, { role: "tool", tool_call_id: call.id, content: "21" });
    const last = await client.chat.completions.create({ model, messages, tools: [OPENAI_TOOL] });
    hasText(last.choices[0]?.message.content);
  },
});

const anthropic = (client: Anthropic): NodeClient => {
  const ask = (model: string, messages: Anthropic.MessageParam[], more: object = {}) =>
    client.messages.create({ model, max_tokens: 1024, messages, ...more }) as Promise<Anthropic.Message>;
  const textOf = ({ content }: Anthropic.Message): unknown =>
    content.map((block) => (block.type === "text" ? block.text : "")).join("");
  return {
    name: "@anthropic-ai/sdk",
    overflow: ["prompt is too long"],
    async chat(model) {
      hasText(textOf(await ask(model, [user(ASK)])));
    },
    async stream(model) {
      const stream = client.messages.stream({ model, max_tokens: 1024, messages: [user(ASK)] });
      hasText(await stream.finalText());
    },
    async structured(model) {
      const format = { type: "json_schema", schema: WEATHER };
      isWeather(textOf(await ask(model, [user(ASK_JSON)], { output_config: { format } })));
    },
    async tools(model) {
      const tools = { tools: [{ name: "get_weather", input_schema: CITY }] };
      const answer = await ask(model, [user(ASK_TOOL)], tools);
      const use = answer.content.find((block) => block.type === "tool_use");
      if (use === undefined) throw new Error("no call");
      const result = { type: "tool_result" as const, tool_use_id: use.id, content: "21" };
      const messages = [user(ASK_TOOL), { role: "assistant" as const, content: answer.content }];
      hasText(textOf(await ask(model, [...messages, { role: "user", content: [result] }], tools)));
    },
  };
};

const aiSdk = (of: (model: string) => Parameters<typeof generateText>[0]["model"]): NodeClient => ({
  name: "ai",
  overflow: ["maximum context length"],
  async chat(model) {
    hasText((await generateText({ model: of(model), prompt: ASK })).text);
  },
  async stream(model) {
    const failed: unknown[] = [];
    const { textStream } = streamText({
      model: of(model),
      prompt: ASK,
      onError: ({ error }) => void failed.push(error),
    });
    let text = "";
    for await (const part of textStream) text += part;
    if (failed.length > 0) throw failed[0];
    hasText(text);
  },
  async structured(model) {
    const { output } = await generateText({
      model: of(model),
      prompt: ASK_JSON,
      output: Output.object({ schema: weather }),
    });
    isWeather(output);
  },
  async tools(model) {
    let calls = 0;
    const get_weather = tool({
      inputSchema: z.object({ city: z.string() }),
      execute: async () => {
        calls += 1;
        return "21";
      },
    });
    const { text } = await generateText({
      model: of(model),
      prompt: ASK_TOOL,
      tools: { get_weather },
      stopWhen: stepCountIs(3),
    });
    hasText(text);
    called(calls);
  },
});

const langchain = (of: (model: string) => ChatOpenAI): NodeClient => ({
  name: "@langchain/openai",
  overflow: ["ContextOverflow", "maximum context length"],
  async chat(model) {
    hasText((await of(model).invoke(ASK)).text);
  },
  async stream(model) {
    let text = "";
    for await (const chunk of await of(model).stream(ASK)) text += chunk.text;
    hasText(text);
  },
  async structured(model) {
    isWeather(await of(model).withStructuredOutput(weather, { method: "jsonSchema" }).invoke(ASK_JSON));
  },
  async tools(model) {
    const get_weather = langchainTool(async () => "21", {
      name: "get_weather",
      description: "The weather.",
      schema: z.object({ city: z.string() }),
    });
    const { tool_calls: calls = [] } = await of(model).bindTools([get_weather]).invoke(ASK_TOOL);
    called(calls.length);
  },
});

const google = (client: GoogleGenAI): NodeClient => {
  const ask = (model: string, contents: object[], config: object = {}) =>
    client.models.generateContent({ model, contents: contents as never, config });
  const asked = (text: string) => ({ role: "user", parts: [{ text }] });
  return {
    name: "@google/genai",
    overflow: ["exceeds the maximum number of tokens allowed"],
    async chat(model) {
      hasText((await ask(model, [asked(ASK)])).text);
    },
    async stream(model) {
      let text = "";
      for await (const chunk of await client.models.generateContentStream({ model, contents: ASK }))
        text += chunk.text ?? "";
      hasText(text);
    },
    async structured(model) {
      const config = { responseMimeType: "application/json", responseJsonSchema: WEATHER };
      isWeather((await ask(model, [asked(ASK_JSON)], config)).text);
    },
    async tools(model) {
      const config = {
        tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: CITY }] }],
      };
      const answer = await ask(model, [asked(ASK_TOOL)], config);
      const [call] = answer.functionCalls ?? [];
      const turn = answer.candidates?.[0]?.content;
      if (call === undefined || turn === undefined) throw new Error("no call");
      const functionResponse = {
        ...(call.id === undefined ? {} : { id: call.id }),
        name: "get_weather",
        response: { output: "21" },
      };
      hasText(
        (await ask(model, [asked(ASK_TOOL), turn, { role: "user", parts: [{ functionResponse }] }], config))
          .text,
      );
    },
  };
};

const ollama = (client: Ollama): NodeClient => ({
  name: "ollama",
  overflow: ["does not fit", "context"],
  async chat(model) {
    hasText((await client.chat({ model, messages: [user(ASK)] })).message.content);
  },
  async stream(model) {
    let text = "";
    for await (const part of await client.chat({ model, messages: [user(ASK)], stream: true }))
      text += part.message.content;
    hasText(text);
  },
  async structured(model) {
    isWeather((await client.chat({ model, messages: [user(ASK_JSON)], format: WEATHER })).message.content);
  },
  async tools(model) {
    const tools = [OPENAI_TOOL] as never;
    const { message } = await client.chat({ model, messages: [user(ASK_TOOL)], tools });
    called(message.tool_calls?.length ?? 0);
    const messages = [user(ASK_TOOL), message, { role: "tool", tool_name: "get_weather", content: "21" }];
    hasText((await client.chat({ model, messages, tools })).message.content);
  },
});
