/** Operations other than chat, over HTTP with the official SDK, against servers that record what they are sent. */

import { readdirSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { present } from "@headgate/contract";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway, UPSTREAM_KEY } from "./support/gateway.ts";

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Reply = (response: ServerResponse, received: Received) => void;

/** An upstream that answers by path and records every request. */
async function startUpstream() {
  const received: Received[] = [];
  const replies = new Map<string, Reply>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) };
      received.push(one);
      const reply = replies.get(one.path);
      if (reply === undefined) response.writeHead(404).end();
      else reply(response, one);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received,
    on: (path: string, reply: Reply) => replies.set(`/v1${path}`, reply),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const json =
  (value: unknown, status = 200): Reply =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };

let first: Awaited<ReturnType<typeof startUpstream>>;
let second: Awaited<ReturnType<typeof startUpstream>>;
let gateway: TestGateway;
let client: OpenAI;

const models = (side: string, chainTo?: string) =>
  (["embedding", "image", "speech", "transcription", "rerank"] as const).map((operation) => ({
    alias: `${side}-${operation}`,
    upstream: `up-${side}-${operation}`,
    operation,
    ...present({ chain: chainTo === undefined ? undefined : [`${chainTo}-${operation}`] }),
  }));

const spooled = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`headgate-${process.pid}-`));

/** Files of other runs; only this run's own forms are counted. */
let before: ReadonlySet<string>;

beforeEach(async () => {
  before = new Set(spooled());
  first = await startUpstream();
  second = await startUpstream();
  gateway = await startGateway([
    { id: "first", baseUrl: first.url, models: [...models("a", "b"), { alias: "chatty" }] },
    {
      id: "second",
      baseUrl: second.url,
      dialect: { drop: ["user", "temperature"], rename: { voice: "speaker" } },
      models: models("b"),
    },
  ]);
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
});
afterEach(async () => {
  await gateway.close();
  await Promise.all([first.close(), second.close()]);
  expect(spooled().filter((name) => !before.has(name))).toEqual([]);
});

const vectors = {
  object: "list",
  model: "m",
  data: [
    { index: 1, embedding: [0.5, -1] },
    { index: 0, embedding: [0.25, 2] },
  ],
  usage: { prompt_tokens: 7, total_tokens: 7 },
};

describe("embeddings", () => {
  it("are in the order of the inputs, as floats and as the SDK's base64, and neither is requested upstream", async () => {
    first.on("/embeddings", json(vectors));
    for (const format of ["float", "base64", undefined] as const) {
      const answer = await client.embeddings.create({
        model: "a-embedding",
        input: ["x", "y"],
        ...present({ encoding_format: format }),
      });
      const [zero, one] = answer.data.map((entry) => entry.embedding);
      if (format === "base64") expect(Buffer.from(String(zero), "base64").readFloatLE(4)).toBe(2);
      else
        expect([zero, one].map((vector) => [...(vector ?? [])])).toEqual([
          [0.25, 2],
          [0.5, -1],
        ]);
      expect(answer.usage.prompt_tokens).toBe(7);
    }
    expect(JSON.parse(first.received[0]?.body.toString() ?? "")).toEqual({
      model: "up-a-embedding",
      input: ["x", "y"],
    });
    expect(first.received[0]?.headers.authorization).toBe(`Bearer ${UPSTREAM_KEY}-FIRST_API_KEY`);
  });

  it("pass as bytes, both ways, but for the model's name", async () => {
    const answer =
      '{"object":"list", "data":[{"index":0,"embedding":[0.10000000000000001,1e-7]}], "model":"m", "usage":{"prompt_tokens":7,"total_tokens":7,"prompt_tokens_details":{"audio_tokens":0}},"more":1}';
    first.on("/embeddings", (response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(answer);
    });
    const sent = '{"model": "a-embedding", "input": "x", "future_field": {"a": 1.0}}';
    const response = await gateway.fetch("/v1/embeddings", { method: "POST", body: sent });
    expect(await response.text()).toBe(answer);
    expect(first.received[0]?.body.toString()).toBe(sent.replace("a-embedding", "up-a-embedding"));
  });

  it("of base64 that an upstream sends become floats for a client of floats", async () => {
    const packed = Buffer.from(Float32Array.of(0.25, 2).buffer).toString("base64");
    first.on("/embeddings", json({ ...vectors, data: [{ index: 0, embedding: packed }], more: 1 }));
    const response = await gateway.fetch("/v1/embeddings", {
      method: "POST",
      body: '{"model":"a-embedding","input":"x"}',
    });
    expect(await response.json()).toMatchObject({ data: [{ index: 0, embedding: [0.25, 2] }], more: 1 });
  });

  it("fall back on an answer with a missing vector", async () => {
    first.on("/embeddings", json({ ...vectors, data: vectors.data.slice(0, 1) }));
    second.on("/embeddings", json(vectors));
    const { response } = await client.embeddings
      .create({ model: "a-embedding", input: ["x", "y"], dimensions: 2, user: "u" })
      .withResponse();
    expect(response.headers.get("x-routed-via")).toBe("second/up-b-embedding");
    expect(response.headers.get("x-headgate-dropped-params")).toBe("user");
    expect(JSON.parse(second.received[0]?.body.toString() ?? "")).toMatchObject({ dimensions: 2 });
  });

  it.each([
    [{}, "input"],
    [{ input: "" }, "input"],
    [{ input: [] }, "input"],
    [{ input: ["x", 7] }, "input[1]"],
    [{ input: "x", encoding_format: "int8" }, "encoding_format"],
    [{ input: "x", dimensions: 0.5 }, "dimensions"],
  ])("refuse %j by its field's name", async (body, param) => {
    const response = await gateway.fetch("/v1/embeddings", {
      method: "POST",
      body: JSON.stringify({ model: "a-embedding", ...body }),
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { param: string } }).error.param).toBe(param);
  });
});

