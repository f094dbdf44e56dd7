import { relayChunks } from "@headgate/adapter-kit/contract-suite";
import { describe, expect, it } from "vitest";
import openai from "./index.ts";

const { native } = openai.chat;

const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
  `data: ${JSON.stringify({ id: "c1", model: "m", choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
const text = (piece: string): string => chunk({ content: piece });
const USAGE_CHUNK = `data: {"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n`;
const USAGE = { inputTokens: 3, outputTokens: 4 };
const DONE = "data: [DONE]\n\n";

const relay = (stream: string, includeUsage = false) => {
  const { pieces, usage } = relayChunks(native, [Buffer.from(stream)], includeUsage);
  return { pieces: pieces.map(({ kind, bytes }) => [kind, bytes.toString("utf8")]), usage };
};

describe("relaying an OpenAI stream", () => {
  it("passes a chunk of several content frames on as one piece of the chunk's memory", () => {
    const stream = native.relayStream({ includeUsage: false });
    stream.push(Buffer.from(text("a")));
    const bytes = Buffer.from(text("b") + text("\n") + text("c"));
    const pieces = stream.push(bytes);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]?.kind).toBe("content");
    expect(pieces[0]?.bytes).toBe(bytes);
  });

  it.each([
    ["a role", chunk({ role: "assistant", content: "" })],
    ["an empty delta", chunk({})],
    ["null content", chunk({ content: null, tool_calls: [], refusal: null })],
    ["prompt filter results", 'data: {"choices":[],"prompt_filter_results":[]}\n\n'],
  ])("holds %s until the first content", (_name, first) => {
    expect(relay(first + text("a") + first).pieces.slice(0, 2)).toEqual([
      ["hold", first],
      ["content", text("a") + first],
    ]);
  });

  it.each([
    ["text", { content: "x" }],
    ["a list of parts", { content: [{ type: "text", text: "x" }] }],
    ["reasoning_content", { reasoning_content: "x" }],
    ["reasoning", { reasoning: "x" }],
    ["a refusal", { refusal: "x" }],
    ["a tool call", { tool_calls: [{ index: 0, function: { name: "f" } }] }],
  ])("commits on %s", (_name, delta) => {
    expect(relay(chunk(delta)).pieces[0]).toEqual(["content", chunk(delta)]);
  });

  it.each([
    ["stop", "hold"],
    ["length", "content"],
    ["content_filter", "content"],
    ["tool_calls", "content"],
  ])(
    "of an answer without content, the finish reason %s is %s: an empty stop is no answer yet",
    (reason, kind) => {
      expect(relay(chunk({}, reason) + DONE).pieces).toEqual([
        [kind, chunk({}, reason)],
        ["end", DONE],
      ]);
    },
  );

  it("leaves out a usage chunk that the client did not request, and keeps its usage", () => {
    const stream = text("a") + chunk({}, "stop") + USAGE_CHUNK + DONE;
    expect(relay(stream, false)).toEqual({
      pieces: [
        ["content", text("a") + chunk({}, "stop")],
        ["end", DONE],
      ],
      usage: USAGE,
    });
    expect(relay(stream, true)).toEqual({
      pieces: [
        ["content", text("a") + chunk({}, "stop") + USAGE_CHUNK],
        ["end", DONE],
      ],
      usage: USAGE,
    });
  });

  it("leaves out such a usage chunk between two others of the same memory", () => {
    const stream = text("a") + USAGE_CHUNK + text("b") + chunk({}, "stop") + DONE;
    expect(relay(stream).pieces[0]).toEqual(["content", text("a") + text("b") + chunk({}, "stop")]);
  });

  it("finds a finish reason in a chunk that is otherwise like all before", () => {
    const stream = text("a") + text("b") + text("c").replace("null", '"ok"');
    expect(relay(stream).pieces.at(-1)).toEqual(["end", DONE]);
  });

  it("adds a missing [DONE] when every choice has finished, and reports a cut otherwise", () => {
    expect(relay(text("a") + chunk({}, "stop")).pieces.at(-1)).toEqual(["end", DONE]);
    const second = 'data: {"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}]}\n\n';
    expect(relay(text("a") + second + chunk({}, "stop")).pieces.at(-1)).toEqual(["error", ""]);
  });

  it("rewrites other framings to the common one", () => {
    const odd = 'data:{"choices":[{"index":0,\ndata:"delta":{"content":"é"}}]}\nid: 4\n\n';
    expect(relay(odd).pieces[0]).toEqual([
      "content",
      'data: {"choices":[{"index":0, "delta":{"content":"é"}}]}\n\n',
    ]);
    expect(relay(text("a").replace("data: ", "data:")).pieces[0]).toEqual(["content", text("a")]);
    expect(relay(text("a").replaceAll("\n", "\r\n")).pieces[0]).toEqual(["content", text("a")]);
  });

  it("passes comments on as such, and nothing after the first [DONE]", () => {
    expect(
      relay(`: ping\n\n${text("a")}: ping\n\n${chunk({}, "stop")}${DONE}${text("late")}${DONE}`).pieces,
    ).toEqual([
      ["comment", ": ping\n\n"],
      ["content", text("a")],
      ["comment", ": ping\n\n"],
      ["content", chunk({}, "stop")],
      ["end", DONE],
    ]);
  });

  it("ignores errors inside the model's text", () => {
    const tricky = ['"error"', '{"error":{"message":"x"}}', '\\"error', "data: [DONE]", "[DONE]"]
      .map(text)
      .join("");
    expect(relay(tricky + chunk({}, "stop") + DONE).pieces).toEqual([
      ["content", tricky + chunk({}, "stop")],
      ["end", DONE],
    ]);
    const nothing = chunk({ content: "x" }, null, { error: null });
    expect(relay(nothing).pieces[0]).toEqual(["content", nothing]);
  });

  it.each([
    ["an error at the top", 'data: {"error":{"message":"boom"}}\n\n'],
    ["an error beside a delta like all before", `${text("d").slice(0, -3)},"error":{"message":"boom"}}\n\n`],
    ["an error in a choice", 'data: {"choices":[{"error":{"message":"boom"},"finish_reason":"error"}]}\n\n'],
  ])("stops at %s, after the frames before it", (_name, broken) => {
    const { pieces } = relayChunks(
      native,
      [Buffer.from(text("a") + text("b") + text("c") + broken + text("late") + DONE)],
      false,
    );
    expect(pieces.map(({ kind }) => kind)).toEqual(["content", "error"]);
    expect(pieces[0]?.bytes.toString()).toBe(text("a") + text("b") + text("c"));
    expect(pieces[1]?.error?.message).toBe("boom");
  });

  it.each([
    ["cut inside", text("d").slice(0, -6)],
    ["cut inside its text", text("d").slice(0, text("d").indexOf('"d"') + 1)],
    ["with a stray quote", text("d").replace('"d"', '"d"d"')],
    ["no object", "data: 7\n\n"],
  ])("reports a chunk as malformed that is %s, even among chunks of one pattern", (_name, broken) => {
    const stream = `${text("a") + text("b") + text("c") + broken.trimEnd()}\n\n${DONE}`;
    const last = relayChunks(native, [Buffer.from(stream)], false).pieces.at(-1);
    expect(last).toMatchObject({ kind: "error", error: { class: "malformed" } });
  });
});
