import { describe, expect, it } from "vitest";
import { LISTING } from "./listing.ts";

const read = (document: unknown) => LISTING.read(Buffer.from(JSON.stringify(document)));
const first = (entry: object) => read({ data: [{ id: "m", ...entry }] })?.models[0];

describe("the list of models", () => {
  it("is read in the form of OpenAI, of Together and of others", () => {
    const models = [{ id: "m" }];
    expect(read({ object: "list", data: [{ id: "m", object: "model", created: 1 }] })).toEqual({
      models,
      unreadable: 0,
    });
    expect(read([{ id: "m" }])).toEqual({ models, unreadable: 0 });
    expect(read({ models: [{ id: "m" }, { name: "n" }, 7] })).toEqual({ models, unreadable: 2 });
    expect(read({ data: {} })).toBeUndefined();
    expect(read("models")).toBeUndefined();
    expect(LISTING.read(Buffer.from("<html>"))).toBeUndefined();
  });

  it("continues where it has more", () => {
    expect(read({ data: [{ id: "m" }], has_more: true })?.next).toBe("m");
    expect(read({ data: [{ id: "m" }], has_more: true, last_id: "x&y" })?.next).toBe("x&y");
    expect(read({ data: [{ id: "m" }], has_more: false, last_id: "x" })?.next).toBeUndefined();
    expect(LISTING.page("", "x&y")).toBe("models?after=x%26y");
    expect(LISTING.page("")).toBe("models");
  });

  it.each([
    [
      "Groq",
      { context_window: 131072, max_completion_tokens: 8192 },
      { contextTokens: 131072, maxOutputTokens: 8192 },
    ],
    ["vLLM", { max_model_len: 4096 }, { contextTokens: 4096 }],
    ["Together", { type: "image", context_length: 0 }, { operations: ["image"] }],
    ["talkies", { modality: "stt" }, { operations: ["transcription"] }],
    ["LiteLLM", { mode: "embedding" }, { operations: ["embedding"] }],
    [
      "Mistral",
      {
        capabilities: { completion_chat: true, function_calling: true, vision: false },
        aliases: ["n"],
        max_context_length: 9,
      },
      { operations: ["chat"], capabilities: ["tools"], alsoNamed: ["n"], contextTokens: 9 },
    ],
    [
      "OpenRouter",
      {
        architecture: { input_modalities: ["text", "image", "audio"], output_modalities: ["text"] },
        pricing: { prompt: "0", completion: "0", request: "0" },
        supported_parameters: ["tools", "structured_outputs", "reasoning"],
        top_provider: { max_completion_tokens: 5 },
        context_length: 10,
      },
      {
        operations: ["chat"],
        price: "free",
        rates: { input: 0, output: 0 },
        capabilities: ["vision", "tools", "json", "reasoning", "audio-input"],
        contextTokens: 10,
        maxOutputTokens: 5,
      },
    ],
    ["an image model", { architecture: { output_modalities: ["image"] } }, { operations: ["image"] }],
    ["an unknown modality", { architecture: { output_modalities: ["smell"] } }, { operations: [] }],
    ["an unknown type", { type: "base" }, {}],
    ["wrong types", { context_length: "9", pricing: [], type: 5, aliases: "n", capabilities: ["x"] }, {}],
  ])("reads the facts that %s states, and no others", (_, entry, expected) => {
    expect(first(entry)).toEqual({ id: "m", ...expected });
  });

  it.each([
    [
      "OpenRouter's",
      { pricing: { prompt: "0.0000012", completion: "0.000004", input_cache_read: "0.0000003" } },
      { input: 1.2, output: 4, cacheRead: 0.3 },
    ],
    [
      "Together's",
      { pricing: { hourly: 0, input: 0.18, output: 0.59, base: 0 } },
      { input: 0.18, output: 0.59 },
    ],
    [
      "DeepInfra's",
      { metadata: { pricing: { input_tokens: 0.1, output_tokens: 0.32, cache_read_tokens: 0.05 } } },
      { input: 0.1, output: 0.32, cacheRead: 0.05 },
    ],
    [
      "Chutes'",
      {
        price: { input: { usd: 0.25, tao: 1 }, output: { usd: 1 } },
        pricing: { prompt: 0.25, completion: 1 },
      },
      { input: 0.25, output: 1 },
    ],
    ["one that varies", { pricing: { prompt: "-1", completion: "-1" } }, undefined],
    ["one without an output", { pricing: { prompt: "0.1" } }, undefined],
    ["one in another unit", { pricing: { prompt: "0.5", completion: "1" } }, undefined],
  ])("reads %s price in dollars for a million tokens", (_, entry, rates) => {
    expect(first(entry)?.rates).toEqual(rates);
  });

  it("reads DeepInfra's windows", () => {
    expect(first({ metadata: { context_length: 131072, max_tokens: 16384 } })).toMatchObject({
      contextTokens: 131072,
      maxOutputTokens: 16384,
    });
  });

  it.each([
    ["0", "0", "free"],
    [0, 0, "free"],
    ["0.0", "0", "free"],
    ["0.0001", "0", "paid"],
    ["-1", "-1", "paid"],
    ["0", undefined, undefined],
    ["", "0", undefined],
    ["free", "0", undefined],
    [null, 0, undefined],
  ])("reads the prices %j and %j as %s", (prompt, completion, price) => {
    expect(first({ pricing: { prompt, completion } })?.price).toBe(price);
  });

  it("leaves out inactive models", () => {
    expect(read({ data: [{ id: "m", active: false }] })).toEqual({ models: [], unreadable: 0 });
  });
});
