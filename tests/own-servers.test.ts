/** Servers and models of the operator's own, by .env alone: each operation through a gateway process, with the official SDK. */
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { clientKeyOf, makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const JSON_TYPE = { "content-type": "application/json" };
const CHAT = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_760_000_000,
  model: "any",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
const EMBEDDING = { object: "embedding", index: 0, embedding: [0.5, -0.25] };
const USAGE = { prompt_tokens: 1, total_tokens: 1 };
/** As OpenAI, and for rerank Jina, document them. */
const ANSWERS: Readonly<Record<string, readonly [type: Record<string, string>, body: string | Buffer]>> = {
  "/v1/chat/completions": [JSON_TYPE, JSON.stringify(CHAT)],
  "/v1/embeddings": [
    JSON_TYPE,
    JSON.stringify({ object: "list", data: [EMBEDDING], model: "any", usage: USAGE }),
  ],
  "/v1/rerank": [
    JSON_TYPE,
    JSON.stringify({ model: "any", results: [{ index: 1, relevance_score: 0.9 }], usage: USAGE }),
  ],
  "/v1/audio/transcriptions": [JSON_TYPE, JSON.stringify({ text: "a headgate" })],
  "/v1/audio/speech": [{ "content-type": "audio/mpeg" }, Buffer.from("ID3 sound")],
  "/v1/images/generations": [JSON_TYPE, JSON.stringify({ created: 1, data: [{ b64_json: "iVBORw0KGgo=" }] })],
};

let root: string;
let server: Server;
let running: Running | undefined;
/** Path and model of each request; of a form the model's part. */
let received: [path: string, model: string | undefined][];

beforeEach(async () => {
  root = makeRoot();
  received = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("latin1");
      const path = request.url ?? "";
      const form = /name="model"\r\n\r\n(.*?)\r\n/.exec(text)?.[1];
      received.push([path, form ?? /"model":"(.*?)"/.exec(text)?.[1]]);
      const [type, body] = ANSWERS[path] ?? [
        JSON_TYPE,
        JSON.stringify({ error: { message: "no such route" } }),
      ];
      response.writeHead(ANSWERS[path] === undefined ? 404 : 200, type).end(body);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
});
afterEach(async () => {
  running?.child.kill("SIGTERM");
  await running?.exited;
  running = undefined;
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  removeRoot(root);
});

it.each(["CUSTOM", "LLAMACPP"])(
  "%s serves each operation of its list, and a tag behind a colon is no operation",
  async (flag) => {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const models =
      "hermes3:8b, my-embed:embedding, ranker:rerank, whisper:v3:transcription, voice:speech, pictures:image";
    const env = [
      "DEMO=0",
      `${flag}=1`,
      `${flag}_1_BASE_URL=${address}`,
      `${flag}_1_MODELS=${models}`,
      "HEADGATE_VRAM_BUDGET=off",
    ];
    writeFileSync(join(root, ".env"), `${env.join("\n")}\n`);
    running = await startServe(root);
    const apiKey = clientKeyOf(root);
    const client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey, maxRetries: 0 });
    const names = (await client.models.list()).data.map(({ id }) => id);
    const name = (model: string): string =>
      names.find((id) => id.endsWith(`/${model}`) || id === model) ?? model;

    const messages = [{ role: "user", content: "Hi" }] as const;
    const chat = await client.chat.completions.create({ model: name("hermes3:8b"), messages: [...messages] });
    expect(chat.choices[0]?.message.content).toBe("hello");
    const vectors = await client.embeddings.create({ model: name("my-embed"), input: "a" });
    expect(vectors.data[0]?.embedding).toEqual([0.5, -0.25]);
    const ranked = await fetch(`${running.url}/v1/rerank`, {
      method: "POST",
      headers: { ...JSON_TYPE, authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ model: name("ranker"), query: "q", documents: ["a", "b"] }),
    });
    expect(await ranked.json()).toMatchObject({ results: [{ index: 1, relevance_score: 0.9 }] });
    const file = await toFile(Buffer.from("RIFF"), "a.wav");
    const heard = await client.audio.transcriptions.create({ model: name("whisper:v3"), file });
    expect(heard.text).toBe("a headgate");
    const said = await client.audio.speech.create({ model: name("voice"), voice: "alloy", input: "Hi" });
    expect(Buffer.from(await said.arrayBuffer()).toString()).toBe("ID3 sound");
    const drawn = await client.images.generate({ model: name("pictures"), prompt: "a canal" });
    expect(drawn.data?.[0]?.b64_json).toBe("iVBORw0KGgo=");

    expect(received.filter(([path]) => path in ANSWERS)).toEqual([
      ["/v1/chat/completions", "hermes3:8b"],
      ["/v1/embeddings", "my-embed"],
      ["/v1/rerank", "ranker"],
      ["/v1/audio/transcriptions", "whisper:v3"],
      ["/v1/audio/speech", "voice"],
      ["/v1/images/generations", "pictures"],
    ]);
    const wrong = await client.embeddings
      .create({ model: name("voice"), input: "a" })
      .catch((error) => error);
    expect(wrong).toMatchObject({ status: 400 });
  },
);
