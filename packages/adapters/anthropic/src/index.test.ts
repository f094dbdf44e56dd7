import { readFileSync } from "node:fs";
import { adapterContract } from "@headgate/adapter-kit/contract-suite";

import anthropic from "./index.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const seal = (data: string) => ({ wire: "anthropic-messages", data });

const answered = {
  id: "msg_01A",
  model: "claude-haiku-4-5-20251001",
  finish: "stop",
  usage: { inputTokens: 28, outputTokens: 9, cachedInputTokens: 16, cacheWriteInputTokens: 0 },
} as const;
const streamed = { ...answered, text: 'Köln says "hello"\n 🦆 again' } as const;
const called = {
  id: "msg_01B",
  text: "I will look.",
  reasoning: "Two cities.",
  reasoningParts: [
    { text: "Two cities.", sealed: seal("EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds") },
    { text: "", sealed: seal("EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIw"), redacted: true },
  ],
  toolCalls: [
    { id: "toolu_a", name: "weather", arguments: '{"city":"Köln"}' },
    { id: "toolu_b", name: "weather", arguments: '{"city":"Bonn"}' },
  ],
  finish: "tool_calls",
  usage: { inputTokens: 80, outputTokens: 30 },
} as const;

adapterContract(anthropic, {
  dialectFields: { drop: "temperature", rename: "stop_sequences" },
  lacks: ["seed"],
  bodies: [
    { name: "text", bytes: fixture("message.json"), folds: { ...answered, text: 'Köln says "hello" 🦆' } },
    { name: "thinking and tools", bytes: fixture("tools.json"), folds: called },
    {
      name: "a prompt that was written into the cache, and an error that is none",
      bytes: Buffer.from(
        '{"content":[{"type":"text","text":"x"}],"error":null,"stop_reason":"stop_sequence","usage":{"input_tokens":1,"cache_creation_input_tokens":7,"cache_read_input_tokens":null,"output_tokens":2}}',
      ),
      folds: {
        text: "x",
        finish: "stop",
        usage: { inputTokens: 8, outputTokens: 2, cacheWriteInputTokens: 7 },
      },
    },
    {
      name: "an empty answer",
      bytes: Buffer.from(
        '{"type":"message","content":[],"stop_reason":"max_tokens","usage":{"input_tokens":1,"output_tokens":0}}',
      ),
      folds: { text: "", finish: "length", usage: { inputTokens: 1, outputTokens: 0 } },
    },
  ],
  brokenBodies: [
    {
      name: "an error beside content",
      bytes: Buffer.from('{"type":"message","content":[],"error":{"message":"late"}}'),
      error: { message: "late" },
    },
    {
      name: "an error with content",
      bytes: Buffer.from('{"type":"error","message":"odd","content":[]}'),
      error: { message: "odd" },
    },
    {
      name: "Anthropic's envelope",
      bytes: Buffer.from(
        '{"type":"error","error":{"type":"overloaded_error","message":"Überlast"},"request_id":"r"}',
      ),
      error: { message: "Überlast", code: "overloaded_error" },
    },
    {
      name: "another provider's envelope",
      bytes: Buffer.from('{"error":{"message":"slow down","code":429}}'),
      error: { message: "slow down", status: 429 },
    },
    { name: "detail", bytes: Buffer.from('{"detail":"Not Found"}'), error: { message: "Not Found" } },
    {
      name: "an error without a message",
      bytes: Buffer.from('{"type":"error"}'),
      error: { message: "an error without a message" },
    },
    {
      name: "no content",
      bytes: Buffer.from('{"type":"message","id":"x"}'),
      error: { class: "malformed" },
    },
    { name: "a list", bytes: Buffer.from('[{"error":{"message":"bad"}}]'), error: { message: "bad" } },
  ],
  streams: [
    { name: "text with a ping", bytes: fixture("stream.sse"), folds: streamed },
    { name: "comments, CRLF, no event names", bytes: fixture("stream-crlf-bare.sse"), folds: streamed },
    { name: "thinking and parallel tools", bytes: fixture("stream-tools.sse"), folds: called },
    {
      name: "a refusal",
      bytes: fixture("stream-refusal.sse"),
      folds: { text: "I ", finish: "content_filter", usage: { inputTokens: 7, outputTokens: 2 } },
    },
    {
      name: "counts that come late, and null where one is known",
      bytes: Buffer.from(
        'data: {"type":"message_start","message":{"usage":{"input_tokens":4,"output_tokens":1}}}\n\n' +
          'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":null,"cache_read_input_tokens":3,"output_tokens":6}}\n\n' +
          'data: {"type":"message_stop"}\n\n',
      ),
      folds: { finish: "stop", usage: { inputTokens: 7, outputTokens: 6, cachedInputTokens: 3 } },
    },
    {
      name: "a payload over several lines, unknown events, a call without arguments",
      bytes: Buffer.from(
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,\ndata: "content_block":{"type":"tool_use","id":"t","name":"now","input":{}}}\n\n' +
          'event: something_new\ndata: {"type":"something_new"}\n\nevent: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n' +
          'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use"}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
      ),
      folds: { toolCalls: [{ id: "t", name: "now", arguments: "{}" }], finish: "tool_calls" },
    },
  ],
  brokenStreams: [
    {
      name: "overloaded as the first event",
      bytes: fixture("stream-overloaded-first.sse"),
      error: { message: "Overloaded", code: "overloaded_error" },
    },
    {
      name: "an error after content",
      bytes: fixture("stream-error.sse"),
      error: { message: "Internal server error: Überlast", code: "api_error" },
    },
    { name: "cut", bytes: fixture("stream-cut.sse"), error: { class: "network" } },
    {
      name: "a stop reason without message_stop",
      bytes: fixture("stream-no-stop.sse"),
      error: { class: "network" },
    },
    {
      name: "cut inside an event",
      bytes: Buffer.from('event: content_block_delta\ndata: {"type":"content_block_delta","ind'),
      error: { class: "network" },
    },
    {
      name: "a delta and more on its line",
      bytes: Buffer.from(
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}} x\n\n',
      ),
      error: { class: "malformed" },
    },
    {
      name: "malformed",
      bytes: Buffer.from('event: content_block_delta\ndata: {"type":"content_block_delta","ind\n\n'),
      error: { class: "malformed" },
    },
    {
      name: "an error in data alone",
      bytes: Buffer.from('data: {"error":{"message":"busy","code":503}}\n\n'),
      error: { message: "busy", status: 503 },
    },
    {
      name: "an error event in plain text",
      bytes: Buffer.from("event: error\ndata: über capacity\n\n"),
      error: { message: "über capacity" },
    },
    { name: "nothing", bytes: Buffer.alloc(0), error: { class: "network" } },
    {
      name: "an error document",
      bytes: Buffer.from(
        '{\n  "type": "error", "error": {\n    "type": "api_error", "message": "busy"\n  }\n}\n',
      ),
      error: { message: "busy", code: "api_error" },
    },
    {
      name: "a web page",
      bytes: Buffer.from("<html>\n<body>\n\n502</body></html>"),
      error: { class: "server_error" },
    },
  ],
});
