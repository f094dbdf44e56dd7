/** What Ollama's clients do with models, over a fake Ollama whose memory the gateway manages. */

import { gpuProbe, machineProbe, ramProbe } from "@headgate/resources";
import { FakeMachine, fakeNvidiaSmi, fakeProc, type LocalBackend, startOllama } from "@headgate/upstream-lab";
import { Ollama } from "ollama";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, type ModelSketch, startGateway, type TestGateway } from "./support/gateway.ts";
import { resourcesOf, untilResources } from "./support/local.ts";

const GIB = 2 ** 30;
const HOUR_MS = 3_600_000;

let machine: FakeMachine;
let ollama: LocalBackend;
let gateway: TestGateway;
let client: Ollama;

const memory = { device: "cuda", bytes: 6 * GIB, loadMs: 20, idleUnloadMs: HOUR_MS } as const;
const start = async (models: readonly ModelSketch[]): Promise<void> => {
  const smi = fakeNvidiaSmi(machine);
  const probe = machineProbe({
    gpus: gpuProbe({ run: (command, args) => smi.run(command, args) }),
    ram: ramProbe(fakeProc(machine)),
  });
  gateway = await startGateway(
    [
      {
        id: "box",
        adapter: "ollama",
        baseUrl: ollama.url,
        keys: [],
        local: { driver: "ollama", bringUp: { way: "external" } },
        models,
      },
      { id: "far", adapter: "demo", keys: [], models: [{ alias: "cloud" }] },
    ],
    { memory: { probe } },
  );
  client = new Ollama({ host: gateway.url, headers: { authorization: `Bearer ${CLIENT_KEY}` } });
};

beforeEach(async () => {
  machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 20 * GIB } });
  const models = {
    "a:1b": { bytes: 6 * GIB, contextTokens: 65_536 },
    "vectors:1b": { bytes: GIB, operation: "embedding" as const },
  };
  ollama = await startOllama({ machine, models, parallel: 1, registry: { "missing:1b": { bytes: GIB } } });
  await start([
    { alias: "a", upstream: "a:1b", memory },
    { alias: "missing", upstream: "missing:1b", memory },
    { alias: "vectors", upstream: "vectors:1b", operation: "embedding", memory: { ...memory, bytes: GIB } },
  ]);
});
afterEach(async () => {
  await gateway.close();
  await ollama.close();
});

const messages = [{ role: "user", content: "hi" }];
const post = (path: string, body: object, method = "POST"): Promise<Response> =>
  gateway.fetch(path, { method, body: JSON.stringify(body) });
const errorOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: string }).error;
const ready = async (): Promise<string[]> =>
  (await resourcesOf(gateway)).residencies.flatMap(({ key, state }) => (state === "ready" ? [key] : []));
const unloaded = () =>
  untilResources(gateway, (now) => now.residencies.every(({ state }) => state !== "ready"));

describe("a request without a prompt", () => {
  it.each(["/api/chat", "/api/generate"])(
    "to %s loads a model, and unloads it with a keep_alive of 0",
    async (path) => {
      expect((await post(path, { model: "a" })).status).toBe(200);
      expect(await ready()).toEqual(["box/a:1b"]);
      expect(ollama.residents.get("a:1b")?.loaded).toBe(true);
      expect((await post(path, { model: "a", keep_alive: 0 })).status).toBe(200);
      await unloaded();
      expect(ollama.residents.get("a:1b")).toBeUndefined();
      // A model that is not loaded is none to unload.
      expect((await post(path, { model: "a", keep_alive: 0 })).status).toBe(200);
    },
  );

  it("loads with the client's own options, and unloads every copy", async () => {
    expect((await post("/api/generate", { model: "a", options: { num_ctx: 8192 } })).status).toBe(200);
    expect(await ready()).toEqual(["box/a:1b?num_ctx=8192"]);
    await post("/api/chat", { model: "a", keep_alive: "0" });
    await unloaded();
    const refused = await post("/api/generate", { model: "a", options: { num_ctx: -1 } });
    expect(refused.status).toBe(400);
    expect(await errorOf(refused)).toMatch(/options\.num_ctx must be a whole number/);
  });

  it("loads a model that embeds, on its own route", async () => {
    expect(await (await post("/api/embed", { model: "vectors", input: [] })).json()).toEqual({
      model: "vectors",
      embeddings: [],
    });
    expect(await ready()).toEqual(["box/vectors:1b"]);
    expect((await post("/api/generate", { model: "vectors", keep_alive: 0 })).status).toBe(200);
    await unloaded();
  });

  it("says that a model is missing, in words that clients look for", async () => {
    const response = await post("/api/generate", { model: "missing" });
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatch(/not found/);
  });

  it("does not unload a pinned model", async () => {
    await post("/api/chat", { model: "a" });
    await post("/admin/resources/pin", { model: "a" });
    const response = await post("/api/chat", { model: "a", keep_alive: 0 });
    expect(response.status).toBe(409);
    expect(await errorOf(response)).toMatch(/pinned/);
  });
});

