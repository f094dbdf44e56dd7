/** The official OpenAI SDK, pointed at the gateway, in front of an upstream of Gemini's own wire. */
import {
  cleanTruncation,
  geminiBlocked,
  geminiDailyQuota,
  geminiMalformedCall,
  geminiNeedsSignatures,
  googleBadKey,
  healthy,
  type Lab,
  oneByteAtATime,
  stall,
  startLab,
  status,
} from "@headgate/upstream-lab";
import OpenAI, { APIError, BadRequestError } from "openai";
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
      id: "gemini",
      adapter: "gemini",
      baseUrl: `${lab.url}/v1beta`,
      auth: { scheme: "header", header: "x-goog-api-key" },
      models: [
        { alias: "flash", upstream: "gemini-3-flash", chain: ["spare"] },
        { alias: "older", upstream: "gemini-2.5-flash" },
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

const model = "flash";
const UPSTREAM = "gemini-3-flash";
const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: "system", content: "Answer briefly." },
  { role: "user", content: "Hello there" },
];
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
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const bodyOf = (at: number): Record<string, unknown> => lab.requests[at]?.body as Record<string, unknown>;

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  const deltas: OpenAI.ChatCompletionChunk.Choice.Delta[] = [];
  let finish: string | null = null;
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
    if (choice !== undefined) deltas.push(choice.delta);
    finish = choice?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  return { text: deltas.map(({ content }) => content ?? "").join(""), deltas, finish, usage };
}

describe("an OpenAI client of a Gemini model", () => {
  it("chats, in Gemini's fields upstream, with the key in Google's header", async () => {
    const { data, response } = await client.chat.completions
      .create({ model, messages, temperature: 0.5, max_tokens: 9, stop: "END" })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe(`Hello from ${UPSTREAM}. You said: Hello there`);
    expect(data.choices[0]?.finish_reason).toBe("stop");
    expect(data.usage?.completion_tokens).toBe(7);
    expect(data.id).toBe("lab-1");
    expect(response.headers.get("x-routed-via")).toBe(`gemini/${UPSTREAM}`);
    const [record] = lab.requests;
    expect(record?.path).toBe(`/v1beta/models/${UPSTREAM}:generateContent`);
    expect(record?.headers).toMatchObject({ "x-goog-api-key": `${UPSTREAM_KEY}-GEMINI_API_KEY` });
    expect(record?.headers).not.toHaveProperty("authorization");
    expect(record?.body).toEqual({
      systemInstruction: { parts: [{ text: "Answer briefly." }] },
      contents: [{ role: "user", parts: [{ text: "Hello there" }] }],
      generationConfig: { maxOutputTokens: 9, temperature: 0.5, stopSequences: ["END"] },
    });
  });

  it("streams thoughts and text as they come, and usage on request", async () => {
    lab.behave(UPSTREAM, oneByteAtATime(healthy({ reasoning: ["h", "m"], text: ["Grüß", " dich 🦆"] })));
    const stream = await client.chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      reasoning_effort: "low",
    });
    const { text, deltas, finish, usage } = await collect(stream);
    expect(text).toBe("Grüß dich 🦆");
    expect(
      deltas.flatMap((delta) => ("reasoning_content" in delta ? [delta.reasoning_content] : [])),
    ).toEqual(["h", "m"]);
    expect(finish).toBe("stop");
    expect(usage).toMatchObject({ completion_tokens: 4, completion_tokens_details: { reasoning_tokens: 2 } });
    expect(lab.requests[0]?.path).toBe(`/v1beta/models/${UPSTREAM}:streamGenerateContent?alt=sse`);
    expect(bodyOf(0).generationConfig).toEqual({
      thinkingConfig: { thinkingLevel: "LOW", includeThoughts: true },
    });
  });

  it("sends images, as data and by address", async () => {
    const content: OpenAI.ChatCompletionContentPart[] = [
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
    ];
    const answer = await client.chat.completions.create({ model, messages: [{ role: "user", content }] });
    expect(answer.choices[0]?.message.content).toContain(
      "I see 2 image(s): image/png of 70 bytes, https://example.com/a.png.",
    );
  });

  it("gets JSON that fits a schema", async () => {
    const schema = { type: "object", properties: { n: { type: "integer", minimum: 5 } } };
    const answer = await client.chat.completions.create({
      model,
      messages,
      response_format: { type: "json_schema", json_schema: { name: "n", schema } },
    });
    expect(answer.choices[0]?.message.content).toBe('{"n":5}');
  });
});

