import { describe, expect, it } from "vitest";
import { asList, asObject } from "../json.ts";
import { call, get, json } from "../probe.ts";
import { readWav, wav } from "./audio.ts";
import type { LocalBackend } from "./backend.ts";
import { FakeMachine } from "./machine.ts";
import { startTalkies } from "./talkies.ts";

const GIB = 2 ** 30;
const MODELS = {
  kokoro: { bytes: GIB, operation: "speech" as const, voices: ["af_heart", "bm_george"], parallel: 2 },
  whisper: { bytes: 3 * GIB },
};

const start = (token?: string): Promise<LocalBackend> => {
  const machine = new FakeMachine({ devices: { "cuda:0": 4 * GIB } });
  return startTalkies({ machine, models: MODELS, ...(token === undefined ? {} : { token }) });
};
const synthesise = (fake: LocalBackend, fields: object = {}) =>
  call(fake.url, { path: "/v1/audio/speech", body: { model: "kokoro", input: "hello", ...fields } });

async function transcribe(
  fake: LocalBackend,
  fields: Readonly<Record<string, string>>,
  file?: Buffer,
): Promise<Response> {
  const form = new FormData();
  form.set("model", "whisper");
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  if (file !== undefined) form.set("file", new File([new Uint8Array(file)], "talk.wav"));
  return fetch(`${fake.url}/v1/audio/transcriptions`, { method: "POST", body: form });
}
const stereo = wav(Buffer.alloc(24_000 * 4 * 2), 2);

describe("the fake talkies", () => {
  it("synthesises every format, longer for longer texts", async () => {
    await using fake = await start();
    const begins = { mp3: "ID3", opus: "OggS", aac: "\u00ff\u00f1", flac: "fLaC", wav: "RIFF" };
    for (const [format, magic] of Object.entries(begins)) {
      const response = await fetch(`${fake.url}/v1/audio/speech`, {
        method: "POST",
        body: JSON.stringify({ model: "kokoro", input: "hello", response_format: format }),
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      expect([
        response.headers.get("content-type")?.slice(0, 6),
        bytes.toString("latin1").startsWith(magic),
      ]).toEqual(["audio/", true]);
      if (format === "wav") expect(readWav(bytes)).toEqual({ channels: 1, seconds: 0.025 });
    }
    const pcm = await synthesise(fake, { response_format: "pcm" });
    expect(pcm.headers["x-sample-rate"]).toBe("24000");
    const voices = asList(json(await get(fake.url, "/v1/audio/voices")).voices);
    expect(voices).toEqual([
      { voice: "af_heart", model: "kokoro", default: true },
      { voice: "bm_george", model: "kokoro", default: false },
    ]);
  });

  it.each([
    [{ voice: "unknown" }, 400],
    [{ response_format: "midi" }, 400],
    [{ input: " " }, 400],
    [{ model: "whisper" }, 400],
    [{ model: "none" }, 404],
  ])("refuses to synthesise %j", async (fields, status) => {
    await using fake = await start();
    expect((await synthesise(fake, fields)).status).toBe(status);
    expect(fake.residents.residents).toEqual([]);
  });

  it("transcribes into every format", async () => {
    await using fake = await start();
    const text = async (format: string, fields = {}) =>
      (await transcribe(fake, { response_format: format, ...fields }, stereo)).text();
    const transcribed = `You sent talk.wav of ${stereo.length} bytes.`;
    expect(JSON.parse(await text("json"))).toEqual({ text: transcribed });
    expect(await text("text")).toBe(`${transcribed}\n`);
    expect(JSON.parse(await text("verbose_json", { language: "de" }))).toMatchObject({
      task: "transcribe",
      language: "de",
      duration: 2,
      text: transcribed,
      segments: [
        { id: 0, start: 0, end: 1 },
        { id: 1, start: 1, end: 2 },
      ],
    });
    expect(await text("srt")).toContain("1\n00:00:00,000 --> 00:00:01,000\nYou sent talk.wav\n\n2\n");
    expect(await text("vtt")).toMatch(/^WEBVTT\n\n00:00:00\.000 --> 00:00:01\.000\nYou sent talk\.wav\n/);
    const parts = JSON.parse(await text("verbose_json", { diarization: "true" }));
    expect(asList(parts.segments).map((segment) => asObject(segment).channel)).toEqual(["L", "R"]);
    expect(asObject(asList(parts.words)[0]).channel).toBe("L");
  });

  it("refuses invalid transcriptions", async () => {
    await using fake = await start();
    const mono = wav(Buffer.alloc(480), 1);
    expect((await transcribe(fake, { diarization: "true" }, mono)).status).toBe(400);
    expect((await transcribe(fake, { response_format: "html" }, mono)).status).toBe(400);
    expect((await transcribe(fake, {})).status).toBe(400);
    expect((await transcribe(fake, { file_path: "a.wav" }, mono)).status).toBe(400);
    expect((await transcribe(fake, { model: "kokoro" }, mono)).status).toBe(400);
    expect((await call(fake.url, { path: "/v1/audio/transcriptions", body: {} })).status).toBe(422);
    expect((await transcribe(fake, { file_path: "a.wav" })).status).toBe(200);
  });

  it("never queues: 429 at its cap, 409 while another model runs", async () => {
    await using fake = await start();
    const gate = fake.hold("kokoro");
    const jobs = [synthesise(fake), synthesise(fake)];
    await gate.reached(2);
    expect((await synthesise(fake)).status).toBe(429);
    expect((await transcribe(fake, {}, stereo)).status).toBe(409);
    expect((await call(fake.url, { path: "/unload", body: {} })).status).toBe(409);
    expect(json(await get(fake.url, "/api/ps")).models).toMatchObject([
      { id: "kokoro", active_requests: 2, max_concurrency: 2 },
    ]);
    gate.open();
    await Promise.all(jobs);
    expect((await transcribe(fake, {}, stereo)).status).toBe(200);
    expect(json(await get(fake.url, "/api/ps")).models).toMatchObject([{ id: "whisper" }]);
    expect(fake.residents.machine.overcommits).toEqual([]);
  });

  it("requires its token on every route but its health", async () => {
    await using fake = await start("t0ken");
    expect((await get(fake.url, "/healthz")).status).toBe(200);
    expect((await get(fake.url, "/api/ps")).status).toBe(401);
    const headers = { authorization: "Bearer t0ken" };
    expect((await call(fake.url, { method: "GET", path: "/v1/models", headers })).status).toBe(200);
  });
});
