import { foldEvents } from "@headgate/adapter-kit";
import type { ChatEvent, ChatMessage, JsonObject } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sealer } from "../../../codec/sealer.ts";
import { decodeItems } from "./messages.ts";
import { Output, type OutputOptions } from "./output.ts";
import { ToolNames } from "./tool-names.ts";

const STEM = "0123456789abcdef".repeat(2);
const sealed = { wire: "gemini", data: "c2lnbmF0dXJl" };

function put(events: readonly ChatEvent[], options: Partial<OutputOptions> = {}) {
  const output = new Output({
    stem: STEM,
    names: new ToolNames(),
    summary: false,
    callIds: new Set(),
    ...options,
  });
  const emitted = [...events.flatMap((event) => output.take(event)), ...output.end("completed")];
  return { emitted, items: output.json() };
}

/** The output as a client sends it back: through JSON, its calls answered. */
function readBack(items: readonly JsonObject[]): ChatMessage | undefined {
  const sent = JSON.parse(JSON.stringify(items)) as JsonObject[];
  const answers = sent.flatMap(({ type, call_id }) =>
    type === "function_call" ? [{ type: "function_call_output", call_id: call_id ?? "", output: "ok" }] : [],
  );
  const all = [...sent, ...answers].map((json, at) => ({ json, path: `input[${at}]` }));
  return decodeItems(all, new ToolNames(), new Sealer("k")).messages[0];
}

const call = (index: number, fields: object): ChatEvent => ({ type: "tool-call", index, ...fields });

describe("output items", () => {
  it("count the places of sources from the beginning of their own text", () => {
    const cite = (start: number, end: number, more: object): ChatEvent => ({
      type: "citation",
      citation: { start, end, ...more },
    });
    const { items } = put([
      { type: "text", text: "🦆 one" },
      cite(2, 5, { documentId: "2", title: "Gates" }),
      { type: "reasoning", text: "hm" },
      { type: "text", text: " two" },
      cite(6, 9, { url: "https://a.example/" }),
      call(0, { id: "a", name: "f", arguments: "{}" }),
      cite(0, 1, { url: "https://too-late.example/" }),
    ]);
    const [first, , second] = items.map((item) => item.content);
    expect(first).toMatchObject([
      { annotations: [{ type: "file_citation", file_id: "2", filename: "Gates", index: 5 }] },
    ]);
    const cited = { url: "https://a.example/", title: "https://a.example/", start_index: 1, end_index: 4 };
    expect(second).toMatchObject([{ annotations: [{ type: "url_citation", ...cited }] }]);
    expect(JSON.stringify(items)).not.toContain("too-late");
  });

  it("keep interleaved arguments of several calls apart", () => {
    const { emitted, items } = put([
      call(0, { id: "a", name: "f", arguments: "{" }),
      call(1, { id: "b", name: "g", arguments: "[" }),
      call(0, { arguments: "}" }),
      call(1, { arguments: "]" }),
    ]);
    expect(items).toMatchObject([
      { call_id: "a", name: "f", arguments: "{}" },
      { call_id: "b", name: "g", arguments: "[]" },
    ]);
    expect(emitted.map(({ type, output_index }) => `${type.slice(9)} ${output_index}`)).toEqual([
      "output_item.added 0",
      "function_call_arguments.delta 0",
      "output_item.added 1",
      "function_call_arguments.delta 1",
      "function_call_arguments.delta 0",
      "function_call_arguments.delta 1",
      "function_call_arguments.done 0",
      "output_item.done 0",
      "function_call_arguments.done 1",
      "output_item.done 1",
    ]);
  });

  it("wait for a call's name, lose nothing that came before it, and give an object where nothing came", () => {
    const { items } = put([
      call(0, { id: "a", arguments: "{}" }),
      call(0, { name: "f" }),
      call(1, { id: "b", name: "g" }),
    ]);
    expect(items).toMatchObject([
      { call_id: "a", name: "f", arguments: "{}" },
      { call_id: "b", name: "g", arguments: "{}" },
    ]);
  });

  it("give a call an id of its own where the upstream's is missing or used up", () => {
    const events = [
      call(0, { name: "f" }),
      call(1, { id: "used", name: "f" }),
      call(2, { id: "new", name: "f" }),
      call(3, { id: "new", name: "f" }),
    ];
    const { items } = put(events, { callIds: new Set(["used"]) });
    const ids = items.map(({ call_id }) => call_id);
    expect(new Set(ids).size).toBe(4);
    expect(ids).not.toContain("used");
    expect(ids[2]).toBe("new");
  });

  it("hold text and refusal as parts of one message", () => {
    const { emitted, items } = put([
      { type: "text", text: "I " },
      { type: "refusal", text: "will " },
      { type: "refusal", text: "not" },
    ]);
    expect(items).toMatchObject([
      {
        content: [
          { type: "output_text", text: "I " },
          { type: "refusal", refusal: "will not" },
        ],
      },
    ]);
    expect(emitted.map(({ type }) => type.slice(9))).toEqual([
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "content_part.added",
      "refusal.delta",
      "refusal.delta",
      "refusal.done",
      "content_part.done",
      "output_item.done",
    ]);
  });

  it("emit nothing for empty pieces", () => {
    const pieces: ChatEvent[] = [
      { type: "text", text: "" },
      { type: "reasoning", text: "" },
      { type: "refusal", text: "" },
    ];
    expect(put(pieces)).toEqual({ emitted: [], items: [] });
  });
});

