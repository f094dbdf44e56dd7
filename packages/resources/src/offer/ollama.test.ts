import { FakeMachine, startOllama } from "@headgate/upstream-lab";
import { describe, expect, it } from "vitest";
import { lookOllama } from "./ollama.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const signal = new AbortController().signal;
/** 10 layers of 4 heads for keys and values of 64 numbers at 16 bits, and 2 KiB for each of 16 heads. */
const TOKEN_BYTES = 10 * 4 * 128 * 2 + 16 * 2048;

const fake = (models: Parameters<typeof startOllama>[0]["models"]) =>
  startOllama({ machine: new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 20 * GIB } }), models });

describe("what an Ollama has", () => {
  it("is described without loading it: operation, capabilities, window, memory", async () => {
    await using ollama = await fake({
      "b:1b": { bytes: GIB, contextTokens: 32_768 },
      embeds: { bytes: 100 * MIB, operation: "embedding" },
    });
    expect(await lookOllama({ baseUrl: ollama.url, known: [], signal })).toEqual([
      {
        upstream: "b:1b",
        digest: "0".repeat(64),
        operation: "chat",
        capabilities: ["json", "tools"],
        contextTokens: 32_768,
        memory: { bytes: GIB + 4096 * TOKEN_BYTES + 256 * MIB, contextTokenBytes: TOKEN_BYTES },
      },
      expect.objectContaining({
        upstream: "embeds:latest",
        operation: "embedding",
        dimensions: 1024,
        capabilities: [],
      }),
    ]);
    expect(ollama.residents.residents).toEqual([]);
  });

  it("is measured once it is loaded, and stays as it was measured", async () => {
    await using ollama = await fake({ "b:1b": { bytes: GIB } });
    const look = (known: Awaited<ReturnType<typeof lookOllama>>) =>
      lookOllama({ baseUrl: ollama.url, known, signal });
    const before = await look([]);
    const load = (num_ctx: number) =>
      fetch(`${ollama.url}/api/generate`, {
        method: "POST",
        body: JSON.stringify({ model: "b:1b", prompt: "", options: { num_ctx } }),
      });
    await load(2048);
    const after = await look(before);
    // It was measured with a smaller context than one has without options.
    const memory = { bytes: GIB + 2048 * TOKEN_BYTES, device: "cuda", contextTokenBytes: TOKEN_BYTES };
    expect(after).toMatchObject([{ upstream: "b:1b", memory }]);
    await load(8192);
    expect(await look(after)).toEqual(after);
    // A model that is known is not asked for again.
    expect(ollama.calls.filter(({ url }) => url === "/api/show")).toHaveLength(1);
  });

  it("is asked for again where its content changed", async () => {
    await using ollama = await fake({ "b:1b": { bytes: GIB } });
    const [model] = await lookOllama({ baseUrl: ollama.url, known: [], signal });
    if (model === undefined) throw new Error("there is one");
    await lookOllama({ baseUrl: ollama.url, known: [{ ...model, digest: "another" }], signal });
    expect(ollama.calls.filter(({ url }) => url === "/api/show")).toHaveLength(2);
  });

  it("leaves out what runs elsewhere, and what can neither chat nor embed", async () => {
    await using ollama = await fake({ "b:1b": { bytes: GIB }, "gone:1b": { bytes: GIB } });
    ollama.interfere(({ path, body }) => {
      if (path === "/api/tags")
        return {
          status: 200,
          body: {
            models: [
              { model: "b:1b", digest: "b" },
              { model: "gpt:cloud", digest: "c", remote_host: "https://ollama.com" },
              { model: "image:1b", digest: "d" },
              { model: "deleted:1b", digest: "e" },
              { model: "old:1b", digest: "f", size: GIB },
              {},
            ],
          },
        };
      if (path !== "/api/show") return undefined;
      if (body.model === "image:1b") return { status: 200, body: { capabilities: ["image"] } };
      // Older servers list no capabilities.
      if (body.model === "old:1b") return { status: 200, body: { model_info: {} } };
      return undefined;
    });
    const found = await lookOllama({ baseUrl: ollama.url, known: [], signal });
    expect(found.map(({ upstream }) => upstream)).toEqual(["b:1b", "old:1b"]);
    expect(found[1]).toEqual({
      upstream: "old:1b",
      digest: "f",
      operation: "chat",
      capabilities: ["json"],
      memory: { bytes: GIB + 256 * MIB },
    });
  });

  it("is an error in words where nothing answers, or something else", async () => {
    const ollama = await fake({});
    ollama.interfere(() => ({ status: 200, body: [1] }));
    const look = () => lookOllama({ baseUrl: ollama.url, known: [], signal });
    await expect(look()).rejects.toThrow(/not Ollama/);
    await ollama.close();
    await expect(look()).rejects.toMatchObject({ unreachable: true, message: "nothing listens there" });
  });
});
