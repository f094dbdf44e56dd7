import type { JsonObject } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { Sealer } from "../../../codec/sealer.ts";
import { decodeItems } from "./messages.ts";
import { ToolNames } from "./tool-names.ts";

const decode = (items: readonly JsonObject[]) =>
  decodeItems(
    items.map((json, at) => ({ json, path: `input[${at}]` })),
    new ToolNames(),
    new Sealer("k"),
  );
const message = (role: string, text: string): JsonObject => ({ type: "message", role, content: text });
const called = (call_id: string): JsonObject => ({
  type: "function_call",
  call_id,
  name: "f",
  arguments: "{}",
});
const result = (call_id: string, output = call_id): JsonObject => ({
  type: "function_call_output",
  call_id,
  output,
});

/** One word per message: its role, its text and the ids of its calls. */
const sketch = (items: readonly JsonObject[]): string[] =>
  decode(items).messages.map((message) => {
    const [part] = message.content;
    const text = part?.type === "text" ? part.text : "";
    const calls = message.role === "assistant" ? message.toolCalls.map(({ id }) => `+${id}`).join("") : "";
    return `${message.role}:${text}${calls}`;
  });

describe("items as messages", () => {
  it("join the model's text and calls in one turn", () => {
    const thought = { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] };
    const items = [message("user", "x"), thought, message("assistant", "ok"), called("a"), called("b")];
    const { messages } = decode([...items, result("b"), result("a"), message("assistant", "done")]);
    expect(messages[1]).toMatchObject({ reasoning: "hm", toolCalls: [{ id: "a" }, { id: "b" }] });
    expect(sketch([...items, result("b"), result("a"), message("assistant", "done")])).toEqual([
      "user:x",
      "assistant:ok+a+b",
      "tool:b",
      "tool:a",
      "assistant:done",
    ]);
  });

  it("begin a new turn after results", () => {
    expect(sketch([called("a"), result("a"), called("b"), result("b")])).toEqual([
      "assistant:+a",
      "tool:a",
      "assistant:+b",
      "tool:b",
    ]);
  });

  it("put a result after its call, even with a message in between", () => {
    expect(sketch([called("a"), message("user", "wait"), result("a")])).toEqual([
      "assistant:+a",
      "tool:a",
      "user:wait",
    ]);
  });

  it("take an id twice in a conversation when the first call is answered, as Ollama's are numbered", () => {
    expect(sketch([called("c"), result("c", "1"), called("c"), result("c", "2")])).toEqual([
      "assistant:+c",
      "tool:1",
      "assistant:+c",
      "tool:2",
    ]);
  });

  it("prefer the reasoning itself to its summary", () => {
    const { messages } = decode([
      {
        type: "reasoning",
        summary: [{ type: "summary_text", text: "short" }],
        content: [{ type: "reasoning_text", text: "long" }],
      },
      message("assistant", "ok"),
    ]);
    expect(messages[0]).toMatchObject({ reasoning: "long" });
  });

  it("name the item that each message came from", () => {
    const items = [message("user", "x"), called("a"), result("a")];
    expect(decode(items).paths).toEqual(["input[0].content", "input[1]", "input[2].output"]);
  });
});
