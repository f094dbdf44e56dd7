import { readFileSync } from "node:fs";
import { foldEvents, MAX_FRAME_BYTES } from "@headgate/adapter-kit";
import { cutAt, decodeChunks, relayChunks, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { type ChatRequest, type JsonObject, present } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { isDelta } from "./delta.ts";
import anthropic from "./index.ts";

const { chat } = anthropic;
const { native } = chat;
const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const relay = (bytes: Buffer) => relayChunks(native, [bytes], false);
const event = (value: JsonObject): string => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const textOf = (bytes: Buffer | undefined): string => bytes?.toString("utf8") ?? "";

describe("relaying a stream", () => {
  it.each(["stream.sse", "stream-tools.sse", "stream-refusal.sse"])("passes %s byte for byte", (name) => {
    const bytes = fixture(name);
    const { pieces } = relay(bytes);
    expect(Buffer.concat(pieces.map((piece) => piece.bytes)).equals(bytes)).toBe(true);
  });

  it("holds events without content, commits with the first delta, and ends with message_stop and its bytes", () => {
    const { pieces } = relay(fixture("stream.sse"));
    expect(pieces.map(({ kind }) => kind)).toEqual(["hold", "comment", "content", "end"]);
    expect(textOf(pieces[0]?.bytes)).toMatch(/^event: message_start\n[\s\S]*event: content_block_start\n/);
    expect(textOf(pieces[1]?.bytes)).toContain("ping");
    expect(textOf(pieces[3]?.bytes)).toBe('event: message_stop\ndata: {"type":"message_stop"}\n\n');
  });

  it("commits with a tool's block, and with one that is sealed from its start on", () => {
    const kinds = (content_block: JsonObject) =>
      relay(Buffer.from(event({ type: "content_block_start", index: 0, content_block }))).pieces[0]?.kind;
    expect(kinds({ type: "tool_use", id: "t", name: "f", input: {} })).toBe("content");
    expect(kinds({ type: "redacted_thinking", data: "x" })).toBe("content");
    expect(kinds({ type: "text", text: "Hi" })).toBe("content");
    expect(kinds({ type: "text", text: "" })).toBe("hold");
    expect(kinds({ type: "thinking", thinking: "", signature: "" })).toBe("hold");
  });

  it("adds missing event names, which clients read", () => {
    const { pieces } = relay(
      Buffer.from('data:{"type":"content_block_delta",\ndata:"index":0,"delta":{"type":"new_delta"}}\n\n'),
    );
    expect(textOf(pieces[0]?.bytes)).toBe(
      'event: content_block_delta\ndata: {"type":"content_block_delta", "index":0,"delta":{"type":"new_delta"}}\n\n',
    );
  });

  it("gives bare events the names that the API gives them", () => {
    const bare = relay(fixture("stream-crlf-bare.sse")).pieces;
    const named = relay(fixture("stream.sse")).pieces;
    const eventsIn = (pieces: typeof bare) =>
      pieces.filter(({ kind }) => kind !== "comment").map(({ bytes }) => textOf(bytes).replace(/ +\}/g, "}"));
    expect(eventsIn(bare)).toEqual(eventsIn(named));
  });

  it("passes unknown events and fields", () => {
    const odd = event({ type: "content_block_odd", später: ["ü"] }) + event({ type: "message_stop" });
    expect(
      relay(Buffer.from(odd))
        .pieces.map((piece) => textOf(piece.bytes))
        .join(""),
    ).toBe(odd);
  });

  it("leaves out empty events, and passes their neighbours", () => {
    const delta = event({
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text: "x" },
    });
    const { pieces } = relay(Buffer.from(`${delta}event: ping\n\n${delta}`));
    expect(pieces.map((piece) => textOf(piece.bytes)).join("")).toBe(delta + delta);
  });

  it.each([
    ["end_turn", "hold"],
    ["max_tokens", "content"],
    ["stop_sequence", "content"],
  ])("of an answer without text, %s is %s; the last event may lack its blank line", (reason, kind) => {
    const stream = event({ type: "message_delta", delta: { stop_reason: reason } });
    const { pieces } = relay(Buffer.from(stream + event({ type: "message_stop" }).trimEnd()));
    expect(pieces.map((piece) => piece.kind)).toEqual([kind, "end"]);
    expect(textOf(pieces[1]?.bytes)).toBe(event({ type: "message_stop" }));
  });

  it("refuses an event beyond the bound, in relaying and in decoding", () => {
    const endless = Buffer.concat([Buffer.from('event: x\ndata: "'), Buffer.alloc(MAX_FRAME_BYTES, "x")]);
    const error = { class: "malformed", message: expect.stringContaining("too large") };
    expect(relay(endless).pieces).toMatchObject([{ kind: "error", error }]);
    expect(decodeChunks(chat, [endless])).toMatchObject([{ type: "error", error }]);
  });

  it("counts the usage up to a break", () => {
    const { pieces, usage } = relay(fixture("stream-error.sse"));
    expect(pieces.at(-1)).toMatchObject({ kind: "error", error: { code: "api_error" } });
    expect(usage).toEqual({
      inputTokens: 28,
      outputTokens: 1,
      cachedInputTokens: 16,
      cacheWriteInputTokens: 0,
    });
  });

  it("parses no delta in the API's own form", () => {
    const bytes = fixture("stream.sse");
    const deltas = bytes.toString("utf8").match(/^event: content_block_delta\n.*\n\n/gm) ?? [];
    const parse = vi.spyOn(JSON, "parse");
    const stream = native.relayStream();
    const pieces = stream.push(Buffer.from(deltas.join("")));
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
    expect(deltas).toHaveLength(4);
    expect(pieces).toMatchObject([{ kind: "content" }]);
  });

  it("recognises only valid JSON as a delta", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, broken) => {
        const quoted = JSON.stringify(text);
        const inside = broken ? `"${text}"` : quoted;
        const data = `{"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":${inside}}   }`;
        const latin1 = Buffer.from(data).toString("latin1");
        const parsed = ((): unknown => {
          try {
            return JSON.parse(latin1);
          } catch {
            return undefined;
          }
        })();
        if (isDelta(latin1, 0, latin1.length)) expect(parsed).toBeDefined();
        if (!broken) expect(isDelta(latin1, 0, latin1.length)).toBe(true);
      }),
    );
  });
});