describe("a tool loop of two steps", () => {
  const result = (id: string) =>
    ({
      role: "tool",
      tool_call_id: id,
      content: '{"celsius":21}',
    }) as const satisfies OpenAI.ChatCompletionMessageParam;
  const ask = (history: OpenAI.ChatCompletionMessageParam[], more: object = {}) =>
    client.chat.completions.create({ model, messages: history, tools, ...more });

  it("returns each signature unchanged, which the model requires", async () => {
    lab.behave(UPSTREAM, geminiNeedsSignatures());
    const history = [...messages];
    const signatures: unknown[] = [];
    for (const tool_choice of ["auto", "required"] as const) {
      const [choice] = (await ask(history, { tool_choice })).choices;
      const [call] = choice?.message.tool_calls ?? [];
      if (choice === undefined || call?.type !== "function") throw new Error("no tool call");
      expect(choice.finish_reason).toBe("tool_calls");
      expect(call.function).toEqual({ name: "get_weather", arguments: '{"city":"lab"}' });
      signatures.push((call as { extra_content?: unknown }).extra_content);
      history.push(choice.message, result(call.id));
    }
    const last = await ask(history);
    expect(last.choices[0]?.message.content).toContain("celsius");
    const sealed = (seq: number) => Buffer.from(`lab ${seq} call`).toString("base64");
    const [first = 0, second = 0] = lab.requests.map(({ seq }) => seq);
    expect(signatures).toEqual(
      [first, second].map((seq) => ({ google: { thought_signature: sealed(seq) } })),
    );
    const functionCall = { name: "get_weather", args: { city: "lab" } };
    const step = (seq: number) => [
      {
        role: "model",
        parts: [
          { functionCall: { id: `call_lab_${seq}_0`, ...functionCall }, thoughtSignature: sealed(seq) },
        ],
      },
      {
        role: "user",
        parts: [
          {
            functionResponse: { id: `call_lab_${seq}_0`, name: "get_weather", response: { celsius: 21 } },
          },
        ],
      },
    ];
    expect(bodyOf(2).contents).toEqual([
      { role: "user", parts: [{ text: "Hello there" }] },
      ...step(first),
      ...step(second),
    ]);
  });

  it("continues after a stream whose client joined the call", async () => {
    lab.behave(UPSTREAM, geminiNeedsSignatures());
    const runner = client.chat.completions.stream({ model, messages, tools });
    const { choices } = await runner.finalChatCompletion();
    const [call] = choices[0]?.message.tool_calls ?? [];
    if (choices[0] === undefined || call === undefined) throw new Error("no tool call");
    expect(choices[0].finish_reason).toBe("tool_calls");
    const next = await ask([...messages, choices[0].message, result(call.id)]);
    expect(next.choices[0]?.message.content).toContain("celsius");
  });

  it("continues the loop of a model of another wire", async () => {
    lab.behave(UPSTREAM, geminiNeedsSignatures());
    const [choice] = (await ask(messages, { model: "spare" })).choices;
    const [call] = choice?.message.tool_calls ?? [];
    if (choice === undefined || call === undefined) throw new Error("no tool call");
    const next = await ask([...messages, choice.message, result(call.id)]);
    expect(next.choices[0]?.message.content).toContain("celsius");
  });

  it("is continued by one, which does not get Gemini's seals", async () => {
    const [choice] = (await ask(messages)).choices;
    const [call] = choice?.message.tool_calls ?? [];
    if (choice === undefined || call === undefined) throw new Error("no tool call");
    lab.behave(UPSTREAM, status(503));
    const { data, response } = await ask([...messages, choice.message, result(call.id)]).withResponse();
    expect(data.choices[0]?.message.content).toContain("celsius");
    expect(response.headers.get("x-routed-via")).toBe("second/up-spare");
    expect(response.headers.get("x-headgate-dropped-params")).toBe("messages[].extra_content");
    expect(JSON.stringify(lab.requests.at(-1)?.body)).not.toContain("extra_content");
  });
});

describe("failures of a Gemini model", () => {
  const alone = (body: object = {}) => client.chat.completions.create({ model: "older", messages, ...body });
  const errorOf = (error: Promise<unknown>) =>
    error.then(
      () => "no error",
      (thrown: unknown) =>
        thrown instanceof APIError ? { status: thrown.status, code: thrown.code } : thrown,
    );

  it("moves on, unseen by the client, from failures that another model may not have", async () => {
    for (const behaviour of [
      status(503),
      geminiMalformedCall(),
      cleanTruncation({ after: 0 }),
      geminiDailyQuota(),
    ]) {
      await gateway.close();
      gateway = await startGateway([
        {
          id: "gemini",
          adapter: "gemini",
          baseUrl: `${lab.url}/v1beta`,
          models: [{ alias: "flash", upstream: UPSTREAM, chain: ["spare"] }],
        },
        { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "spare", upstream: "up-spare" }] },
      ]);
      client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
      lab.behave(UPSTREAM, behaviour);
      const stream = await client.chat.completions.create({ model, messages, stream: true });
      expect((await collect(stream)).text).toContain("Hello from up-spare");
    }
  });

  it("sends a blocked prompt to no other model, and prints no key that Google refused", async () => {
    lab.behave(UPSTREAM, geminiBlocked());
    expect(await errorOf(client.chat.completions.create({ model, messages }))).toMatchObject({
      status: 400,
      code: "content_filter",
    });
    expect(lab.requests).toHaveLength(1);
    lab.behave("gemini-2.5-flash", googleBadKey({ wrapped: false }));
    expect(await errorOf(alone())).toMatchObject({ status: 503 });
    expect(gateway.logged.join("\n")).toContain("API key not valid");
    expect(gateway.logged.join("\n")).not.toContain(UPSTREAM_KEY);
  });

  it("names fields that it does not support", async () => {
    await expect(alone({ tools, response_format: { type: "json_object" } })).rejects.toThrow(BadRequestError);
    expect(await errorOf(alone({ n: 2 }))).toMatchObject({ status: 400 });
    expect(lab.requests).toHaveLength(0);
  });

  it("never accepts a cut stream as whole", async () => {
    lab.behave("gemini-2.5-flash", cleanTruncation({ after: 2 }));
    const stream = await client.chat.completions.create({ model: "older", messages, stream: true });
    await expect(collect(stream)).rejects.toThrow(APIError);
  });

  it("cancels the upstream call when the client disconnects", async () => {
    const gate = lab.gate();
    lab.behave("gemini-2.5-flash", stall({ after: 1, gate }));
    const stream = await client.chat.completions.create({ model: "older", messages, stream: true });
    for await (const _ of stream) break;
    stream.controller.abort();
    expect(await lab.aborted("gemini-2.5-flash")).toBeGreaterThan(0);
  });
});
