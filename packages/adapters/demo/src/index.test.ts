import { foldEvents } from "@headgate/adapter-kit";
import { sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { ChatMessage, ChatRequest, JsonObject, Tool } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import demo from "./index.ts";
import { sampleOf } from "./sample.ts";

const target = sampleTarget("demo", {}, { alias: "demo", upstream: "canned" });
const user = (text: string): ChatMessage => ({ role: "user", content: [{ type: "text", text }] });
const ask = (changes: Partial<ChatRequest>) =>
  demo.answer(
    { messages: [user("Hello there")], stream: true, includeUsage: true, extra: {}, ...changes },
    target,
  );
const tool: Tool = {
  name: "weather",
  parameters: {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
    required: ["city", "days"],
  },
};

describe("the demo", () => {
  it("states that it is canned, quotes the request, and names how to switch a real provider on", () => {
    const { text, model, finish, usage, complete } = foldEvents(ask({}));
    expect(text).toContain("canned answer");
    expect(text).toContain("Hello there");
    expect(text).toMatch(/GROQ=1 and GROQ_API_KEY=… in \.env/);
    expect({ model, finish, complete }).toEqual({ model: "canned", finish: "stop", complete: true });
    expect(usage).toEqual({ inputTokens: 3, outputTokens: Math.ceil(text.length / 4) });
  });

  it("gives the same answer to the same request, in several pieces, and ends once", () => {
    const events = ask({});
    expect(ask({})).toEqual(events);
    expect(events.filter(({ type }) => type === "text").length).toBeGreaterThan(5);
    expect(events.filter(({ type }) => type === "end")).toEqual([events.at(-1)]);
  });

  it("quotes a bounded piece of the request", () => {
    const { text } = foldEvents(ask({ messages: [user("🦆".repeat(10_000))] }));
    expect(text.length).toBeLessThan(1000);
    expect(text.isWellFormed()).toBe(true);
  });

  it("keeps to the request's maximum length", () => {
    const { text, finish } = foldEvents(ask({ maxOutputTokens: 5 }));
    expect(text).toHaveLength(20);
    expect(finish).toBe("length");
  });

  it.each<[string, Partial<ChatRequest>]>([
    ["it must", { toolChoice: "required" }],
    ["it is named", { toolChoice: { name: "weather" } }],
    ["the user asks for it", { messages: [user("Please call the weather tool")] }],
  ])("calls a tool when %s", (_name, changes) => {
    const { toolCalls, finish, text } = foldEvents(ask({ tools: [tool], ...changes }));
    expect(toolCalls).toEqual([
      { id: "call_demo_0", name: "weather", arguments: '{"city":"demo","days":1}' },
    ]);
    expect({ finish, text }).toEqual({ finish: "tool_calls", text: "" });
  });

  it.each<[string, Partial<ChatRequest>]>([
    ["the request names none", {}],
    ["it must not", { toolChoice: "none", messages: [user("call the tool")] }],
  ])("calls none when %s", (_name, changes) => {
    expect(foldEvents(ask({ tools: [tool], ...changes })).toolCalls).toEqual([]);
  });

  it("answers with text after a tool's result", () => {
    const messages: ChatMessage[] = [
      user("call the tool"),
      { role: "assistant", content: [], toolCalls: [{ id: "c", name: "weather", arguments: "{}" }] },
      { role: "tool", toolCallId: "c", content: [{ type: "text", text: "rain" }] },
    ];
    const { text, toolCalls } = foldEvents(ask({ tools: [tool], toolChoice: "required", messages }));
    expect(text).toContain('The tool answered: "rain"');
    expect(toolCalls).toEqual([]);
  });

  it("answers in JSON when JSON is requested", () => {
    const { text } = foldEvents(ask({ responseFormat: { type: "json" } }));
    expect(JSON.parse(text)).toEqual({ answer: expect.stringContaining("canned") });
    const schema = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };
    expect(foldEvents(ask({ responseFormat: { type: "json-schema", name: "n", schema } })).text).toBe(
      '{"ok":false}',
    );
  });
});

describe("the smallest value of a schema", () => {
  it.each<[JsonObject, unknown]>([
    [{ enum: ["b", "a"] }, "b"],
    [{ const: 7 }, 7],
    [{ type: ["string", "null"], minLength: 6 }, "demooo"],
    [{ type: "string", maxLength: 2 }, "de"],
    [{ type: "string", format: "date" }, "2026-01-01"],
    [{ type: "number", exclusiveMinimum: 2 }, 3],
    [{ type: "integer", maximum: -4 }, -4],
    [{ type: "integer", minimum: 0.5 }, 1],
    [{ type: "array", minItems: 2, items: { type: "boolean" } }, [false, false]],
    [{ type: "array", items: {} }, []],
    [{ anyOf: [{ type: "null" }, { type: "string" }] }, null],
    [{ allOf: [{ type: "object", properties: { a: { default: 3 } } }, { required: ["a"] }] }, { a: 3 }],
    [
      {
        $defs: { x: { enum: [5] } },
        type: "object",
        properties: { x: { $ref: "#/$defs/x" }, y: {} },
        required: ["x"],
      },
      { x: 5 },
    ],
    [{ properties: { a: { type: "string" } } }, {}],
  ])("for %j is %j", (schema, expected) => {
    expect(sampleOf(schema)).toEqual(expected);
  });

  it("ends for a recursive schema", () => {
    const schema = {
      type: "object",
      properties: { me: { $ref: "#" }, at: { $ref: "#/properties/at" } },
      required: ["me", "at"],
    };
    expect(sampleOf(schema)).toMatchObject({ at: null });
  });
});
