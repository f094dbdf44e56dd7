/** Malformed bodies on every surface: each gets that surface's own error, and nothing is sent upstream. */
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [
        { alias: "alpha", upstream: "up-alpha" },
        { alias: "vectors", operation: "embedding" },
        { alias: "pictures", operation: "image" },
        { alias: "voice", operation: "speech" },
        { alias: "judge", operation: "moderation" },
      ],
    },
  ]);
});
afterAll(async () => {
  await gateway.close();
  await lab.close();
});

interface SurfaceUnderTest {
  readonly path: string;
  /** A body with these messages, each a user's text. */
  body(texts: readonly string[]): Record<string, unknown>;
  /** The error's message in the surface's own envelope; undefined in another envelope. */
  words(envelope: Record<string, unknown>): string | undefined;
  /** The field with the messages, with a value of a wrong type. */
  wrong: readonly (readonly [what: string, change: Record<string, unknown>, path: RegExp])[];
}

const inError = (envelope: Record<string, unknown>): Record<string, unknown> =>
  typeof envelope.error === "object" && envelope.error !== null
    ? (envelope.error as Record<string, unknown>)
    : {};
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const SURFACES: Readonly<Record<string, SurfaceUnderTest>> = {
  "chat completions": {
    path: "/v1/chat/completions",
    body: (texts) => ({ model: "alpha", messages: texts.map((content) => ({ role: "user", content })) }),
    words: (envelope) => ("param" in inError(envelope) ? text(inError(envelope).message) : undefined),
    wrong: [
      ["messages of text", { messages: "hello" }, /messages/],
      ["an unknown role", { messages: [{ role: "king", content: "x" }] }, /role/],
      ["a number for a model", { model: 7 }, /model/],
      [
        "an orphan tool result",
        { messages: [{ role: "tool", tool_call_id: "t", content: "x" }] },
        /tool call with the id/,
      ],
      ["a result of no call", { messages: [{ role: "tool", content: "x" }] }, /tool_call_id/],
      [
        "broken base64",
        {
          messages: [
            {
              role: "user",
              content: [{ type: "image_url", image_url: { url: "data:image/png;base64,%%%" } }],
            },
          ],
        },
        /base64/,
      ],
      [
        "broken base64 of a voice",
        {
          messages: [
            { role: "user", content: [{ type: "input_audio", input_audio: { data: "%", format: "wav" } }] },
          ],
        },
        /base64/,
      ],
      [
        "broken base64 of a file",
        {
          messages: [
            {
              role: "user",
              content: [{ type: "file", file: { file_data: "data:application/pdf;base64,%%%" } }],
            },
          ],
        },
        /base64/,
      ],
    ],
  },
  responses: {
    path: "/v1/responses",
    body: (texts) => ({ model: "alpha", input: texts.map((content) => ({ role: "user", content })) }),
    words: (envelope) => ("param" in inError(envelope) ? text(inError(envelope).message) : undefined),
    wrong: [
      ["an input of a number", { input: 7 }, /input/],
      ["an unknown role", { input: [{ role: "king", content: "x" }] }, /role/],
      ["a number for a model", { model: 7 }, /model/],
      [
        "an orphan tool result",
        { input: [{ type: "function_call_output", call_id: "t", output: "x" }] },
        /No tool call found/,
      ],
      [
        "broken base64",
        {
          input: [
            {
              role: "user",
              content: [{ type: "input_image", image_url: "data:image/png;base64,%%%" }],
            },
          ],
        },
        /base64/,
      ],
    ],
  },
  messages: {
    path: "/v1/messages",
    body: (texts) => ({
      model: "alpha",
      max_tokens: 10,
      messages: texts.map((content) => ({ role: "user", content })),
    }),
    words: (envelope) => (envelope.type === "error" ? text(inError(envelope).message) : undefined),
    wrong: [
      ["messages of text", { messages: "hello" }, /messages/],
      ["an unknown role", { messages: [{ role: "king", content: "x" }] }, /role/],
      [
        "an orphan tool result",
        { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "x" }] }] },
        /tool_result|tool_use/,
      ],
      [
        "broken base64",
        {
          messages: [
            {
              role: "user",
              content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "%%%" } }],
            },
          ],
        },
        /base64|data/,
      ],
    ],
  },
  ollama: {
    path: "/api/chat",
    body: (texts) => ({
      model: "alpha",
      stream: false,
      messages: texts.map((content) => ({ role: "user", content })),
    }),
    words: (envelope) => text(envelope.error),
    wrong: [
      ["messages of text", { messages: "hello" }, /messages/],
      ["an unknown role", { messages: [{ role: "king", content: "x" }] }, /role/],
      ["broken base64", { messages: [{ role: "user", content: "x", images: ["%%%"] }] }, /base64/],
      ["an orphan tool result", { messages: [{ role: "tool", content: "x" }] }, /answers no call/],
    ],
  },
  gemini: {
    path: "/v1beta/models/alpha:generateContent",
    body: (texts) => ({ contents: texts.map((part) => ({ role: "user", parts: [{ text: part }] })) }),
    words: (envelope) =>
      typeof inError(envelope).status === "string" ? text(inError(envelope).message) : undefined,
    wrong: [
      ["contents of text", { contents: "hello" }, /contents/],
      ["an unknown role", { contents: [{ role: "king", parts: [{ text: "x" }] }] }, /role/],
      [
        "an orphan tool result",
        { contents: [{ parts: [{ functionResponse: { name: "f", response: {} } }] }] },
        /functionResponse: .*answers no/,
      ],
      [
        "broken base64",
        { contents: [{ parts: [{ inlineData: { mimeType: "image/png", data: "%%%" } }] }] },
        /base64/,
      ],
    ],
  },
};

