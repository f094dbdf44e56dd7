import { describe, expect, it } from "vitest";
import { asList, asObject } from "../json.ts";
import { call, collector, deltaOf, events, get, json } from "../probe.ts";
import type { LocalBackend } from "./backend.ts";
import { manualClock } from "./clock.ts";
import { startLlamacpp } from "./llamacpp.ts";
import { FakeMachine } from "./machine.ts";
import { startOllama } from "./ollama.ts";
import { startSdServer } from "./sd-server.ts";
import { startSdcpp } from "./sdcpp.ts";
import { startVllm } from "./vllm.ts";

const GIB = 2 ** 30;
const messages = [{ role: "user", content: "hi" }];

function gpu(bytes = 8 * GIB) {
  const clock = manualClock();
  return { clock, machine: new FakeMachine({ devices: { cpu: 32 * GIB, "cuda:0": bytes }, clock }) };
}
const send = (fake: LocalBackend, path: string, body: object = {}) =>
  call(fake.url, { path, body: { ...body } });
const chat = (fake: LocalBackend, model: string, fields: object = {}) =>
  send(fake, "/api/chat", { model, messages, stream: false, ...fields });

describe("the fake Ollama", () => {
  it("answers chats, thinking and embeddings like the real one", async () => {
    const { machine } = gpu();
    await using fake = await startOllama({
      machine,
      models: { "m:1b": { bytes: GIB }, "bge-m3": { bytes: GIB, operation: "embedding" } },
    });
    expect(json(await chat(fake, "m:1b"))).toMatchObject({
      message: { content: "Hello from m:1b. You said: hi" },
      done_reason: "stop",
    });
    const streamed = await chat(fake, "m:1b", { stream: true, think: true });
    expect(streamed.headers["content-type"]).toBe("application/x-ndjson");
    const lines = streamed.text
      .trim()
      .split("\n")
      .map((line) => asObject(JSON.parse(line)));
    expect(asObject(lines[0]?.message).thinking).toBe("Let me");
    expect(lines.at(-1)).toMatchObject({ done: true, prompt_eval_count: expect.any(Number) });
    const embedded = json(await send(fake, "/api/embed", { model: "bge-m3", input: ["a", "b"] }));
    expect(asList(embedded.embeddings)).toHaveLength(2);
    expect((await chat(fake, "bge-m3")).status).toBe(400);
    expect((await chat(fake, "none")).status).toBe(404);
    expect(json(await get(fake.url, "/api/ps"))).toMatchObject({
      models: [{ name: "m:1b", size: GIB, size_vram: GIB, context_length: 4096 }, { name: "bge-m3:latest" }],
    });
  });

  it("reports out of memory, and records it", async () => {
    const { machine } = gpu(2 * GIB);
    await using fake = await startOllama({
      machine,
      models: { "a:1": { bytes: GIB, transientBytes: 2 * GIB }, "b:1": { bytes: 2 * GIB } },
    });
    const job = await chat(fake, "a:1");
    expect([job.status, json(job).error]).toEqual([500, expect.stringContaining("out of memory")]);
    expect((await chat(fake, "b:1")).status).toBe(500);
    expect(machine.overcommits.map(({ what }) => what)).toEqual(["a:1 (job)", "b:1"]);
    expect(machine.usedBytes("cuda:0")).toBe(GIB);
  });

  it("reloads for other options only when it is idle, and queues what it cannot run at once", async () => {
    const { machine } = gpu();
    const models = { "m:1b": { bytes: GIB, parallel: 2 } };
    await using fake = await startOllama({ machine, models, maxQueue: 1 });
    const gate = fake.hold("m:1b");
    const first = chat(fake, "m:1b");
    await gate.reached();
    const other = chat(fake, "m:1b", { options: { num_ctx: 8192 } });
    await fake.residents.when(() => fake.calls.length === 2);
    const same = chat(fake, "m:1b");
    await gate.reached(2);
    expect(json(await chat(fake, "m:1b")).error).toContain("server busy");
    gate.pass(3);
    expect((await Promise.all([first, same, other])).map(({ status }) => status)).toEqual([200, 200, 200]);
    const loads = machine.events
      .filter(({ kind }) => kind === "load" || kind === "job")
      .map(({ kind }) => kind);
    expect(loads).toEqual(["load", "job", "job", "load", "job"]);
    expect(machine.overcommits).toEqual([]);
  });

  it("frees all memory of a model that fits on neither device", async () => {
    const { machine } = gpu();
    await using fake = await startOllama({ machine, models: { "m:1b": { bytes: 10 * GIB } }, spills: true });
    const grown = machine.grow("cpu", 31 * GIB);
    expect((await chat(fake, "m:1b")).status).toBe(500);
    expect([machine.usedBytes("cuda:0"), machine.freeBytes("cpu")]).toEqual([0, GIB]);
    grown.release();
    expect((await chat(fake, "m:1b")).status).toBe(200);
    expect([machine.usedBytes("cuda:0"), machine.usedBytes("cpu")]).toEqual([8 * GIB, 2 * GIB]);
  });

  it("runs as many jobs at a time as a model allows", async () => {
    const { machine } = gpu();
    await using fake = await startOllama({
      machine,
      models: { "m:1b": { bytes: GIB, transientBytes: GIB, parallel: 2 } },
    });
    const gate = fake.hold("m:1b");
    const jobs = [chat(fake, "m:1b"), chat(fake, "m:1b"), chat(fake, "m:1b")];
    await gate.reached(2);
    expect([gate.waiting, machine.usedBytes("cuda:0")]).toEqual([2, 3 * GIB]);
    gate.open();
    await Promise.all(jobs);
    expect(machine.peakBytes("cuda:0")).toBe(3 * GIB);
    expect(machine.usedBytes("cuda:0")).toBe(GIB);
  });

  it("unloads a busy model after its jobs", async () => {
    const { machine } = gpu();
    await using fake = await startOllama({ machine, models: { "m:1b": { bytes: GIB } } });
    const gate = fake.hold("m:1b");
    const job = chat(fake, "m:1b");
    await gate.reached();
    expect(json(await send(fake, "/api/generate", { model: "m:1b", keep_alive: 0 })).done_reason).toBe(
      "unload",
    );
    expect(machine.usedBytes("cuda:0")).toBe(GIB);
    gate.open();
    await job;
    expect(machine.usedBytes("cuda:0")).toBe(0);
  });

  it("frees the memory of a client that left, and drops its waits", async () => {
    const { machine } = gpu();
    await using fake = await startOllama({
      machine,
      models: { "m:1b": { bytes: GIB, transientBytes: GIB } },
    });
    const gate = fake.hold("m:1b");
    const leaving = new AbortController();
    const leave = (): Promise<unknown> =>
      call(fake.url, { path: "/api/chat", body: { model: "m:1b", messages }, signal: leaving.signal }).catch(
        () => "left",
      );
    const [first, second] = [leave(), leave()];
    await gate.reached();
    await fake.residents.when(() => fake.open === 2);
    leaving.abort();
    expect(await Promise.all([first, second])).toEqual(["left", "left"]);
    await fake.residents.when(() => fake.open === 0);
    expect(machine.usedBytes("cuda:0")).toBe(GIB);
    expect(fake.calls.map(({ outcome }) => outcome)).toEqual(["aborted", "aborted"]);
    gate.open();
    expect((await chat(fake, "m:1b")).status).toBe(200);
  });

  it("loses everything when it is killed, and restarts empty at the same address", async () => {
    const { machine, clock } = gpu();
    await using fake = await startOllama({
      machine,
      models: { "a:1": { bytes: GIB }, "b:1": { bytes: GIB, loadMs: 1000 } },
    });
    await chat(fake, "a:1");
    const broken = chat(fake, "b:1").catch((error: Error) => error.message);
    await clock.asleep();
    expect(machine.usedBytes("cuda:0")).toBe(2 * GIB);
    await fake.kill();
    expect(await broken).toBe("ECONNRESET");
    expect(machine.usedBytes("cuda:0")).toBe(0);
    await expect(chat(fake, "a:1")).rejects.toThrow("ECONNREFUSED");
    await fake.restart();
    expect(json(await get(fake.url, "/api/ps"))).toEqual({ models: [] });
    expect((await chat(fake, "a:1")).status).toBe(200);
    expect(fake.calls.map(({ outcome }) => outcome)).toContain("killed");
  });
});

