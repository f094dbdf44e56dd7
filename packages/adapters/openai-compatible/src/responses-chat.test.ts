/** Chat requests by the Responses route, and a client's own Responses body. */
import { cutAt, sampleTarget } from "@headgate/adapter-kit/contract-suite";
import type { Capability, ChatEvent, ChatRequest, Dialect, JsonObject } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import openAi from "./index.ts";

const { second } = openAi;
const { chat, native, prefers } = second;
const REQUEST: ChatRequest = {
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  stream: false,
  includeUsage: false,
  extra: {},
};
const target = (dialect: Partial<Dialect> = {}) =>
  sampleTarget("openai-compatible", { responsesPath: "/responses", ...dialect }, { upstream: "gpt-5.4" });
const encode = (changes: Partial<ChatRequest>, dialect: Partial<Dialect> = {}) => {
  const encoded = chat.encode({ ...REQUEST, ...changes }, target(dialect));
  return { ...encoded, json: JSON.parse(encoded.body.toString("utf8")) };
};

describe("a chat request by the Responses route", () => {
  it("keeps no state at the provider, and says of each function whether it is strict", () => {
    const { json, path } = encode({ tools: [{ name: "f" }, { name: "g", strict: true, parameters: {} }] });
    expect(path).toBe("/responses");
    expect(json).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] });
    expect(json.tools).toEqual([
      { type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: false },
      { type: "function", name: "g", parameters: {}, strict: true },
    ]);
  });

  it("sends reasoning back that the provider sealed, before what it led to, and names other reasoning", () => {
    const own = { text: "Hm.", sealed: { wire: "openai-responses", data: "secret" } };
    const call = { id: "c", name: "f", arguments: "{}" };
    const answer = { role: "assistant", content: [], toolCalls: [call], reasoningParts: [own] } as const;
    const { json, dropped } = encode({ messages: [answer] });
    expect(json.input).toEqual([
      { type: "reasoning", summary: [{ type: "summary_text", text: "Hm." }], encrypted_content: "secret" },
      { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
    ]);
    expect(dropped).toEqual([]);
    const other = { ...answer, reasoningParts: [{ text: "Hm.", sealed: { wire: "gemini", data: "x" } }] };
    expect(encode({ messages: [other] })).toMatchObject({ dropped: ["messages[].reasoning"] });
    // Reasoning is refused without what follows it.
    expect(encode({ messages: [{ ...answer, toolCalls: [] }] }).json.input).toEqual([]);
  });

  it("has the chat route's rules for fields, but for an effort beside functions", () => {
    const dialect = { effort: { values: ["low", "high"], tools: "none" as const }, drop: ["stop"] };
    const tools = [{ name: "f" }];
    const { json, dropped } = encode({ tools, reasoningEffort: "medium", stop: ["x"], seed: 1 }, dialect);
    expect(json.reasoning).toEqual({ effort: "high" });
    expect(dropped.toSorted()).toEqual(["reasoning_effort", "seed", "stop"]);
  });

  it("refuses what would change the answer and has no place there", () => {
    const refused = (changes: Partial<ChatRequest>, param: string) =>
      expect(() => encode(changes)).toThrow(expect.objectContaining({ name: "EncodeError", param }));
    refused({ extra: { logit_bias: { 1: 2 } } }, "logit_bias");
    const audio = { type: "audio", data: "AA", format: "wav" } as const;
    refused({ messages: [{ role: "user", content: [audio] }] }, "messages[0].content[0]");
  });

  it("is chosen for what the fragment says, unless a field needs the chat route", () => {
    const asks = (
      dialect: Partial<Dialect>,
      tools: boolean,
      search: boolean,
      asked: JsonObject = {},
      capabilities: readonly Capability[] = [],
    ) => prefers({ tools, search, asked }, sampleTarget("openai-compatible", dialect, { capabilities }));
    expect(asks({}, true, true)).toBe(false);
    expect(asks({ responsesFor: ["tools"] }, true, false)).toBe(true);
    expect(asks({ responsesFor: ["tools"] }, false, true)).toBe(false);
    // A model that searches on the chat route, such as gpt-4o-search-preview, stays there.
    expect(asks({ responsesFor: ["search"] }, false, true)).toBe(false);
    expect(asks({ responsesFor: ["search"] }, false, true, {}, ["search"])).toBe(true);
    expect(asks({ responsesFor: ["tools"] }, true, false, { n: 2 })).toBe(false);
    expect(asks({ responsesFor: ["tools"] }, true, false, { modalities: ["audio"] })).toBe(false);
    expect(asks({ responsesFor: ["all"] }, false, false, { n: 2 })).toBe(true);
  });
});

