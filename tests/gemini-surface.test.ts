/** Google's official SDK, pointed at the gateway, in front of upstreams of four wires. */

import {
  type Content,
  type FunctionDeclaration,
  type GenerateContentResponse,
  GoogleGenAI,
} from "@google/genai";
import { present } from "@headgate/contract";
import {
  cut,
  geminiNeedsSignatures,
  healthy,
  type Lab,
  stall,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway, UPSTREAM_KEY } from "./support/gateway.ts";
import { withoutLastComment } from "./support/stream.ts";

let lab: Lab;
let gateway: TestGateway;
let client: GoogleGenAI;

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
        { alias: "org/slashed:free", upstream: "up-slashed" },
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
    {
      id: "claude",
      adapter: "anthropic",
      baseUrl: lab.baseUrl,
      auth: { scheme: "header", header: "x-api-key" },
      models: [{ alias: "sonnet", upstream: "up-sonnet" }],
    },
    {
      id: "google",
      adapter: "gemini",
      baseUrl: `${lab.url}/v1beta`,
      auth: { scheme: "header", header: "x-goog-api-key" },
      models: [
        { alias: "flash", upstream: "gemini-3-flash" },
        { alias: "gemini-vectors", upstream: "gemini-embedding-001", operation: "embedding" },
      ],
    },
    { id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] },
  ]);
  client = new GoogleGenAI({ apiKey: CLIENT_KEY, httpOptions: { baseUrl: gateway.url } });
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const contents = "What is the weather in Graz?";
const weather: FunctionDeclaration = {
  name: "get_weather",
  description: "The weather of a city",
  parametersJsonSchema: {
    type: "object",
    properties: { city: { type: "string", description: "the city" } },
    required: ["city"],
  },
};
const config = { tools: [{ functionDeclarations: [weather] }] };
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const post = (path: string, body: unknown, init: RequestInit = {}) =>
  gateway.fetch(path, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
const bodyOf = (at: number): Record<string, unknown> => lab.requests.at(at)?.body as Record<string, unknown>;

async function collect(stream: AsyncIterable<GenerateContentResponse>) {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  const textOf = (thought: boolean): string =>
    parts
      .filter((part) => (part.thought ?? false) === thought)
      .map((part) => part.text ?? "")
      .join("");
  return { chunks, parts, text: textOf(false), thoughts: textOf(true), last: chunks.at(-1) };
}

describe.each(["alpha", "local", "demo", "flash", "sonnet"])("Google's SDK with the model %s", (model) => {
  it("generates, whole and streamed", async () => {
    const whole = await client.models.generateContent({ model, contents });
    expect(whole.text).toMatch(/weather in Graz/);
    expect(whole.candidates?.[0]).toMatchObject({ finishReason: "STOP", content: { role: "model" } });
    expect(whole.usageMetadata?.totalTokenCount).toBeGreaterThan(0);
    expect(whole.modelVersion).not.toBe("");
    expect(whole.responseId).not.toBe("");
    const { text, chunks, last } = await collect(
      await client.models.generateContentStream({ model, contents }),
    );
    expect(text).toBe(whole.text);
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.slice(0, -1).every((chunk) => chunk.candidates?.[0]?.finishReason === undefined)).toBe(
      true,
    );
    expect(last?.candidates?.[0]?.finishReason).toBe("STOP");
    expect(last?.usageMetadata?.candidatesTokenCount).toBeGreaterThan(0);
  });

  it("streams one JSON array without alt=sse", async () => {
    const path = `/v1beta/models/${model}:streamGenerateContent`;
    const response = await post(path, { contents: [{ parts: [{ text: contents }] }] });
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    const pieces = (await response.json()) as GenerateContentResponse[];
    expect(pieces.length).toBeGreaterThan(2);
    const text = pieces.map((piece) => piece.candidates?.[0]?.content?.parts?.[0]?.text ?? "").join("");
    expect(text).toMatch(/weather in Graz/);
    expect(pieces.at(-1)?.candidates?.[0]?.finishReason).toBe("STOP");
  });

  it.each([false, true])("calls a tool and continues with its result (streamed: %s)", async (stream) => {
    for (const upstream of ["up-alpha", "up-local", "up-sonnet", "gemini-3-flash"])
      lab.behave(
        upstream,
        healthy({ toolCalls: [{ name: "get_weather", arguments: ['{"ci', 'ty":"Graz"}'] }] }),
      );
    const question: Content = { role: "user", parts: [{ text: "Call the tool get_weather for Graz." }] };
    const request = { model, contents: [question], config };
    const parts = stream
      ? (await collect(await client.models.generateContentStream(request))).parts
      : ((await client.models.generateContent(request)).candidates?.[0]?.content?.parts ?? []);
    const calls = parts.flatMap((part) => part.functionCall ?? []);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ name: "get_weather", args: { city: expect.any(String) } });
    for (const upstream of ["up-alpha", "up-local", "up-sonnet"])
      lab.behave(upstream, healthy({ text: ["It is ", "21 degrees."] }));
    lab.behave("gemini-3-flash", geminiNeedsSignatures());
    const functionResponse = { id: calls[0]?.id ?? "", name: "get_weather", response: { celsius: 21 } };
    const second = await client.models.generateContent({
      model,
      contents: [question, { role: "model", parts }, { role: "user", parts: [{ functionResponse }] }],
      config,
    });
    expect(second.text).not.toBe("");
    expect(second.candidates?.[0]?.finishReason).toBe("STOP");
    if (model === "alpha") {
      const sent = bodyOf(-1) as { messages: { tool_call_id?: string; tool_calls?: { id: string }[] }[] };
      expect(sent.messages.at(-1)?.tool_call_id).toBe(calls[0]?.id);
      expect(sent.messages.at(-2)?.tool_calls?.[0]?.id).toBe(calls[0]?.id);
    }
  });
});

