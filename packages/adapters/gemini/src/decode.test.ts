import { classify, classifyError, foldEvents } from "@headgate/adapter-kit";
import { decodeChunks, relayChunks } from "@headgate/adapter-kit/contract-suite";
import type { FinishReason } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import gemini from "./index.ts";

const body = (value: unknown) => foldEvents(gemini.chat.decodeBody(Buffer.from(JSON.stringify(value))));
const stream = (...values: unknown[]) =>
  Buffer.from(values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join(""));
const piece = (text: string, finishReason?: string) => ({
  candidates: [{ content: { parts: [{ text }] }, finishReason }],
});

describe("decoding Gemini's answers", () => {
  it.each<[string, FinishReason]>([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["SOMETHING_NEW", "stop"],
  ])("reads the finish reason %s as %s", (name, finish) => {
    expect(body(piece("x", name))).toMatchObject({ finish, complete: true });
  });

  it.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "OTHER", "LANGUAGE"])(
    "takes %s for a failure of this prompt, which another model may not share",
    (name) => {
      const { error, complete } = body(piece("x", name));
      expect(complete).toBe(false);
      expect(classifyError(error ?? { message: "" }, [])).toMatchObject({
        class: "malformed",
        scope: "request",
      });
    },
  );

  it("continues after a STOP, which older models put on every piece", () => {
    const events = decodeChunks(gemini.chat, [
      stream(piece("a", "STOP"), piece("b", "STOP"), piece("c", "MAX_TOKENS")),
    ]);
    expect(foldEvents(events)).toMatchObject({ text: "abc", finish: "length", complete: true });
    expect(events.filter(({ type }) => type === "finish")).toHaveLength(1);
  });

  it("emits text and thoughts as they arrive", () => {
    const decoder = gemini.chat.decodeStream();
    expect(decoder.push(stream(piece("a")))).toEqual([{ type: "start" }, { type: "text", text: "a" }]);
    expect(
      decoder.push(stream({ candidates: [{ content: { parts: [{ text: "hm", thought: true }] } }] })),
    ).toEqual([{ type: "reasoning", text: "hm" }]);
  });

  it("counts the usage up to the break", () => {
    const bytes = stream({ ...piece("a"), usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1 } });
    expect(foldEvents(decodeChunks(gemini.chat, [bytes]))).toMatchObject({
      complete: false,
      usage: { inputTokens: 3, outputTokens: 1 },
      error: { class: "network" },
    });
  });

  it("reports a stream that ends inside an event as cut, not malformed", () => {
    const bytes = stream(piece("a"), piece("b", "STOP"));
    for (const chunks of [[bytes.subarray(0, -9)], [bytes.subarray(0, -20)]]) {
      expect(foldEvents(decodeChunks(gemini.chat, chunks)).error).toMatchObject({ class: "network" });
      expect(relayChunks(gemini.chat.native, chunks, false).pieces.at(-1)?.error).toMatchObject({
        class: "network",
      });
    }
  });

  it("reads the first candidate, at any position", () => {
    const [second, first] = [piece("no", "STOP").candidates[0], piece("yes", "STOP").candidates[0]];
    const answer = {
      candidates: [
        { ...second, index: 1 },
        { ...first, index: 0 },
      ],
    };
    expect(body(answer).text).toBe("yes");
  });

  it("makes ids for calls without one, distinct from those of other answers", () => {
    const calls = (responseId?: string) =>
      body({
        responseId,
        candidates: [{ content: { parts: [{ functionCall: { name: "f" } }] }, finishReason: "STOP" }],
      }).toolCalls;
    expect(calls("one")).toEqual([{ id: "call_one_0", name: "f", arguments: "{}" }]);
    expect(calls()).toEqual([{ id: "call_0", name: "f", arguments: "{}" }]);
  });

  it("tolerates a terminator that a gateway added", () => {
    const bytes = Buffer.concat([stream(piece("a", "STOP")), Buffer.from("data: [DONE]\n\n")]);
    expect(foldEvents(decodeChunks(gemini.chat, [bytes]))).toMatchObject({ text: "a", complete: true });
  });
});

describe("Google's errors", () => {
  const judge = (status: number, message: string, name: string) =>
    classify(
      { status, headers: {}, body: JSON.stringify({ error: { code: status, message, status: name } }) },
      [],
      0,
    ).class;

  it("are classified", () => {
    expect(judge(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")).toBe(
      "dead_key",
    );
    expect(judge(503, "The model is overloaded. Please try again later.", "UNAVAILABLE")).toBe("overloaded");
    expect(
      judge(
        429,
        "Quota exceeded for metric: generate_content_free_tier_requests, limit: 10",
        "RESOURCE_EXHAUSTED",
      ),
    ).toBe("rate_limit");
  });
});