describe("encoding natively", () => {
  const target = sampleTarget("anthropic", {}, { upstream: "claude-sonnet-4-6" });
  const body = (text: string, headers?: Record<string, string>) =>
    native.encode({ bytes: Buffer.from(text), json: JSON.parse(text), ...present({ headers }) }, target);

  it("changes the model and no other byte", () => {
    const bodyFor = (model: string) =>
      `{ "model" :"${model}","system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}], "max_tokens":1e3,"new\\u0046ield":1.50 }`;
    expect(body(bodyFor("sonnet")).body.toString("utf8")).toBe(bodyFor("claude-sonnet-4-6"));
  });

  it("sends the client's version and beta headers byte for byte, and no other header of the client's", () => {
    const { headers } = body('{"model":"m","stream":true}', {
      "anthropic-version": "2026-10-21",
      "anthropic-beta": "one-2025-01-01, two",
      "x-other": "no",
    });
    expect(headers).toEqual({
      "content-type": "application/json",
      accept: "text/event-stream",
      "anthropic-version": "2026-10-21",
      "anthropic-beta": "one-2025-01-01, two",
    });
  });
});

/** A message and its stream, as the API sends both. */
const block = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text: fc.string({ unit: "grapheme", minLength: 1 }) }),
  fc.record({
    type: fc.constant("thinking" as const),
    thinking: fc.string({ unit: "grapheme" }),
    signature: fc.base64String({ minLength: 4 }),
  }),
  fc.record({ type: fc.constant("redacted_thinking" as const), data: fc.base64String({ minLength: 4 }) }),
  fc.record({
    type: fc.constant("tool_use" as const),
    id: fc.stringMatching(/^toolu_[a-z0-9]{4}$/),
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    input: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.string(), fc.integer()), {
      noNullPrototype: true,
    }),
  }),
);

