import type { ChatEvent } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { jsonAnswer } from "./json-answer.ts";

const answer = (...texts: string[]): ChatEvent[] => [
  { type: "start" },
  ...texts.map((text): ChatEvent => ({ type: "text", text })),
  { type: "finish", reason: "stop" },
  { type: "end" },
];
const textOf = (events: readonly ChatEvent[]): string =>
  events.map((event) => (event.type === "text" ? event.text : "")).join("");

describe("an answer that must be JSON", () => {
  it.each(['{"a": 1}', " [1]\n", '"x"'])("stays as it is: %j", (text) => {
    const events = answer(text.slice(0, 2), text.slice(2));
    expect(jsonAnswer(events)).toBe(events);
  });

  it.each([
    ['```json\n{"a": "}"}\n```', '{"a": "}"}'],
    ["Here it is:\n```\n[1, 2]\n```\nDone.", "[1, 2]"],
    ['Sure! {"a": {"b": 1}} That is all.', '{"a": {"b": 1}}'],
  ])("loses what is around it: %j", (text, json) => {
    const events = jsonAnswer(answer(text.slice(0, 5), text.slice(5)));
    expect(textOf(events)).toBe(json);
    expect(events.at(-1)).toEqual({ type: "end" });
  });

  it.each(["", "no JSON", '{"a": '])("is an error where it is none: %j", (text) => {
    expect(jsonAnswer(answer(text))).toEqual([
      {
        type: "error",
        error: { class: "malformed", scope: "request", message: expect.stringContaining("JSON") },
      },
    ]);
  });

  it.each<ChatEvent>([
    { type: "tool-call", index: 0, id: "c", name: "f" },
    { type: "refusal", text: "no" },
    { type: "finish", reason: "length" },
    { type: "error", error: { message: "x" } },
  ])("is not judged beside %j", (event) => {
    const events = [event, ...answer("no JSON")];
    expect(jsonAnswer(events)).toBe(events);
  });
});
