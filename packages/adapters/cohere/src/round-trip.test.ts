/** Whatever both forms can express survives a round trip. */
import { type FoldedAnswer, foldEvents } from "@headgate/adapter-kit";
import { decodeChunks, SAMPLE_REQUEST, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import { type ChatMessage, type ContentPart, type JsonObject, present } from "@headgate/contract";
import fc from "fast-check";
import { expect, it } from "vitest";
import cohere from "./index.ts";

const text = fc.string({ unit: "grapheme", minLength: 1 });
const id = fc.uuid();
const calls = fc.uniqueArray(fc.record({ id, name: text, arguments: text }), {
  maxLength: 3,
  selector: (call) => call.id,
});

type Answer = Pick<FoldedAnswer, "id" | "text" | "reasoning" | "toolCalls" | "finish" | "usage">;

const answers: fc.Arbitrary<Answer> = fc
  .record({
    id,
    text: fc.option(text, { nil: "" }),
    reasoning: fc.option(text, { nil: "" }),
    toolCalls: calls,
    cut: fc.boolean(),
    usage: fc.record({ inputTokens: fc.nat(), outputTokens: fc.nat() }),
  })
  .map(({ cut, ...answer }) => ({
    ...answer,
    finish: cut
      ? ("length" as const)
      : answer.toolCalls.length > 0
        ? ("tool_calls" as const)
        : ("stop" as const),
  }));

const REASONS = { stop: "COMPLETE", length: "MAX_TOKENS", tool_calls: "TOOL_CALL" } as const;
const ending = ({ finish, usage }: Answer) => ({
  finish_reason: REASONS[finish as keyof typeof REASONS],
  usage: { tokens: { input_tokens: usage?.inputTokens, output_tokens: usage?.outputTokens } },
});
const fnCall = (call: Answer["toolCalls"][number], args: string) => ({
  id: call.id,
  type: "function",
  function: { name: call.name, arguments: args },
});

function wholeOf(answer: Answer): Buffer {
  const content = [
    ...(answer.reasoning === "" ? [] : [{ type: "thinking", thinking: answer.reasoning }]),
    ...(answer.text === "" ? [] : [{ type: "text", text: answer.text }]),
  ];
  const tool_calls = answer.toolCalls.map((call) => fnCall(call, call.arguments));
  const message = { role: "assistant", content, tool_calls };
  return Buffer.from(JSON.stringify({ id: answer.id, message, ...ending(answer) }));
}

/** Every string is sent in two pieces. */
function streamOf(answer: Answer): Buffer {
  const halves = (whole: string): string[] => {
    const characters = [...whole];
    const middle = Math.floor(characters.length / 2);
    return [characters.slice(0, middle).join(""), characters.slice(middle).join("")];
  };
  const content = (index: number, type: string, whole: string): JsonObject[] =>
    whole === ""
      ? []
      : [
          { type: "content-start", index, delta: { message: { content: { type, [type]: "" } } } },
          ...halves(whole).map((piece) => ({
            type: "content-delta",
            index,
            delta: { message: { content: { [type]: piece } } },
          })),
          { type: "content-end", index },
        ];
  const events: object[] = [
    { type: "message-start", id: answer.id, delta: { message: { role: "assistant" } } },
    ...content(0, "thinking", answer.reasoning),
    ...content(1, "text", answer.text),
    ...answer.toolCalls.flatMap((call, index) => [
      { type: "tool-call-start", index, delta: { message: { tool_calls: fnCall(call, "") } } },
      ...halves(call.arguments).map((piece) => ({
        type: "tool-call-delta",
        index,
        delta: { message: { tool_calls: { function: { arguments: piece } } } },
      })),
      { type: "tool-call-end", index },
    ]),
    { type: "message-end", delta: ending(answer) },
  ];
  return Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
}

it("reads any answer back as it was written, whole and streamed", () => {
  fc.assert(
    fc.property(answers, (answer) => {
      const expected = { ...answer, refusal: "", complete: true };
      expect(foldEvents(cohere.chat.decodeBody(wholeOf(answer)))).toEqual(expected);
      expect(foldEvents(decodeChunks(cohere.chat, [streamOf(answer)]))).toEqual(expected);
    }),
  );
});

const textPart = text.map((words): ContentPart => ({ type: "text", text: words }));
const imagePart = fc.oneof(
  fc.webUrl().map((url): ContentPart => ({ type: "image", url })),
  fc
    .base64String({ minLength: 4 })
    .map((data): ContentPart => ({ type: "image", data, mediaType: "image/png" })),
);
const messages: fc.Arbitrary<ChatMessage> = fc.oneof(
  textPart.map((part): ChatMessage => ({ role: "system", content: [part] })),
  fc
    .array(fc.oneof(textPart, imagePart), { minLength: 1 })
    .map((content): ChatMessage => ({ role: "user", content })),
  fc.record({ content: fc.option(textPart), reasoning: fc.option(text) }).map(
    ({ content, reasoning }): ChatMessage => ({
      role: "assistant",
      content: content === null ? [] : [content],
      toolCalls: [],
      ...(reasoning === null ? {} : { reasoning }),
    }),
  ),
  fc
    .record({ toolCalls: calls, reasoning: text })
    .map(
      ({ toolCalls, reasoning }): ChatMessage => ({ role: "assistant", content: [], toolCalls, reasoning }),
    ),
  fc
    .record({ toolCallId: id, part: textPart })
    .map(({ toolCallId, part }): ChatMessage => ({ role: "tool", toolCallId, content: [part] })),
);

interface WirePart {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly image_url?: { readonly url: string };
}
interface WireMessage {
  readonly role: ChatMessage["role"];
  readonly content?: string | readonly WirePart[];
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly { id: string; function: { name: string; arguments: string } }[];
}

/** A message of Cohere's wire in canonical form. */
function readMessage({ role, content = [], tool_call_id = "", tool_calls = [] }: WireMessage): ChatMessage {
  const all: readonly WirePart[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const parts = all.flatMap((part): ContentPart[] => {
    if (part.type === "text") return part.text === "" ? [] : [{ type: "text", text: part.text ?? "" }];
    const url = part.image_url?.url;
    if (url === undefined) return [];
    const data = /^data:(?<mediaType>[^;]+);base64,(?<data>.*)$/.exec(url)?.groups;
    return [data === undefined ? { type: "image", url } : { type: "image", ...data }];
  });
  if (role === "tool") return { role, toolCallId: tool_call_id, content: parts };
  if (role !== "assistant") return { role, content: parts };
  const reasoning = all.find((part) => part.thinking !== undefined)?.thinking;
  return {
    role,
    content: parts,
    toolCalls: tool_calls.map((call) => ({ id: call.id, ...call.function })),
    ...present({ reasoning }),
  };
}

it("writes any conversation so that it reads back the same", () => {
  fc.assert(
    fc.property(fc.array(messages), (conversation) => {
      const request = { ...SAMPLE_REQUEST, messages: conversation };
      const { body } = cohere.chat.encode(request, sampleTarget("cohere"));
      const wire: { messages: readonly WireMessage[] } = JSON.parse(body.toString("utf8"));
      expect(wire.messages.map(readMessage)).toEqual(conversation);
    }),
  );
});
