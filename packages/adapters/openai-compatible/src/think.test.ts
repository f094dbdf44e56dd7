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
const said = (...pieces: string[]) => pieces.map((content) => choice({ content }));

it("takes what a model writes between think tags for its reasoning, whole and streamed", () => {
  const message = { content: "<think>\nTwo cities.</think>\n\nIt rains." };
  const body = Buffer.from(JSON.stringify({ choices: [{ message, finish_reason: "stop" }] }));
  const expected = { reasoning: "Two cities.", text: "It rains.", finish: "stop", complete: true };
  expect(foldEvents(openAi.chat.decodeBody(body))).toMatchObject(expected);
  const events = streamed(
    ...said("<th", "ink>\n", "Two ", "cities.</", "think>\n", "\nIt ", "rains."),
    choice({}, "stop"),
  );
  expect(foldEvents(events)).toMatchObject(expected);
  expect(events.filter(({ type }) => type === "reasoning")).toHaveLength(2);
});

it("tells what it kept before the call that follows, and at the end", () => {
  const call = { index: 0, id: "c", function: { name: "f", arguments: "{}" } };
  const called = streamed(...said("<thi"), choice({ tool_calls: [call] }), choice({}, "tool_calls"));
  expect(called.map(({ type }) => type)).toEqual(["start", "text", "tool-call", "finish", "end"]);
  expect(foldEvents(streamed(...said("<think>so</thi"), choice({}, "stop")))).toMatchObject({
    reasoning: "so</thi",
    text: "",
  });
  // Without a finish reason, but with the end of the stream.
  expect(foldEvents(streamed(...said("a <", "b")))).toMatchObject({ text: "a <b" });
  expect(foldEvents(streamed(...said("<")))).toMatchObject({ text: "<", complete: true });
});