describe("what the SDK sends", () => {
  it("reaches an upstream of another wire in that wire's fields", async () => {
    await client.models.generateContent({
      model: "alpha",
      contents: [
        {
          role: "user",
          parts: [{ text: "What is this?" }, { inlineData: { mimeType: "image/png", data: PIXEL } }],
        },
      ],
      config: {
        systemInstruction: "Be brief.",
        temperature: 0.5,
        topP: 0.9,
        maxOutputTokens: 64,
        stopSequences: ["END"],
        seed: 3,
        responseMimeType: "application/json",
        responseJsonSchema: { type: "object" },
        thinkingConfig: { thinkingBudget: 1024 },
        safetySettings: [],
      },
    });
    expect(bodyOf(0)).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 64,
      stop: ["END"],
      seed: 3,
      reasoning_effort: "low",
      response_format: { type: "json_schema", json_schema: { schema: { type: "object" } } },
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } },
          ],
        },
      ],
    });
  });

  it("passes byte for byte to an upstream of Gemini's wire, with fields of that wire alone", async () => {
    const body = `{ "contents":[{"parts":[{"text":"Hi"}]}],"tools":[{"codeExecution":{}}], "somethingNew": 1 }`;
    const response = await post("/v1beta/models/flash:generateContent", body);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-routed-via")).toBe("google/gemini-3-flash");
    expect(lab.requests[0]?.path).toBe("/v1beta/models/gemini-3-flash:generateContent");
    expect(lab.requests[0]?.headers).toMatchObject({ "x-goog-api-key": `${UPSTREAM_KEY}-GOOGLE_API_KEY` });
    expect(bodyOf(0)).toEqual(JSON.parse(body));
    const refused = await post("/v1beta/models/alpha:generateContent", body);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: {
        status: "INVALID_ARGUMENT",
        message: "The field somethingNew reaches models of Gemini's wire only",
        details: [{ fieldViolations: [{ field: "somethingNew" }] }],
      },
    });
  });

  it("gets the names of dropped hints", async () => {
    const body = {
      contents: { parts: { text: "Hi" } },
      safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
    };
    const response = await post("/v1beta/models/alpha:generateContent", body);
    expect(response.headers.get("x-headgate-dropped-params")).toBe("safetySettings");
  });

  it("gets thoughts only on request, apart from the text", async () => {
    lab.behave("up-alpha", healthy({ reasoning: ["hm, ", "well"], text: ["y", "es"] }));
    const request = { model: "alpha", contents };
    const hidden = await client.models.generateContent(request);
    expect(hidden.candidates?.[0]?.content?.parts).toEqual([{ text: "yes" }]);
    const thinking = { ...request, config: { thinkingConfig: { includeThoughts: true } } };
    const shown = await client.models.generateContent(thinking);
    expect(shown.candidates?.[0]?.content?.parts).toEqual([
      { text: "hm, well", thought: true },
      { text: "yes" },
    ]);
    const { text, thoughts } = await collect(await client.models.generateContentStream(thinking));
    expect({ text, thoughts }).toEqual({ text: "yes", thoughts: "hm, well" });
    const streamed = await collect(await client.models.generateContentStream(request));
    expect(streamed.thoughts).toBe("");
  });

  it("keeps a chat's history over streams", async () => {
    const chat = client.chats.create({ model: "alpha" });
    lab.behave("up-alpha", healthy({ text: ["one ", "two"] }));
    expect((await collect(await chat.sendMessageStream({ message: "Count." }))).text).toBe("one two");
    await chat.sendMessage({ message: "Go on." });
    expect((bodyOf(-1) as { messages: unknown[] }).messages).toMatchObject([
      { role: "user", content: "Count." },
      { role: "assistant", content: "one two" },
      { role: "user", content: "Go on." },
    ]);
  });

  it("moves a conversation from another wire to Gemini, with Gemini's signatures from then on", async () => {
    lab.behave("up-alpha", healthy({ toolCalls: [{ name: "get_weather", arguments: ['{"city":"Graz"}'] }] }));
    lab.behave("gemini-3-flash", geminiNeedsSignatures());
    const question: Content = { role: "user", parts: [{ text: contents }] };
    const first = await client.models.generateContent({ model: "alpha", contents: [question], config });
    const answered = first.candidates?.[0]?.content ?? {};
    const call = answered.parts?.[0]?.functionCall;
    const functionResponse = { id: call?.id ?? "", name: "get_weather", response: { output: "sunny" } };
    const second = await client.models.generateContent({
      model: "flash",
      contents: [question, answered, { role: "user", parts: [{ functionResponse }] }],
      config,
    });
    expect(second.candidates?.[0]?.finishReason).toBe("STOP");
    const [, turn] = (bodyOf(-1) as { contents: Content[] }).contents;
    expect(turn?.parts?.[0]?.thoughtSignature).toBe("skip_thought_signature_validator");
  });
});

