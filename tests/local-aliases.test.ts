/** Every local alias of the committed catalogue, through the whole gateway, in front of one recording fake of all backends. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { compile } from "@headgate/compiler";
import { type Deployment, type RoutingTable, readOptions, resolve } from "@headgate/contract";
import { createGateway, createLog, type Gateway } from "@headgate/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY } from "./support/gateway.ts";

const FLAGS = ["OLLAMA", "OLLAMA_CUDA", "TALKIES", "TALKIES_CUDA", "SDCPP", "SDCPP_CUDA"];
const ROOT = join(import.meta.dirname, "..");

interface Received {
  readonly path: string;
  readonly body: string;
}

const received: Received[] = [];
let gateway: Gateway;
let url: string;
let table: RoutingTable;
let close: () => Promise<void>;

const TRANSCRIPTS: Readonly<Record<string, readonly [type: string, text: string]>> = {
  json: ["application/json", '{"text":"hello"}'],
  text: ["text/plain", "hello\n"],
  verbose_json: [
    "application/json",
    '{"text":"hello","segments":[{"start":0,"end":1,"text":"hello","channel":"L"}]}',
  ],
  srt: ["application/x-subrip", "1\n00:00:00,000 --> 00:00:01,000\nhello\n"],
  vtt: ["text/vtt", "WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n"],
};

/** The answer of each route, by its path. */
const REPLIES: Readonly<Record<string, (body: string) => readonly [type: string, text: string]>> = {
  "/api/chat": () => [
    "application/json",
    JSON.stringify({
      model: "m",
      message: { role: "assistant", content: "hi", thinking: "hm" },
      done: true,
      done_reason: "stop",
      prompt_eval_count: 1,
      eval_count: 1,
    }),
  ],
  "/api/embed": () => ["application/json", '{"model":"m","embeddings":[[0.5,1]],"prompt_eval_count":1}'],
  "/v1/audio/transcriptions": (body) =>
    TRANSCRIPTS[/name="response_format"\r\n\r\n(\w+)/.exec(body)?.[1] ?? "json"] ?? ["text/plain", "?"],
  "/v1/audio/speech": () => ["audio/wav", "RIFF....WAVE"],
  "/v1/images/generations": () => ["application/json", '{"created":1,"data":[{"b64_json":"aGk="}]}'],
};

function answer(request: IncomingMessage, body: string, response: ServerResponse): void {
  const [type, text] = REPLIES[request.url ?? ""]?.(body) ?? [];
  if (type === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": type }).end(text);
}

beforeAll(async () => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("latin1");
      received.push({ path: request.url ?? "", body });
      answer(request, body, response);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const backend = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { catalog } = await compile({
    root: ROOT,
    installation: { schemasDir: join(ROOT, "schemas"), adaptersDir: join(ROOT, "packages/adapters") },
  });
  if (catalog === undefined) throw new Error("the catalogue does not compile");
  const environment = Object.fromEntries(
    FLAGS.flatMap((flag) => [
      [flag, "1"],
      [`${flag}_BASE_URL`, flag.startsWith("OLLAMA") ? backend : `${backend}/v1`],
    ]),
  );
  ({ table } = resolve(catalog, environment));
  gateway = await createGateway({
    options: { ...readOptions({}).options, vramBudget: "off", port: 0 },
    clientKey: CLIENT_KEY,
    table,
    secrets: {},
    log: createLog("silent", () => {}),
    version: "0.0.0-test",
  });
  ({ url } = await gateway.listen());
  close = async () => {
    await gateway.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
});
afterAll(() => close());
beforeEach(() => {
  received.length = 0;
});

const headers = { authorization: `Bearer ${CLIENT_KEY}` };
const post = (path: string, body: object): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

function transcribe(model: string, fields: Readonly<Record<string, string>> = {}): Promise<Response> {
  const form = new FormData();
  form.set("model", model);
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new Blob([Buffer.from("RIFF")]), "a.wav");
  return fetch(`${url}/v1/audio/transcriptions`, { method: "POST", headers, body: form });
}