const USAGE = { input_tokens: 5, output_tokens: 3, output_tokens_details: { reasoning_tokens: 2 } };
const REASONING = {
  id: "rs_1",
  type: "reasoning",
  summary: [
    { type: "summary_text", text: "One." },
    { type: "summary_text", text: "Two." },
  ],
  encrypted_content: "secret",
};
const CITED = { type: "url_citation", url: "https://a.example", title: "A", start_index: 0, end_index: 2 };
const MESSAGE = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text: "Hü!", annotations: [CITED] }],
};
const CALL = {
  id: "fc_1",
  type: "function_call",
  call_id: "call_1",
  name: "f",
  arguments: '{"n":2512292042121000001}',
};
const RESPONSE = {
  id: "resp_1",
  object: "response",
  created_at: 9,
  model: "gpt-5.4",
  status: "completed",
  output: [REASONING, MESSAGE, CALL],
  usage: USAGE,
};
const frame = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const STREAM = [
  frame("response.created", { response: { ...RESPONSE, status: "in_progress", output: [] } }),
  frame("response.output_item.added", { output_index: 0, item: { ...REASONING, summary: [] } }),
  frame("response.reasoning_summary_part.added", { output_index: 0, summary_index: 0 }),
  frame("response.reasoning_summary_text.delta", { output_index: 0, delta: "One." }),
  frame("response.reasoning_summary_part.added", { output_index: 0, summary_index: 1 }),
  frame("response.reasoning_summary_text.delta", { output_index: 0, delta: "Two." }),
  frame("response.output_item.done", { output_index: 0, item: REASONING }),
  frame("response.output_item.added", { output_index: 1, item: { ...MESSAGE, content: [] } }),
  frame("response.output_text.delta", { output_index: 1, delta: "Hü" }),
  frame("response.output_text.delta", { output_index: 1, delta: "!" }),
  frame("response.output_text.annotation.added", { output_index: 1, annotation: CITED }),
  frame("response.output_item.done", { output_index: 1, item: MESSAGE }),
  frame("response.output_item.added", { output_index: 2, item: { ...CALL, arguments: "" } }),
  frame("response.function_call_arguments.delta", { output_index: 2, delta: '{"n":25122920' }),
  frame("response.function_call_arguments.delta", { output_index: 2, delta: "42121000001}" }),
  frame("response.output_item.done", { output_index: 2, item: CALL }),
  frame("response.completed", { response: RESPONSE }),
].join("");

/** Neighbouring pieces joined, so that a stream and a whole answer are the same list. */
function joined(events: readonly ChatEvent[]): ChatEvent[] {
  const list: ChatEvent[] = [];
  for (const event of events) {
    const last = list.at(-1);
    if (event.type === "text" && last?.type === "text")
      list.splice(-1, 1, { ...event, text: last.text + event.text });
    else if (event.type === "reasoning" && last?.type === "reasoning")
      list.splice(-1, 1, { ...event, text: last.text + event.text });
    else if (event.type === "tool-call" && last?.type === "tool-call" && last.index === event.index)
      list.splice(-1, 1, { ...last, arguments: (last.arguments ?? "") + (event.arguments ?? "") });
    else list.push(event);
  }
  return list;
}
const streamed = (chunks: readonly Buffer[]): ChatEvent[] => {
  const decoder = chat.decodeStream();
  return joined([...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()]);
};
const whole = (body: object): ChatEvent[] => joined(chat.decodeBody(Buffer.from(JSON.stringify(body))));

