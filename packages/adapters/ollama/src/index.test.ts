import { readFileSync } from "node:fs";
import { adapterContract } from "@headgate/adapter-kit/contract-suite";
import { expect } from "vitest";
import ollama from "./index.ts";

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const usage = { inputTokens: 26, outputTokens: 282 };
const answered = { text: 'Köln says "hello" 🦆', reasoning: "A greeting.", finish: "stop", usage } as const;

adapterContract(ollama, {
  dialectFields: { drop: "options", rename: "tools" },
  bodies: [
    {
      name: "text",
      bytes: fixture("chat.json"),
      folds: { ...answered, model: "llama3.2:3b", createdAtS: 1_795_222_800 },
    },
  ],
  brokenBodies: [
    {
      name: "error",
      bytes: Buffer.from('{"error":"model \\"x\\" not found"}'),
      error: { message: 'model "x" not found' },
    },
    {
      name: "error with a status",
      bytes: Buffer.from('{"StatusCode":401,"Status":"401 Unauthorized","error":"unauthorized"}'),
      error: { message: "unauthorized", status: 401 },
    },
    {
      name: "never done",
      bytes: Buffer.from('{"message":{"role":"assistant","content":"x"},"done":false}'),
      error: { class: "network" },
    },
  ],
  streams: [
    { name: "text", bytes: fixture("stream.ndjson"), folds: { ...answered, text: 'Köln says "hello"\n 🦆' } },
    {
      name: "length",
      bytes: fixture("stream-length.ndjson"),
      folds: { text: "Once upon a", finish: "length", usage },
    },
    {
      name: "tools",
      bytes: fixture("stream-tools.ndjson"),
      folds: {
        toolCalls: [
          { id: "call_20261121010000123456789_0", name: "weather", arguments: '{"city":"Köln","days":[1]}' },
          { id: "call_20261121010000123456789_1", name: "weather", arguments: '{"city":"Bonn","days":[1]}' },
        ],
        finish: "tool_calls",
        usage,
      },
    },
    {
      name: "thinking within the text",
      bytes: Buffer.from(
        `${["<think>\n", "A gree", "ting.</th", "ink>\n\nHi"]
          .map((content) => `${JSON.stringify({ message: { role: "assistant", content }, done: false })}\n`)
          .join("")}{"message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}\n`,
      ),
      folds: { reasoning: "A greeting.", text: "Hi", finish: "stop" },
    },
  ],
  brokenStreams: [
    {
      name: "out of memory",
      bytes: fixture("stream-error.ndjson"),
      error: { message: expect.stringContaining("out of memory") },
    },
    {
      name: "busy",
      bytes: fixture("stream-busy.ndjson"),
      error: { message: expect.stringContaining("server busy") },
    },
    { name: "cut", bytes: fixture("stream-cut.ndjson"), error: { class: "network" } },
    {
      name: "malformed",
      bytes: Buffer.from('{"message":{"content":"x"}}\n{oops}\n'),
      error: { class: "malformed" },
    },
  ],
});