it.each([true, false])(
  "unloads a model after an answer with a keep_alive of 0, streamed: %s",
  async (stream) => {
    const response = await post("/api/chat", { model: "a", messages, stream, keep_alive: 0 });
    expect(await response.text()).toMatch(/"done":true/);
    await unloaded();
  },
);

describe("what is loaded", () => {
  it("is listed with its size, its context and when it leaves", async () => {
    expect((await client.ps()).models).toEqual([]);
    await client.chat({ model: "a", messages, options: { num_ctx: 8192 } });
    const [one, ...more] = (await client.ps()).models;
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      name: "a",
      model: "a",
      size: 6 * GIB,
      size_vram: 6 * GIB,
      context_length: 8192,
    });
    expect(one?.digest.length).toBeGreaterThanOrEqual(12);
    const leavesMs = new Date(one?.expires_at ?? 0).getTime();
    const used = (await resourcesOf(gateway)).residencies[0] as unknown as { lastUsedMs: number };
    expect(leavesMs).toBe(Math.floor(used.lastUsedMs) + HOUR_MS);
  });

  it("is listed also where another program had it loaded", async () => {
    await fetch(`${ollama.url}/api/generate`, {
      method: "POST",
      body: JSON.stringify({ model: "vectors:1b", prompt: "" }),
    });
    await fetch(`${ollama.url}/api/embed`, {
      method: "POST",
      body: JSON.stringify({ model: "vectors:1b", input: [] }),
    });
    expect((await client.ps()).models.map(({ name }) => name)).toEqual(["vectors"]);
  });
});

describe("what there is", () => {
  it("is listed and shown as its server describes it", async () => {
    const { models } = await client.list();
    const sizes = Object.fromEntries(models.map(({ name, size }) => [name, size]));
    expect(sizes).toEqual({ a: 6 * GIB, cloud: 0, missing: 0, vectors: GIB });
    const shown = await client.show({ model: "a" });
    expect(shown.capabilities).toEqual(["completion", "tools"]);
    expect(shown.model_info).toMatchObject({ "lab.context_length": 65_536, "lab.block_count": 10 });
    await expect(client.show({ model: "missing" })).rejects.toMatchObject({
      status_code: 404,
      message: expect.stringMatching(/not found/),
    });
  });

  it("is known from the table while the server is down", async () => {
    await ollama.kill();
    expect((await client.list()).models.map(({ name }) => name)).toContain("a");
    expect((await client.show({ model: "a" })).capabilities).toContain("completion");
    expect((await client.ps()).models).toEqual([]);
    await ollama.restart();
  });
});

describe("models that come and go", () => {
  it("are pulled, with the server's own progress", async () => {
    const steps: string[] = [];
    for await (const { status } of await client.pull({ model: "missing", stream: true })) steps.push(status);
    expect(steps[0]).toBe("pulling manifest");
    expect(steps.at(-1)).toBe("success");
    expect((await client.chat({ model: "missing", messages })).message.content).not.toBe("");
    const response = await post("/api/pull", { name: "missing", stream: false });
    expect(await response.text()).toMatch(/"success"/);
    expect(ollama.calls.at(-1)?.body).toEqual({ model: "missing:1b", stream: false });
    // A name that the table does not have is the first Ollama's.
    const strange = await post("/api/pull", { name: "stranger:1b" });
    expect(await strange.text()).toMatch(/file does not exist/);
    expect(ollama.calls.at(-1)?.body).toEqual({ model: "stranger:1b" });
  });

  it("are deleted, and unloaded first", async () => {
    await client.chat({ model: "a", messages });
    await client.delete({ model: "a" });
    expect(ollama.residents.models.has("a:1b")).toBe(false);
    await unloaded();
    await expect(client.delete({ model: "a" })).rejects.toThrow(/not found/);
    await expect(client.chat({ model: "a", messages })).rejects.toMatchObject({ status_code: 404 });
  });

  it("are none of another provider", async () => {
    for (const [path, method] of [
      ["/api/pull", "POST"],
      ["/api/delete", "DELETE"],
    ] as const) {
      const response = await post(path, { model: "cloud" }, method);
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toMatch(/cloud is served by far/);
    }
  });
});
