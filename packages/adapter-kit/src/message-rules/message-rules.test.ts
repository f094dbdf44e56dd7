/** Each family of rules on canonical requests; the providers' fixtures show them over HTTP. */
import {
  type ChatMessage,
  type ChatRequest,
  type ContentPart,
  type MessageRules,
  PLAIN_DIALECT,
} from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodeError } from "../adapter.ts";
import { applyMessageRules } from "./index.ts";
import { NameMap } from "./names.ts";

const text = (words: string): ContentPart => ({ type: "text", text: words });
const user = (words: string): ChatMessage => ({ role: "user", content: [text(words)] });
const system = (words: string): ChatMessage => ({ role: "system", content: [text(words)] });
const said = (words: string): ChatMessage => ({ role: "assistant", content: [text(words)], toolCalls: [] });
const calls = (...ids: string[]): ChatMessage => ({
  role: "assistant",
  content: [],
  toolCalls: ids.map((id) => ({ id, name: "f", arguments: "{}" })),
});
const result = (toolCallId: string, words = "r"): ChatMessage => ({
  role: "tool",
  toolCallId,
  content: [text(words)],
});
const request = (messages: readonly ChatMessage[], extra: Partial<ChatRequest> = {}): ChatRequest => ({
  messages,
  stream: false,
  includeUsage: false,
  extra: {},
  ...extra,
});

const WIRES = { client: "openai-chat", upstream: "openai-chat" };
const ruled = (received: ChatRequest, rules: MessageRules, wires = WIRES) =>
  applyMessageRules(received, { ...PLAIN_DIALECT, ...rules }, wires);
const messagesOf = (messages: readonly ChatMessage[], rules: MessageRules) =>
  ruled(request(messages), rules).request.messages;

const EVERY: MessageRules = {
  pairs: { results: "repair", single: true, declared: true },
  tool_names: { max: 64, chars: "word", start: "letter" },
  call_ids: { length: 9, chars: "alphanumeric" },
  system: { place: "first" },
  turns: { alternate: true, after_tool: "assistant", last: "user", user: true },
  empty: { messages: "drop", parts: "drop" },
  arguments: { valid: "object" },
  media: { results: "move" },
  reasoning: { history: "drop" },
  schema: { fix: ["root", "properties"] },
};

it("returns the same request where no rule changes it", () => {
  const received = request([system("s"), user("u"), calls("abcdefgh1"), result("abcdefgh1")], {
    tools: [{ name: "f", parameters: { type: "object", properties: {} } }],
  });
  const { request: sent, dropped, names } = ruled(received, EVERY);
  expect(sent).toBe(received);
  expect([dropped, names.size]).toEqual([[], 0]);
});

describe("call ids", () => {
  it("are mapped one to one, in the call and in its result", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 30 }), (ids) => {
        const messages = messagesOf([calls(...ids), ...ids.map((id) => result(id))], {
          call_ids: { length: 9, chars: "alphanumeric" },
        });
        const [calling] = messages;
        const sent = calling?.role === "assistant" ? calling.toolCalls.map(({ id }) => id) : [];
        expect(new Set(sent).size).toBe(ids.length);
        for (const id of sent) expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
        expect(messages.slice(1).map((one) => (one.role === "tool" ? one.toolCallId : ""))).toEqual(sent);
      }),
    );
  });

  it("stay the same from turn to turn", () => {
    const rules: MessageRules = { call_ids: { length: 9, chars: "alphanumeric" } };
    const one = messagesOf([calls("call_abc"), result("call_abc")], rules);
    const more = messagesOf(
      [calls("call_abc"), result("call_abc"), user("u"), calls("call_x"), result("call_x")],
      rules,
    );
    expect(more.slice(0, 2)).toEqual(one);
  });
});

