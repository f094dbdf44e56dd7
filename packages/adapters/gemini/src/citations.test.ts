import { foldEvents } from "@headgate/adapter-kit";
import { decodeChunks } from "@headgate/adapter-kit/contract-suite";
import { expect, it } from "vitest";
import gemini from "./index.ts";

const TEXT = "🦆 Grüße. Das Tor ist offen.";
const support = (startIndex: number, endIndex: number, groundingChunkIndices: number[], text?: string) => ({
  segment: { startIndex, endIndex, ...(text === undefined ? {} : { text }) },
  groundingChunkIndices,
});
const groundingChunks = [
  { web: { uri: "https://a.example/1", title: "One" } },
  { retrievedContext: { title: "Manual", text: "Das Tor" } },
  { retrievedContext: { uri: "https://a.example/3", title: "Three" } },
];

const candidate = (text: string, more: object = {}) => ({
  candidates: [{ content: { parts: [{ text }] }, ...more }],
});
const read = (more: object) =>
  foldEvents(
    gemini.chat.decodeBody(Buffer.from(JSON.stringify(candidate(TEXT, { finishReason: "STOP", ...more })))),
  ).citations;

it("converts byte positions into characters", () => {
  const bytes = Buffer.byteLength("🦆 Grüße.");
  const groundingSupports = [support(0, bytes, [0]), support(bytes + 1, bytes + 8, [1, 2, 9], "Das Tor")];
  expect(read({ groundingMetadata: { groundingChunks, groundingSupports } })).toEqual([
    { start: 0, end: 8, url: "https://a.example/1", title: "One" },
    { start: 9, end: 16, documentId: "Manual", title: "Manual", citedText: "Das Tor" },
    { start: 9, end: 16, url: "https://a.example/3", title: "Three" },
  ]);
});

it("uses the text of a segment where its position is relative to another part", () => {
  const groundingMetadata = { groundingChunks, groundingSupports: [support(0, 7, [0], "Das Tor")] };
  expect(read({ groundingMetadata })).toEqual([
    { start: 9, end: 16, url: "https://a.example/1", title: "One" },
  ]);
});

it("reads sources without a segment as sources of the whole answer", () => {
  expect(read({ groundingMetadata: { groundingChunks: groundingChunks.slice(0, 1) } })).toEqual([
    { start: 0, end: 27, url: "https://a.example/1", title: "One" },
  ]);
});

it("reads the sources that an answer recites", () => {
  const citationSources = [
    { startIndex: 0, endIndex: 4, uri: "https://b.example/", license: "mit" },
    { endIndex: 2 },
  ];
  expect(read({ citationMetadata: { citationSources } })).toEqual([
    { start: 0, end: 1, url: "https://b.example/" },
  ]);
});

it("counts the sources of a stream over all its pieces, before the finish", () => {
  const pieces = [
    candidate("🦆 Grüße.", { groundingMetadata: { groundingChunks: groundingChunks.slice(0, 1) } }),
    candidate(" Das Tor ist offen.", {
      finishReason: "STOP",
      groundingMetadata: {
        groundingChunks: groundingChunks.slice(1),
        groundingSupports: [support(14, 21, [0, 1])],
      },
    }),
  ];
  const bytes = Buffer.from(pieces.map((piece) => `data: ${JSON.stringify(piece)}\n\n`).join(""));
  const events = decodeChunks(gemini.chat, [bytes]);
  expect(foldEvents(events)).toMatchObject({
    citations: [
      { start: 9, end: 16, url: "https://a.example/1" },
      { start: 9, end: 16, documentId: "Manual" },
    ],
  });
  expect(events.slice(-3).map(({ type }) => type)).toEqual(["citation", "finish", "end"]);
});
