import { classify, classifyError } from "@headgate/adapter-kit";
import {
  encoderOf,
  SAMPLE_REQUEST,
  sampleTarget,
  UNCARRIED_FIELDS,
} from "@headgate/adapter-kit/contract-suite";
import { type Capability, type JsonObject, type JsonValue, memoryOfSize } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import ollama from "./index.ts";

const target = sampleTarget("ollama");
const { encode, refused } = encoderOf(ollama.chat.encode, SAMPLE_REQUEST, target);
const local = (options: Record<string, number> = {}): typeof target => {
  const memory = { ...memoryOfSize("ollama", "cpu", 1e9), options };
  return { ...target, deployment: { ...target.deployment, memory } };
};
const native = (json: JsonObject, to = target) =>
  ollama.chat.native.encode({ bytes: Buffer.from(JSON.stringify(json)), json }, to);

describe("encoding for Ollama", () => {
  it("writes a request as Ollama documents it", () => {
    const { json, path, dropped } = encode({});
    expect(path).toBe("/api/chat");
    expect(json).toEqual({
      model: "vendor/model-1",
      messages: [
        { role: "system", content: "Answer briefly." },
        { role: "user", content: "Grüße aus Köln 🦆" },
        {
          role: "assistant",
          content: "",
          tool_calls: [{ function: { name: "weather", arguments: { city: "Köln" } } }],
        },
        { role: "tool", content: "rain", tool_name: "weather" },
      ],
      stream: true,
      tools: [{ type: "function", function: SAMPLE_REQUEST.tools?.[0] }],
      options: { temperature: 0.5, seed: 7, num_predict: 64, stop: ["END"] },
    });
    expect(dropped).toEqual([]);
  });

  it("sends the options that the model is loaded with, over the client's, so that it is not reloaded", () => {
    const memory = {
      device: "cpu",
      bytes: 1,
      transientBytes: 0,
      loadMs: 1,
      concurrency: 1,
      options: { num_ctx: 8192, use_mmap: false },
      pinned: false,
    } as const;
    const loaded = { ...target, deployment: { ...target.deployment, memory } };
    const { json } = encode({ extra: { options: { num_ctx: 512, mirostat: 1 } } }, loaded);
    expect(json.options).toMatchObject({ num_ctx: 8192, use_mmap: false, mirostat: 1, seed: 7 });
    const embedded = (extra: JsonValue) =>
      JSON.parse(
        ollama.embedding
          .encode({ inputs: ["a"], extra: extra as Record<string, JsonValue> }, loaded)
          .body.toString("utf8"),
      ).options;
    expect(embedded({})).toEqual({ num_ctx: 8192, use_mmap: false });
    expect(embedded({ options: { num_ctx: 1, num_thread: 2 } })).toMatchObject({
      num_ctx: 8192,
      num_thread: 2,
    });
  });

  it("reports the load options that the client chose, unless they are the fragment's", () => {
    const chosen = (options: JsonValue, to = local()) => encode({ extra: { options } }, to).chosen;
    expect(chosen({ num_ctx: 8192, use_mmap: false, temperature: 1, num_gpu: null })).toEqual({
      num_ctx: 8192,
      use_mmap: false,
    });
    expect(chosen({ temperature: 1, constructor: 1 })).toBeUndefined();
    expect(chosen({ num_ctx: 512, num_thread: 4 }, local({ num_ctx: 8192 }))).toEqual({ num_thread: 4 });
    // This model's memory is not managed.
    expect(chosen({ num_ctx: "8192" }, target)).toBeUndefined();
    const deaf = { ...local(), provider: sampleTarget("ollama", { drop: ["options"] }).provider };
    expect(chosen({ num_ctx: 8192 }, deaf)).toBeUndefined();
    const { embedding } = ollama;
    expect(embedding.encode({ inputs: ["a"], extra: { options: { num_ctx: 1 } } }, local()).chosen).toEqual({
      num_ctx: 1,
    });
  });

  it.each<[JsonValue, string]>([
    [{ num_ctx: 0 }, "options.num_ctx"],
    [{ num_ctx: 2 ** 31 }, "options.num_ctx"],
    [{ num_ctx: [8192] }, "options.num_ctx"],
    [{ num_batch: 0 }, "options.num_batch"],
    [{ main_gpu: -1 }, "options.main_gpu"],
    [{ num_thread: 1.5 }, "options.num_thread"],
    [{ use_mmap: "no" }, "options.use_mmap"],
  ])("refuses %j, which no residency can be loaded with", (options, param) => {
    const error = expect.objectContaining({ name: "EncodeError", param });
    expect(() => encode({ extra: { options } }, local())).toThrow(error);
    expect(() => ollama.embedding.encode({ inputs: ["a"], extra: { options } }, local())).toThrow(error);
    expect(() => native({ options }, local())).toThrow(error);
  });

  it("does not let a client unload a shared model, and reports what it left out", () => {
    const kept = (json: JsonObject, to = local()) => {
      const { body, dropped } = native(json, to);
      return { body: JSON.parse(body.toString("utf8")) as JsonObject, dropped };
    };
    for (const keep_alive of [0, "0s", -1]) {
      const { body, dropped } = kept({ model: "x", keep_alive });
      expect([body.keep_alive, dropped]).toEqual([undefined, ["keep_alive"]]);
      const translated = encode({ extra: { keep_alive } }, local());
      expect([translated.json.keep_alive, translated.dropped]).toEqual([undefined, ["keep_alive"]]);
    }
    const { embedding } = ollama;
    const embedded = embedding.encode({ inputs: ["a"], extra: { keep_alive: 0 } }, local());
    expect([embedded.dropped, embedded.body.includes("keep_alive")]).toEqual([["keep_alive"], false]);
    expect(() => native({ model: "x", Keep_Alive: 0 }, local())).toThrow(
      "Keep_Alive must be written keep_alive",
    );
    // This model is unloaded by its owner only.
    expect(kept({ model: "x", keep_alive: 0 }, target).body.keep_alive).toBe(0);
  });

  it("passes a body of its own wire on, with the options that a local model is loaded with", () => {
    const sent = (json: JsonObject, to = local()) => {
      const { body, chosen } = native(json, to);
      return { body: body.toString("utf8"), chosen };
    };
    const options = { num_ctx: 512, num_thread: 2, top_k: 1 };
    expect(sent({ model: "x", options }, local({ num_ctx: 8192 }))).toEqual({
      body: '{"model":"vendor/model-1","options":{"num_ctx":8192,"num_thread":2,"top_k":1},"truncate":false}',
      chosen: { num_thread: 2 },
    });
    expect(sent({ model: "x", a: 1 }, local({ num_ctx: 8192 })).body).toBe(
      '{"model":"vendor/model-1","a":1,"truncate":false,"options":{"num_ctx":8192}}',
    );
    expect(sent({ model: "x", a: 1 })).toEqual({
      body: '{"model":"vendor/model-1","a":1,"truncate":false}',
    });
    // A client may want it cut, and what Headgate does not load passes as it is.
    expect(sent({ model: "x", truncate: true }).body).toBe('{"model":"vendor/model-1","truncate":true}');
    expect(sent({ model: "x", a: 1 }, target).body).toBe('{"model":"vendor/model-1","a":1}');
    expect(() => native({ model: "x", options: [] }, local())).toThrow("options must be an object, not []");
  });

  describe("for a prompt longer than the usual context", () => {
    const sized = (promptTokens: number, more: object = {}, fixed: Record<string, number> = {}) => {
      const to = local(fixed);
      const size = { promptTokens, answerTokens: undefined, grownTokens: 0, ...more };
      return { ...to, deployment: { ...to.deployment, contextTokens: 40_960 }, size };
    };
    const contextOf = (to: ReturnType<typeof sized>, options?: JsonObject) => {
      const { chosen, grown, body } = native({ model: "x", ...(options && { options }) }, to);
      const written = (JSON.parse(body.toString()) as { options?: JsonObject }).options;
      expect(written?.num_ctx).toBe(chosen?.num_ctx);
      const translated = encode({ extra: options === undefined ? {} : { options } }, to);
      expect((translated.json.options as JsonObject | undefined)?.num_ctx).toBe(chosen?.num_ctx);
      return [chosen?.num_ctx, grown];
    };

    it("chooses one that holds it and an answer, in few sizes, up to the model's own", () => {
      expect(contextOf(sized(2_000))).toEqual([undefined, undefined]);
      expect(contextOf(sized(3_000))).toEqual([8_192, true]);
      expect(contextOf(sized(6_000))).toEqual([8_192, true]);
      expect(contextOf(sized(6_500))).toEqual([16_384, true]);
      expect(contextOf(sized(39_000))).toEqual([40_960, true]);
      expect(contextOf(sized(2_000, { answerTokens: 4_000 }))).toEqual([8_192, true]);
    });

    it("keeps the context that an earlier prompt needed, so that sizes do not alternate", () => {
      expect(contextOf(sized(10, { grownTokens: 16_384 }))).toEqual([16_384, true]);
      expect(contextOf(sized(20_000, { grownTokens: 16_384 }))).toEqual([32_768, true]);
    });

    it("leaves a client's or the fragment's own, and is refused where it does not fit that", () => {
      expect(contextOf(sized(9_000), { num_ctx: 16_384 })).toEqual([16_384, undefined]);
      const tooLong = expect.objectContaining({ name: "EncodeError", tooLong: true });
      expect(() => contextOf(sized(9_000), { num_ctx: 4_096 })).toThrow(tooLong);
      expect(() => contextOf(sized(10_000, {}, { num_ctx: 8_192 }))).toThrow(tooLong);
      // The count is an estimate.
      expect(native({ model: "x" }, sized(9_000, {}, { num_ctx: 8_192 })).grown).toBeUndefined();
    });
  });

  it("writes every option under Ollama's name, beside the client's own", () => {
    const { json } = encode({
      topP: 0.9,
      topK: 4,
      frequencyPenalty: 1,
      presencePenalty: -1,
      extra: { options: { num_ctx: 8192, seed: 1 }, keep_alive: "10m" },
    });
    expect(json.options).toEqual({
      num_ctx: 8192,
      seed: 7,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 4,
      num_predict: 64,
      stop: ["END"],
      frequency_penalty: 1,
      presence_penalty: -1,
    });
    expect(json.keep_alive).toBe("10m");
  });

  it("sends images as base64, and refuses URLs, which the gateway does not fetch", () => {
    const image = {
      role: "user",
      content: [
        { type: "text", text: "look" },
        { type: "image", data: "AAAA" },
      ],
    } as const;
    expect(encode({ messages: [image] }).json.messages).toEqual([
      { role: "user", content: "look", images: ["AAAA"] },
    ]);
    refused(
      { messages: [{ role: "user", content: [{ type: "image", url: "https://example.com/a.png" }] }] },
      "messages[0].content[0]",
    );
    refused(
      { messages: [{ role: "user", content: [{ type: "audio", data: "AA", format: "wav" }] }] },
      "messages[0].content[0]",
    );
    const file = { type: "file", data: "JVBERi0=", mediaType: "application/pdf" } as const;
    refused({ messages: [{ role: "user", content: [file] }] }, "messages[0].content[0]");
  });

  it.each<[string, JsonValue]>([
    ["none", false],
    ["minimal", "low"],
    ["medium", "medium"],
    ["max", "high"],
  ])("turns reasoning effort %s into gpt-oss's think %s", (reasoningEffort, think) => {
    const levels = sampleTarget("ollama", {}, { upstream: "gpt-oss:20b" });
    expect(encode({ reasoningEffort }, levels)).toMatchObject({ json: { think }, dropped: [] });
  });

  it("switches thinking on where the model has no levels, and reports the effort", () => {
    expect(encode({ reasoningEffort: "high" })).toMatchObject({
      json: { think: true },
      dropped: ["reasoning_effort"],
    });
    expect(encode({ reasoningEffort: "none" })).toMatchObject({ json: { think: false }, dropped: [] });
  });

  it.each<[string, string[], JsonValue, JsonValue | undefined, string[]]>([
    ["qwen3:4b", ["reasoning"], "high", true, ["think"]],
    ["qwen3:4b", ["reasoning"], true, true, []],
    ["gpt-oss:20b", ["reasoning"], "high", "high", []],
    ["llama3.2:3b", [], true, undefined, ["think"]],
    ["llama3.2:3b", [], false, false, []],
  ])("a client's own think for %s with %j: %j is %j", (upstream, capabilities, think, sent, named) => {
    const to = sampleTarget("ollama", {}, { upstream, capabilities: capabilities as Capability[] });
    const { body, dropped } = native({ model: "m", messages: [], think }, to);
    expect([JSON.parse(body.toString()).think, dropped]).toEqual([sent, named]);
  });

  it("sends no thinking to a model without reasoning, and reports it", () => {
    const plain = sampleTarget("ollama", {}, { capabilities: [] });
    const { json, dropped } = encode({ reasoningEffort: "high" }, plain);
    expect(json).not.toHaveProperty("think");
    expect(dropped).toEqual(["reasoning_effort"]);
    refused({ reasoningEffort: "lots" }, "reasoning_effort");
  });

  it("writes formats: plain JSON, or the schema itself", () => {
    expect(encode({ responseFormat: { type: "json" } }).json.format).toBe("json");
    const schema = { type: "object" };
    expect(encode({ responseFormat: { type: "json-schema", name: "n", schema } }).json.format).toEqual(
      schema,
    );
    expect(encode({ responseFormat: { type: "text" } }).json).not.toHaveProperty("format");
  });

  it("leaves tools out when none may be called, and asks in words for a call that it cannot force", () => {
    expect(encode({ toolChoice: "none" }).json).not.toHaveProperty("tools");
    for (const toolChoice of ["required", { name: "weather" }] as const) {
      const { json, dropped } = encode({ toolChoice });
      expect(dropped).toEqual(["tool_choice"]);
      expect(json.messages.at(-1)).toMatchObject({
        role: "system",
        content: expect.stringMatching(/a call of/),
      });
      expect(json.tools).toHaveLength(1);
    }
    expect(encode({ parallelToolCalls: false }).dropped).toEqual(["parallel_tool_calls"]);
  });

  it.each(UNCARRIED_FIELDS)("refuses %s by name", (name, value) => {
    refused({ extra: { [name]: value } }, name);
  });

  it("leaves out harmless fields: silently where they are Ollama's default, else reported", () => {
    const { dropped } = encode({
      user: "u",
      parallelToolCalls: true,
      extra: {
        n: 1,
        logprobs: false,
        logit_bias: {},
        modalities: ["text"],
        stop: null,
        store: true,
        metadata: {},
      },
    });
    expect(dropped).toEqual(["store", "metadata", "user", "parallel_tool_calls"]);
  });

  it("names the tool call whose arguments are no object", () => {
    const call = { id: "c", name: "f", arguments: "[1" };
    refused(
      { messages: [{ role: "assistant", content: [], toolCalls: [call] }] },
      "messages[0].tool_calls[0].function.arguments",
    );
  });
});