describe("names", () => {
  it("keep apart what has the same beginning, and fit their form", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: "binary", maxLength: 90 }), { minLength: 1, maxLength: 6 }),
        (names) => {
          const map = new NameMap(
            { max: 64, chars: /^[A-Za-z0-9_-]$/, start: /^[A-Za-z_]$/, filler: "_" },
            names,
          );
          const sent = names.map((name) => map.of(name));
          expect(new Set(sent).size).toBe(names.length);
          for (const name of sent) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
          for (const [at, name] of names.entries())
            expect(map.restored.get(sent[at] ?? "") ?? sent[at]).toBe(name);
        },
      ),
    );
  });

  it("are renamed in tools, in the choice and in the history", () => {
    const long = `mcp__${"x".repeat(80)}`;
    const history: ChatMessage = {
      role: "assistant",
      content: [],
      toolCalls: [{ id: "c", name: long, arguments: "{}" }],
    };
    const { request: sent, names } = ruled(
      request([user("u"), history, result("c")], { tools: [{ name: long }], toolChoice: { name: long } }),
      { tool_names: { max: 64, chars: "word" } },
    );
    const [short = ""] = names.keys();
    expect(short).toHaveLength(64);
    expect(names.get(short)).toBe(long);
    expect([sent.tools?.[0]?.name, sent.toolChoice]).toEqual([short, { name: short }]);
    expect(JSON.stringify(sent.messages)).not.toContain(long);
  });
});

describe("the system's text", () => {
  it("is one message at the front", () => {
    expect(messagesOf([system("a"), user("u"), system("b")], { system: { place: "first" } })).toEqual([
      system("a\n\nb"),
      user("u"),
    ]);
  });

  it("begins the user's first message where the role is unknown", () => {
    const rules: MessageRules = { system: { place: "user" } };
    expect(messagesOf([system("a"), said("x"), user("u")], rules)).toEqual([said("x"), user("a\n\nu")]);
    expect(messagesOf([system("a")], rules)).toEqual([user("a")]);
  });
});

describe("calls and results", () => {
  it("get what they lack, in order", () => {
    const sent = messagesOf([result("z", "lost"), calls("a", "b"), user("u"), result("b", "late")], {
      pairs: { results: "repair" },
    });
    expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "user"]);
    expect(sent[2]).toMatchObject({ toolCallId: "a", content: [text("(No result.)")] });
    expect(sent[3]).toEqual(result("b", "late"));
  });

  it("have ids of their own where one repeats", () => {
    const sent = messagesOf([calls("a"), result("a", "1"), calls("a"), result("a", "2")], {
      pairs: { results: "repair" },
    });
    expect(sent[2]).toMatchObject({ toolCalls: [{ id: "a_2" }] });
    expect(sent[3]).toEqual(result("a_2", "2"));
  });

  it("are one round each where a message may hold one call", () => {
    const sent = messagesOf([calls("a", "b"), result("a"), result("b"), user("u")], {
      pairs: { single: true },
    });
    expect(sent).toEqual([calls("a"), result("a"), calls("b"), result("b"), user("u")]);
  });

  it("are always paired, whatever the conversation", () => {
    const message = fc.oneof(
      fc.constantFrom(user("u"), said("s"), system("x")),
      fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 3 }).map((ids) => calls(...ids)),
      fc.constantFrom("a", "b", "c", "d").map((id) => result(id)),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        const sent = messagesOf(messages, { pairs: { results: "repair" } });
        const results = (list: readonly ChatMessage[]): number =>
          list.filter(({ role }) => role === "tool").length;
        let open: string[] = [];
        for (const one of sent) {
          if (one.role === "tool") expect(open.shift()).toBe(one.toolCallId);
          else expect(open).toEqual([]);
          if (one.role === "assistant") open = one.toolCalls.map(({ id }) => id);
        }
        expect(open).toEqual([]);
        expect(results(sent)).toBe(
          sent.flatMap((one) => (one.role === "assistant" ? one.toolCalls : [])).length,
        );
      }),
    );
  });
});