describe("the fake sd.cpp wrapper", () => {
  it("makes real images, one at a time", async () => {
    const { machine } = gpu();
    await using fake = await startSdcpp({
      machine,
      models: { turbo: { bytes: GIB }, flux: { bytes: 6 * GIB } },
    });
    const draw = (model: string, fields: object = {}) =>
      send(fake, "/v1/images/generations", { model, prompt: "a cat", size: "16x8", ...fields });
    const data = asList(json(await draw("turbo", { n: 2 })).data).map(asObject);
    const images = data.map(({ b64_json }) => Buffer.from(String(b64_json), "base64"));
    expect(
      images.map((png) => [png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]),
    ).toEqual([
      ["PNG", 16, 8],
      ["PNG", 16, 8],
    ]);
    const gate = fake.hold("turbo");
    const job = draw("turbo");
    await gate.reached();
    expect((await draw("flux")).status).toBe(503);
    expect((await send(fake, "/sdcpp/v1/load?model=flux")).status).toBe(503);
    expect(json(await send(fake, "/sdcpp/v1/unload"))).toEqual({ already_unloaded: true });
    expect(json(await get(fake.url, "/sdcpp/v1/status"))).toMatchObject({ loaded: true, generating: true });
    gate.open();
    expect((await job).status).toBe(200);
    expect((await draw("flux")).status).toBe(200);
    expect(machine.usedBytes("cuda:0")).toBe(6 * GIB);
    expect((await draw("none")).status).toBe(400);
  });

  it("finishes the job of a client that has left", async () => {
    const { machine } = gpu();
    await using fake = await startSdcpp({ machine, models: { turbo: { bytes: GIB, transientBytes: GIB } } });
    const gate = fake.hold("turbo");
    const leaving = new AbortController();
    const body = { model: "turbo", prompt: "x" };
    const job = call(fake.url, { path: "/v1/images/generations", body, signal: leaving.signal }).catch(
      () => "left",
    );
    await gate.reached();
    leaving.abort();
    expect(await job).toBe("left");
    expect(machine.usedBytes("cuda:0")).toBe(2 * GIB);
    gate.open();
    await fake.residents.when(() => fake.open === 0);
    expect(machine.usedBytes("cuda:0")).toBe(GIB);
  });
});

