/**
 * talkies and stable-diffusion.cpp by their fragments, in front of servers with their behaviour: they refuse at once
 * what they cannot do, and never queue. See docs/adr/0015.
 */
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Catalog } from "@headgate/contract";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, type ProviderSketch, startGateway, type TestGateway } from "./support/gateway.ts";

const { providers } = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

type Answer = (response: ServerResponse) => void;
const json =
  (value: unknown, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
const typed =
  (type: string, body: string | Buffer): Answer =>
  (response) => {
    response.writeHead(200, { "content-type": type }).end(body);
  };

const WORDS = "The gate is open.";
const TIMED = "00:00:00,000 --> 00:00:01,000";
const TRANSCRIPTS: Readonly<Record<string, Answer>> = {
  json: json({ text: WORDS }),
  text: typed("text/plain; charset=utf-8", `${WORDS}\n`),
  verbose_json: json({ text: WORDS, language: "en", duration: 1, segments: [{ id: 0, text: WORDS }] }),
  srt: typed("text/plain; charset=utf-8", `1\n${TIMED}\n${WORDS}\n`),
  vtt: typed("text/vtt", `WEBVTT\n\n${TIMED.replaceAll(",", ".")}\n${WORDS}\n`),
};
const AUDIO: Readonly<Record<string, string>> = {
  mp3: "audio/mpeg",
  opus: "audio/ogg",
  aac: "audio/aac",
  flac: "audio/flac",
  wav: "audio/wav",
  pcm: "audio/L16",
};
const PICTURE = Buffer.from("a picture").toString("base64");

/** Both servers in one: a request holds its model until it is answered, and a test may hold it back. */
async function startBackend() {
  const forms: string[] = [];
  const bodies: Record<string, unknown>[] = [];
  const paths: string[] = [];
  let active: string | undefined;
  let arrived: (() => void) | undefined;
  let held: { readonly promise: Promise<void>; readonly release: () => void } | undefined;

  const answer = (path: string, form: string, body: Record<string, unknown>): Answer => {
    if (path.endsWith("/audio/transcriptions")) {
      if (/name="diarization"\r\n\r\ntrue/.test(form))
        return json({ text: WORDS, segments: [{ text: WORDS, channel: "L" }] });
      const format = /name="response_format"\r\n\r\n(\w+)/.exec(form)?.[1] ?? "json";
      return TRANSCRIPTS[format] ?? json({ detail: "unknown response_format" }, 422);
    }
    if (path.endsWith("/audio/speech")) {
      const type = AUDIO[String(body.response_format ?? "mp3")];
      return type === undefined ? json({ detail: "format" }, 422) : typed(type, Buffer.from([1, 2, 3]));
    }
    return json({ created: 1, data: [{ b64_json: PICTURE }] });
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const text = Buffer.concat(chunks).toString("latin1");
      const path = request.url ?? "";
      const isForm = request.headers["content-type"]?.startsWith("multipart/") === true;
      const body = isForm ? {} : (JSON.parse(text) as Record<string, unknown>);
      const model = isForm ? (/name="model"\r\n\r\n([^\r]+)/.exec(text)?.[1] ?? "") : String(body.model);
      paths.push(path);
      if (isForm) forms.push(text);
      else bodies.push(body);
      if (active !== undefined) {
        const image = path.endsWith("/images/generations");
        const status = image ? 503 : active === model ? 429 : 409;
        json({ detail: image ? "busy" : "another request is at work" }, status)(response);
        return;
      }
      active = model;
      arrived?.();
      await held?.promise;
      active = undefined;
      answer(path, text, body)(response);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    forms,
    bodies,
    paths,
    /** From now on requests wait until `release`; resolves when the first one has arrived. */
    hold(): { readonly inside: Promise<void>; readonly release: () => void } {
      const { promise, resolve } = Promise.withResolvers<void>();
      const inside = new Promise<void>((done) => {
        arrived = done;
      });
      const release = (): void => {
        held = undefined;
        resolve();
      };
      held = { promise, release };
      return { inside, release };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

let local: Awaited<ReturnType<typeof startBackend>>;
let other: Awaited<ReturnType<typeof startBackend>>;
let gateway: TestGateway;
let client: OpenAI;

/** A provider by its fragment, at another address; each model falls back to the other server. */
function sketch(id: string): ProviderSketch {
  const found = providers.find((provider) => provider.id === id);
  if (found === undefined) throw new Error(`there is no provider ${id}`);
  const { adapter, dialect, errors, headers } = found;
  expect(adapter).toBe("openai-compatible");
  const models = found.models.map(({ alias, upstream, operation }) => ({
    alias,
    upstream,
    operation,
    chain: [`spare-${operation}`],
  }));
  return { id, adapter, dialect, errors, headers, baseUrl: local.baseUrl, keys: [], models };
}

beforeEach(async () => {
  [local, other] = await Promise.all([startBackend(), startBackend()]);
  const spare = (["transcription", "speech", "image"] as const).map((operation) => ({
    alias: `spare-${operation}`,
    operation,
  }));
  gateway = await startGateway([
    sketch("talkies"),
    sketch("sdcpp"),
    { id: "spare", baseUrl: other.baseUrl, models: spare },
  ]);
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
});
afterEach(async () => {
  await gateway.close();
  await Promise.all([local.close(), other.close()]);
});

const audio = () => toFile(Buffer.alloc(1_000, 3), "call.wav", { type: "audio/wav" });
const WHISPER = "local-talkies-whisper-large-v3";
const transcribe = async (more: object = {}) =>
  client.audio.transcriptions.create({ model: WHISPER, file: await audio(), ...more });
const draw = () => client.images.generate({ model: "local-sdcpp-cpu-sd-turbo", prompt: "a gate" });

describe("talkies", () => {
  it.each(["json", "text", "verbose_json", "srt", "vtt"] as const)(
    "gives a transcript as %s, byte for byte",
    async (response_format) => {
      const answer = (await transcribe({ response_format })) as unknown;
      const words = typeof answer === "string" ? answer : (answer as { text: string }).text;
      expect(words).toContain(WORDS);
      if (response_format === "srt" || response_format === "vtt") expect(words).toContain("-->");
      if (response_format === "verbose_json") expect(answer).toMatchObject({ segments: [{ id: 0 }] });
      expect(local.forms[0]).toMatch(/name="model"\r\n\r\nwhisper-large-v3\r\n/);
    },
  );

  it("separates speakers by channel, which OpenAI's API does not know", async () => {
    const answer = await transcribe({ response_format: "verbose_json", diarization: true });
    expect(answer).toMatchObject({ segments: [{ channel: "L", text: WORDS }] });
  });

  it.each(Object.entries(AUDIO))("returns speech as %s", async (response_format, type) => {
    const response = await client.audio.speech.create({
      model: "local-talkies-kokoro-tts",
      voice: "af_heart",
      input: WORDS,
      response_format: response_format as "mp3",
    });
    expect(response.headers.get("content-type")).toBe(type);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([1, 2, 3]));
    expect(local.bodies[0]).toMatchObject({ model: "kokoro-82m", voice: "af_heart", input: WORDS });
  });

  it.each([
    ["at its cap", WHISPER],
    ["with another model at work", "local-talkies-canary-180m-flash"],
  ])("%s refuses, and the same file goes to the next candidate", async (_, holder) => {
    const { inside, release } = local.hold();
    const first = transcribe({ model: holder });
    await inside;
    expect((await transcribe()).text).toBe(WORDS);
    expect(other.forms[0]).toContain("call.wav");
    release();
    expect((await first).text).toBe(WORDS);
  });
});

describe("stable-diffusion.cpp", () => {
  it("returns images on OpenAI's route", async () => {
    expect(await draw()).toMatchObject({ data: [{ b64_json: PICTURE }] });
    expect(local.paths).toEqual(["/v1/images/generations"]);
    expect(local.bodies[0]).toEqual({ model: "sd-turbo", prompt: "a gate" });
  });

  it("refuses while it is busy, and the next candidate is tried", async () => {
    const { inside, release } = local.hold();
    const first = draw();
    await inside;
    expect(await draw()).toMatchObject({ data: [{ b64_json: PICTURE }] });
    expect(other.paths).toEqual(["/v1/images/generations"]);
    release();
    expect(await first).toMatchObject({ data: [{ b64_json: PICTURE }] });
  });
});

it("a busy server is tried again within seconds", async () => {
  const { inside, release } = local.hold();
  const first = draw();
  await inside;
  await draw();
  release();
  await first;
  gateway.clock.nowMs += 2_000;
  await draw();
  expect(local.paths).toHaveLength(3);
  expect(other.paths).toHaveLength(1);
});