it.each([false, true])(
  "returns Anthropic's thinking to Anthropic with its signature (streamed: %s)",
  async (stream) => {
    const calling = {
      reasoning: ["hm, ", "well"],
      toolCalls: [{ name: "get_weather", arguments: ['{"city":"Graz"}'] }],
    };
    lab.behave("up-sonnet", healthy(calling));
    const thinkingConfig = { includeThoughts: true, thinkingBudget: 8192 };
    const question: Content = { role: "user", parts: [{ text: contents }] };
    const request = { model: "sonnet", contents: [question], config: { ...config, thinkingConfig } };
    const turns: Content[] = stream
      ? (await collect(await client.models.generateContentStream(request))).chunks.flatMap(
          (chunk) => chunk.candidates?.[0]?.content ?? [],
        )
      : [(await client.models.generateContent(request)).candidates?.[0]?.content ?? {}];
    const call = turns.flatMap(({ parts }) => parts ?? []).find((part) => part.functionCall !== undefined);
    const functionResponse = {
      id: call?.functionCall?.id ?? "",
      name: "get_weather",
      response: { output: "sunny" },
    };
    const answered: Content = { role: "user", parts: [{ functionResponse }] };
    const both = { ...request, contents: [question, ...turns, answered] };
    await client.models.generateContent(both);
    const [, assistant] = (bodyOf(-1) as { messages: { content: unknown[] }[] }).messages;
    expect(assistant?.content).toMatchObject([
      { type: "thinking", thinking: "hm, well", signature: expect.stringMatching(/^sig_lab_\d+$/) },
      { type: "tool_use", name: "get_weather", input: { city: "Graz" } },
    ]);
    lab.behave("gemini-3-flash", geminiNeedsSignatures());
    await client.models.generateContent({ ...both, model: "flash" });
    expect(JSON.stringify(bodyOf(-1))).not.toContain(Buffer.from("headgate:").toString("base64"));
  },
);

