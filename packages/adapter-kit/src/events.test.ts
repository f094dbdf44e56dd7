import type { ChatEvent } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { foldEvents } from "./events.ts";

describe("folding events", () => {
  it("gives the whole answer, with parallel tool calls kept apart", () => {
    const events: ChatEvent[] = [
      { type: "start", id: "a", model: "m", createdAtS: 1 },
      { type: "reasoning", text: "h" },
      { type: "reasoning", text: "m" },
      { type: "text", text: "Hel" },
      { type: "tool-call", index: 1, id: "y", name: "g" },
      { type: "tool-call", index: 0, id: "x", name: "f", arguments: "{" },
      { type: "tool-call", index: 1, arguments: "{}" },
      { type: "text", text: "lo" },
      { type: "tool-call", index: 0, arguments: "}" },
      { type: "refusal", text: "no" },
      { type: "finish", reason: "tool_calls" },
      { type: "usage", usage: { inputTokens: 1, outputTokens: 2 } },
      { type: "end" },
    ];
    expect(foldEvents(events)).toEqual({
      id: "a",
      model: "m",
      createdAtS: 1,
      text: "Hello",
      reasoning: "hm",
      refusal: "no",
      toolCalls: [
        { id: "y", name: "g", arguments: "{}" },
        { id: "x", name: "f", arguments: "{}" },
      ],
      finish: "tool_calls",
      usage: { inputTokens: 1, outputTokens: 2 },
      complete: true,
    });
  });

  it("keeps the seals of the text and of each call", () => {
    const seal = (data: string) => ({ wire: "w", data });
    const folded = foldEvents([
      { type: "text", text: "Hi", sealed: seal("one") },
      { type: "text", text: "", sealed: seal("two") },
      { type: "tool-call", index: 0, id: "x", name: "f", sealed: seal("three") },
      { type: "tool-call", index: 0, arguments: "{}" },
      { type: "tool-call", index: 1, id: "y", name: "g", arguments: "{}" },
      { type: "end" },
    ]);
    expect(folded).toMatchObject({ text: "Hi", sealed: seal("two") });
    expect(folded.toolCalls).toEqual([
      { id: "x", name: "f", arguments: "{}", sealed: seal("three") },
      { id: "y", name: "g", arguments: "{}" },
    ]);
  });

  it("keeps reasoning in its sealed parts", () => {
    const seal = (data: string) => ({ wire: "w", data });
    const folded = foldEvents([
      { type: "reasoning", text: "first " },
      { type: "reasoning", text: "thought", sealed: seal("one") },
      { type: "reasoning", text: "", sealed: seal("hidden"), redacted: true },
      { type: "reasoning", text: "more" },
      { type: "end" },
    ]);
    expect(folded.reasoning).toBe("first thoughtmore");
    expect(folded.reasoningParts).toEqual([
      { text: "first thought", sealed: seal("one") },
      { text: "", sealed: seal("hidden"), redacted: true },
      { text: "more" },
    ]);
    expect(foldEvents([{ type: "reasoning", text: "plain" }, { type: "end" }])).not.toHaveProperty(
      "reasoningParts",
    );
  });

  it("keeps the events before an error", () => {
    const folded = foldEvents([
      { type: "text", text: "Hel" },
      { type: "error", error: { message: "cut" } },
    ]);
    expect(folded).toMatchObject({ text: "Hel", error: { message: "cut" }, complete: false });
  });
});

describe("a folded answer", () => {
  it("has no more than what was said", () => {
    expect(foldEvents([])).toStrictEqual({
      text: "",
      reasoning: "",
      refusal: "",
      toolCalls: [],
      complete: false,
    });
  });

  it("keeps what any of several beginnings said", () => {
    const folded = foldEvents([
      { type: "start", id: "a", createdAtS: 1 },
      { type: "start", model: "m", createdAtS: 2 },
    ]);
    expect(folded).toMatchObject({ id: "a", model: "m", createdAtS: 2 });
    expect(folded).not.toHaveProperty("type");
  });

  it("has its citations in order", () => {
    const [one, two] = [
      { start: 0, end: 2, url: "https://a.example" },
      { start: 2, end: 4, documentId: "d" },
    ];
    expect(
      foldEvents([
        { type: "citation", citation: one },
        { type: "citation", citation: two },
      ]).citations,
    ).toEqual([one, two]);
  });

  it("has a tool call whose name, id or arguments never came, empty", () => {
    expect(foldEvents([{ type: "tool-call", index: 0 }]).toolCalls).toStrictEqual([
      { id: "", name: "", arguments: "" },
    ]);
  });

  it("keeps plain reasoning before a hidden part as a part of its own, and none after one that is whole", () => {
    const sealed = { wire: "w", data: "s" };
    expect(
      foldEvents([
        { type: "reasoning", text: "plain" },
        { type: "reasoning", text: "", sealed, redacted: true },
      ]).reasoningParts,
    ).toEqual([{ text: "plain" }, { text: "", sealed, redacted: true }]);
    expect(foldEvents([{ type: "reasoning", text: "", sealed, redacted: true }]).reasoningParts).toEqual([
      { text: "", sealed, redacted: true },
    ]);
  });
});