describe("the order of turns", () => {
  it("puts a short answer between a result and the user", () => {
    const sent = messagesOf([calls("a"), result("a"), user("u")], { turns: { after_tool: "assistant" } });
    expect(sent.map(({ role }) => role)).toEqual(["assistant", "tool", "assistant", "user"]);
  });

  it("joins neighbours of one role with all that they hold", () => {
    const thinking: ChatMessage = { ...calls("a"), reasoning: "r1" } as ChatMessage;
    const sent = messagesOf([user("1"), user("2"), said("x"), thinking, result("a"), result("b")], {
      turns: { alternate: true },
    });
    expect(sent.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool"]);
    expect(sent[0]).toEqual(user("1\n\n2"));
    expect(sent[1]).toMatchObject({ content: [text("x")], toolCalls: [{ id: "a" }], reasoning: "r1" });
  });

  it("ends with the user, or marks the model's message as the beginning of its answer", () => {
    expect(messagesOf([user("u"), said("Hel")], { turns: { last: "user" } }).at(-1)?.role).toBe("user");
    expect(messagesOf([user("u"), said("Hel")], { turns: { last: "prefix" } }).at(-1)).toMatchObject({
      role: "assistant",
      own: { fields: { prefix: true } },
    });
  });
});

describe("reasoning", () => {
  const thought = (reasoning: string): ChatMessage => ({ ...calls("a"), reasoning }) as ChatMessage;

  it("is dropped and named", () => {
    const { request: sent, dropped } = ruled(request([thought("t")]), { reasoning: { history: "drop" } });
    expect([sent.messages, dropped]).toEqual([[calls("a")], ["messages[].reasoning"]]);
  });

  it("is filled in beside calls where it is required", () => {
    const rules: MessageRules = { reasoning: { history: "require", placeholder: "?" } };
    expect(messagesOf([calls("a"), said("x"), thought("t")], rules)).toEqual([
      thought("?"),
      said("x"),
      thought("t"),
    ]);
  });

  it("goes back sealed only to the wire that sealed it", () => {
    const sealedBy = (wire: string): ChatMessage => ({
      ...said("x"),
      role: "assistant",
      toolCalls: [],
      reasoning: "t",
      reasoningParts: [{ text: "t", sealed: { wire, data: "[]" } }],
    });
    const rules: MessageRules = { reasoning: { history: "keep", field: "reasoning_details" } };
    expect(messagesOf([sealedBy("openrouter")], rules)).toEqual([sealedBy("openrouter")]);
    expect(messagesOf([sealedBy("gemini")], rules)).toEqual([said("x")]);
  });
});

describe("media", () => {
  const image: ContentPart = { type: "image", url: "https://x.test/a.png" };
  const seen: ChatMessage = { role: "user", content: [image] };

  it("moves from a result into the user's message behind all results of the step", () => {
    const shown: ChatMessage = { role: "tool", toolCallId: "a", content: [text("see"), image] };
    const sent = messagesOf([calls("a", "b"), shown, result("b"), user("u")], { media: { results: "move" } });
    expect(sent.map(({ role }) => role)).toEqual(["assistant", "tool", "tool", "user"]);
    expect(sent[3]?.content).toEqual([image, text("u")]);
  });

  it.each<[string, readonly ChatMessage[], MessageRules["media"]]>([
    ["an image that the model cannot see", [seen], { none: "note" }],
    ["too many images", [{ role: "user", content: [image, image] }], { max_images: 1 }],
    ["an image's URL where only data is taken", [seen], { urls: false }],
  ])("goes to another candidate for %s", (_, messages, media) => {
    expect(() => ruled(request(messages), { media: media ?? {} })).toThrow(EncodeError);
  });

  it("of earlier turns becomes a note where the model sees nothing", () => {
    const sent = messagesOf([seen, said("x"), user("u")], { media: { none: "note" } });
    expect(JSON.stringify(sent)).not.toContain("x.test");
  });
});

describe("tools", () => {
  const parametersOf = (parameters: object, schema: MessageRules["schema"]) =>
    ruled(request([user("u")], { tools: [{ name: "f", parameters: parameters as never }] }), {
      schema: schema ?? {},
    }).request.tools?.[0]?.parameters;

  it.each<[string, object, MessageRules["schema"], object]>([
    ["root", {}, { fix: ["root"] }, { type: "object" }],
    ["properties", { type: "object" }, { fix: ["properties"] }, { type: "object", properties: {} }],
    [
      "items",
      { properties: { l: { type: "array" } } },
      { fix: ["items"] },
      { properties: { l: { type: "array", items: {} } } },
    ],
    [
      "a property with the name of a keyword",
      { properties: { minItems: { type: "array", minItems: 1 } } },
      { strip: ["minItems"] },
      { properties: { minItems: { type: "array" } } },
    ],
    [
      "union",
      {
        oneOf: [
          { properties: { a: {}, k: {} }, required: ["k", "a"] },
          { properties: { b: {} }, required: ["k"] },
        ],
      },
      { fix: ["union"] },
      { type: "object", properties: { a: {}, k: {}, b: {} }, required: ["k"] },
    ],
    ["boolean", { properties: { a: true } }, { fix: ["boolean"] }, { properties: { a: {} } }],
    ["tuples", { items: [{ type: "string" }, {}] }, { fix: ["tuples"] }, { items: { type: "string" } }],
    [
      "branch-types",
      { type: "string", anyOf: [{ minLength: 1 }, { type: "null" }] },
      { fix: ["branch-types"] },
      { anyOf: [{ type: "string", minLength: 1 }, { type: "null" }] },
    ],
    [
      "references",
      { properties: { a: { $ref: "#/$defs/x", description: "d" } }, $defs: { x: {} } },
      { fix: ["references"] },
      { properties: { a: { $ref: "#/$defs/x" } }, $defs: { x: {} } },
    ],
    [
      "required",
      { properties: { a: {} }, required: ["a", "z"] },
      { fix: ["required"] },
      { properties: { a: {} }, required: ["a"] },
    ],
    ["enum-strings", { enum: [1, "b"] }, { fix: ["enum-strings"] }, { type: "string", enum: ["1", "b"] }],
    ["formats", { type: "string", format: "uri" }, { formats: ["date-time"] }, { type: "string" }],
    ["data", { enum: [{ minItems: 1 }] }, { strip: ["minItems"] }, { enum: [{ minItems: 1 }] }],
  ])("have a schema as the provider takes it: %s", (_, given, rule, expected) => {
    expect(parametersOf(given, rule)).toEqual(expected);
  });

  it("go to another candidate where there are too many", () => {
    const tools = [{ name: "a" }, { name: "b" }];
    expect(() => ruled(request([user("u")], { tools }), { tools: { max: 1 } })).toThrow(/at most 1 tools/);
  });

  it("of the history are declared", () => {
    const { request: sent } = ruled(request([calls("a"), result("a")]), { pairs: { declared: true } });
    expect([sent.tools?.map(({ name }) => name), sent.toolChoice]).toEqual([["f"], "none"]);
  });
});

it.each([
  ["", "{}"],
  ['{"a":1}', '{"a":1}'],
  ['"{\\"a\\":1}"', '{"a":1}'],
  ["[1]", '{"arguments":[1]}'],
  ['{"a":', '{"arguments":"{\\"a\\":"}'],
])("arguments %j are the object %j", (given, sent) => {
  const call = (args: string): ChatMessage => ({
    role: "assistant",
    content: [],
    toolCalls: [{ id: "a", name: "f", arguments: args }],
  });
  expect(messagesOf([call(given)], { arguments: { valid: "object" } })).toEqual([call(sent)]);
});

it("keeps the last marks of a cache, and none on another wire than Anthropic's", () => {
  const marked = (words: string): ContentPart => ({
    type: "text",
    text: words,
    cache: { type: "ephemeral" },
  });
  const received = request([{ role: "user", content: ["a", "b", "c"].map(marked) }]);
  const kept = ruled(received, { cache: { marks: 2 } });
  expect(kept.request.messages[0]?.content).toEqual([text("a"), marked("b"), marked("c")]);
  expect(kept.dropped).toEqual(["cache_control"]);
  const other = ruled(received, {}, { client: "anthropic-messages", upstream: "openai-chat" });
  expect(JSON.stringify(other.request)).not.toContain("ephemeral");
  expect(ruled(received, {}).request).toBe(received);
});

it("keeps fields of a message on their own wire only, and of these the known ones", () => {
  const received = request([{ ...user("u"), own: { wire: "openai-chat", fields: { a: 1, b: 2 } } }]);
  expect(ruled(received, {}).request).toBe(received);
  const known = ruled(received, { fields: { message: ["b"] } });
  expect(known.request.messages[0]?.own?.fields).toEqual({ b: 2 });
  expect(known.dropped).toEqual(["messages[].a"]);
  const other = ruled(received, {}, { client: "openai-chat", upstream: "gemini" });
  expect(other.request.messages[0]).toEqual(user("u"));
  expect(other.dropped).toEqual(["messages[].a", "messages[].b"]);
});

it("leaves out blank stop sequences on wires that encode them themselves", () => {
  const received = request([user("u")], { stop: ["\n", "END"] });
  const wires = { client: "openai-chat", upstream: "anthropic-messages" };
  const sent = ruled(received, { params: { stop: { blank: false } } }, wires);
  expect([sent.request.stop, sent.dropped]).toEqual([["END"], ["stop"]]);
  const blank = ruled(request([user("u")], { stop: [" "] }), { params: { stop: { blank: false } } }, wires);
  expect(blank.request.stop).toBeUndefined();
});
