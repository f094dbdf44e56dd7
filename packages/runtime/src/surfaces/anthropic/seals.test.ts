import type { ChatEvent, JsonObject } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { decodeRequest } from "./decode.ts";
import { encodeMessage } from "./encode-body.ts";
import { MessageStreamEncoder } from "./encode-stream.ts";
import { forOwnWire, WIRE } from "./seals.ts";

const identity = { id: "msg_1", model: "m", showThinking: true };
const own = { wire: WIRE, data: "EqQBsig/+=" };
const gemini = { wire: "gemini", data: "CikB…seal" };
const events: readonly ChatEvent[] = [
  { type: "reasoning", text: "Own thought." },
  { type: "reasoning", text: "", sealed: own },
  { type: "reasoning", text: "", sealed: { wire: WIRE, data: "hidden" }, redacted: true },
  { type: "text", text: "Hi" },
  { type: "tool-call", index: 0, id: "c", name: "f", arguments: '{"a":1}', sealed: gemini },
  { type: "tool-call", index: 1, id: "d", name: "f", arguments: "{}" },
  { type: "finish", reason: "tool_calls" },
  { type: "end" },
];

const bodyWith = (content: readonly JsonObject[]): JsonObject => ({
  model: "m",
  max_tokens: 9,
  messages: [
    { role: "user", content: "x" },
    { role: "assistant", content },
    { role: "user", content: "go on" },
  ],
});
const nativeOf = (body: JsonObject) => ({ bytes: Buffer.from(JSON.stringify(body, null, 1)), json: body });

describe("what an upstream sealed", () => {
  const content: JsonObject[] = JSON.parse(encodeMessage(events, identity).toString()).content;

  it("is carried by this wire's thinking blocks", () => {
    expect(content.map(({ type }) => type)).toEqual([
      "thinking",
      "redacted_thinking",
      "text",
      "redacted_thinking",
      "tool_use",
      "tool_use",
    ]);
    expect(content[0]).toEqual({ type: "thinking", thinking: "Own thought.", signature: own.data });
    expect(content[3]?.data).toMatch(/^headgate\.[\w-]+$/);
  });

  it("comes back with the words that it seals", () => {
    const { messages } = decodeRequest(bodyWith(content), false).request;
    expect(messages[1]).toEqual({
      role: "assistant",
      content: [{ type: "text", text: "Hi" }],
      toolCalls: [
        { id: "c", name: "f", arguments: '{"a":1}', sealed: gemini },
        { id: "d", name: "f", arguments: "{}" },
      ],
      reasoning: "Own thought.",
      reasoningParts: [
        { text: "Own thought.", sealed: own },
        { text: "", sealed: { wire: WIRE, data: "hidden" }, redacted: true },
      ],
    });
  });

  it("is streamed as signature deltas and blocks of its own", () => {
    const encoder = new MessageStreamEncoder(identity);
    const text = events.map((event) => encoder.encode(event)?.toString() ?? "").join("");
    expect(text).toContain(`"delta":{"type":"signature_delta","signature":${JSON.stringify(own.data)}}`);
    expect(text).toContain('"content_block":{"type":"redacted_thinking","data":"hidden"}');
    expect(text.indexOf('"data":"headgate.')).toBeLessThan(text.indexOf('"type":"tool_use"'));
  });
});

describe("a body for an upstream of this wire", () => {
  it("keeps its own thinking, and every byte with it", () => {
    const native = nativeOf(
      bodyWith([
        { type: "thinking", thinking: "a", signature: "sig" },
        { type: "redacted_thinking", data: "x" },
        { type: "text", text: "b" },
      ]),
    );
    expect(forOwnWire(native)).toBe(native);
  });

  it("loses thinking of another provider's model, and nothing else", () => {
    const text = { type: "text", text: "b" };
    const native = nativeOf({
      ...bodyWith([
        { type: "thinking", thinking: "a", signature: "" },
        { type: "redacted_thinking", data: "headgate.WyJnZW1pbmkiLCJ4Il0" },
        text,
      ]),
      future_field: { deep: 1.0 },
    });
    const cleaned = forOwnWire(native);
    expect(JSON.parse(cleaned.bytes.toString())).toEqual({ ...bodyWith([text]), future_field: { deep: 1 } });
    expect(cleaned.json.messages).toEqual(bodyWith([text]).messages);
    expect(cleaned.bytes.toString()).toContain('"future_field": {');
  });

  it("turns thinking off in a turn that another provider's model began", () => {
    const use = { type: "tool_use", id: "t", name: "f", input: {} };
    const began = (content: readonly JsonObject[]): JsonObject => ({
      model: "m",
      max_tokens: 9000,
      thinking: { type: "enabled", budget_tokens: 2000 },
      context_management: {
        edits: [{ type: "clear_thinking_20251015" }, { type: "clear_tool_uses_20250919" }],
      },
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "y" }] },
      ],
    });
    const native = nativeOf(began([use]));
    const changed = forOwnWire(native);
    expect(changed.dropped).toEqual(["thinking"]);
    expect(JSON.parse(changed.bytes.toString())).toEqual({
      ...native.json,
      thinking: { type: "disabled" },
      context_management: { edits: [{ type: "clear_tool_uses_20250919" }] },
    });
    expect(
      forOwnWire(nativeOf(began([{ type: "thinking", thinking: "", signature: "" }, use]))).dropped,
    ).toEqual(["messages.content.thinking", "thinking"]);
    const signed = nativeOf(began([{ type: "thinking", thinking: "", signature: "sig" }, use]));
    expect(forOwnWire(signed)).toBe(signed);
    const adaptive = nativeOf({ ...began([use]), thinking: { type: "adaptive" } });
    expect(forOwnWire(adaptive)).toBe(adaptive);
  });

  it("loses a message that held nothing else", () => {
    const cleaned = forOwnWire(nativeOf(bodyWith([{ type: "thinking", thinking: "a", signature: "" }])));
    expect(JSON.parse(cleaned.bytes.toString()).messages).toHaveLength(2);
  });
});
