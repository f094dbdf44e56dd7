import { EncodeError } from "@headgate/adapter-kit";
import { NEED } from "@headgate/router";
import { describe, expect, it } from "vitest";
import { decodeRequest, fieldName } from "./decode.ts";
import { messagesFacts } from "./facts.ts";

const bodyOf = (fields: object) =>
  JSON.parse(
    JSON.stringify({ model: "m", max_tokens: 100, messages: [{ role: "user", content: "x" }], ...fields }),
  );
const decode = (fields: object) => {
  const body = bodyOf(fields);
  messagesFacts(body);
  return decodeRequest(body, false);
};
const request = (fields: object) => decode(fields).request;
const refused = (fields: object): string => {
  try {
    decode(fields);
  } catch (error) {
    if (error instanceof EncodeError) return error.param;
    throw error;
  }
  throw new Error("it was not refused");
};
const user = (...content: object[]) => ({ messages: [{ role: "user", content }] });
const text = (words: string) => ({ type: "text", text: words });
const custom = { name: "f", description: "d", input_schema: { type: "object" } };

describe("a Messages body in canonical form", () => {
  it("has only the fields of a minimal body", () => {
    expect(decode({})).toEqual({
      request: {
        messages: [{ role: "user", content: [text("x")] }],
        stream: false,
        includeUsage: true,
        maxOutputTokens: 100,
        extra: {},
      },
      leftOut: [],
      paths: ["messages.0.content"],
    });
  });

  it("keeps settings", () => {
    expect(
      request({
        temperature: 0.5,
        top_p: 0.9,
        top_k: 4,
        stop_sequences: ["END"],
        metadata: { user_id: "u" },
        tools: [{ ...custom, strict: true }],
        tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
        output_config: { format: { type: "json_schema", schema: { type: "object" } } },
      }),
    ).toMatchObject({
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      stop: ["END"],
      user: "u",
      tools: [{ name: "f", description: "d", parameters: { type: "object" }, strict: true }],
      toolChoice: { name: "f" },
      parallelToolCalls: false,
      responseFormat: { type: "json-schema", schema: { type: "object" }, strict: true },
    });
    expect(request({ tools: [custom], tool_choice: { type: "any" } }).toolChoice).toBe("required");
  });

  it("keeps system texts in their positions", () => {
    const system = [text("One."), { ...text("Two."), cache_control: { type: "ephemeral" } }];
    const messages = [
      { role: "user", content: "a" },
      { role: "system", content: "Three." },
    ];
    const { request: decoded, leftOut, paths } = decode({ system, messages });
    expect(decoded.messages).toEqual([
      { role: "system", content: [text("One."), { ...text("Two."), cache: { type: "ephemeral" } }] },
      { role: "user", content: [text("a")] },
      { role: "system", content: [text("Three.")] },
    ]);
    expect(leftOut).toEqual([]);
    expect(paths).toEqual(["system", "messages.0.content", "messages.1.content"]);
  });

  it("puts tool results before the user's text, marks errors, and moves their images to the user's message", () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    const { request: decoded, paths } = decode({
      messages: [
        { role: "user", content: "a" },
        {
          role: "assistant",
          content: [
            { type: "tool_use", id: "t1", name: "f", input: { a: [1] } },
            { type: "tool_use", id: "t2", name: "f", input: {} },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t1", content: [text("seen"), image] },
            { type: "tool_result", tool_use_id: "t2", content: "gone", is_error: true },
            text("Now?"),
          ],
        },
      ],
    });
    expect(decoded.messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [],
        toolCalls: [
          { id: "t1", name: "f", arguments: '{"a":[1]}' },
          { id: "t2", name: "f", arguments: "{}" },
        ],
      },
      {
        role: "tool",
        toolCallId: "t1",
        content: [text("seen"), text("(The image is in the next message.)")],
      },
      { role: "tool", toolCallId: "t2", content: [text("Error: gone")] },
      { role: "user", content: [{ type: "image", data: "AAAA", mediaType: "image/png" }, text("Now?")] },
    ]);
    expect(fieldName("messages[4].content[0]", paths)).toBe("messages.2.content");
    expect(fieldName("reasoning_effort", paths)).toBe("output_config.effort");
  });

  it("reads documents of plain text as text", () => {
    const source = { type: "text", media_type: "text/plain", data: "Words." };
    const { messages } = request(user({ type: "document", title: "T", source }));
    expect(messages[0]?.content).toEqual([text("T"), text("Words.")]);
  });

  it("reads other documents as files, in a tool's result too", () => {
    const source = { type: "base64", media_type: "application/pdf", data: "AAAA" };
    const pdf = { type: "document", title: "T", context: "C", citations: { enabled: true }, source };
    const file = { type: "file", data: "AAAA", mediaType: "application/pdf", name: "T" };
    const { request: decoded, leftOut } = decode(user(pdf));
    expect(decoded.messages[0]?.content).toEqual([text("C"), file]);
    expect(leftOut).toEqual(["citations"]);
    const use = { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: {} }] };
    const result = { type: "tool_result", tool_use_id: "t", content: [{ ...pdf, context: null }] };
    const { messages } = request({
      messages: [{ role: "user", content: "x" }, use, { role: "user", content: [result] }],
    });
    expect(messages.slice(2)).toEqual([
      { role: "tool", toolCallId: "t", content: [text("(The file is in the next message.)")] },
      { role: "user", content: [file] },
    ]);
    const url = { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } };
    expect(request(user(url)).messages[0]?.content).toEqual([
      { type: "file", url: "https://example.com/a.pdf", mediaType: "application/pdf" },
    ]);
  });

  it.each([
    [{ thinking: { type: "adaptive" } }, undefined],
    [{ thinking: { type: "adaptive" }, output_config: { effort: "medium" } }, "medium"],
    [{ output_config: { effort: "max" } }, "high"],
    [{ thinking: { type: "disabled" }, output_config: { effort: "low" } }, undefined],
    [{ thinking: { type: "enabled", budget_tokens: 1024 } }, "low"],
    [{ thinking: { type: "enabled", budget_tokens: 10_000 } }, "medium"],
    [{ thinking: { type: "enabled", budget_tokens: 31_999 } }, "high"],
  ])("reads %j as an effort of %s", (fields, effort) => {
    expect(request(fields).reasoningEffort).toBe(effort);
  });

  it("loads deferred tools, and reports the fields without effect", () => {
    const { request: decoded, leftOut } = decode({
      tools: [
        { ...custom, defer_loading: true, input_examples: [{}] },
        // What goes into a header must not be the client's to word.
        { type: "tool_search_tool_regex\n20251119", name: "search" },
      ],
      context_management: { edits: [] },
      service_tier: "auto",
      metadata: { user_id: "u".repeat(65) },
      mcp_servers: [],
      container: null,
    });
    expect(decoded.tools?.map(({ name }) => name)).toEqual(["f"]);
    expect(leftOut).toEqual([
      "context_management",
      "service_tier",
      "tools.defer_loading",
      "tools.input_examples",
      "tools.tool_search_tool",
      "metadata.user_id",
    ]);
  });

  it.each([
    [{ tools: [{ type: "code_execution_20260318", name: "code_execution" }] }, "tools.0.type"],
    [{ mcp_servers: [{ url: "https://example.com" }] }, "mcp_servers"],
    [{ inference_geo: "eu" }, "inference_geo"],
    [{ something_new: 1 }, "something_new"],
    [{ max_tokens: 0 }, "max_tokens"],
    [user({ type: "document", source: { type: "file", file_id: "f" } }), "messages.0.content.0.source"],
    [user({ type: "image", source: { type: "file", file_id: "f" } }), "messages.0.content.0.source"],
    [user({ type: "container_upload", file_id: "f" }), "messages.0.content.0.type"],
  ])("refuses %j by name, which no other wire can express", (fields, path) => {
    expect(refused(fields)).toBe(path);
  });
});

describe("what a request needs", () => {
  const needs = (fields: object) => messagesFacts(bodyOf(fields)).needs;
  const url = { type: "image", source: { type: "url", url: "https://example.com/a.png" } };

  it("is known from its blocks, tools and format", () => {
    expect(needs({})).toBe(0);
    expect(needs(user(url))).toBe(NEED.vision);
    expect(needs({ tools: [custom] })).toBe(NEED.tools);
    expect(needs({ output_config: { format: { type: "json_schema", schema: {} } } })).toBe(NEED.json);
  });

  it("counts an image in a tool's result", () => {
    const call = { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: {} }] };
    const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [url] }] };
    expect(needs({ messages: [{ role: "user", content: "x" }, call, result] })).toBe(NEED.vision);
  });
});
