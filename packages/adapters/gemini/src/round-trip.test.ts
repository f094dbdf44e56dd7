/** A model's answer is sent back to it unchanged. */
import { type FoldedAnswer, foldEvents } from "@headgate/adapter-kit";
import { cutAt, decodeChunks, SAMPLE_REQUEST, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { type ChatMessage, type JsonObject, present } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import gemini from "./index.ts";

interface SaidCall {
  readonly id: string;
  readonly name: string;
  readonly args: JsonObject;
  readonly signature: string | undefined;
}

const word = fc.string({ minLength: 1, unit: "grapheme" });
const answers = fc.record({
  thoughts: fc.array(word),
  texts: fc.array(word),
  textSignature: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
  calls: fc.uniqueArray(
    fc.record({
      id: fc.stringMatching(/^[a-z0-9]{1,8}$/),
      name: fc.stringMatching(/^[a-z_]{1,12}$/),
      args: fc.dictionary(word, fc.jsonValue()).map((args): JsonObject => JSON.parse(JSON.stringify(args))),
      signature: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
    }),
    { selector: ({ id }) => id },
  ),
});
type Answered = typeof answers extends fc.Arbitrary<infer T> ? T : never;

const signed = (part: object, thoughtSignature: string | undefined) =>
  thoughtSignature === undefined ? part : { ...part, thoughtSignature };

/** The parts of Gemini's answer, as the API documents them. */
const partsOf = ({ thoughts, texts, textSignature, calls }: Answered): object[] => [
  ...thoughts.map((text) => ({ text, thought: true })),
  ...texts.map((text) => ({ text })),
  ...(textSignature === undefined ? [] : [{ text: "", thoughtSignature: textSignature }]),
  ...calls.map(({ id, name, args, signature }: SaidCall) =>
    signed({ functionCall: { id, name, args } }, signature),
  ),
];

const response = (parts: readonly object[], finish?: string) => ({
  candidates: [{ content: { role: "model", parts }, ...present({ finishReason: finish }) }],
});

const expectAnswer = (answer: FoldedAnswer, { thoughts, texts, textSignature, calls }: Answered): void => {
  expect(answer).toMatchObject({
    complete: true,
    reasoning: thoughts.join(""),
    text: texts.join(""),
    finish: calls.length > 0 ? "tool_calls" : "stop",
  });
  expect(answer.sealed?.data).toBe(textSignature);
  expect(
    answer.toolCalls.map((call) => [call.id, call.name, JSON.parse(call.arguments), call.sealed?.data]),
  ).toEqual(calls.map((call) => [call.id, call.name, call.args, call.signature]));
};

describe("an answer of Gemini's", () => {
  it("is decoded whole, whatever it holds", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const bytes = Buffer.from(JSON.stringify(response(partsOf(answer), "STOP")));
        expectAnswer(foldEvents(gemini.chat.decodeBody(bytes)), answer);
      }),
    );
  });

  it("is decoded the same from a stream, cut anywhere", () => {
    fc.assert(
      fc.property(answers, fc.array(fc.nat(4000)), (answer, positions) => {
        const pieces = [...partsOf(answer).map((part) => response([part])), response([], "STOP")];
        const bytes = Buffer.from(pieces.map((piece) => `data: ${JSON.stringify(piece)}\r\n\r\n`).join(""));
        expectAnswer(foldEvents(decodeChunks(gemini.chat, cutAt(bytes, positions))), answer);
      }),
    );
  });

  it("is sent back to Gemini unchanged, signatures included, except for the thoughts", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const bytes = Buffer.from(JSON.stringify(response(partsOf(answer), "STOP")));
        const { text, sealed, toolCalls } = foldEvents(gemini.chat.decodeBody(bytes));
        const turn: ChatMessage = {
          role: "assistant",
          content: [{ type: "text", text, ...present({ sealed }) }],
          toolCalls,
        };
        const user: ChatMessage = { role: "user", content: [{ type: "text", text: "x" }] };
        const target = sampleTarget("gemini", {}, { upstream: "gemini-2.5-flash" });
        const { body } = gemini.chat.encode({ ...SAMPLE_REQUEST, messages: [user, turn, user] }, target);
        const { contents } = JSON.parse(body.toString("utf8"));
        const whole = { ...answer, thoughts: [], texts: [], textSignature: undefined };
        const spokenText = { text: answer.texts.join("") };
        const first = signed(spokenText, answer.textSignature);
        const silent = spokenText.text === "" && answer.textSignature === undefined;
        const parts = [...(silent ? [] : [first]), ...partsOf(whole)];
        expect(contents.slice(1, -1)).toEqual(parts.length === 0 ? [] : [{ role: "model", parts }]);
      }),
    );
  });
});