describe("other routes of the SDK", () => {
  it("lists models in pages, and gets one", async () => {
    const names: (string | undefined)[] = [];
    for await (const model of await client.models.list({ config: { pageSize: 3 } })) names.push(model.name);
    expect(names).toEqual(
      [
        "alpha",
        "beta",
        "blind",
        "demo",
        "flash",
        "gemini-vectors",
        "local",
        "local-vectors",
        "org/slashed:free",
        "sonnet",
        "vectors",
      ].map((name) => `models/${name}`),
    );
    expect(await client.models.get({ model: "alpha" })).toMatchObject({
      name: "models/alpha",
      inputTokenLimit: 8000,
      supportedActions: ["generateContent", "streamGenerateContent", "countTokens"],
    });
    await expect(client.models.get({ model: "nope" })).rejects.toMatchObject({ status: 404 });
  });

  it("counts tokens without an upstream call", async () => {
    const short = await client.models.countTokens({ model: "alpha", contents: "Hi" });
    const long = await client.models.countTokens({ model: "alpha", contents: "Hi there, ".repeat(50) });
    expect(short.totalTokens).toBeGreaterThan(0);
    expect(long.totalTokens).toBeGreaterThan(100);
    const image = [{ inlineData: { mimeType: "image/png", data: PIXEL } }];
    expect(
      (await client.models.countTokens({ model: "alpha", contents: image })).totalTokens,
    ).toBeGreaterThan(258);
    const wrapped = { generateContentRequest: { contents: [{ parts: [{ text: "Hi" }] }] } };
    const response = await post("/v1beta/models/alpha:countTokens", wrapped);
    expect(await response.json()).toEqual({ totalTokens: short.totalTokens });
    expect(lab.requests).toHaveLength(0);
  });

  it.each(["vectors", "local-vectors"])("embeds one text and many with %s", async (model) => {
    const many = await client.models.embedContent({ model, contents: ["one", "two"] });
    expect(many.embeddings).toHaveLength(2);
    expect(many.embeddings?.[0]?.values?.length).toBeGreaterThan(0);
    const body = { content: { parts: [{ text: "one" }] }, taskType: "RETRIEVAL_QUERY" };
    const response = await post(`/v1beta/models/${model}:embedContent`, body);
    expect(response.headers.get("x-headgate-dropped-params")).toBe("taskType");
    expect(await response.json()).toMatchObject({ embedding: { values: many.embeddings?.[0]?.values } });
  });

  it("embeds on Google's own wire, with the purpose of each text", async () => {
    const model = "gemini-vectors";
    const many = await client.models.embedContent({
      model,
      contents: ["one", "two"],
      config: { taskType: "RETRIEVAL_DOCUMENT", title: "Numbers", outputDimensionality: 8 },
    });
    expect(many.embeddings?.map(({ values }) => values?.length)).toEqual([8, 8]);
    const { path, body } = lab.requests.at(-1) ?? {};
    expect(path).toBe("/v1beta/models/gemini-embedding-001:batchEmbedContents");
    const own = { taskType: "RETRIEVAL_DOCUMENT", title: "Numbers", outputDimensionality: 8 };
    expect(body).toMatchObject({
      requests: ["one", "two"].map((text) => ({
        model: "models/gemini-embedding-001",
        content: { parts: [{ text }] },
        ...own,
      })),
    });
    const one = { content: { parts: [{ text: "one" }] }, taskType: "RETRIEVAL_QUERY" };
    const response = await post(`/v1beta/models/${model}:embedContent`, one);
    expect(response.headers.has("x-headgate-dropped-params")).toBe(false);
    expect(await response.json()).toMatchObject({ embedding: { values: expect.any(Array) } });
  });

  it("embeds on Google's own wire for OpenAI's clients, as base64 or as numbers", async () => {
    const embed = async (body: object) => {
      const response = await post("/v1/embeddings", {
        model: "gemini-vectors",
        input: ["one", "two"],
        ...body,
      });
      return (await response.json()) as { data: { embedding: string | number[] }[]; usage: object };
    };
    const plain = await embed({ dimensions: 8 });
    const packed = await embed({ dimensions: 8, encoding_format: "base64" });
    expect(plain.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
    expect(plain.data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    const unpacked = packed.data.map(({ embedding }) => {
      const bytes = Buffer.from(String(embedding), "base64");
      return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
    });
    expect(unpacked).toEqual(plain.data.map(({ embedding }) => embedding));
  });

  it("accepts names with slashes and colons", async () => {
    const answer = await client.models.generateContent({ model: "models/org/slashed:free", contents });
    expect(answer.text).toMatch(/up-slashed/);
  });
});

describe("keys", () => {
  const body = JSON.stringify({ contents: [{ parts: [{ text: "Hi" }] }] });
  const path = "/v1beta/models/alpha:generateContent";

  it("accepts the key as Gemini's clients send it, and logs no query", async () => {
    for (const [query, headers] of [
      ["", { "x-goog-api-key": CLIENT_KEY }],
      ["", { authorization: `Bearer ${CLIENT_KEY}` }],
      [`?key=${CLIENT_KEY}`, {}],
    ] as const) {
      const response = await fetch(`${gateway.url}${path}${query}`, { method: "POST", body, headers });
      expect(response.status).toBe(200);
    }
    await fetch(`${gateway.url}/v1beta/nothing?key=${CLIENT_KEY}`);
    await fetch(`${gateway.url}${path}?key=${CLIENT_KEY}`, { method: "POST", body: "{" });
    expect(gateway.logged.join("\n")).not.toContain(CLIENT_KEY);
  });

  it("refuses others in Google's envelope, and accepts a key in the query on no other surface", async () => {
    const response = await fetch(`${gateway.url}${path}?key=wrong-test-key`, { method: "POST", body });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 401, status: "UNAUTHENTICATED" } });
    expect((await fetch(`${gateway.url}/v1/models?key=${CLIENT_KEY}`)).status).toBe(401);
  });
});

