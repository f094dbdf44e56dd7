import type { ChatEvent } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { decodeChat } from "./chat-decode.ts";
import { ChatChunkEncoder, encodeChatBody } from "./chat-encode.ts";
import { chatFacts } from "./chat-facts.ts";

const seal = (data: string) => ({ wire: "gemini", data });
const google = (data: string) => ({ google: { thought_signature: data } });
const events: readonly ChatEvent[] = [
  { type: "text", text: "Hi" },
  { type: "text", text: "", sealed: seal("text-seal") },
  { type: "tool-call", index: 0, id: "c", name: "f", arguments: "{}", sealed: seal("call-seal") },
  { type: "finish", reason: "tool_calls" },
  { type: "end" },
];

const sentBack = (message: object) => {
  const body = { model: "m", messages: [{ role: "user", content: "x" }, { ...message }] };
  const json = JSON.parse(JSON.stringify(body));
  return decodeChat(json, chatFacts(json)).messages[1];
};

describe("what an upstream sealed, on OpenAI's wire", () => {
  it("comes back from a client that sends the message unchanged", () => {
    const { message } = JSON.parse(encodeChatBody(events, "id", "m", 1).toString("utf8")).choices[0];
    expect(message.extra_content).toEqual(google("text-seal"));
    expect(message.tool_calls[0].extra_content).toEqual(google("call-seal"));
    expect(sentBack(message)).toEqual({
      role: "assistant",
      content: [{ type: "text", text: "Hi", sealed: seal("text-seal") }],
      toolCalls: [{ id: "c", name: "f", arguments: "{}", sealed: seal("call-seal") }],
    });
  });

  it("is in the deltas of a stream", () => {
    const encoder = new ChatChunkEncoder("id", "m", 1, false);
    const deltas = events.flatMap((event) => {
      const frame = encoder.encode(event)?.toString("utf8");
      return frame === undefined ? [] : [JSON.parse(frame.slice(6)).choices[0].delta];
    });
    expect(deltas[0]).not.toHaveProperty("extra_content");
    expect(deltas[1].extra_content).toEqual(google("text-seal"));
    expect(deltas[2].tool_calls[0].extra_content).toEqual(google("call-seal"));
  });

  it("is kept without any text, and other extra content is ignored", () => {
    expect(sentBack({ role: "assistant", content: null, extra_content: google("alone") })).toMatchObject({
      content: [{ type: "text", text: "", sealed: seal("alone") }],
    });
    expect(sentBack({ role: "assistant", content: "x", extra_content: { google: 1 } })).toMatchObject({
      content: [{ type: "text", text: "x" }],
    });
    expect(sentBack({ role: "assistant", content: "x", extra_content: { google: 1 } })).not.toHaveProperty(
      "content[0].sealed",
    );
  });

  it("of a wire that has no name there stays out", () => {
    const other: ChatEvent = { type: "text", text: "Hi", sealed: { wire: "other", data: "x" } };
    expect(encodeChatBody([other, { type: "end" }], "id", "m", 1).toString("utf8")).not.toContain("extra");
  });
});
