/**
 * canonical → wire → canonical, for every wire that is spoken on both sides: what an adapter writes for an upstream the
 * surface of that wire reads as the same request, and what a surface writes for a client the adapter reads as the same
 * answer, whole, streamed, and cut anywhere. (Cohere's wire has no surface; its adapter's own tests go round.)
 */
import { type ChatCodec, type FoldedAnswer, foldEvents, type NativeBody } from "@headgate/adapter-kit";
import { cutAt, decodeChunks, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type {
  ChatEvent,
  ChatMessage,
  ChatRequest,
  ContentPart,
  JsonObject,
  ToolCall,
} from "@headgate/contract";
import { adapters } from "@headgate/generated/adapters";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { SurfaceRequest } from "../codec/surface-request.ts";
import { messagesRequest } from "./anthropic/messages.ts";
import { generateRequest } from "./gemini/generate.ts";
import { decodeChat } from "./ollama/decode.ts";
import { encodeOllamaBody, OllamaLineEncoder } from "./ollama/encode.ts";
import { chatRequest } from "./openai/chat.ts";

type Surface = Pick<SurfaceRequest, "canonical" | "encodeBody" | "streamEncoder">;

interface WireUnderTest {
  readonly adapter: keyof typeof adapters;
  readonly upstream: string;
  read(body: NativeBody, stream: boolean): Surface;
  /** Calls have no ids of their own: their order distinguishes them. */
  readonly namesNoCalls?: true;
  readonly cites: boolean;
}

const WIRES: Readonly<Record<string, WireUnderTest>> = {
  "openai-chat": {
    adapter: "openai-compatible",
    upstream: "gpt-x",
    read: (body) => chatRequest(body, "1"),
    cites: true,
  },
  "anthropic-messages": {
    adapter: "anthropic",
    upstream: "claude-haiku-4-5",
    read: (body) => messagesRequest(body, "1", {}),
    cites: true,
  },
  gemini: {
    adapter: "gemini",
    upstream: "gemini-2.5-flash",
    read: (body, stream) => generateRequest(body, "m", stream ? "events" : "whole", "1"),
    cites: true,
  },
  "ollama-chat": {
    adapter: "ollama",
    upstream: "llama",
    read: ({ json }) => ({
      canonical: () => decodeChat(json).request,
      encodeBody: (events, model, at) => encodeOllamaBody("chat", events, model, at, () => 1),
      streamEncoder: (model, at) => new OllamaLineEncoder("chat", model, at, () => 1),
    }),
    namesNoCalls: true,
    cites: false,
  },
};

const words = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => text.trim() !== "");
const name = fc.stringMatching(/^[a-z][a-z_]{0,10}$/);
const object = fc
  .dictionary(
    fc.stringMatching(/^[a-z]{1,6}$/),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 })),
    { maxKeys: 3 },
  )
  .map((value): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject);
const text = (words: string): ContentPart => ({ type: "text", text: words });
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
const image: ContentPart = { type: "image", data: PIXEL, mediaType: "image/png" };

/** A user's message, the model's answer, and the results of its calls. */
const turn = fc.record({
  question: words,
  shown: fc.boolean(),
  answer: words,
  calls: fc.array(fc.record({ name, args: object, result: words }), { maxLength: 3 }),
});

const conversation = fc
  .record({
    system: fc.option(words, { nil: undefined }),
    turns: fc.array(turn, { maxLength: 3 }),
    last: words,
  })
  .map(({ system, turns, last }): readonly ChatMessage[] => {
    let made = 0;
    const messages: ChatMessage[] = system === undefined ? [] : [{ role: "system", content: [text(system)] }];
    for (const { question, shown, answer, calls } of turns) {
      messages.push({ role: "user", content: shown ? [text(question), image] : [text(question)] });
      const toolCalls = calls.map(({ name: called, args }): ToolCall => {
        made += 1;
        return { id: `call_${made}`, name: called, arguments: JSON.stringify(args) };
      });
      messages.push({ role: "assistant", content: [text(answer)], toolCalls });
      if (calls.length === 0) continue;
      for (const [at, { result }] of calls.entries())
        messages.push({ role: "tool", toolCallId: toolCalls[at]?.id ?? "", content: [text(result)] });
      messages.push({ role: "assistant", content: [text(answer)], toolCalls: [] });
    }
    return [...messages, { role: "user", content: [text(last)] }];
  });

const request = fc
  .record(
    {
      messages: conversation,
      stream: fc.boolean(),
      maxOutputTokens: fc.integer({ min: 1, max: 8_000 }),
      temperature: fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100),
      stop: fc.array(words, { minLength: 1, maxLength: 3 }),
      tools: fc.uniqueArray(
        fc.record({ name, description: words, parameters: fc.constant({ type: "object", properties: {} }) }),
        { selector: (tool) => tool.name, minLength: 1, maxLength: 3 },
      ),
    },
    { requiredKeys: ["messages", "stream", "maxOutputTokens"] },
  )
  .map((sent): ChatRequest => ({ ...sent, includeUsage: false, extra: {} }));