describe("images", () => {
  const picture = { created: 1, data: [{ b64_json: "AAAA" }] };

  it("pass through, and fall back on an answer without an image", async () => {
    first.on("/images/generations", json({ created: 1, data: [] }));
    second.on("/images/generations", json(picture));
    const answer = await client.images.generate({ model: "a-image", prompt: "a gate", size: "1024x1024" });
    expect(answer.data?.[0]?.b64_json).toBe("AAAA");
    expect(JSON.parse(second.received[0]?.body.toString() ?? "")).toEqual({
      model: "up-b-image",
      prompt: "a gate",
      size: "1024x1024",
    });
  });

  it("are edited: the file is sent again to the fallback", async () => {
    const file = Buffer.alloc(300_000, 7);
    first.on("/images/edits", json({ error: { message: "busy" } }, 503));
    second.on("/images/edits", json(picture));
    const answer = await client.images.edit({
      model: "a-image",
      prompt: "more water",
      image: await toFile(file, "gate.png", { type: "image/png" }),
    });
    expect(answer.data).toHaveLength(1);
    for (const { body, headers } of [first.received[0], second.received[0]].filter(
      (one) => one !== undefined,
    )) {
      expect(body.includes(file)).toBe(true);
      expect(Number(headers["content-length"])).toBe(body.length);
      expect(body.toString("latin1")).toMatch(/name="prompt"\r\n\r\nmore water\r\n/);
    }
    expect(second.received[0]?.body.toString("latin1")).toMatch(/name="model"\r\n\r\nup-b-image\r\n/);
  });
});

describe("speech", () => {
  it("is streamed, with the upstream's type", async () => {
    const gate = Promise.withResolvers<void>();
    first.on("/audio/speech", (response) => {
      response.writeHead(200, { "content-type": "audio/mpeg" });
      response.write(Buffer.from("first"));
      void gate.promise.then(() => response.end(Buffer.from("second")));
    });
    const response = await client.audio.speech.create({ model: "a-speech", input: "Hello", voice: "alloy" });
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
    gate.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("second");
  });

  it("falls back on JSON in its place, and applies the fallback's dialect", async () => {
    first.on("/audio/speech", json({ error: { message: "no voice" } }));
    second.on("/audio/speech", (response) =>
      response.writeHead(200, { "content-type": "audio/wav" }).end("RIFF"),
    );
    const response = await client.audio.speech.create({ model: "a-speech", input: "Hello", voice: "alloy" });
    expect(await response.text()).toBe("RIFF");
    expect(JSON.parse(second.received[0]?.body.toString() ?? "")).toMatchObject({ speaker: "alloy" });
  });
});