describe("errors", () => {
  it("falls back unseen by the client", async () => {
    lab.behave("up-alpha", status(503));
    lab.behave("up-beta", healthy({ text: ["from ", "beta"] }));
    expect((await client.models.generateContent({ model: "alpha", contents })).text).toBe("from beta");
  });

  it.each(["beta", "flash"])(
    "ends a broken stream of %s in an error, so that the SDK throws",
    async (model) => {
      lab.behave("up-beta", cut({ after: 2 }));
      lab.behave("gemini-3-flash", cut({ after: 2 }));
      const seen: string[] = [];
      const read = async () => {
        for await (const chunk of await client.models.generateContentStream({ model, contents }))
          seen.push(chunk.text ?? "");
      };
      await expect(read()).rejects.toThrow(/broke off in mid-stream/);
      expect(seen.length).toBeGreaterThan(0);
      const response = await post(`/v1beta/models/${model}:streamGenerateContent`, {
        contents: [{ parts: [{ text: "Hi" }] }],
      });
      const pieces = (await response.json()) as { error?: unknown }[];
      expect(pieces.at(-1)?.error).toMatchObject({ code: 502, status: "UNAVAILABLE" });
    },
  );

  it("states the retry delay", async () => {
    lab.behave("up-beta", status(429, { headers: { "retry-after": "30" } }));
    const response = await post("/v1beta/models/beta:generateContent", {
      contents: [{ parts: [{ text: "Hi" }] }],
    });
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({
      error: {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "30s" }],
      },
    });
  });

  it("cancels the upstream call when the client disconnects", async () => {
    lab.behave("up-beta", stall({ after: 2 }));
    const abort = new AbortController();
    const read = async () => {
      const stream = await client.models.generateContentStream({
        model: "beta",
        contents,
        config: { abortSignal: abort.signal },
      });
      for await (const _ of stream) abort.abort();
    };
    await expect(read()).rejects.toThrow(/abort/i);
    await lab.idle();
    expect(lab.requests).toHaveLength(1);
  });
});