describe("the fake llama-server", () => {
  it("answers before a load is done, and shows a failed one in its list only", async () => {
    const { machine, clock } = gpu(2 * GIB);
    await using fake = await startLlamacpp({
      machine,
      models: { a: { bytes: GIB, loadMs: 100 }, b: { bytes: 2 * GIB } },
    });
    const state = async () =>
      asList(json(await get(fake.url, "/models")).data).map((entry) => asObject(entry).status);
    expect(json(await send(fake, "/models/load", { model: "a" }))).toEqual({ success: true });
    expect(await state()).toMatchObject([{ value: "loading" }, { value: "unloaded" }]);
    await clock.advance(100);
    expect((await send(fake, "/models/load", { model: "b" })).status).toBe(200);
    expect(await state()).toMatchObject([
      { value: "loaded" },
      { value: "unloaded", failed: true, exit_code: 1 },
    ]);
    expect((await send(fake, "/models/load", { model: "a" })).status).toBe(400);
    expect((await send(fake, "/models/unload", { model: "b" })).status).toBe(400);
    expect((await send(fake, "/models/load", { model: "c" })).status).toBe(404);
    const streamed = await send(fake, "/v1/chat/completions", { model: "a", messages, stream: true });
    expect(
      events(streamed)
        .map((event) => deltaOf(event).content ?? "")
        .join(""),
    ).toContain("Hello from a.");
    expect(events(streamed).at(-1)).toBe("[DONE]");
    expect((await send(fake, "/v1/chat/completions", { model: "b", messages })).status).toBe(500);
    expect(machine.overcommits).toHaveLength(2);
  });
});

