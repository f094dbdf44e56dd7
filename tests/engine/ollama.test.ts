/** A gateway in front of a real Ollama: what only the real one shows. */
import { afterEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { resourcesOf, untilResources } from "../support/local.ts";
import { NO_OLLAMA, type OllamaModel, ollamaProgram, type RealOllama, startRealOllama } from "./ollama.ts";

const missing = ollamaProgram() === undefined;
if (missing) console.warn(NO_OLLAMA);

const MB = 1e6;
const model: OllamaModel = {
  bytes: 24 * MB,
  script: ["▁It", "▁is", "▁open", "."],
  // Threads that wait for one another are slow on a busy machine.
  parameters: { num_thread: 1 },
};

describe.skipIf(missing)("a real Ollama that holds one model at a time", { timeout: 60_000 }, () => {
  let ollama: RealOllama;
  let gateway: TestGateway | undefined;
  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
    await ollama?.close();
  });

  const start = async (): Promise<TestGateway> => {
    ollama = await startRealOllama(
      { a: model, b: model },
      { OLLAMA_MAX_LOADED_MODELS: "1", OLLAMA_NUM_PARALLEL: "1", OLLAMA_CONTEXT_LENGTH: "512" },
    );
    return serve();
  };
  const serve = async (): Promise<TestGateway> => {
    gateway = await startGateway([
      {
        id: "box",
        adapter: "ollama",
        baseUrl: ollama.url,
        keys: [],
        local: { driver: "ollama", slots: 1, bringUp: { way: "external" } },
        models: ["a", "b"].map((alias) => ({ alias, memory: { device: "cpu", bytes: 60 * MB } })),
      },
    ]);
    return gateway;
  };
  const chat = async (of: TestGateway, alias: string) => {
    const response = await of.chat({ model: alias, max_tokens: 8 });
    const text = await response.text();
    const retryAfterS = Number(response.headers.get("retry-after") ?? 0);
    return { status: response.status, text, retryAfterS };
  };
  /** Runners that it started so far. */
  const starts = (): number =>
    ollama.log().match(/msg="starting runner"|msg="starting llama server"/g)?.length ?? 0;

  it("swaps models for one request after another, and waits for no memory that is free", async () => {
    const of = await start();
    const startedMs = performance.now();
    for (const alias of ["a", "b", "a", "b"]) {
      const { status, text } = await chat(of, alias);
      expect(status, text).toBe(200);
      expect(text).toContain("It is open.");
    }
    // A minute for each swap, where freed memory was waited for.
    expect(performance.now() - startedMs).toBeLessThan(30_000);
    expect((await resourcesOf(of)).counts).toMatchObject({ loads: 4, evictions: 3, strayReleases: 0 });
  });

  it("serves the next model after one was deleted while it was loaded", async () => {
    const of = await start();
    expect((await chat(of, "a")).status).toBe(200);
    const deleted = await fetch(`${ollama.url}/api/delete`, {
      method: "DELETE",
      body: JSON.stringify({ model: "a" }),
    });
    expect(deleted.status).toBe(200);
    const loaded = (await (await fetch(`${ollama.url}/api/ps`)).json()) as { models: unknown[] };
    expect(loaded.models).toHaveLength(1);
    const { status, text } = await chat(of, "b");
    expect(status, text).toBe(200);
  });

  it("loads nothing again for a request with equal options", async () => {
    const of = await start();
    const ask = async (num_ctx: number): Promise<number> => {
      const body = {
        model: "a",
        messages: [{ role: "user", content: "gate" }],
        stream: false,
        options: { num_ctx },
      };
      return (await of.fetch("/api/chat", { method: "POST", body: JSON.stringify(body) })).status;
    };
    expect([await ask(1_024), await ask(1_024)]).toEqual([200, 200]);
    const first = starts();
    expect(await ask(1_024)).toBe(200);
    expect(starts()).toBe(first);
    const { residencies } = await resourcesOf(of);
    expect(residencies).toMatchObject([{ key: "box/a?num_ctx=1024", loads: 1 }]);
    const ps = (await (await fetch(`${ollama.url}/api/ps`)).json()) as {
      models: { context_length: number }[];
    };
    expect(ps.models.map(({ context_length }) => context_length)).toEqual([1_024]);
  });

  it("answers within ten seconds after a kill that leaves its runners, and says how soon to come again", async () => {
    const of = await start();
    expect((await chat(of, "a")).status).toBe(200);
    await ollama.kill();
    const first = await chat(of, "a");
    expect(first.status).toBe(503);
    expect(first.retryAfterS).toBeLessThanOrEqual(5);
    await ollama.restart();
    const startedMs = performance.now();
    for (;;) {
      const { status } = await chat(of, "a");
      if (status === 200) break;
      expect(performance.now() - startedMs).toBeLessThan(10_000);
    }
  });

  it("is used as soon as it is there, where it was down at the start", async () => {
    await start();
    await gateway?.close();
    await ollama.kill();
    const of = await serve();
    expect((await chat(of, "a")).status).toBe(503);
    await untilResources(of, ({ backends }) => backends.every(({ status }) => status === "down"));
    await ollama.restart();
    const startedMs = performance.now();
    for (;;) {
      const { status } = await chat(of, "a");
      if (status === 200) break;
      expect(performance.now() - startedMs).toBeLessThan(10_000);
    }
    expect(of.logged.filter((line) => line.includes("a local backend does not answer"))).toHaveLength(1);
  });
});
