import { foldEvents } from "@headgate/adapter-kit";
import { decodeChunks } from "@headgate/adapter-kit/contract-suite";
import { describe, expect, it } from "vitest";
import cohere from "./index.ts";

const { chat } = cohere;
const sse = (...events: object[]): Buffer =>
  Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
const fold = (...chunks: Buffer[]) => foldEvents(decodeChunks(chat, chunks));
const text = (piece: string) => ({
  type: "content-delta",
  index: 0,
  delta: { message: { content: { text: piece } } },
});
const end = (delta: object = { finish_reason: "COMPLETE" }) => ({ type: "message-end", delta });
const start = (id: string) => ({ type: "message-start", id, delta: { message: { role: "assistant" } } });
const call = (id: string) => ({
  type: "tool-call-start",
  index: 0,
  delta: { message: { tool_calls: { id, type: "function", function: { name: id, arguments: "{}" } } } },
});

describe("reading Cohere's stream", () => {
  it.each([
    ["COMPLETE", "stop"],
    ["STOP_SEQUENCE", "stop"],
    ["MAX_TOKENS", "length"],
    ["ERROR_LIMIT", "length"],
    ["TOOL_CALL", "tool_calls"],
    ["ERROR_TOXIC", "content_filter"],
    ["SOMETHING_NEW", "stop"],
  ])("reads %s as %s", (finish_reason, finish) => {
    expect(fold(sse(text("x"), end({ finish_reason })))).toMatchObject({ finish, complete: true });
  });

  it.each([
    [{ finish_reason: "ERROR" }, "server_error"],
    [{ finish_reason: "USER_CANCEL" }, "server_error"],
    [{ finish_reason: "TIMEOUT" }, "timeout"],
    [{ error: "no capacity" }, "server_error"],
  ])("reads %j as no whole answer", (delta, kind) => {
    expect(fold(sse(text("x"), end(delta)))).toMatchObject({ complete: false, error: { class: kind } });
  });

  it("distinguishes calls of one number by their ids", () => {
    expect(fold(sse(call("a"), call("b"), end())).toolCalls).toMatchObject([{ id: "a" }, { id: "b" }]);
  });

  it("starts once, and reads the content in a part's start", () => {
    const opening = {
      type: "content-start",
      index: 0,
      delta: { message: { content: { type: "text", text: "He" } } },
    };
    expect(fold(sse(start("one"), start("two"), opening, text("llo"), end()))).toMatchObject({
      id: "one",
      text: "Hello",
    });
  });

  it("returns nothing after its end", () => {
    const decoder = chat.decodeStream();
    expect(decoder.push(sse(end())).at(-1)).toEqual({ type: "end" });
    expect(decoder.push(sse(text("more")))).toEqual([]);
    expect(decoder.end()).toEqual([]);
  });

  it("distinguishes a cut from malformed data", () => {
    expect(fold(Buffer.from('data: {"type":"content-del')).error?.class).toBe("network");
    expect(fold(Buffer.from('data: {"type":"content-del\n\n')).error?.class).toBe("malformed");
    expect(fold(sse(text("x")), Buffer.from("data: [DONE]\n\n")).error?.class).toBe("network");
    expect(fold(sse({ index: 0 })).error?.class).toBe("malformed");
    expect(foldEvents(chat.decodeBody(Buffer.from('{"id":"x","message":{"ro'))).error?.class).toBe("network");
  });

  it("uses the text of an error event as the message", () => {
    expect(fold(Buffer.from("event: error\ndata: over capacity\n\n")).error?.message).toBe("over capacity");
    expect(fold(Buffer.from('event: error\ndata: {"message":"busy"}\n\n')).error?.message).toBe("busy");
    expect(fold(Buffer.from("event: error\ndata:\n\n")).error?.message).toBe("an error event");
    expect(fold(sse({ type: "error", message: "no" })).error?.message).toBe("no");
  });

  it("ignores comments and unknown events", () => {
    const unknown = sse({ type: "debug", prompt: "p" }, text("x"), end());
    expect(fold(Buffer.from(": ping\n\n"), unknown)).toMatchObject({ text: "x", complete: true });
  });
});
