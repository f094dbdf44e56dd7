/** Ollama's own CLI against the gateway, which has a real Ollama behind it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { resourcesOf } from "../support/local.ts";
import { NO_OLLAMA, type OllamaModel, ollamaProgram, type RealOllama, startRealOllama } from "./ollama.ts";
import { startRegistry } from "./ollama-registry.ts";

const program = ollamaProgram();
if (program === undefined) console.warn(NO_OLLAMA);

const MB = 1e6;
const model: OllamaModel = {
  bytes: 24 * MB,
  script: ["▁It", "▁is", "▁open", "."],
  parameters: { num_thread: 1 },
};
const memory = { device: "cpu", bytes: 60 * MB } as const;

describe.skipIf(program === undefined)("Ollama's CLI", { timeout: 60_000 }, () => {
  let ollama: RealOllama;
  let gateway: TestGateway;
  beforeEach(async () => {
    ollama = await startRealOllama({ a: model, "b:2": model }, { OLLAMA_CONTEXT_LENGTH: "512" });
    gateway = await startGateway(
      [
        {
          id: "box",
          adapter: "ollama",
          baseUrl: ollama.url,
          keys: [],
          local: { driver: "ollama", bringUp: { way: "external" } },
          models: [
            { alias: "a", memory, capabilities: ["json"] },
            { alias: "own-b", upstream: "b:2", memory, capabilities: [] },
            { alias: "c", memory, capabilities: [] },
          ],
        },
        { id: "far", adapter: "demo", keys: [], models: [{ alias: "cloud" }] },
      ],
      { options: { ollamaNoKey: "1" } },
    );
  });
  afterEach(async () => {
    await gateway?.close();
    await ollama?.close();
  });

  const cli = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    const child = spawn(program ?? "", args, {
      env: { PATH: process.env.PATH, HOME: ollama.folder, OLLAMA_HOST: gateway.url, TERM: "dumb" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    const [code] = (await once(child, "close")) as [number];
    return { code, out, err };
  };
  const ready = async (): Promise<string[]> =>
    (await resourcesOf(gateway)).residencies.flatMap(({ key, state }) => (state === "ready" ? [key] : []));

  it("lists, shows, runs, and stops what the gateway serves", async () => {
    const listed = await cli("list");
    expect(listed.out).toMatch(/^a +[0-9a-f]{12} +\d+ MB/m);
    expect(listed.out).toMatch(/^own-b +[0-9a-f]{12} +\d+ MB/m);
    expect(listed.out).toMatch(/^cloud /m);

    expect((await cli("show", "own-b")).out).toMatch(/architecture +llama[\s\S]*context length +4096/);
    // One that is served elsewhere has what the gateway knows of it.
    expect((await cli("show", "cloud")).out).toMatch(/architecture +far/);

    const run = await cli("run", "own-b", "gate");
    expect(run, run.err).toMatchObject({ code: 0, out: expect.stringContaining("It is open.") });
    expect((await cli("run", "cloud", "hello")).code).toBe(0);

    const loaded = await cli("ps");
    expect(loaded.out).toMatch(/^own-b +[0-9a-f]{12} +\d+ MB +100% CPU +512 +\d+ minutes from now/m);
    expect(await ready()).toEqual(["box/b:2"]);
    expect(await cli("stop", "own-b")).toMatchObject({ code: 0 });
    await expect.poll(() => ready()).toEqual([]);
    // Ollama shows it as stopping first.
    await expect.poll(async () => (await cli("ps")).out).not.toMatch(/own-b/);
    expect(await cli("stop", "nothing")).toMatchObject({
      code: 1,
      err: expect.stringContaining("couldn't find model"),
    });
  });

  it("removes a model, loaded or not", async () => {
    await cli("run", "a", "gate");
    const removed = await cli("rm", "a");
    expect(removed, removed.err).toMatchObject({ code: 0, out: expect.stringContaining("deleted 'a'") });
    expect((await cli("rm", "a")).err).toMatch(/not found/);
    const tags = (await (await fetch(`${ollama.url}/api/tags`)).json()) as { models: { name: string }[] };
    expect(tags.models.map(({ name }) => name)).toEqual(["b:2"]);
  });

  it("pulls a model, with its progress, and says why where it cannot", async () => {
    await using registry = await startRegistry({ ...model, script: ["▁Pulled", "."] });
    await using own = await startGateway(
      [
        {
          id: "box",
          adapter: "ollama",
          baseUrl: ollama.url,
          keys: [],
          local: { driver: "ollama", bringUp: { way: "external" } },
          models: [{ alias: "pulled", upstream: registry.name, memory, capabilities: [] }],
        },
      ],
      { options: { ollamaNoKey: "1" } },
    );
    const before = gateway;
    gateway = own;
    try {
      const pulled = await cli("pull", "--insecure", "pulled");
      expect(pulled, pulled.err).toMatchObject({ code: 0 });
      expect(pulled.err).toMatch(/success/);
      expect((await cli("run", "pulled", "gate")).out).toMatch(/Pulled\./);
    } finally {
      gateway = before;
    }
    const refused = await cli("pull", "127.0.0.1:9/none/none");
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/refused|insecure/);
  });

  it("is told that it needs a key where the operator does not say otherwise", async () => {
    await using closed = await startGateway([
      { id: "far", adapter: "demo", keys: [], models: [{ alias: "cloud" }] },
    ]);
    const before = gateway;
    gateway = closed;
    const listed = await cli("list");
    gateway = before;
    expect(listed.code).toBe(1);
    expect(listed.err).toMatch(/HEADGATE_OLLAMA_NOKEY/);
  });

  it("a bad schema is the client's 400 however often, a missing model a 404, and a broken one a 503 in Ollama's words", async () => {
    const chat = (alias: string, more: object = {}) =>
      gateway.fetch("/api/chat", {
        method: "POST",
        body: JSON.stringify({
          model: alias,
          messages: [{ role: "user", content: "gate" }],
          stream: false,
          ...more,
        }),
      });
    for (let count = 0; count < 5; count += 1) {
      const response = await chat("a", { format: { type: "no-such-type" } });
      expect([response.status, await response.text()]).toEqual([
        400,
        expect.stringMatching(/invalid JSON schema/),
      ]);
    }
    expect((await chat("a")).status).toBe(200);
    const missing = await chat("c");
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringMatching(/not found/)]);
    const manifest = join(ollama.folder, "manifests", "registry.ollama.ai", "library", "b", "2");
    const { layers } = JSON.parse(await readFile(manifest, "utf8")) as { layers: { digest: string }[] };
    const blob = join(ollama.folder, "blobs", (layers[0]?.digest ?? "").replace(":", "-"));
    await truncate(blob, 1_000_000);
    const broken = await chat("own-b");
    expect([broken.status, await broken.text()]).toEqual([
      503,
      expect.stringMatching(/unable to load model|unexpected EOF|corrupt|failed/i),
    ]);
    expect((await chat("a")).status).toBe(200);
  });
});
