import { encoderOf, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import {
  type ChatMessage,
  type ChatRequest,
  type JsonValue,
  present,
  type ReasoningPart,
} from "@headgate/contract";
import { describe, expect, it } from "vitest";
import anthropic from "./index.ts";

const BARE: ChatRequest = { messages: [], stream: false, includeUsage: false, extra: {} };
const encoder = encoderOf(anthropic.chat.encode, BARE, sampleTarget("anthropic"));
const encode = (messages: readonly ChatMessage[]) => encoder.encode({ messages });
const messagesOf = (messages: readonly ChatMessage[]): JsonValue => encode(messages).json.messages;
const refused = (messages: readonly ChatMessage[], param: string) => encoder.refused({ messages }, param);
const user = (text: string): ChatMessage => ({ role: "user", content: [{ type: "text", text }] });
const result = (toolCallId: string, text: string): ChatMessage => ({
  role: "tool",
  toolCallId,
  content: [{ type: "text", text }],
});
const calling = (...ids: string[]): ChatMessage => ({
  role: "assistant",
  content: [],
  toolCalls: ids.map((id) => ({ id, name: "f", arguments: "{}" })),
});
const used = (id: string) => ({ type: "tool_use", id, name: "f", input: {} });
describe("conversations", () => {
  it("collects system text, in order, from any position", () => {
    const { json } = encode([
      { role: "system", content: [{ type: "text", text: "one" }] },
      user("Hi"),
      {
        role: "system",
        content: [
          { type: "text", text: "two" },
          { type: "text", text: "" },
        ],
      },
      user("there"),
    ]);
    expect(json.system).toEqual([
      { type: "text", text: "one" },
      { type: "text", text: "two" },
    ]);
    expect(json.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Hi" },
          { type: "text", text: "there" },
        ],
      },
    ]);
  });

  it("puts results of one turn into one message, before the user's own content", () => {
    expect(
      messagesOf([user("go"), calling("a", "b"), result("a", "1"), user("and?"), result("b", "2")]),
    ).toEqual([
      { role: "user", content: "go" },
      { role: "assistant", content: [used("a"), used("b")] },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "a", content: "1" },
          { type: "tool_result", tool_use_id: "b", content: "2" },
          { type: "text", text: "and?" },
        ],
      },
    ]);
  });

  it("leaves out empty messages", () => {
    expect(messagesOf([user("a"), { role: "assistant", content: [], toolCalls: [] }, user("b")])).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
    ]);
    refused([{ role: "system", content: [{ type: "text", text: "x" }] }], "messages");
    refused([user("")], "messages");
  });

  it("renames call ids that the API refuses, the same in call and result, and no two alike", () => {
    const messages = [user("go"), calling("f:0", "f.0", "f_0_2"), result("f.0", "2"), result("f:0", "1")];
    expect(messagesOf(messages)).toMatchObject([
      {},
      { content: [{ id: "f_0" }, { id: "f_0_2" }, { id: "f_0_2_2" }] },
      {
        content: [
          { tool_use_id: "f_0_2", content: "2" },
          { tool_use_id: "f_0", content: "1" },
        ],
      },
    ]);
  });

  it("refuses arguments that are no object, with their path", () => {
    const broken = (text: string): ChatMessage => ({
      role: "assistant",
      content: [],
      toolCalls: [{ id: "x", name: "f", arguments: text }],
    });
    refused([user("go"), broken('{"a":')], "messages[1].tool_calls[0].function.arguments");
    refused([broken("[1]")], "messages[0].tool_calls[0].function.arguments");
    expect(messagesOf([broken(" ")])).toMatchObject([{ content: [{ input: {} }] }]);
  });

  it("writes images by URL and by data, in messages and in results", () => {
    const content = [
      { type: "image", url: "https://example.com/a.png", detail: "low" },
      { type: "image", data: "iVBORw0KGgo=" },
      { type: "image", data: "AAAA", mediaType: "image/jpg", detail: "auto" },
    ] as const;
    const sources = [
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
      { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "AAAA" } },
    ];
    const { json, dropped } = encode([{ role: "user", content }]);
    expect(json.messages).toEqual([{ role: "user", content: sources }]);
    expect(dropped).toEqual(["messages[].content[].image_url.detail"]);
    expect(messagesOf([calling("a"), { role: "tool", toolCallId: "a", content }])).toMatchObject([
      {},
      { content: [{ type: "tool_result", content: sources }] },
    ]);
    const auto = [{ type: "image", url: "https://example.com/a.png", detail: "auto" }] as const;
    expect(encode([{ role: "user", content: auto }]).dropped).toEqual([]);
    const both = { role: "user", content: [content[0], content[0]] } as const;
    expect(encode([both]).dropped).toEqual(dropped);
    refused([{ role: "user", content: [{ type: "image", data: "AAAA" }] }], "messages[0].content[0]");
    refused([{ role: "system", content }], "messages[0].content[0]");
    refused([{ role: "assistant", content, toolCalls: [] }], "messages[0].content[0]");
    const audio = [{ type: "audio", data: "AAAA", format: "wav" }] as const;
    refused([{ role: "user", content: audio }], "messages[0].content[0]");
  });

  it("writes files as documents: PDF by URL and by data, and text", () => {
    const content = [
      { type: "file", url: "https://example.com/a.pdf", mediaType: "application/pdf" },
      { type: "file", data: "JVBERi0=", mediaType: "application/pdf", name: "a.pdf" },
      { type: "file", data: "R3LDvMOfZQ==", mediaType: "text/markdown", name: "a.md" },
    ] as const;
    expect(messagesOf([{ role: "user", content }])).toEqual([
      {
        role: "user",
        content: [
          { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
          {
            type: "document",
            source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
            title: "a.pdf",
          },
          {
            type: "document",
            source: { type: "text", media_type: "text/plain", data: "Grüße" },
            title: "a.md",
          },
        ],
      },
    ]);
    const zip = {
      role: "user",
      content: [{ type: "file", data: "UEs=", mediaType: "application/zip" }],
    } as const;
    refused([zip], "messages[0].content[0]");
  });

  it("sends thinking back with its own seal, before the text, and reports what it cannot send back", () => {
    const turn = (parts: readonly ReasoningPart[] | undefined, reasoning: string): ChatMessage => ({
      role: "assistant",
      content: [{ type: "text", text: "So:" }],
      toolCalls: [{ id: "a", name: "f", arguments: "{}" }],
      reasoning,
      ...present({ reasoningParts: parts }),
    });
    const own: ReasoningPart[] = [
      { text: "hm", sealed: { wire: "anthropic-messages", data: "sig" } },
      { text: "", sealed: { wire: "anthropic-messages", data: "secret" }, redacted: true },
    ];
    const whole = encode([user("go"), turn(own, "hm")]);
    expect(whole.json.messages[1].content).toEqual([
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "redacted_thinking", data: "secret" },
      { type: "text", text: "So:" },
      used("a"),
    ]);
    expect(whole.dropped).toEqual([]);
    const foreign: ReasoningPart[] = [
      { text: "hm", sealed: { wire: "gemini", data: "sig" } },
      { text: "more" },
    ];
    for (const parts of [foreign, undefined]) {
      const lost = encode([user("go"), turn(parts, "hm")]);
      expect(lost.json.messages[1].content).toEqual([{ type: "text", text: "So:" }, used("a")]);
      expect(lost.dropped).toEqual(["messages[].reasoning"]);
    }
  });

  it("reports the names of participants, which the wire lacks", () => {
    expect(encode([{ role: "user", name: "Ann", content: [{ type: "text", text: "x" }] }]).dropped).toEqual([
      "messages[].name",
    ]);
  });
});
