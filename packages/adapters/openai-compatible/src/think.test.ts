import { foldEvents } from "@headgate/adapter-kit";
import { decodeChunks } from "@headgate/adapter-kit/contract-suite";
import { expect, it } from "vitest";
import openAi from "./index.ts";

const choice = (delta: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta, finish_reason }],
});
const streamed = (...deltas: object[]) =>
  decodeChunks(openAi.chat, [
    Buffer.from(`${deltas.map((delta) => `data: ${JSON.stringify(delta)}\n\n`).join("")}data: [DONE]\n\n`),
  ]);
const contentChunks = (...pieces: string[]) => pieces.map((content) => choice({ content }));

it("reads text between think tags as reasoning, whole and streamed", () => {
  const message = { content: "<think>\nTwo cities.</think>\n\nIt rains." };
  const body = Buffer.from(JSON.stringify({ choices: [{ message, finish_reason: "stop" }] }));
  const expected = { reasoning: "Two cities.", text: "It rains.", finish: "stop", complete: true };
  expect(foldEvents(openAi.chat.decodeBody(body))).toMatchObject(expected);
  const events = streamed(
    ...contentChunks("<th", "ink>\n", "Two ", "cities.</", "think>\n", "\nIt ", "rains."),
    choice({}, "stop"),
  );
  expect(foldEvents(events)).toMatchObject(expected);
  expect(events.filter(({ type }) => type === "reasoning")).toHaveLength(2);
});

it("emits buffered text before the next call, and at the end", () => {
  const call = { index: 0, id: "c", function: { name: "f", arguments: "{}" } };
  const called = streamed(...contentChunks("<thi"), choice({ tool_calls: [call] }), choice({}, "tool_calls"));
  expect(called.map(({ type }) => type)).toEqual(["start", "text", "tool-call", "finish", "end"]);
  expect(foldEvents(streamed(...contentChunks("<think>so</thi"), choice({}, "stop")))).toMatchObject({
    reasoning: "so</thi",
    text: "",
  });
  // Without a finish reason, but with the end of the stream.
  expect(foldEvents(streamed(...contentChunks("a <", "b")))).toMatchObject({ text: "a <b" });
  expect(foldEvents(streamed(...contentChunks("<")))).toMatchObject({ text: "<", complete: true });
});
