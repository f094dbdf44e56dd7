import type { Citation } from "@headgate/contract";
import { expect, it } from "vitest";
import { grounding } from "./grounding.ts";

const page = { url: "https://a.example/", title: "A" };

it("names each source once and counts in bytes", () => {
  const citations: Citation[] = [
    { start: 0, end: 1, ...page },
    { start: 2, end: 7, documentId: "2", title: "Gates", citedText: "Grüße!" },
    { start: 2, end: 7, ...page },
  ];
  expect(grounding(citations, "🦆 Grüße")).toEqual({
    groundingMetadata: {
      groundingChunks: [
        { web: { uri: "https://a.example/", title: "A" } },
        { retrievedContext: { title: "Gates", documentName: "2", text: "Grüße!" } },
      ],
      groundingSupports: [
        { segment: { startIndex: 0, endIndex: 4, text: "🦆" }, groundingChunkIndices: [0] },
        { segment: { startIndex: 5, endIndex: 12, text: "Grüße" }, groundingChunkIndices: [1] },
        { segment: { startIndex: 5, endIndex: 12, text: "Grüße" }, groundingChunkIndices: [0] },
      ],
    },
  });
});

it("is absent without a source", () => {
  expect(grounding([], "x")).toEqual({});
});