describe("what an upstream sealed", () => {
  it("comes back with its reasoning, section by section", () => {
    const { items } = put([
      { type: "reasoning", text: "first" },
      { type: "reasoning", text: "", sealed: { wire: "anthropic-messages", data: "s1" } },
      { type: "reasoning", text: "", redacted: true, sealed: { wire: "anthropic-messages", data: "s2" } },
      { type: "text", text: "Hi" },
    ]);
    expect(readBack(items)).toMatchObject({
      reasoning: "first",
      reasoningParts: [
        { text: "first", sealed: { wire: "anthropic-messages", data: "s1" } },
        { text: "", redacted: true, sealed: { data: "s2" } },
      ],
    });
  });

  it("comes back with its call and its text", () => {
    const { items } = put([
      { type: "text", text: "Calling" },
      { type: "text", text: "", sealed: { ...sealed, data: "of-text" } },
      call(0, { id: "a", name: "f", arguments: "{}", sealed }),
      call(1, { id: "b", name: "f", arguments: "{}" }),
    ]);
    const back = readBack(items);
    expect(back).toMatchObject({
      content: [{ type: "text", text: "Calling", sealed: { data: "of-text" } }],
      toolCalls: [{ id: "a", sealed }, { id: "b" }],
    });
    expect(back).not.toHaveProperty("reasoningParts");
  });

  it("is ignored where another service sealed it", () => {
    const items = [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAAAABo" }];
    expect(readBack(items)).toEqual({ role: "assistant", content: [], toolCalls: [] });
  });
});

describe("a whole answer", () => {
  const piece = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 });
  const spoken = fc.record({
    reasoning: fc.array(piece, { maxLength: 3 }),
    text: fc.array(piece, { maxLength: 3 }),
    calls: fc.array(
      fc.record({ name: fc.constantFrom("f", "g"), pieces: fc.array(piece, { maxLength: 3 }) }),
      {
        maxLength: 3,
      },
    ),
    summary: fc.boolean(),
  });

  it("comes back as the same turn, however it was cut into pieces", () => {
    fc.assert(
      fc.property(spoken, ({ reasoning, text, calls, summary }) => {
        const events: ChatEvent[] = [
          ...reasoning.map((words): ChatEvent => ({ type: "reasoning", text: words })),
          ...text.map((words): ChatEvent => ({ type: "text", text: words })),
          ...calls.flatMap(({ name, pieces }, index) => [
            call(index, { id: `call_${index}`, name }),
            ...pieces.map((words) => call(index, { arguments: words })),
          ]),
        ];
        const folded = foldEvents(events);
        if (events.length === 0) return;
        expect(readBack(put(events, { summary }).items)).toEqual({
          role: "assistant",
          content: folded.text === "" ? [] : [{ type: "text", text: folded.text }],
          toolCalls: folded.toolCalls.map((one) => ({ ...one, arguments: one.arguments || "{}" })),
          ...(folded.reasoning === "" ? {} : { reasoning: folded.reasoning }),
        });
      }),
    );
  });
});
