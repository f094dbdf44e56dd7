import { readFileSync } from "node:fs";
import { foldEvents } from "@headgate/adapter-kit";
import { decodeChunks } from "@headgate/adapter-kit/contract-suite";
import { expect, it } from "vitest";
import cohere from "./index.ts";

const at = { start: 12, end: 16, text: "Köln" };
const page = { id: "doc:0", title: "Weather", snippet: "rain in Köln", url: "https://w.example/" };

it("reads a citation from a stream", () => {
  const bytes = readFileSync(new URL("../fixtures/stream-citations.sse", import.meta.url));
  expect(foldEvents(decodeChunks(cohere.chat, [bytes]))).toMatchObject({
    text: "It rains in Köln.",
    citations: [{ start: 12, end: 16, documentId: "weather_3v76fs3zjrgq:0" }],
  });
});

it("reads each source of a whole answer's citations, and none of its plan's or thinking's", () => {
  const sources = [
    { type: "document", id: "doc:0", document: page },
    { type: "tool", id: "weather:1", tool_output: { title: "Tool", content: "rain" } },
    { type: "document" },
  ];
  const citations = [
    { ...at, sources, type: "TEXT_CONTENT" },
    { ...at, sources, type: "PLAN" },
    { ...at, sources, type: "THINKING_CONTENT" },
    { ...at, sources: [] },
    { text: "nowhere", sources },
  ];
  const message = { content: [{ type: "text", text: "It rains in Köln." }], citations };
  const body = Buffer.from(JSON.stringify({ message, finish_reason: "COMPLETE" }));
  expect(foldEvents(cohere.chat.decodeBody(body))).toMatchObject({
    complete: true,
    citations: [
      { start: 12, end: 16, url: page.url, title: "Weather", citedText: "rain in Köln" },
      { start: 12, end: 16, documentId: "weather:1", title: "Tool" },
    ],
  });
});
