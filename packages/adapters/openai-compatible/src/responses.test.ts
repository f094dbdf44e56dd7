import { cutAt, relayChunks, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import openAi from "./index.ts";

const { native, serves } = openAi.second;
const event = (type: string, fields: object = {}, name = type): string =>
  `event: ${name}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const usage = {
  input_tokens: 90,
  input_tokens_details: { cached_tokens: 64 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 12 },
};
const counted = { inputTokens: 90, outputTokens: 20, cachedInputTokens: 64, reasoningTokens: 12 };
const opening =
  event("response.created", { response: { id: "resp_up", output: [] } }) +
  event("response.output_item.added", { item: { type: "message", id: "msg_up" } });
const delta = event("response.output_text.delta", { delta: "Grüße 🦆", obfuscation: "x" });
const unknown = event("response.future_thing.done", { found: [1.0] });
const end = event("response.completed", { response: { id: "resp_up", status: "completed", usage } });
const relay = (text: string) => relayChunks(native, [Buffer.from(text)], true);
const kinds = (text: string) => relay(text).pieces.map(({ kind }) => kind);
const last = (text: string) => relay(text).pieces.at(-1);

describe("a stream of the Responses API", () => {
  it("passes byte for byte, unknown events too, and commits with the first text", () => {
    const whole = opening + delta + unknown + end;
    const { pieces, usage: seen } = relay(whole);
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).toBe(whole);
    expect(pieces.map(({ kind }) => kind)).toEqual(["hold", "content", "end"]);
    expect(seen).toEqual(counted);
  });

  it("passes the same, however it is cut", () => {
    const bytes = Buffer.from(opening + delta + unknown + end);
    const whole = relayChunks(native, [bytes], true);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (positions) => {
        expect(relayChunks(native, cutAt(bytes, positions), true)).toEqual(whole);
      }),
    );
    expect(relayChunks(native, cutAt(bytes, [...bytes.keys()]), true)).toEqual(whole);
  });

  it("is no answer when it is cut anywhere before the event with its outcome", () => {
    const bytes = Buffer.from(opening + delta + end);
    // Without the blank line after it the event is still whole.
    const whole = bytes.length - 2;
    for (let length = 0; length < whole; length += 1) {
      const { pieces } = relayChunks(native, [bytes.subarray(0, length)], true);
      expect(pieces.filter(({ kind }) => kind === "end")).toEqual([]);
      expect(pieces.at(-1)?.kind).toBe("error");
    }
  });

  it("ends incomplete as it ends completed: there is an answer", () => {
    expect(kinds(opening + delta + event("response.incomplete", { response: {} }))).toEqual([
      "hold",
      "content",
      "end",
    ]);
    // Bytes after the end are ignored.
    expect(kinds(`${opening}${delta}${end}data: [DONE]\n\n`)).toEqual(["hold", "content", "end"]);
  });

  it.each([
    [
      "a response that failed",
      event("response.failed", { response: { error: { code: "server_error", message: "Überlast" } } }),
      { message: "Überlast", code: "server_error" },
    ],
    [
      "an error, nested",
      event("error", { error: { type: "x", code: "rate_limit_exceeded", message: "slow down" } }),
      { message: "slow down", code: "rate_limit_exceeded" },
    ],
    ["an error, flat", event("error", { code: "e", message: "flat" }), { message: "flat" }],
    ["an error without a name", 'data: {"error":{"message":"busy","code":503}}\n\n', { message: "busy" }],
    ["no JSON", "event: response.completed\ndata: {oops\n\n", { class: "malformed" }],
    ["a page", "<html>\n<body>502</body></html>", { class: "server_error" }],
  ])("fails by %s", (_, bad, error) => {
    expect(last(opening + bad)).toMatchObject({ kind: "error", error });
    expect(last(opening + delta + bad)).toMatchObject({ kind: "error", error });
  });

  it("adds missing event names, which clients read", () => {
    const bare = `data: ${JSON.stringify({ type: "response.output_text.delta", delta: "x" })}\n\n`;
    const { pieces } = relay(opening + bare + end);
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).toContain(
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta"',
    );
  });
});

describe("a whole response", () => {
  const inspect = (value: unknown) => native.inspectBody(Buffer.from(JSON.stringify(value)));

  it("is one when it has an output, and is counted", () => {
    expect(inspect({ object: "response", status: "completed", output: [], error: null, usage })).toEqual({
      ok: true,
      usage: counted,
    });
    expect(inspect({ status: "incomplete", output: [] })).toEqual({ ok: true });
  });

  it.each([
    [{ status: "failed", output: [], error: { code: "server_error", message: "no" } }, { message: "no" }],
    [{ error: { message: "busy" } }, { message: "busy" }],
    [{ id: "resp_up" }, { class: "malformed" }],
    ["text", { class: "malformed" }],
  ])("is none: %j", (value, error) => {
    expect(inspect(value)).toMatchObject({ ok: false, error });
  });
});

it("is used where the fragment has it, with only the model replaced", () => {
  const dialect = { drop: ["store"], rename: { max_tokens: "x" } };
  const target = sampleTarget("openai-compatible", { ...dialect, responsesPath: "/responses" });
  expect(serves(target)).toBe(true);
  expect(serves(sampleTarget("openai-compatible"))).toBe(false);
  const bytes = Buffer.from('{ "store":false, "model": "alias",  "future":1.50, "stream":true}');
  expect(native.encode({ bytes, json: JSON.parse(bytes.toString()) }, target)).toEqual({
    path: "/responses",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: Buffer.from('{ "store":false, "model": "vendor/model-1",  "future":1.50, "stream":true}'),
    dropped: [],
  });
});