it("serves a request of the Gemini CLI", async () => {
  lab.behave("up-alpha", healthy({ toolCalls: [{ name: "get_weather", arguments: ['{"city":"Graz"}'] }] }));
  const body = {
    contents: [
      { role: "user", parts: [{ text: "This is the Gemini CLI." }] },
      { role: "model", parts: [{ text: "Got it." }] },
      { role: "user", parts: [{ text: "The weather?" }] },
    ],
    systemInstruction: { role: "user", parts: [{ text: "You are an interactive CLI agent." }] },
    tools: [{ functionDeclarations: [weather] }],
    generationConfig: {
      temperature: 1,
      topP: 0.95,
      topK: 64,
      thinkingConfig: { includeThoughts: true, thinkingBudget: 8192 },
    },
  };
  const response = await fetch(`${gateway.url}/v1beta/models/alpha:streamGenerateContent?alt=sse`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "x-goog-api-key": CLIENT_KEY, "content-type": "application/json" },
  });
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const frames = withoutLastComment(await response.text())
    .trimEnd()
    .split("\n\n");
  expect(frames.every((frame) => frame.startsWith("data: {"))).toBe(true);
  expect(JSON.parse(frames.at(-1)?.slice(6) ?? "")).toMatchObject({
    candidates: [{ content: { parts: [{ functionCall: { name: "get_weather" } }] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: expect.any(Number) },
  });
});

const hi = { parts: [{ text: "Hi" }] };
const called = { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] };

it.each([
  ["generateContent", {}, 400, /`contents`/],
  ["generateContent", { contents: ["x"] }, 400, /^contents\[0\]: /],
  ["generateContent", { contents: [{ role: "king", parts: [] }] }, 400, /^contents\[0\]\.role: /],
  ["generateContent", { contents: [{ parts: [{}] }] }, 400, /^contents\[0\]\.parts\[0\]: /],
  ["generateContent", { contents: [{ parts: [{ text: 1 }] }] }, 400, /^contents\[0\]\.parts\[0\]\.text: /],
  [
    "generateContent",
    { contents: [{ parts: [{ inlineData: { mimeType: "image/png", data: "no base64!" } }] }] },
    400,
    /^contents\[0\]\.parts\[0\]\.inlineData\.data: .*base64/,
  ],
  [
    "generateContent",
    { contents: [{ parts: [{ functionResponse: { name: "f", response: {} } }] }] },
    400,
    /^contents\[0\]\.parts\[0\]\.functionResponse: /,
  ],
  [
    "generateContent",
    { contents: [hi, called, { parts: [{ functionResponse: { name: "f", response: "x" } }] }] },
    400,
    /^contents\[2\]\.parts\[0\]\.functionResponse\.response: /,
  ],
  [
    "generateContent",
    {
      contents: [
        { parts: [{ fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/x" } }] },
      ],
    },
    400,
    /^contents\[0\]\.parts\[0\]\.fileData: /,
  ],
  [
    "generateContent",
    { contents: [hi], tools: [{ googleSearch: {} }] },
    400,
    /^tools\.googleSearch: .* can search the web/,
  ],
  [
    "generateContent",
    { contents: [hi], tools: [{ functionDeclarations: [{}] }] },
    400,
    /^tools\[0\]\.functionDeclarations\[0\]\.name: /,
  ],
  [
    "generateContent",
    { contents: [hi], toolConfig: { functionCallingConfig: { mode: "MAYBE" } } },
    400,
    /^toolConfig\.functionCallingConfig\.mode: /,
  ],
  [
    "generateContent",
    { contents: [hi], generationConfig: { temperature: "hot" } },
    400,
    /^generationConfig\.temperature: /,
  ],
  [
    "generateContent",
    { contents: [hi], generationConfig: { candidateCount: 2 } },
    400,
    /^generationConfig\.candidateCount: /,
  ],
  ["generateContent", { contents: [hi], cachedContent: "cachedContents/x" }, 400, /cachedContent/],
  ["generateContent", "{", 400, /not valid JSON/],
  ["generateContent", "[]", 400, /JSON object/],
  ["embedContent", { content: hi }, 400, /not for embedding/],
  ["embedContent", {}, 400, /^content: /],
  ["batchEmbedContents", { requests: [{ content: { parts: [] } }] }, 400, /^requests\[0\]\.content\.parts: /],
  ["countTokens", {}, 400, /`contents`/],
  ["fly", { contents: [hi] }, 404, /There is no POST/],
])(":%s with %j answers %i in Google's envelope", async (method, body, code, words) => {
  const response = await post(`/v1beta/models/alpha:${method}`, body);
  expect(response.status).toBe(code);
  const { error } = (await response.json()) as { error: { code: number; message: string; status: string } };
  expect(error).toMatchObject({ code, status: code === 400 ? "INVALID_ARGUMENT" : "NOT_FOUND" });
  expect(error.message).toMatch(words);
});

it("refuses a capability that no model of the chain has, and unknown models", async () => {
  const image = { contents: [{ parts: [{ inlineData: { mimeType: "image/png", data: PIXEL } }] }] };
  const blind = await post("/v1beta/models/blind:generateContent", image);
  expect(blind.status).toBe(422);
  expect(((await blind.json()) as { error: { message: string } }).error.message).toMatch(/lacks vision/);
  const unknown = await post("/v1beta/models/nope:streamGenerateContent?alt=sse", { contents: [hi] });
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ error: { status: "NOT_FOUND" } });
});

const generate = "/v1beta/models/alpha:generateContent";
const nested = `{"contents":${"[".repeat(200)}${"]".repeat(200)}}`;
const notUtf8 = Buffer.concat([
  Buffer.from('{"contents":[{"parts":[{"text":"'),
  Buffer.from([0xff]),
  Buffer.from('"}]}]}'),
]);

it.each([
  ["bytes that are no UTF-8", notUtf8, /not valid UTF-8/],
  ["a body nested too deep", nested, /nested deeper/],
  ["no body", undefined, /no body/],
])("refuses %s in Google's envelope", async (_, body, words) => {
  const response = await gateway.fetch(generate, { method: "POST", ...present({ body }) });
  expect(response.status).toBe(400);
  const { error } = (await response.json()) as { error: { message: string; status: string } };
  expect(error).toMatchObject({ status: "INVALID_ARGUMENT", message: expect.stringMatching(words) });
});

it("refuses a body that is too large in Google's envelope, and accepts a long conversation", async () => {
  const long = Array.from({ length: 10_000 }, (_, at) => ({
    role: at % 2 === 0 ? "user" : "model",
    parts: [{ text: `${at}` }],
  }));
  expect((await post(generate, { contents: long })).status).toBe(200);
  expect((bodyOf(-1) as { messages: unknown[] }).messages).toHaveLength(10_000);
  const provider = { id: "first", baseUrl: lab.baseUrl, models: [{ alias: "alpha", upstream: "up-alpha" }] };
  await using small = await startGateway([provider], { options: { maxBodyBytes: 1_000 } });
  const response = await small.fetch(generate, { method: "POST", body: JSON.stringify({ contents: long }) });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ error: { code: 413, status: "INVALID_ARGUMENT" } });
});