describe("Ollama's errors", () => {
  it("are classified", () => {
    const judge = (status: number, error: string) =>
      classify({ status, headers: {}, body: JSON.stringify({ error }) }, [], 0);
    expect(judge(404, 'model "llama3.2:3b" not found, try pulling it first').class).toBe("model_gone");
    expect(judge(503, "server busy, please try again.  maximum pending requests exceeded").class).toBe(
      "overloaded",
    );
    for (const mistake of [
      "invalid JSON schema in format",
      'invalid format: "X"; expected "json" or a valid JSON Schema object',
      'option "num_ctx" must be of type integer',
      "image: unknown format",
    ])
      expect(judge(500, mistake).class).toBe("bad_request");
    expect(judge(500, "unable to load model: /blobs/sha256-1").class).toBe("server_error");
    const memory = judge(500, "llama runner process has terminated: cudaMalloc failed: out of memory");
    expect(memory).toMatchObject({
      class: "overloaded",
      message: expect.stringMatching(/^the backend is out of memory: /),
    });
  });

  it("are classified alike inside a stream", () => {
    const decoder = ollama.chat.decodeStream();
    const [event] = decoder.push(Buffer.from('{"error":"CUDA error: out of memory"}\n'));
    if (event?.type !== "error") throw new Error("no error event");
    expect(classifyError(event.error, []).class).toBe("overloaded");
  });
});