/** Bodies that are wrong on every route. */
const UNREADABLE: readonly (readonly [what: string, raw: string | Uint8Array<ArrayBuffer>])[] = [
  ["nothing", ""],
  ["half a body", '{"model":"alpha","mess'],
  ["a list", "[]"],
  ["null", "null"],
  ["invalid UTF-8", new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])],
  ["5,000 levels", `{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
  ["a prototype", '{"__proto__":{"model":"alpha"},"constructor":1}'],
];

describe.each(Object.entries(SURFACES))("%s", (_, { path, body, words, wrong }) => {
  const post = async (raw: string | Uint8Array<ArrayBuffer>) => {
    const before = lab.requests.length;
    const response = await gateway.fetch(path, {
      method: "POST",
      body: raw,
      headers: { "anthropic-version": "2023-06-01" },
    });
    const envelope = (await response.json()) as Record<string, unknown>;
    return { status: response.status, message: words(envelope), upstream: lab.requests.length - before };
  };
  const sound = (): Record<string, unknown> => body(["Hello"]);

  it("accepts the valid body, and 10,000 messages", async () => {
    expect(await post(JSON.stringify(sound()))).toMatchObject({ status: 200, upstream: 1 });
    expect(
      await post(JSON.stringify(body(Array.from({ length: 10_000 }, (_unused, at) => `message ${at}`)))),
    ).toMatchObject({ status: 200, upstream: 1 });
  });

  it.each(UNREADABLE)("refuses %s with 400", async (_what, raw) => {
    const { status, message, upstream } = await post(raw);
    expect({ status, upstream }).toEqual({ status: 400, upstream: 0 });
    expect(message).toBeTruthy();
  });

  it.each(wrong)("refuses %s and names the field", async (_what, change, where) => {
    const { status, message, upstream } = await post(JSON.stringify({ ...sound(), ...change }));
    expect({ status, upstream }).toEqual({ status: 400, upstream: 0 });
    expect(message).toMatch(where);
  });

  it("refuses 60 MB with 413", async () => {
    const { status, message, upstream } = await post(JSON.stringify(body(["x".repeat(60 * 1024 * 1024)])));
    expect({ status, upstream }).toEqual({ status: 413, upstream: 0 });
    expect(message).toMatch(/larger/);
  });
});

/** The other routes: by envelope, what each refuses and the field it names. */
const openAi = (envelope: Record<string, unknown>): string | undefined =>
  "param" in inError(envelope) ? text(inError(envelope).param ?? "") : undefined;
const inGoogle = (envelope: Record<string, unknown>): string | undefined =>
  typeof inError(envelope).status === "string" ? text(inError(envelope).message) : undefined;
const inOllama = (envelope: Record<string, unknown>): string | undefined => text(envelope.error);
const inAnthropic = (envelope: Record<string, unknown>): string | undefined =>
  envelope.type === "error" ? text(inError(envelope).message) : undefined;

interface RouteUnderTest {
  readonly where: (envelope: Record<string, unknown>) => string | undefined;
  readonly wrong: readonly (readonly [body: Record<string, unknown>, field: RegExp])[];
}

const model = "alpha";
const ROUTES: Readonly<Record<string, RouteUnderTest>> = {
  "/v1/completions": {
    where: openAi,
    wrong: [
      [{ model }, /^prompt$/],
      [{ model: 7, prompt: "x" }, /^model$/],
      [{ model, prompt: {} }, /^prompt$/],
      [{ model, prompt: "x", temperature: "hot" }, /^temperature$/],
      [{ model, prompt: "x", stop: [1] }, /^stop$/],
      [{ model, prompt: "x", best_of: 3 }, /^best_of$/],
      [{ model, prompt: "x", messages: [] }, /^messages$/],
    ],
  },
  "/v1/embeddings": {
    where: openAi,
    wrong: [
      [{ model: "vectors" }, /^input$/],
      [{ input: "x" }, /^model$/],
      [{ model: "vectors", input: [] }, /^input$/],
      [{ model: "vectors", input: ["x", ""] }, /^input\[1\]$/],
      [{ model: "vectors", input: ["x", { a: 1 }] }, /^input\[1\]$/],
      [{ model: "vectors", input: [[0.5]] }, /^input\[0\]$/],
      [{ model: "vectors", input: "x", dimensions: 0.5 }, /^dimensions$/],
      [{ model: "vectors", input: "x", encoding_format: "hex" }, /^encoding_format$/],
      [{ model: "vectors", input: Array.from({ length: 2_049 }, () => "x") }, /^input$/],
    ],
  },
  "/v1/rerank": {
    where: openAi,
    wrong: [
      [{ model, documents: ["x"] }, /^query$/],
      [{ model, query: "x" }, /^documents$/],
      [{ model, query: "x", documents: ["x", 7] }, /^documents\[1\]$/],
      [{ model, query: "x", documents: ["x"], top_n: 0 }, /^top_n$/],
      [{ model, query: 7, documents: ["x"] }, /^query$/],
    ],
  },
  "/v1/images/generations": {
    where: openAi,
    wrong: [
      [{ model: "pictures" }, /^prompt$/],
      [{ model: "pictures", prompt: 7 }, /^prompt$/],
      [{ model: [], prompt: "x" }, /^model$/],
    ],
  },
  "/v1/audio/speech": {
    where: openAi,
    wrong: [
      [{ model: "voice" }, /^input$/],
      [{ model: "voice", input: ["x"] }, /^input$/],
      [{ model: null, input: "x" }, /^model$/],
    ],
  },
  "/v1/moderations": {
    where: openAi,
    wrong: [
      [{ model: "judge" }, /^input$/],
      [{ model: 7, input: "x" }, /^model$/],
    ],
  },
  "/v1/responses/input_tokens": {
    where: openAi,
    wrong: [
      [{ model }, /^input$/],
      [{ model, input: [{ role: "king", content: "x" }] }, /^input\[0\]\.role$/],
    ],
  },
  "/v1/messages/count_tokens": {
    where: inAnthropic,
    wrong: [
      [{ model }, /messages/],
      [{ model, messages: [{ role: "king", content: "x" }] }, /role/],
    ],
  },
  "/api/generate": {
    where: inOllama,
    wrong: [
      [{ prompt: "x" }, /`model`/],
      [{ model, prompt: 7 }, /`prompt`/],
      [{ model, prompt: "x", images: ["%%%"] }, /base64/],
    ],
  },
  "/api/embed": {
    where: inOllama,
    wrong: [
      // Without an input it loads the model.
      [{ model: "vectors", input: 7 }, /`input`/],
      [{ input: "x" }, /`model`/],
    ],
  },
  "/v1beta/models/vectors:embedContent": {
    where: inGoogle,
    wrong: [
      [{}, /^content: /],
      [{ content: { parts: [{ inlineData: {} }] } }, /^content\.parts\[0\]: /],
      [{ content: { parts: [{ text: "x" }] }, outputDimensionality: -1 }, /^outputDimensionality: /],
    ],
  },
  "/v1beta/models/vectors:batchEmbedContents": {
    where: inGoogle,
    wrong: [
      [{}, /^requests: |`requests`/],
      [{ requests: ["x"] }, /^requests\[0\]: /],
      [{ requests: [{ content: { parts: [{ text: "x" }] }, colour: 1 }] }, /^requests\[0\]\.colour: /],
    ],
  },
  "/v1beta/models/alpha:countTokens": {
    where: inGoogle,
    wrong: [[{ contents: "hello" }, /contents/]],
  },
};
const HUGE = `{"model":"alpha","input":"${"x".repeat(60 * 1024 * 1024)}"}`;

describe.each(Object.entries(ROUTES))("%s", (path, { where, wrong }) => {
  const post = async (raw: string | Uint8Array<ArrayBuffer>) => {
    const before = lab.requests.length;
    const headers = { "anthropic-version": "2023-06-01" };
    const response = await gateway.fetch(path, { method: "POST", body: raw, headers });
    const envelope = (await response.json()) as Record<string, unknown>;
    return { status: response.status, message: where(envelope), upstream: lab.requests.length - before };
  };

  it("refuses an unreadable body with 400, in its own envelope", async () => {
    for (const [what, raw] of UNREADABLE) {
      const { message, ...seen } = await post(raw);
      expect({ what, ...seen }).toEqual({ what, status: 400, upstream: 0 });
      expect(message, what).toBeDefined();
    }
  });

  it.each(wrong.map(([body, field]) => [JSON.stringify(body).slice(0, 100), body, field] as const))(
    "refuses %s and names the field",
    async (_, body, field) => {
      const { message, ...seen } = await post(JSON.stringify(body));
      expect(seen).toEqual({ status: 400, upstream: 0 });
      expect(message).toMatch(field);
    },
  );

  it("refuses 60 MB with 413", async () => {
    const { message, ...seen } = await post(HUGE);
    expect(seen).toEqual({ status: 413, upstream: 0 });
    expect(message).toBeDefined();
  });
});