const PIXEL = "data:image/png;base64,iVBORw0KGgo=";

function use({ alias, operation, capabilities }: Deployment): Promise<Response> {
  switch (operation) {
    case "chat":
      return post("/v1/chat/completions", {
        model: alias,
        messages: [
          {
            role: "user",
            content: capabilities.includes("vision")
              ? [
                  { type: "text", text: "What is it?" },
                  { type: "image_url", image_url: { url: PIXEL } },
                ]
              : "Hello",
          },
        ],
        ...(capabilities.includes("reasoning") ? { reasoning_effort: "high" } : {}),
      });
    case "embedding":
      return post("/v1/embeddings", { model: alias, input: "hello" });
    case "transcription":
      return transcribe(alias, { diarization: "true", response_format: "verbose_json" });
    case "speech":
      return post("/v1/audio/speech", { model: alias, input: "hello", voice: "af_heart" });
    case "image":
      return post("/v1/images/generations", { model: alias, prompt: "a gate" });
    default:
      throw new Error(`no local model does ${operation}`);
  }
}

it("each answers through its own backend, with vision, thinking, diarization and voices", async () => {
  expect(table.deployments).toHaveLength(51);
  for (const deployment of table.deployments) {
    received.length = 0;
    const response = await use(deployment);
    const text = await response.text();
    const provider = table.providers[deployment.provider]?.id;
    expect([response.status, response.headers.get("x-routed-via")], `${deployment.alias}: ${text}`).toEqual([
      200,
      `${provider}/${deployment.upstream}`,
    ]);
    const sent = received[0]?.body ?? "";
    expect(sent, deployment.alias).toContain(deployment.upstream);
    if (deployment.operation === "chat") {
      const body = JSON.parse(sent) as { think?: unknown; messages: { images?: string[] }[] };
      expect(body.messages[0]?.images, deployment.alias).toEqual(
        deployment.capabilities.includes("vision") ? ["iVBORw0KGgo="] : undefined,
      );
      // gpt-oss thinks in three levels; the others are switched on. https://docs.ollama.com/capabilities/thinking
      const on = deployment.upstream.startsWith("gpt-oss") ? "high" : true;
      expect(body.think, deployment.alias).toBe(
        deployment.capabilities.includes("reasoning") ? on : undefined,
      );
    }
    if (deployment.operation === "transcription")
      expect(sent, deployment.alias).toMatch(/name="diarization"\r\n\r\ntrue/);
    if (deployment.operation === "speech") expect(JSON.parse(sent)).toMatchObject({ voice: "af_heart" });
  }
});

it("each states its memory, on the device of its name", () => {
  for (const { alias, memory } of table.deployments) {
    expect(memory, alias).toMatchObject({ bytes: expect.any(Number), loadMs: expect.any(Number) });
    // Kokoro runs on the CPU in the CUDA image too.
    const cuda = alias.includes("-cuda-") && !alias.includes("kokoro");
    expect(memory?.device, alias).toBe(cuda ? "cuda" : "cpu");
  }
  expect(
    table.providers.map(({ id, local }) => [id, local?.driver, local?.slots, local?.bringUp.way]),
  ).toEqual([
    ["ollama", "ollama", 3, "external"],
    ["ollama-cuda", "ollama", 3, "external"],
    ["sdcpp", "sdcpp", 1, "external"],
    ["sdcpp-cuda", "sdcpp", 1, "external"],
    ["talkies", "talkies", 1, "external"],
    ["talkies-cuda", "talkies", 1, "external"],
  ]);
});

describe("a transcript", () => {
  it.each(Object.entries(TRANSCRIPTS))("comes as %s, byte for byte", async (format, [type, text]) => {
    const response = await transcribe("local-talkies-whisper-large-v3", { response_format: format });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain(type);
    expect(await response.text()).toBe(text);
  });
});

it("embeddings request the window that their model is loaded with", async () => {
  await post("/v1/embeddings", { model: "local-ollama-cpu-bge-m3", input: "x" });
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ model: "bge-m3", options: { num_ctx: 8192 } });
});
