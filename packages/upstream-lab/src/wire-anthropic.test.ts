import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anthropicErrorEvent, anthropicOutOfCredit, anthropicPromptTooLong } from "./behaviours/anthropic.ts";
import { endless, healthy } from "./behaviours/healthy.ts";
import { anthropicOverloaded, status } from "./behaviours/status.ts";
import { cleanTruncation, finishWithoutDone, malformedFrame } from "./behaviours/stream.ts";
import { asObject, type JsonObject } from "./json.ts";
import { type Lab, startLab } from "./lab.ts";
import { call, chat, events, json, type Seen } from "./probe.ts";

let lab: Lab;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab.close());

const path = "/v1/messages";
const send = (fields: JsonObject = {}): Promise<Seen> =>
  call(lab.url, { path, body: chat({ max_tokens: 99, ...fields }), headers: { "x-api-key": "test-key" } });
const typesOf = (seen: Seen): unknown[] => events(seen).map((event) => asObject(event).type);
const deltasOf = (seen: Seen): JsonObject[] => events(seen).map((event) => asObject(asObject(event).delta));
const weather = { type: "object", properties: { city: { type: "string" } } };
const tools = [
  { name: "clock", input_schema: { type: "object" } },
  { name: "weather", input_schema: weather },
];

describe("a healthy model on Anthropic's wire", () => {
  it("answers whole unless a stream is requested", async () => {
    expect(json(await send())).toEqual({
      id: "msg_lab_1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [{ type: "text", text: "Hello from m. You said: hi there" }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: {
        input_tokens: expect.any(Number),
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 7,
      },
    });
    expect(lab.requests[0]?.headers["x-api-key"]).toBe("test-key");
  });

  it("names each event in its line and in its data, in the API's order", async () => {
    const seen = await send({ stream: true });
    const types = typesOf(seen);
    expect(seen.text.match(/^event: .*$/gm)).toEqual(types.map((type) => `event: ${String(type)}`));
    expect(types.slice(0, 4)).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      "content_block_delta",
    ]);
    expect(types.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    expect(
      deltasOf(seen)
        .map(({ text }) => text ?? "")
        .join(""),
    ).toBe("Hello from m. You said: hi there");
    expect(events(seen).at(-2)).toMatchObject({
      delta: { stop_reason: "end_turn" },
      usage: { output_tokens: 7 },
    });
  });

  it("thinks in a signed block of its own and counts the cached part separately", async () => {
    const tokens = { inputTokens: 50, outputTokens: 9, cachedInputTokens: 20 };
    lab.behave("m", healthy({ reasoning: ["h", "m"], text: ["so"], finish: "length", tokens }));
    expect(json(await send())).toMatchObject({
      content: [
        { type: "thinking", thinking: "hm", signature: "sig_lab_1" },
        { type: "text", text: "so" },
      ],
      stop_reason: "max_tokens",
      usage: { input_tokens: 30, cache_read_input_tokens: 20, output_tokens: 9 },
    });
    const seen = await send({ stream: true });
    expect(deltasOf(seen).filter((delta) => delta.type !== undefined)).toEqual([
      { type: "thinking_delta", thinking: "h" },
      { type: "thinking_delta", thinking: "m" },
      { type: "signature_delta", signature: "sig_lab_2" },
      { type: "text_delta", text: "so" },
    ]);
  });

  it("calls tools in pieces of a stream, and follows the choice of tools", async () => {
    const whole = json(await send({ tools, tool_choice: { type: "tool", name: "weather" } }));
    expect(whole).toMatchObject({
      content: [{ type: "tool_use", id: "toolu_lab_1_0", name: "weather", input: { city: "lab" } }],
      stop_reason: "tool_use",
    });
    const seen = await send({ tools, stream: true, tool_choice: { type: "tool", name: "weather" } });
    expect(events(seen)[1]).toMatchObject({
      content_block: { type: "tool_use", name: "weather", input: {} },
    });
    expect(
      deltasOf(seen)
        .map(({ partial_json }) => partial_json ?? "")
        .join(""),
    ).toBe('{"city":"lab"}');
    expect(json(await send({ tools, tool_choice: { type: "none" } })).stop_reason).toBe("end_turn");
    const content = [{ type: "tool_result", tool_use_id: "toolu_lab_1_0", content: "sunny" }];
    const messages = [{ role: "user", content }];
    expect(json(await send({ tools, messages }))).toMatchObject({
      content: [{ text: "Hello from m. You said: sunny" }],
    });
    expect(json(await send({ tools, messages, tool_choice: { type: "any" } })).stop_reason).toBe("tool_use");
  });

  it("reads images and follows a schema", async () => {
    const data = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAECAw==" } };
    const url = { type: "image", source: { type: "url", url: "https://example.com/a.png" } };
    const seen = await send({
      messages: [{ role: "user", content: [{ type: "text", text: "look" }, data, url] }],
    });
    expect(seen.text).toContain(
      "You said: look I see 2 image(s): image/png of 4 bytes, https://example.com/a.png.",
    );
    const schema = { type: "object", properties: { n: { type: "integer", minimum: 5 } } };
    const fitted = await send({ output_config: { format: { type: "json_schema", schema } } });
    expect(json(fitted)).toMatchObject({ content: [{ text: '{"n":5}' }] });
  });
});