describe("the fake vLLM", () => {
  it("serves garbage after a deep sleep until its weights are reloaded, and records it", async () => {
    const { machine } = gpu();
    await using fake = await startVllm({ machine, models: { a: { bytes: GIB } } });
    const talk = async () => (await send(fake, "/v1/chat/completions", { model: "a", messages })).status;
    const rubbish = () => machine.events.filter(({ kind }) => kind === "rubbish").length;
    await send(fake, "/sleep?level=2");
    expect(await talk()).toBe(500);
    await send(fake, "/wake_up");
    expect([await talk(), rubbish()]).toEqual([200, 1]);
    await send(fake, "/collective_rpc", { method: "reload_weights" });
    expect([await talk(), rubbish()]).toEqual([200, 1]);
    await send(fake, "/sleep?level=2");
    await fake.kill();
    await fake.restart();
    expect([await talk(), rubbish()]).toEqual([200, 1]);
  });

  it("does not start where it does not fit, and uses RAM for a light sleep", async () => {
    const { machine } = gpu();
    await expect(startVllm({ machine, models: { a: { bytes: 9 * GIB } } })).rejects.toThrow("out of memory");
    await using fake = await startVllm({ machine, models: { a: { bytes: GIB } } });
    await send(fake, "/sleep");
    expect([machine.usedBytes("cuda:0"), machine.usedBytes("cpu")]).toEqual([0, GIB]);
    await fake.kill();
    expect(machine.usedBytes("cpu")).toBe(0);
  });
});

describe("the fake sd-server", () => {
  it("keeps its model while it runs, and queues other jobs", async () => {
    const { machine } = gpu();
    await using fake = await startSdServer({ machine, models: { sd: { bytes: GIB } } });
    await expect(get(fake.url, "/v1/models")).rejects.toThrow("ECONNREFUSED");
    await fake.restart();
    const gate = fake.hold("sd");
    const jobs = [1, 2].map(() => send(fake, "/v1/images/generations", { prompt: "x" }));
    await gate.reached();
    await fake.residents.when(() => fake.open === 2);
    expect(gate.waiting).toBe(1);
    gate.open();
    expect((await Promise.all(jobs)).map(({ status }) => status)).toEqual([200, 200]);
    await fake.kill();
    expect(machine.usedBytes("cuda:0")).toBe(0);
  });
});

describe("backends on one machine", () => {
  it("share one memory, which is freed late where a lie delays it", async () => {
    const { machine, clock } = gpu();
    await using ollama = await startOllama({ machine, models: { "m:1b": { bytes: 5 * GIB } } });
    await using sdcpp = await startSdcpp({ machine, models: { flux: { bytes: 6 * GIB } } });
    const load = async () => (await send(sdcpp, "/sdcpp/v1/load?model=flux")).status;
    await chat(ollama, "m:1b");
    expect(await load()).toBe(503);
    ollama.lie({ reclaimMs: 20_000 });
    await send(ollama, "/api/generate", { model: "m:1b", keep_alive: 0 });
    expect(json(await get(ollama.url, "/api/ps"))).toEqual({ models: [] });
    expect(await load()).toBe(503);
    await clock.advance(20_000);
    expect(await load()).toBe(200);
    expect(machine.overcommits.map(({ backend, freeBytes }) => [backend, freeBytes])).toEqual([
      ["sdcpp", 3 * GIB],
      ["sdcpp", 3 * GIB],
    ]);
  });

  it("can be left and killed in the middle of a stream", async () => {
    const { machine } = gpu();
    await using fake = await startOllama({
      machine,
      models: { "m:1b": { bytes: GIB, transientBytes: GIB, parallel: 2 } },
    });
    const gate = fake.holdStreams(2);
    const body = { model: "m:1b", messages };
    const leaving = call(fake.url, { path: "/api/chat", body, onChunk: (_, leave) => leave() });
    const cut = call(fake.url, { path: "/api/chat", body });
    await gate.reached(2);
    await fake.residents.when(() => fake.open === 1);
    expect((await leaving).end).toBe("ECONNRESET");
    expect(machine.usedBytes("cuda:0")).toBe(2 * GIB);
    await fake.kill();
    const seen = await cut;
    expect([seen.status, seen.text.trim().split("\n").length, seen.end]).toEqual([200, 2, "ECONNRESET"]);
    expect(machine.usedBytes("cuda:0")).toBe(0);
  });

  it("stream with backpressure", async () => {
    const { machine } = gpu();
    await using fake = await startOllama({ machine, models: { "m:1b": { bytes: GIB } } });
    const seen = collector();
    const body = { model: "m:1b", messages };
    await call(fake.url, { path: "/api/chat", body, onChunk: seen.onChunk });
    expect((await seen.upTo(10)).toString()).toContain('"done":true');
  });
});
