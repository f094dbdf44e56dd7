import { readFileSync } from "node:fs";
import { adapterContract } from "@headgate/adapter-kit/contract-suite";
import { expect } from "vitest";
import gemini from "./index.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const usage = { inputTokens: 26, outputTokens: 32, cachedInputTokens: 16, reasoningTokens: 20 };
const start = { id: "kQ8gaY3xH-mZ1MkP", model: "gemini-2.5-flash" };
const seal = (data: string) => ({ wire: "gemini", data });
const answered = {
  ...start,
  text: 'Köln says "hello" 🦆',
  sealed: seal("CvwBAdHtim9-text"),
  reasoning: "A greeting.",
  finish: "stop",
  usage,
} as const;

adapterContract(gemini, {
  addressedBy: "path",
  dialectFields: { drop: "generationConfig", rename: "tools" },
  bodies: [
    { name: "text", bytes: fixture("chat.json"), folds: answered },
    {
      name: "tools without ids of their own",
      bytes: fixture("tools.json"),
      folds: {
        ...start,
        toolCalls: [
          {
            id: "call_kQ8gaY3xH-mZ1MkP_0",
            name: "weather",
            arguments: '{"city":"Köln","days":[1]}',
            sealed: seal("CvwBAdHtim9-call"),
          },
          { id: "call_kQ8gaY3xH-mZ1MkP_1", name: "weather", arguments: '{"city":"Bonn","days":[1]}' },
        ],
        finish: "tool_calls",
        usage,
      },
    },
  ],
  brokenBodies: [
    {
      name: "error",
      bytes: Buffer.from('{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED"}}'),
      error: { message: "Quota exceeded", status: 429, code: "RESOURCE_EXHAUSTED" },
    },
    {
      name: "a list of one error",
      bytes: Buffer.from(
        '[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]',
      ),
      error: { message: "API key not valid.", status: 400 },
    },
    {
      name: "a blocked prompt",
      bytes: Buffer.from(
        '{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4}}',
      ),
      error: { class: "content_filter", message: "Gemini blocked the prompt: SAFETY" },
    },
    {
      name: "a call that made no sense",
      bytes: Buffer.from(
        '{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"f(1)"}]}',
      ),
      error: { class: "malformed", message: "the model broke off: MALFORMED_FUNCTION_CALL: f(1)" },
    },
    {
      name: "never finished",
      bytes: Buffer.from('{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}'),
      error: { class: "network" },
    },
    { name: "no candidates", bytes: Buffer.from('{"candidates":[]}'), error: { class: "malformed" } },
  ],
  streams: [
    { name: "text", bytes: fixture("stream.sse"), folds: { ...answered, text: 'Köln says "hello"\n 🦆' } },
    {
      name: "length",
      bytes: fixture("stream-length.sse"),
      folds: {
        text: "Once upon a",
        finish: "length",
        usage: { inputTokens: 26, outputTokens: 282 },
      },
    },
    {
      name: "tools",
      bytes: fixture("stream-tools.sse"),
      folds: {
        toolCalls: [
          {
            id: "fc_1",
            name: "weather",
            arguments: '{"city":"Köln","days":[1]}',
            sealed: seal("EsMBAdHtim9-call"),
          },
          { id: "fc_2", name: "weather", arguments: '{"city":"Bonn","days":[1]}' },
        ],
        finish: "tool_calls",
        usage: { inputTokens: 26, outputTokens: 9, cachedInputTokens: 16 },
      },
    },
    {
      name: "stopped by a filter",
      bytes: fixture("stream-safety.sse"),
      folds: {
        text: "Well",
        finish: "content_filter",
        usage: { inputTokens: 26, outputTokens: 1, cachedInputTokens: 16 },
      },
    },
  ],
  brokenStreams: [
    {
      name: "error in an event",
      bytes: fixture("stream-error.sse"),
      error: { status: 503, code: "UNAVAILABLE", message: expect.stringContaining("overloaded") },
    },
    {
      name: "error document in mid-stream",
      bytes: fixture("stream-error-list.sse"),
      error: { status: 500, message: "An internal error has occurred." },
    },
    {
      name: "blocked prompt",
      bytes: fixture("stream-blocked.sse"),
      error: { class: "content_filter", message: expect.stringContaining("PROHIBITED_CONTENT") },
    },
    {
      name: "malformed call",
      bytes: fixture("stream-malformed-call.sse"),
      error: { class: "malformed", message: expect.stringContaining("weather('Köln')") },
    },
    {
      name: "an event that a gateway in between names error",
      bytes: Buffer.from("event: error\ndata: upstream reset\n\n"),
      error: { message: "upstream reset" },
    },
    { name: "cut", bytes: fixture("stream-cut.sse"), error: { class: "network" } },
    {
      name: "malformed",
      bytes: Buffer.from('data: {"candidates":[{"content":{"parts":[{"text":"x"}]}}]}\n\ndata: {oops}\n\n'),
      error: { class: "malformed" },
    },
  ],
});