describe("faults on Anthropic's wire", () => {
  it.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [403, "permission_error"],
    [404, "not_found_error"],
    [413, "request_too_large"],
    [429, "rate_limit_error"],
    [500, "api_error"],
    [529, "overloaded_error"],
  ])("has Anthropic's form of a %i", async (code, type) => {
    lab.behave("m", status(code, { message: "no" }));
    const seen = await send();
    expect([seen.status, json(seen)]).toEqual([
      code,
      { type: "error", error: { type, message: "no" }, request_id: "req_lab_1" },
    ]);
  });

  it("has its own messages for a prompt that is too long, for spent credit and for overload", async () => {
    lab.script("m", [anthropicPromptTooLong(), anthropicOutOfCredit(), anthropicOverloaded()]);
    expect((await send()).text).toContain("prompt is too long: 200001 tokens > 200000 maximum");
    expect((await send()).text).toContain("credit balance is too low");
    expect((await send()).status).toBe(529);
  });

  it("sends an error as the first event of a 200, or after content", async () => {
    lab.behave("m", anthropicErrorEvent());
    const first = await send({ stream: true });
    expect(first.status).toBe(200);
    expect(events(first)).toEqual([
      {
        type: "error",
        error: { details: null, type: "overloaded_error", message: "Overloaded" },
        request_id: "req_lab_1",
      },
    ]);
    lab.behave("m", anthropicErrorEvent({ after: 2, type: "api_error" }));
    const types = typesOf(await send({ stream: true }));
    expect(types.filter((type) => type === "content_block_delta")).toHaveLength(2);
    expect(types.at(-1)).toBe("error");
  });

  it("is cut after content, ends without message_stop, and has broken JSON", async () => {
    lab.behave("m", cleanTruncation({ after: 2 }));
    expect(typesOf(await send({ stream: true })).at(-1)).toBe("content_block_delta");
    lab.behave("m", finishWithoutDone());
    expect(typesOf(await send({ stream: true })).at(-1)).toBe("message_delta");
    lab.behave("m", malformedFrame({ after: 0 }));
    const [first = ""] = (await send({ stream: true })).text.split("\n\n");
    expect(first).toMatch(/^event: content_block_delta\ndata: /);
    expect(() => JSON.parse(first.split("data: ")[1] ?? "") as unknown).toThrow();
  });

  it("continues without end while it is read", async () => {
    lab.behave("m", endless({ pieceBytes: 4 }));
    let seen = "";
    await call(lab.url, {
      path,
      body: chat({ stream: true }),
      onChunk: (chunk, leave) => {
        seen += chunk.toString("utf8");
        if (seen.length > 500) leave();
      },
    });
    expect(seen).toContain('"delta":{"type":"text_delta","text":"xxxx"}');
  });
});
