import { foldEvents } from "@headgate/adapter-kit";
import { cutAt, decodeChunks } from "@headgate/adapter-kit/contract-suite";
import { expect, it } from "vitest";
import anthropic from "./index.ts";

const web = {
  type: "web_search_result_location",
  url: "https://a.example/1",
  title: "One",
  cited_text: "The gate",
  encrypted_index: "Eo8BCioIAhgB",
};
const char = {
  type: "char_location",
  cited_text: "is open.",
  document_index: 2,
  document_title: "Gates",
  start_char_index: 0,
  end_char_index: 8,
};
const page = {
  type: "page_location",
  cited_text: "x",
  document_index: 0,
  document_title: null,
  file_id: "file_1",
};
const result = {
  type: "search_result_location",
  source: "https://a.example/2",
  title: "Two",
  cited_text: "y",
};
const local = { ...result, source: "manual, page 3" };

const blocks = [
  { type: "text", text: "🦆 says " },
  { type: "text", text: "the gate", citations: [web, char] },
  { type: "tool_use", id: "t", name: "now", input: {} },
  { type: "text", text: " ok", citations: [page, result, local, { type: "unknown_location" }] },
];
const citations = [
  { start: 7, end: 15, url: web.url, title: "One", citedText: "The gate" },
  { start: 7, end: 15, documentId: "2", title: "Gates", citedText: "is open." },
  { start: 15, end: 18, documentId: "file_1", citedText: "x" },
  { start: 15, end: 18, url: "https://a.example/2", title: "Two", citedText: "y" },
  { start: 15, end: 18, documentId: "manual, page 3", title: "Two", citedText: "y" },
];

it("reads the sources of each block of a message", () => {
  const body = Buffer.from(JSON.stringify({ content: blocks, stop_reason: "end_turn" }));
  expect(foldEvents(anthropic.chat.decodeBody(body))).toMatchObject({ citations, complete: true });
});

it("reads them from a stream, at any position in their block and in any chunks", () => {
  const frame = (type: string, fields: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const stream = blocks.map(({ type, text, citations: cited = [], ...call }, index) => {
    const deltas = [
      ...cited.slice(0, 1).map((citation) => ({ type: "citations_delta", citation })),
      ...(text === undefined ? [] : [{ type: "text_delta", text }]),
      ...cited.slice(1).map((citation) => ({ type: "citations_delta", citation })),
    ];
    const opened = text === undefined ? { type, ...call } : { type, text: "" };
    return (
      frame("content_block_start", { index, content_block: opened }) +
      deltas.map((delta) => frame("content_block_delta", { index, delta })).join("") +
      frame("content_block_stop", { index })
    );
  });
  const end = frame("message_delta", { delta: { stop_reason: "end_turn" } }) + frame("message_stop", {});
  const bytes = Buffer.from(stream.join("") + end);
  const events = decodeChunks(anthropic.chat, [bytes]);
  expect(foldEvents(events)).toMatchObject({ text: "🦆 says the gate ok", citations, complete: true });
  expect(decodeChunks(anthropic.chat, cutAt(bytes, [...bytes.keys()]))).toEqual(events);
});
