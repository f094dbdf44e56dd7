import { foldEvents } from "@headgate/adapter-kit";
import type { ChatEvent, ChatMessage, JsonObject } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeGenerate } from "./decode.ts";
import { encodeResponse } from "./encode.ts";
import { arrayFraming, eventFraming, ResponseStreamEncoder } from "./encode-stream.ts";
import { readSeal, sealText, WIRE, withoutMarks } from "./seals.ts";

const identity = { id: "r", model: "m", showThoughts: true };
const own = { wire: WIRE, data: "CikB+/seal=" };
const other = { wire: "anthropic-messages", data: "EqQB…ß" };
const events: readonly ChatEvent[] = [
  { type: "reasoning", text: "One " },
  { type: "reasoning", text: "thought.", sealed: other },
  { type: "reasoning", text: "", sealed: { ...other, data: "hidden" }, redacted: true },
  { type: "text", text: "Hi " },
  { type: "text", text: "there" },
  { type: "tool-call", index: 0, id: "c", name: "f", arguments: '{"a":' },
  { type: "tool-call", index: 1, id: "d", name: "g", arguments: "{}", sealed: own },
  { type: "tool-call", index: 0, arguments: "1}" },
  { type: "finish", reason: "tool_calls" },
  { type: "end" },
];

const responses = (list: readonly ChatEvent[]): JsonObject[] => {
  const encoder = new ResponseStreamEncoder(identity, eventFraming());
  const frames = list.flatMap((event) =>
    event.type === "end" ? encoder.end() : (encoder.encode(event) ?? []),
  );
  return frames.map((frame) => JSON.parse(frame.toString().slice("data: ".length)));
};
const contentOf = (response: JsonObject): JsonObject =>
  (response as { candidates?: { content: JsonObject }[] }).candidates?.[0]?.content ?? {};
const wholeContent = (list: readonly ChatEvent[]): JsonObject =>
  contentOf(JSON.parse(encodeResponse(list, identity).toString()));
const user = { role: "user", parts: [{ text: "x" }] };

/** The model's turn as it comes back to the gateway. */
const turnOf = (contents: readonly JsonObject[]): ChatMessage | undefined =>
  decodeGenerate({ contents: [user, ...contents] }, false).request.messages[1];

describe("an upstream's answer", () => {
  it("comes back unchanged, from a whole answer and from a stream's pieces", () => {
    const turn = turnOf([wholeContent(events)]);
    expect(turn).toEqual({
      role: "assistant",
      content: [{ type: "text", text: "Hi there" }],
      toolCalls: [
        { id: "c", name: "f", arguments: '{"a":1}' },
        { id: "d", name: "g", arguments: "{}", sealed: own },
      ],
      reasoning: "One thought.",
      reasoningParts: [
        { text: "One thought.", sealed: other },
        { text: "", sealed: { ...other, data: "hidden" }, redacted: true },
      ],
    });
    expect(turnOf(responses(events).map(contentOf))).toEqual(turn);
  });

  it("comes back unchanged, however it was cut", () => {
    const seal = fc.option(
      fc.record({
        wire: fc.constantFrom(WIRE, "anthropic-messages"),
        data: fc.base64String({ minLength: 4 }),
      }),
      { nil: undefined },
    );
    const piece = fc.record({ text: fc.string({ minLength: 1, unit: "grapheme" }), sealed: seal });
    const answer = fc.record({ thoughts: fc.array(piece), texts: fc.array(piece, { minLength: 1 }) });
    fc.assert(
      fc.property(answer, ({ thoughts, texts }) => {
        const list: ChatEvent[] = [
          ...thoughts.map(
            ({ text, sealed }) => ({ type: "reasoning", text, ...(sealed && { sealed }) }) as const,
          ),
          ...texts.map(({ text, sealed }) => ({ type: "text", text, ...(sealed && { sealed }) }) as const),
          { type: "finish", reason: "stop" },
          { type: "end" },
        ];
        const folded = foldEvents(list);
        const turn = turnOf(responses(list).map(contentOf));
        if (turn?.role !== "assistant") throw new Error("no turn of the model's");
        expect(turn.reasoning ?? "").toBe(folded.reasoning);
        expect(turn.reasoningParts).toEqual(folded.reasoningParts);
        expect(turn.content.map((part) => (part.type === "text" ? part.text : "")).join("")).toBe(
          folded.text,
        );
        const seals = turn.content.flatMap((part) => (part.type === "text" ? (part.sealed ?? []) : []));
        expect(seals).toEqual(texts.flatMap(({ sealed }) => sealed ?? []));
      }),
    );
  });

  it("hides thoughts that the client did not request", () => {
    const encoder = new ResponseStreamEncoder({ ...identity, showThoughts: false }, eventFraming());
    expect(encoder.encode({ type: "reasoning", text: "hm", sealed: other })).toBeUndefined();
    const whole = JSON.parse(encodeResponse(events, { ...identity, showThoughts: false }).toString());
    expect(JSON.stringify(whole)).not.toContain("thought.");
  });
});

describe("a mark", () => {
  it("reads back, also after Python's SDK has put it into the other base64", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.boolean(), (data, redacted) => {
        const sealed = { wire: "anthropic-messages", data };
        const expected = { sealed, ...(redacted ? { redacted: true } : {}) };
        const text = sealText(sealed, redacted);
        expect(readSeal(text)).toEqual(expected);
        expect(readSeal(Buffer.from(text, "base64").toString("base64url"))).toEqual(expected);
      }),
    );
  });

  it("is not made of Gemini's own seals, and stand-ins are none", () => {
    expect(sealText(own)).toBe(own.data);
    expect(readSeal(own.data)).toEqual({ sealed: own });
    expect(readSeal("skip_thought_signature_validator")).toEqual({});
    expect(readSeal(undefined)).toEqual({});
  });

  it("never reaches an upstream of Gemini's wire", () => {
    const json = { contents: [user, wholeContent(events), { role: "model", parts: [{ text: "ok" }] }] };
    const native = { bytes: Buffer.from(JSON.stringify(json, null, 2)), json };
    const cleaned = withoutMarks(native);
    const parts = [
      { text: "Hi there" },
      {
        functionCall: { id: "c", name: "f", args: { a: 1 } },
        thoughtSignature: "skip_thought_signature_validator",
      },
      { functionCall: { id: "d", name: "g", args: {} }, thoughtSignature: own.data },
    ];
    expect(cleaned.dropped).toEqual(["contents.parts.thought"]);
    const [first, , last] = json.contents;
    expect(JSON.parse(cleaned.bytes.toString())).toEqual({
      contents: [first, { role: "model", parts: parts }, last],
    });
    expect(cleaned.json).toEqual(JSON.parse(cleaned.bytes.toString()));
  });

  it("that is not there leaves the body byte for byte", () => {
    const json = { contents: [user, { role: "model", parts: [{ text: "ok", thoughtSignature: own.data }] }] };
    const native = { bytes: Buffer.from(JSON.stringify(json, null, 2)), json };
    expect(withoutMarks(native)).toBe(native);
  });
});

it("streams one valid JSON array without events", () => {
  const encoder = new ResponseStreamEncoder(identity, arrayFraming());
  const frames = events.flatMap((event) =>
    event.type === "end" ? encoder.end() : (encoder.encode(event) ?? []),
  );
  const pieces: JsonObject[] = JSON.parse(Buffer.concat(frames).toString());
  expect(pieces).toEqual(responses(events));
  expect(JSON.parse(new ResponseStreamEncoder(identity, arrayFraming()).end().toString())).toHaveLength(1);
});