const halves = (text: string): string[] => {
  const points = [...text];
  const middle = Math.ceil(points.length / 2);
  return [points.slice(0, middle).join(""), points.slice(middle).join("")];
};

function streamOf(content: readonly (JsonObject & { type: string })[], usage: JsonObject): string {
  const out = [
    event({
      type: "message_start",
      message: { id: "msg_x", type: "message", model: "m", content: [], usage },
    }),
  ];
  content.forEach((whole, index) => {
    const empty: Record<string, JsonObject> = {
      text: { type: "text", text: "" },
      thinking: { type: "thinking", thinking: "", signature: "" },
      tool_use: { ...whole, input: {} },
    };
    out.push(event({ type: "content_block_start", index, content_block: empty[whole.type] ?? whole }));
    const delta = (fields: JsonObject) =>
      out.push(event({ type: "content_block_delta", index, delta: fields }));
    if (whole.type === "text")
      for (const text of halves(String(whole.text))) delta({ type: "text_delta", text });
    if (whole.type === "thinking") {
      for (const thinking of halves(String(whole.thinking))) delta({ type: "thinking_delta", thinking });
      delta({ type: "signature_delta", signature: whole.signature ?? "" });
    }
    if (whole.type === "tool_use")
      for (const partial_json of halves(JSON.stringify(whole.input)))
        delta({ type: "input_json_delta", partial_json });
    out.push(event({ type: "content_block_stop", index }));
  });
  out.push(event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }));
  out.push(event({ type: "message_stop" }));
  return out.join("");
}

describe("any answer", () => {
  it("reads the same whole, streamed, and streamed in any chunks; its thinking is sent back unchanged", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), fc.array(fc.nat(4000)), (content, positions) => {
        const usage = { input_tokens: 3, output_tokens: 5 };
        const message = { id: "msg_x", type: "message", model: "m", content, stop_reason: "end_turn", usage };
        const whole = foldEvents(chat.decodeBody(Buffer.from(JSON.stringify(message))));
        const stream = Buffer.from(streamOf(content, usage));
        expect(foldEvents(decodeChunks(chat, cutAt(stream, positions)))).toEqual(whole);
        const relayed = relayChunks(native, cutAt(stream, positions), false);
        expect(Buffer.concat(relayed.pieces.map(({ bytes }) => bytes)).equals(stream)).toBe(true);

        const { text, toolCalls, reasoning, reasoningParts } = whole;
        const request: ChatRequest = {
          messages: [
            { role: "user", content: [{ type: "text", text: "Hi" }] },
            {
              role: "assistant",
              content: text === "" ? [] : [{ type: "text", text }],
              toolCalls: [...new Map(toolCalls.map((call) => [call.id, call])).values()],
              reasoning,
              ...present({ reasoningParts }),
            },
          ],
          stream: false,
          includeUsage: false,
          extra: {},
        };
        const sent = JSON.parse(chat.encode(request, sampleTarget("anthropic")).body.toString("utf8"));
        const given = sent.messages[1]?.content ?? [];
        const back = typeof given === "string" ? [{ type: "text", text: given }] : given;
        const thoughts = ({ type }: { type: string }) => type.endsWith("thinking");
        const calls = ({ type }: { type: string }) => type === "tool_use";
        expect(back.filter(thoughts)).toEqual(content.filter(thoughts));
        const ids = new Map(content.filter(calls).map((call) => ["id" in call ? call.id : "", call]));
        expect(back.filter(calls).map(({ id }: { id: string }) => id)).toEqual([...ids.keys()]);
      }),
      { numRuns: 60 },
    );
  });
});
