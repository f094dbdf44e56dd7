import { readFileSync } from "node:fs";
import { adapterContract } from "@headgate/adapter-kit/contract-suite";
import { expect } from "vitest";
import openai from "./index.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));

const usage = { inputTokens: 42, outputTokens: 9, cachedInputTokens: 16 };
const streamed = { text: 'Köln says "hello"\n 🦆 again', finish: "stop", usage } as const;
const called = {
  text: "",
  reasoning: "Two cities.",
  toolCalls: [
    { id: "call_a", name: "weather", arguments: '{"city":"Köln"}' },
    { id: "call_b", name: "weather", arguments: '{"city":"Bonn"}' },
  ],
  finish: "tool_calls",
  usage: { inputTokens: 80, outputTokens: 30 },
} as const;

adapterContract(openai, {
  dialectFields: { drop: "temperature", rename: "seed" },
  bodies: [
    {
      name: "text",
      bytes: fixture("chat.json"),
      folds: {
        id: "chatcmpl-9x1",
        model: "llama-3.1-8b-instant",
        createdAtS: 1_763_700_000,
        text: 'Köln says "hello" 🦆',
        finish: "stop",
        usage: { ...usage, reasoningTokens: 3 },
      },
    },
    { name: "tools", bytes: fixture("tools.json"), folds: called },
  ],
  brokenBodies: [
    {
      name: "OpenAI's envelope",
      bytes: Buffer.from('{"error":{"message":"Überlast","type":"server_error","code":"overloaded"}}'),
      error: { message: "Überlast", code: "overloaded" },
    },
    {
      name: "a status in the body",
      bytes: Buffer.from('{"error":{"message":"slow down","code":429},"user_id":"u"}'),
      error: { message: "slow down", status: 429 },
    },
    { name: "an error as text", bytes: Buffer.from('{"error":"no"}'), error: { message: "no" } },
    {
      name: "a list",
      bytes: Buffer.from('[{"error":{"message":"bad","status":"UNAVAILABLE"}}]'),
      error: { message: "bad", code: "UNAVAILABLE" },
    },
    { name: "detail", bytes: Buffer.from('{"detail":"Not Found"}'), error: { message: "Not Found" } },
    {
      name: "an error beside choices",
      bytes: Buffer.from('{"choices":[{"message":{"content":"x"}}],"error":{"message":"late"}}'),
      error: { message: "late" },
    },
    {
      name: "a choice that failed",
      bytes: Buffer.from(
        '{"choices":[{"finish_reason":"error","message":{"content":""},"error":{"code":502,"message":"backend"}}]}',
      ),
      error: { message: "backend", status: 502 },
    },
    {
      name: "a choice that failed without a message",
      bytes: Buffer.from('{"choices":[{"finish_reason":"error","message":{"content":""}}]}'),
      error: { message: expect.stringContaining("error") },
    },
    {
      name: "no choices",
      bytes: Buffer.from('{"id":"x","choices":[],"usage":{}}'),
      error: { class: "malformed" },
    },
  ],
  streams: [
    { name: "text with usage", bytes: fixture("stream.sse"), folds: streamed },
    { name: "comments, CRLF, no space", bytes: fixture("stream-crlf-comments.sse"), folds: streamed },
    { name: "no [DONE]", bytes: fixture("stream-no-done.sse"), folds: streamed },
    { name: "parallel tool calls", bytes: fixture("stream-tools.sse"), folds: called },
    {
      name: "byte order mark, other fields, a payload over several lines, two [DONE]s",
      bytes: Buffer.from(
        '\uFEFFid: 1\nevent: message\ndata: {"choices":[{"index":0,\ndata: "delta":{"content":"é"}}]}\n\nretry: 5\n\n' +
          ': c\ndata: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\ndata: [DONE]\n\n',
      ),
      folds: { text: "é", finish: "stop" },
    },
  ],
  brokenStreams: [
    {
      name: "error beside a choice",
      bytes: fixture("stream-error.sse"),
      error: { message: "Überlast: Provider returned error", status: 502 },
    },
    { name: "error first", bytes: fixture("stream-error-first.sse"), error: { status: 429 } },
    {
      name: "error event",
      bytes: fixture("stream-error-event.sse"),
      error: { message: "upstream reset", code: "api_error" },
    },
    { name: "malformed chunk", bytes: fixture("stream-malformed.sse"), error: { class: "malformed" } },
    { name: "cut", bytes: fixture("stream-cut.sse"), error: { class: "network" } },
    {
      name: "cut inside a chunk",
      bytes: Buffer.from('data: {"choices":[{"delta":{"content":"x"}}]}\n\ndata: {"choices":[{"del'),
      error: { class: "network" },
    },
    {
      name: "an error event in plain text",
      bytes: Buffer.from("event: error\ndata: über capacity\n\n"),
      error: { message: "über capacity" },
    },
    {
      name: "the finish reason error",
      bytes: Buffer.from('data: {"choices":[{"delta":{"content":"x"},"finish_reason":"error"}]}\n\n'),
      error: { message: expect.stringContaining("error") },
    },
    { name: "nothing", bytes: Buffer.alloc(0), error: { class: "network" } },
    { name: "only keep-alives", bytes: Buffer.from(": ping\n\n: ping\n\n"), error: { class: "network" } },
    {
      name: "[DONE] nowhere, finish nowhere",
      bytes: Buffer.from('data: {"choices":[{"delta":{"content":"x"}}]}\n\n'),
      error: { class: "network" },
    },
    {
      name: "an error document",
      bytes: Buffer.from('{\n  "error": {\n    "message": "busy", "code": 503\n  }\n}\n'),
      error: { message: "busy", status: 503 },
    },
    {
      name: "a web page",
      bytes: Buffer.from("<html>\n<body>\n\n502</body></html>"),
      error: { class: "server_error" },
    },
  ],
});
