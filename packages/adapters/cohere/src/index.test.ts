import { readFileSync } from "node:fs";
import { adapterContract } from "@headgate/adapter-kit/contract-suite";
import cohere from "./index.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const id = "29f14a5a-11de-4cae-9800-25e4747408ea";
const usage = { inputTokens: 26, outputTokens: 282, cachedInputTokens: 16 };
const answered = {
  id,
  text: 'Köln says "hello" 🦆',
  reasoning: "A greeting.",
  finish: "stop",
  usage,
} as const;
const called = (...cities: readonly [string, string]) => ({
  id,
  text: "",
  reasoning: "I will look it up.",
  toolCalls: [
    { id: "weather_3v76fs3zjrgq", name: "weather", arguments: cities[0] },
    { id: "weather_9qk2h1r0x7tz", name: "weather", arguments: cities[1] },
  ],
  finish: "tool_calls" as const,
  usage,
});
const ended = (usageReported: unknown, more: object = {}) => ({
  id,
  message: { role: "assistant", content: [{ type: "text", text: "x" }], ...more },
  finish_reason: "COMPLETE",
  usage: usageReported,
});

adapterContract(cohere, {
  dialectFields: { drop: "seed", rename: "tools" },
  bodies: [
    { name: "text after thinking", bytes: fixture("chat.json"), folds: answered },
    { name: "tools", bytes: fixture("tools.json"), folds: called('{"city":"Köln"}', '{"city":"Bonn"}') },
    {
      name: "only billed units",
      bytes: json(ended({ billed_units: { input_tokens: 5, output_tokens: 2 } })),
      folds: { text: "x", usage: { inputTokens: 5, outputTokens: 2 } },
    },
    {
      name: "content as one string",
      bytes: json(ended({}, { content: "plain" })),
      folds: { text: "plain", finish: "stop" },
    },
  ],
  brokenBodies: [
    { name: "error", bytes: json({ message: "too many requests" }), error: { message: "too many requests" } },
    {
      name: "failed",
      bytes: json({ ...ended({}), finish_reason: "ERROR" }),
      error: { class: "server_error" },
    },
    { name: "no reason", bytes: json({ id, message: { content: [] } }), error: { class: "malformed" } },
  ],
  streams: [
    {
      name: "text after thinking",
      bytes: fixture("stream.sse"),
      folds: { ...answered, text: 'Köln says "hello"\n 🦆' },
    },
    {
      name: "tools",
      bytes: fixture("stream-tools.sse"),
      folds: called('{\n    "city": "Köln"\n}', '{"city": "Bonn"}'),
    },
    { name: "length", bytes: fixture("stream-length.sse"), folds: { text: "Once upon a", finish: "length" } },
    { name: "citations", bytes: fixture("stream-citations.sse"), folds: { text: "It rains in Köln." } },
    { name: "toxic", bytes: fixture("stream-toxic.sse"), folds: { text: "I", finish: "content_filter" } },
  ],
  brokenStreams: [
    {
      name: "failed",
      bytes: fixture("stream-error.sse"),
      error: { class: "server_error", message: "generation failed: internal error" },
    },
    { name: "timed out", bytes: fixture("stream-timeout.sse"), error: { class: "timeout" } },
    {
      name: "error for an event",
      bytes: fixture("stream-error-event.sse"),
      error: { message: "too many requests" },
    },
    { name: "cut", bytes: fixture("stream-cut.sse"), error: { class: "network" } },
    { name: "malformed", bytes: fixture("stream-malformed.sse"), error: { class: "malformed" } },
    {
      name: "JSON in place of a stream",
      bytes: json({ message: "invalid api token" }),
      error: { message: "invalid api token" },
    },
  ],
});
