/** The official OpenAI SDK, pointed at the gateway, in front of an upstream of Anthropic's own wire. */
import {
  anthropicErrorEvent,
  anthropicOutOfCredit,
  anthropicOverloaded,
  anthropicPromptTooLong,
  byteOrderMark,
  cleanTruncation,
  crlf,
  endless,
  finishWithoutDone,
  healthy,
  html200,
  jsonForStream,
  type Lab,
  oneByteAtATime,
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
  gateway = await startGateway([
    {
      id: "claude",
      adapter: "anthropic",
      baseUrl: lab.url,
      auth: { scheme: "header", header: "x-api-key" },
      dialect: { drop: ["seed"] },
      errors: [
        { code: "not_found_error", class: "model_gone", why: "It names the model and no more." },
        { contains: "credit balance is too low", class: "out_of_credit", why: "It is about the account." },
      ],
      models: [
        { alias: "sonnet", upstream: "claude-sonnet-4-6", chain: ["spare"] },
        { alias: "alone", upstream: "claude-haiku-4-5" },
      ],
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

const model = "sonnet";
const UPSTREAM = "claude-sonnet-4-6";
const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hello there" },
];
const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

interface StreamedAnswer {
  text: string;
  reasoning: string;
  finish: string | null;
  calls: { id: string; name: string; arguments: string }[];
  usage: OpenAI.CompletionUsage | null | undefined;
}

/** Fields that the gateway adds to a delta. */
type SealedDelta = OpenAI.ChatCompletionChunk.Choice.Delta & {
  extra_content?: { anthropic: { thinking_blocks: unknown[] } };
};

async function stream(
  params: Partial<OpenAI.ChatCompletionCreateParamsStreaming> = {},
  requestedModel = model,
): Promise<StreamedAnswer> {
  const answer: StreamedAnswer = { text: "", reasoning: "", finish: null, calls: [], usage: undefined };
  const options = { stream: true, stream_options: { include_usage: true } } as const;
  for await (const chunk of await client.chat.completions.create({
    model: requestedModel,
    messages,
    ...params,
    ...options,
  })) {
    const [choice] = chunk.choices;
    const delta: OpenAI.ChatCompletionChunk.Choice.Delta & { reasoning_content?: string } =
      choice?.delta ?? {};
    answer.text += delta.content ?? "";
    answer.reasoning += delta.reasoning_content ?? "";
    answer.finish = choice?.finish_reason ?? answer.finish;
    answer.usage = chunk.usage ?? answer.usage;
    for (const { index, id, function: called } of delta.tool_calls ?? []) {
      const call = answer.calls[index] ?? { id: "", name: "", arguments: "" };
      answer.calls[index] = call;
      call.id += id ?? "";
      call.name += called?.name ?? "";
      call.arguments += called?.arguments ?? "";
    }
  }
  return answer;
}

describe("an OpenAI client in front of Anthropic's wire", () => {
  it("chats, with the key in Anthropic's header and Anthropic's required fields", async () => {
    const { data, response } = await client.chat.completions
      .create({ model, messages, temperature: 0.4, user: "u-7", seed: 3, stop: ["END"] })
      .withResponse();
    expect(data.choices[0]).toMatchObject({
      message: { role: "assistant", content: "Hello from claude-sonnet-4-6. You said: Hello there" },
      finish_reason: "stop",
    });
    expect(data.usage?.completion_tokens).toBe(7);
    expect(response.headers.get("x-routed-via")).toBe(`claude/${UPSTREAM}`);
    expect(response.headers.get("x-headgate-dropped-params")).toBe("seed");
    const [sent] = lab.requests;
    expect(sent?.path).toBe("/v1/messages");
    expect(sent?.headers).toMatchObject({
      "x-api-key": `${UPSTREAM_KEY}-CLAUDE_API_KEY`,
      "anthropic-version": "2023-06-01",
    });
    expect(sent?.headers.authorization).toBeUndefined();
    expect(sent?.body).toEqual({
      model: UPSTREAM,
      max_tokens: 32_000,
      system: [{ type: "text", text: "Be brief." }],
      messages: [{ role: "user", content: "Hello there" }],
      stream: false,
      temperature: 0.4,
      stop_sequences: ["END"],
      metadata: { user_id: "u-7" },
    });
  });

  it("streams text and thinking as they come, and counts cached tokens as part of the prompt", async () => {
    const tokens = { inputTokens: 50, outputTokens: 9, cachedInputTokens: 20 };
    lab.behave(UPSTREAM, healthy({ reasoning: ["Let me", " see."], text: ["Hi", " you"], tokens }));
    expect(await stream({ reasoning_effort: "high" })).toMatchObject({
      text: "Hi you",
      reasoning: "Let me see.",
      finish: "stop",
      usage: { prompt_tokens: 50, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 20 } },
    });
    expect(lab.requests[0]?.body).toMatchObject({
      thinking: { type: "adaptive" },
      output_config: { effort: "high" },
    });
  });

  it.each([false, true])("calls a tool and continues with its result (stream: %s)", async (streams) => {
    const choice = { tools, tool_choice: "required", parallel_tool_calls: false } as const;
    const whole = async () => {
      const answer = await client.chat.completions.create({ model, messages, ...choice });
      const [call] = answer.choices[0]?.message.tool_calls ?? [];
      if (call?.type !== "function") throw new Error("no tool call");
      return { id: call.id, ...call.function, finish: answer.choices[0]?.finish_reason };
    };
    const streamed = async () => {
      const { calls, finish } = await stream(choice);
      return { ...calls[0], finish };
    };
    const { id = "", ...call } = await (streams ? streamed() : whole());
    expect(call).toEqual({ name: "get_weather", arguments: '{"city":"lab"}', finish: "tool_calls" });
    const second = await client.chat.completions.create({
      model,
      tools,
      messages: [
        ...messages,
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id, type: "function", function: { name: "get_weather", arguments: '{"city":"lab"}' } },
          ],
        },
        { role: "tool", tool_call_id: id, content: "sunny" },
      ],
    });
    expect(second.choices[0]?.message.content).toBe("Hello from claude-sonnet-4-6. You said: sunny");
    expect(lab.requests.map(({ body }) => body)).toMatchObject([
      { tool_choice: { type: "any", disable_parallel_tool_use: true } },
      {
        messages: [
          { role: "user" },
          { content: [{ type: "tool_use", id, name: "get_weather", input: { city: "lab" } }] },
          { content: [{ type: "tool_result", tool_use_id: id, content: "sunny" }] },
        ],
      },
    ]);
  });

  it.each([false, true])(
    "returns signed thinking to its model within a tool loop (stream: %s)",
    async (streams) => {
      const upstream = "claude-haiku-4-5";
      lab.behave(
        upstream,
        healthy({ reasoning: ["I will", " look."], toolCalls: [{ name: "get_weather", arguments: ["{}"] }] }),
      );
      const request = { model: "alone", messages, tools, reasoning_effort: "low" } as const;
      const reply: Record<string, unknown> = { role: "assistant", content: null };
      if (streams) {
        const blocks: unknown[] = [];
        for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
          const delta: SealedDelta = chunk.choices[0]?.delta ?? {};
          blocks.push(...(delta.extra_content?.anthropic.thinking_blocks ?? []));
        }
        reply.extra_content = { anthropic: { thinking_blocks: blocks } };
        reply.tool_calls = [
          { id: "toolu_lab_1_0", type: "function", function: { name: "get_weather", arguments: "{}" } },
        ];
      } else Object.assign(reply, (await client.chat.completions.create(request)).choices[0]?.message);
      const [called] = reply.tool_calls as { id: string }[];
      await client.chat.completions.create({
        ...request,
        messages: [
          ...messages,
          reply as unknown as OpenAI.ChatCompletionMessageParam,
          { role: "tool", tool_call_id: called?.id ?? "", content: "sunny" },
        ],
      });
      expect(lab.requests[1]?.body).toMatchObject({
        thinking: { type: "enabled" },
        messages: [
          {},
          {
            content: [
              {
                type: "thinking",
                thinking: "I will look.",
                signature: expect.stringMatching(/^sig_lab_\d+$/),
              },
              { type: "tool_use", name: "get_weather" },
            ],
          },
          { content: [{ type: "tool_result" }] },
        ],
      });
    },
  );

  it("sends images and gets JSON that fits a schema", async () => {
    const image_url = { url: "data:image/png;base64,AAECAw==" };
    const seen = await client.chat.completions.create({
      model,
      messages: [{ role: "user", content: [{ type: "image_url", image_url }] }],
    });
    expect(seen.choices[0]?.message.content).toContain("image/png of 4 bytes");
    const schema = { type: "object", properties: { n: { type: "integer", enum: [5] } } };
    const fitted = await client.chat.completions.create({
      model,
      messages,
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    expect(fitted.choices[0]?.message.content).toBe('{"n":5}');
  });

  it("sends a PDF as a document, and names a field that is no file", async () => {
    const ask = (file: OpenAI.ChatCompletionContentPart.File.File) =>
      client.chat.completions.create({
        model: "alone",
        messages: [{ role: "user", content: [{ type: "file", file }] }],
      });
    await ask({ filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" });
    expect(lab.requests[0]?.body).toMatchObject({
      messages: [
        {
          content: [
            {
              type: "document",
              source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
              title: "a.pdf",
            },
          ],
        },
      ],
    });
    await expect(ask({ file_id: "file-1" })).rejects.toMatchObject({
      status: 400,
      param: "messages[0].content[0].file",
    });
    for (const file_data of ["JVBERi0=", "data:application/pdf;base64,%%%"]) {
      await expect(ask({ file_data })).rejects.toMatchObject({
        status: 400,
        param: "messages[0].content[0].file.file_data",
      });
    }
    expect(lab.requests).toHaveLength(1);
  });

  it.each([
    ["length", "length"],
    ["content_filter", "content_filter"],
  ])("gets the finish reason: %s", async (finish, expected) => {
    lab.behave(UPSTREAM, healthy({ finish }));
    expect((await stream()).finish).toBe(expected);
    expect((await client.chat.completions.create({ model, messages })).choices[0]?.finish_reason).toBe(
      expected,
    );
  });

  it.each([
    ["one byte at a time", oneByteAtATime(healthy())],
    ["with CRLF, split", crlf({ split: true }, healthy())],
    ["with a byte order mark", byteOrderMark(healthy())],
    ["whole in a stream's place", jsonForStream()],
  ])("reads an answer that comes %s", async (_, behaviour) => {
    lab.behave(UPSTREAM, behaviour);
    expect(await stream()).toMatchObject({
      text: "Hello from claude-sonnet-4-6. You said: Hello there",
      finish: "stop",
    });
  });
});

describe("failures on Anthropic's wire", () => {
  it.each([
    ["a 529", anthropicOverloaded(), "overloaded"],
    ["an overload as the first event of a 200", anthropicErrorEvent(), "overloaded"],
    ["a 429", status(429, { retryAfterS: 9 }), "rate_limit"],
    ["a key that is refused", status(401, { message: "invalid x-api-key" }), "dead_key"],
    ["spent credit", anthropicOutOfCredit(), "out_of_credit"],
    ["a model that is not there", status(404, { message: `model: ${UPSTREAM}` }), "model_gone"],
    ["a stream that ends before it says anything", cleanTruncation({ after: 0 }), "network"],
    ["a page", html200(), "server_error"],
  ])("%s moves to the next candidate, unseen by the client", async (_, behaviour, because) => {
    lab.behave(UPSTREAM, behaviour);
    const answer = await stream();
    expect(answer.text).toBe("Hello from up-spare. You said: Hello there");
    expect(gateway.logged.join("\n")).toMatch(new RegExp(`from=claude/${UPSTREAM} .*because=${because}\\b`));
  });

  it.each([
    ["an error", anthropicErrorEvent({ after: 2, type: "api_error", message: "lost it" }), /lost it/],
    ["a clean end", cleanTruncation({ after: 2 }), /cut/],
    ["an end without message_stop", finishWithoutDone(), /cut/],
  ])("under midstream: error %s in mid-stream is an error, never an answer", async (_, behaviour, words) => {
    lab.behave(UPSTREAM, behaviour);
    client = client.withOptions({ defaultHeaders: { "x-headgate-midstream": "error" } });
    await expect(stream()).rejects.toThrow(words);
    await expect(stream()).rejects.toThrow(APIError);
  });

  it("refuses an unsupported field by name, and moves on where another candidate supports it", async () => {
    const json = { logprobs: true } as const;
    await expect(client.chat.completions.create({ model: "alone", messages, ...json })).rejects.toMatchObject(
      {
        status: 400,
        param: "logprobs",
      },
    );
    expect(lab.requests).toHaveLength(0);
    const { response } = await client.chat.completions.create({ model, messages, ...json }).withResponse();
    expect(response.headers.get("x-routed-via")).toBe("second/up-spare");
  });

  it("gives each failure its class", async () => {
    const failing = (behaviour: Parameters<Lab["behave"]>[1]) => {
      lab.behave("claude-haiku-4-5", behaviour);
      return client.chat.completions.create({ model: "alone", messages });
    };
    await expect(failing(anthropicPromptTooLong())).rejects.toMatchObject({
      status: 400,
      code: "context_length_exceeded",
    });
    await expect(failing(status(400, { message: "messages: roles must alternate" }))).rejects.toThrow(
      BadRequestError,
    );
    await expect(failing(status(429, { retryAfterS: 20 }))).rejects.toThrow(RateLimitError);
  });

  it("is cancelled as soon as the client disconnects", async () => {
    lab.behave(UPSTREAM, endless());
    const open = await client.chat.completions.create({ model, messages, stream: true });
    for await (const _ of open) break;
    expect(await lab.aborted(UPSTREAM)).toBeGreaterThan(0);
  });
});
