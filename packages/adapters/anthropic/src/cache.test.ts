/** Marks of cached prompts, which clients of other wires send too. */
import { type ContentPart, PLAIN_DIALECT } from "@headgate/contract";
import { expect, it } from "vitest";
import { encodeMessagesRequest } from "./encode.ts";

const CACHE = { type: "ephemeral" };
const marked = (text: string): ContentPart => ({ type: "text", text, cache: CACHE });

const target = {
  provider: {
    id: "a",
    name: "a",
    adapter: "anthropic",
    tier: "paid",
    keyVars: [],
    headers: {},
    timeouts: {},
    errors: [],
    limits: [],
    dialect: PLAIN_DIALECT,
  },
  deployment: {
    provider: 0,
    alias: "c",
    upstream: "claude-haiku-4-5",
    operation: "chat",
    tier: "paid",
    served: true,
    capabilities: [],
    limits: [],
  },
} as const;

it("stand on the block, on the whole result and on the tool", () => {
  const encoded = encodeMessagesRequest(
    {
      messages: [
        { role: "system", content: [marked("long")] },
        { role: "user", content: [marked("u"), marked(" ")] },
        { role: "assistant", content: [], toolCalls: [{ id: "t", name: "f", arguments: "{}" }] },
        { role: "tool", toolCallId: "t", content: [marked("r")] },
      ],
      tools: [{ name: "f", cache: CACHE }],
      stream: false,
      includeUsage: false,
      extra: {},
    },
    target,
  );
  expect(JSON.parse(encoded.body.toString())).toMatchObject({
    system: [{ type: "text", text: "long", cache_control: CACHE }],
    messages: [
      { role: "user", content: [{ type: "text", text: "u", cache_control: CACHE }] },
      { role: "assistant" },
      { role: "user", content: [{ type: "tool_result", content: "r", cache_control: CACHE }] },
    ],
    tools: [{ name: "f", cache_control: CACHE }],
  });
});

it("keep the digits of a long integer in a call's input", () => {
  const encoded = encodeMessagesRequest(
    {
      messages: [
        { role: "user", content: [{ type: "text", text: "u" }] },
        {
          role: "assistant",
          content: [],
          toolCalls: [{ id: "t", name: "f", arguments: '{"id":2512292042121000001}' }],
        },
        { role: "tool", toolCallId: "t", content: [] },
      ],
      stream: false,
      includeUsage: false,
      extra: {},
    },
    target,
  );
  expect(encoded.body.toString()).toContain('"input":{"id":2512292042121000001}');
});
