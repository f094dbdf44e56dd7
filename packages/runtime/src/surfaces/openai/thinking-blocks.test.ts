import type { ChatEvent } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { decodeChat } from "./chat-decode.ts";
import { ChatChunkEncoder, encodeChatBody } from "./chat-encode.ts";
import { chatFacts } from "./chat-facts.ts";

const seal = (data: string) => ({ wire: "anthropic-messages", data });
const events: readonly ChatEvent[] = [
  { type: "reasoning", text: "Two " },
  { type: "reasoning", text: "cities." },
  { type: "reasoning", text: "", sealed: seal("sig") },
  { type: "reasoning", text: "", sealed: seal("hidden"), redacted: true },
  { type: "text", text: "Hi" },
  { type: "finish", reason: "stop" },
  { type: "end" },
];
const blocks = [
  { type: "thinking", thinking: "Two cities.", signature: "sig" },
  { type: "redacted_thinking", data: "hidden" },
];
const sentBack = (message: object) => {
  const json = JSON.parse(
    JSON.stringify({ model: "m", messages: [{ role: "user", content: "x" }, message] }),
  );
  return decodeChat(json, chatFacts(json)).messages[1];
};

describe("signed thinking, on OpenAI's wire", () => {
  it("comes back from a client that sends the message unchanged", () => {
    const { message } = JSON.parse(encodeChatBody(events, "id", "m", 1).toString("utf8")).choices[0];
    expect(message).toMatchObject({
      reasoning_content: "Two cities.",
      extra_content: { anthropic: { thinking_blocks: blocks } },
    });
    expect(sentBack(message)).toMatchObject({
      content: [{ type: "text", text: "Hi" }],
      reasoning: "Two cities.",
      reasoningParts: [
        { text: "Two cities.", sealed: seal("sig") },
        { text: "", sealed: seal("hidden"), redacted: true },
      ],
    });
  });

  it("is sent whole in one delta of a stream, so that clients need not join pieces", () => {
    const encoder = new ChatChunkEncoder("id", "m", 1, false);
    const frames = events.map((event) => encoder.encode(event)?.toString("utf8") ?? "").join("");
    const deltas = [...frames.matchAll(/^data: (.+)$/gm)].map(
      ([, json]) => JSON.parse(json ?? "").choices[0].delta,
    );
    expect(deltas.filter(({ extra_content }) => extra_content !== undefined)).toHaveLength(1);
    expect(deltas.map(({ reasoning_content }) => reasoning_content ?? "").join("")).toBe("Two cities.");
    expect(deltas.flatMap(({ extra_content }) => extra_content?.anthropic.thinking_blocks ?? [])).toEqual(
      blocks,
    );
    expect(deltas.every(({ reasoning_content }) => reasoning_content !== "")).toBe(true);
  });

  it("of another wire stays out, and what is no signed block is ignored", () => {
    const other: ChatEvent = { type: "reasoning", text: "hm", sealed: { wire: "other", data: "x" } };
    expect(encodeChatBody([other, { type: "end" }], "id", "m", 1).toString("utf8")).not.toContain("extra");
    for (const odd of [
      [{ type: "thinking", thinking: "hm" }],
      [null, { type: "redacted_thinking" }],
      {},
      "x",
    ]) {
      const extra_content = { anthropic: { thinking_blocks: odd } };
      expect(sentBack({ role: "assistant", content: "x", extra_content })).not.toHaveProperty(
        "reasoningParts",
      );
    }
  });
});