describe("an answer of the Responses API as events", () => {
  const expected: readonly ChatEvent[] = [
    { type: "start", id: "resp_1", model: "gpt-5.4", createdAtS: 9 },
    { type: "reasoning", text: "One.\n\nTwo.", sealed: { wire: "openai-responses", data: "secret" } },
    { type: "text", text: "Hü!" },
    { type: "citation", citation: { start: 0, end: 2, url: "https://a.example", title: "A" } },
    { type: "tool-call", index: 0, id: "call_1", name: "f", arguments: CALL.arguments },
    { type: "finish", reason: "tool_calls" },
    { type: "usage", usage: { inputTokens: 5, outputTokens: 3, reasoningTokens: 2 } },
    { type: "end" },
  ];

  it("is the same whole and streamed, however the stream is cut", () => {
    expect(whole(RESPONSE)).toEqual(expected);
    const bytes = Buffer.from(STREAM);
    expect(streamed([bytes])).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (positions) => {
        expect(streamed(cutAt(bytes, positions))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("ends by what cut it", () => {
    const cut = (reason: string) =>
      whole({ ...RESPONSE, status: "incomplete", incomplete_details: { reason } }).find(
        ({ type }) => type === "finish",
      );
    expect(cut("max_output_tokens")).toEqual({ type: "finish", reason: "length" });
    expect(cut("content_filter")).toEqual({ type: "finish", reason: "content_filter" });
  });

  it("is an error where it failed, was cut, or is no response", () => {
    const failed = {
      ...RESPONSE,
      status: "failed",
      output: [],
      error: { code: "server_error", message: "it broke" },
    };
    const error = { message: "it broke", code: "server_error" };
    expect(whole(failed).at(-1)).toEqual({ type: "error", error });
    expect(streamed([Buffer.from(frame("response.failed", { response: failed }))])).toEqual([
      { type: "error", error },
    ]);
    expect(whole({ object: "list" })).toMatchObject([{ type: "error" }]);
    expect(
      streamed([Buffer.from(STREAM.slice(0, STREAM.indexOf("event: response.completed")))]).at(-1),
    ).toMatchObject({
      type: "error",
    });
  });

  it("has a refusal as such", () => {
    const content = [{ type: "refusal", refusal: "No." }];
    expect(whole({ ...RESPONSE, output: [{ ...MESSAGE, content }] })).toContainEqual({
      type: "refusal",
      text: "No.",
    });
  });
});

describe("a client's own Responses body", () => {
  const DIALECT: Partial<Dialect> = {
    call_ids: { max: 64, chars: "word" },
    tool_names: { max: 64, chars: "word" },
    schema: { fix: ["root", "items"] },
    effort: { values: ["low", "high"] },
  };
  const fit = (text: string) => {
    const json = JSON.parse(text) as JsonObject;
    const encoded = native.encode({ bytes: Buffer.from(text), json }, target(DIALECT));
    return { ...encoded, text: encoded.body.toString("utf8") };
  };

  it("passes byte for byte where the provider takes all of it", () => {
    const text = `{ "model": "m", "input":  "Hi", "future": 1.50, "tools": [{"type":"function","name":"f"}] }`;
    expect(fit(text).text).toBe(text.replace('"m"', '"gpt-5.4"'));
  });

  it("has names, ids, schemas and the effort in the provider's form, and keeps long integers", () => {
    const id = "c".repeat(70);
    const { text, names, dropped } = fit(
      JSON.stringify({
        model: "m",
        reasoning: { effort: "medium", summary: "auto" },
        tools: [
          { type: "function", name: "a.b", parameters: { type: "array" } },
          { type: "namespace", name: "n", tools: [{ type: "function", name: "c.d" }] },
          { type: "web_search" },
        ],
        tool_choice: { type: "function", name: "a.b" },
        input: [
          { type: "function_call", call_id: id, name: "a.b", arguments: "{}" },
          { type: "function_call_output", call_id: id, output: "9", n: 1 },
        ],
      }).replace('"n":1', '"n":2512292042121000001'),
    );
    const { tools, tool_choice: choice, input, reasoning } = JSON.parse(text);
    expect(input[0].call_id).toMatch(/^c{50,}_[a-z0-9]+$/);
    expect(input[1].call_id).toBe(input[0].call_id);
    expect([tools[0].name, choice.name]).toEqual([input[0].name, input[0].name]);
    expect(tools[0].parameters.type).toBe("object");
    expect(tools[2]).toEqual({ type: "web_search" });
    expect([...(names?.values() ?? [])]).toEqual(["a.b", "c.d"]);
    expect(reasoning).toEqual({ effort: "high", summary: "auto" });
    expect(text).toContain("2512292042121000001");
    expect(dropped).toEqual(["reasoning.effort", "tools[].parameters.type"]);
  });
});