it("keeps the client's own fields on its own wire, also where the request is translated", async () => {
  const body = {
    systemInstruction: { parts: [{ text: "Be brief." }] },
    contents: [
      { role: "user", parts: [{ text: "Look." }, { inlineData: { mimeType: "image/png", data: PIXEL } }] },
      {
        role: "model",
        parts: [
          { text: "I will ask.", thoughtSignature: "c2lnbmVk" },
          {
            functionCall: { id: "a", name: "get_weather", args: { city: "Graz" } },
            thoughtSignature: "Y2FsbA==",
          },
          { functionCall: { id: "b", name: "get_weather", args: { city: "Linz" } } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "a", name: "get_weather", response: { celsius: 21 } } },
          { functionResponse: { id: "b", name: "get_weather", response: { output: "rain" } } },
        ],
      },
    ],
    tools: [{ functionDeclarations: [weather] }],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["get_weather"] } },
    generationConfig: {
      maxOutputTokens: 64,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stopSequences: ["END"],
      seed: 3,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      responseMimeType: "application/json",
      responseJsonSchema: { type: "object", properties: {} },
      thinkingConfig: { thinkingLevel: "LOW", includeThoughts: true },
    },
  };
  const response = await post("/v1beta/models/flash:streamGenerateContent", body);
  expect(response.status).toBe(200);
  expect(bodyOf(-1)).toEqual(body);
});