/** Ids by the order in which their calls come, for wires that have none; a result names the call it answers. */
function renumbered(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const ids = new Map<string, string>();
  const known = (id: string): string => ids.get(id) ?? ids.set(id, `#${ids.size}`).get(id) ?? "";
  return messages.map((message) => {
    if (message.role === "tool") return { ...message, toolCallId: known(message.toolCallId) };
    if (message.role !== "assistant") return message;
    return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, id: known(call.id) })) };
  });
}

const answer = fc.record({
  reasoning: fc.array(words, { maxLength: 3 }),
  text: fc.array(words, { maxLength: 4 }),
  calls: fc.array(fc.record({ name, args: object, at: fc.nat(20) }), { maxLength: 3 }),
  cited: fc.boolean(),
  long: fc.boolean(),
  tokens: fc.tuple(fc.nat(9_999), fc.nat(9_999)),
});
type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

function eventsOf(
  { reasoning, text: pieces, calls, cited, long, tokens }: Answer,
  cites: boolean,
): ChatEvent[] {
  const length = [...pieces.join("")].length;
  const source = { start: 0, end: length, url: "https://a.example/", title: "A" };
  return [
    { type: "start", id: "id-1", model: "m" },
    ...reasoning.map((piece): ChatEvent => ({ type: "reasoning", text: piece })),
    ...pieces.map((piece): ChatEvent => ({ type: "text", text: piece })),
    ...(cited && cites && length > 0 ? [{ type: "citation", citation: source } satisfies ChatEvent] : []),
    ...calls.flatMap(({ name: called, args, at }, index): ChatEvent[] => {
      const whole = JSON.stringify(args);
      const pieces = [whole.slice(0, at), whole.slice(at)].filter((piece) => piece !== "");
      return [
        { type: "tool-call", index, id: `call_${index}`, name: called },
        ...pieces.map((piece): ChatEvent => ({ type: "tool-call", index, arguments: piece })),
      ];
    }),
    { type: "finish", reason: calls.length > 0 ? "tool_calls" : long ? "length" : "stop" },
    { type: "usage", usage: { inputTokens: tokens[0], outputTokens: tokens[1] } },
    { type: "end" },
  ];
}

/** What both sides can express: ids and models are the wire's own. */
const gist = ({ text, reasoning, toolCalls, citations, finish, usage, complete }: FoldedAnswer) => ({
  text,
  reasoning,
  toolCalls: toolCalls.map(({ name: called, arguments: args }) => [called, args]),
  citations: (citations ?? []).map(({ start, end, url, title }) => ({ start, end, url, title })),
  finish,
  usage: [usage?.inputTokens, usage?.outputTokens],
  complete,
});

describe.each(Object.entries(WIRES))("%s", (wire, { adapter, upstream, read, namesNoCalls, cites }) => {
  const target = sampleTarget(adapter, {}, { upstream });
  let codec: ChatCodec;
  beforeAll(async () => {
    const { chat } = (await adapters[adapter]()).default as { readonly chat?: ChatCodec };
    if (chat === undefined) throw new Error(`${adapter} has no chat`);
    codec = chat;
  });
  const surfaceOf = (sent: ChatRequest): Surface => {
    const { body } = codec.encode(sent, target);
    return read({ bytes: body, json: JSON.parse(body.toString("utf8")) as JsonObject }, sent.stream);
  };

  it("is the wire of both", () => expect(codec.wire).toBe(wire));

  it("carries any request that both can express", () => {
    fc.assert(
      fc.property(request, (sent) => {
        const { includeUsage: _, ...got } = surfaceOf(sent).canonical();
        const { includeUsage: __, ...given } = sent;
        const same = (messages: readonly ChatMessage[]) => (namesNoCalls ? renumbered(messages) : messages);
        expect({ ...got, messages: same(got.messages) }).toEqual({
          ...given,
          messages: same(given.messages),
        });
      }),
    );
  });

  it("carries any answer that both can express, whole, streamed, and cut anywhere", () => {
    const sent: ChatRequest = {
      messages: [{ role: "user", content: [text("Hi")] }],
      stream: true,
      // A chat's stream has its usage where the request includes it.
      includeUsage: true,
      maxOutputTokens: 8_000,
      reasoningEffort: "low",
      extra: {},
    };
    fc.assert(
      fc.property(answer, fc.array(fc.nat(4_000), { maxLength: 20 }), (given, places) => {
        const events = eventsOf(given, cites);
        const expected = gist(foldEvents(events));
        const whole = surfaceOf({ ...sent, stream: false, includeUsage: false }).encodeBody(events, "m", 1);
        expect(gist(foldEvents(codec.decodeBody(whole)))).toEqual(expected);
        const encoder = surfaceOf(sent).streamEncoder("m", 1);
        const frames = events.map((event) => (event.type === "end" ? encoder.end() : encoder.encode(event)));
        const bytes = Buffer.concat(frames.filter((frame) => frame !== undefined));
        const streamed = foldEvents(decodeChunks(codec, cutAt(bytes, places)));
        expect(gist(streamed)).toEqual(expected);
      }),
    );
  });
});