describe("transcription", () => {
  const audio = () => toFile(Buffer.alloc(100_000, 3), "a.wav", { type: "audio/wav" });

  it("passes every response format and unknown fields through", async () => {
    first.on("/audio/transcriptions", (response, { body }) => {
      const srt = body.toString("latin1").includes("\r\n\r\nsrt\r\n");
      if (srt)
        response
          .writeHead(200, { "content-type": "text/plain" })
          .end("1\n00:00:00,000 --> 00:00:01,000\nhi\n");
      else json({ text: "hi", segments: [{ channel: "L" }] })(response, { path: "", headers: {}, body });
    });
    const verbose = await client.audio.transcriptions.create({
      model: "a-transcription",
      file: await audio(),
      response_format: "verbose_json",
      ...{ diarization: true },
    });
    expect(verbose).toMatchObject({ text: "hi", segments: [{ channel: "L" }] });
    expect(first.received[0]?.body.toString("latin1")).toMatch(/name="diarization"\r\n\r\ntrue\r\n/);
    const srt = await client.audio.transcriptions.create({
      model: "a-transcription",
      file: await audio(),
      response_format: "srt",
    });
    expect(String(srt)).toContain("-->");
  });

  it("falls back with the same file when the first breaks, and on a page in the transcript's place", async () => {
    first.on("/audio/transcriptions", (response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Oops</title>"),
    );
    second.on("/audio/transcriptions", json({ text: "from the second" }));
    expect(
      (await client.audio.transcriptions.create({ model: "a-transcription", file: await audio() })).text,
    ).toBe("from the second");
    expect(second.received[0]?.body.includes(Buffer.alloc(100_000, 3))).toBe(true);
  });

  it("translates on its own route", async () => {
    first.on("/audio/translations", json({ text: "translated" }));
    expect(
      (await client.audio.translations.create({ model: "a-transcription", file: await audio() })).text,
    ).toBe("translated");
  });

  it("streams events as they come", async () => {
    first.on("/audio/transcriptions", (response) =>
      response
        .writeHead(200, { "content-type": "text/event-stream" })
        .end(
          'data: {"type":"transcript.text.delta","delta":"hi"}\n\ndata: {"type":"transcript.text.done","text":"hi"}\n\n',
        ),
    );
    const events: string[] = [];
    for await (const event of await client.audio.transcriptions.create({
      model: "a-transcription",
      file: await audio(),
      stream: true,
    }))
      events.push(event.type);
    expect(events).toEqual(["transcript.text.delta", "transcript.text.done"]);
  });

  it.each([
    ["no form at all", { body: "{}", headers: { "content-type": "application/json" } }],
    ["a form without a boundary", { body: "x", headers: { "content-type": "multipart/form-data" } }],
    [
      "a form that breaks off",
      {
        body: '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
        headers: { "content-type": "multipart/form-data; boundary=b" },
      },
    ],
    [
      "a form without a model",
      {
        body: '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n--b--\r\n',
        headers: { "content-type": "multipart/form-data; boundary=b" },
      },
    ],
    [
      "a form without a file",
      {
        body: '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\na-transcription\r\n--b--\r\n',
        headers: { "content-type": "multipart/form-data; boundary=b" },
      },
    ],
  ])("refuses %s with 400", async (_, init) => {
    const response = await gateway.fetch("/v1/audio/transcriptions", { method: "POST", ...init });
    expect(response.status).toBe(400);
    expect(first.received).toHaveLength(0);
  });

  it("refuses a form that is too large, and keeps no file of it", async () => {
    await gateway.close();
    gateway = await startGateway([{ id: "first", baseUrl: first.url, models: models("a") }], {
      options: { maxBodyBytes: 50_000 },
    });
    const small = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
    await expect(
      small.audio.transcriptions.create({ model: "a-transcription", file: await audio() }),
    ).rejects.toMatchObject({ status: 413 });
  });
});

it("moderations pass through, with OpenAI's default model when none is named", async () => {
  await gateway.close();
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: first.url,
      models: [{ alias: "moderator", upstream: "omni-moderation-latest", operation: "moderation" }],
    },
  ]);
  const moderating = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
  first.on(
    "/moderations",
    json({ id: "modr-1", model: "omni", results: [{ flagged: true, categories: {}, category_scores: {} }] }),
  );
  for (const model of [undefined, "moderator"]) {
    const answer = await moderating.moderations.create({
      input: ["x"],
      ...present({ model }),
    });
    expect(answer.results[0]?.flagged).toBe(true);
  }
  expect(first.received.map(({ body }) => JSON.parse(body.toString()))).toEqual([
    { input: ["x"], model: "omni-moderation-latest" },
    { input: ["x"], model: "omni-moderation-latest" },
  ]);
  first.on("/moderations", json({ id: "modr-1", results: [] }));
  await expect(moderating.moderations.create({ input: "x" })).rejects.toMatchObject({ status: 503 });
});

it("a chat model as an embedding model, and an unserved embedding model, are errors with a reason", async () => {
  const wrong = await gateway.fetch("/v1/embeddings", {
    method: "POST",
    body: JSON.stringify({ model: "chatty", input: "x" }),
  });
  expect(wrong.status).toBe(400);
  expect(((await wrong.json()) as { error: { code: string } }).error.code).toBe("wrong_operation");
});

it("no request reaches the second upstream while the first works", async () => {
  first.on("/embeddings", json({ ...vectors, data: vectors.data.slice(1) }));
  await client.embeddings.create({ model: "a-embedding", input: "x", encoding_format: "float" });
  expect(second.received).toHaveLength(0);
});
