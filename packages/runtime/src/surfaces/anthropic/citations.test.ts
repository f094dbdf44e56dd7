import type { Citation, JsonObject } from "@headgate/contract";
import fc from "fast-check";
import { expect, it } from "vitest";
import { location, textBlocks, withoutForeignCitations } from "./citations.ts";
import { forOwnWire } from "./seals.ts";

const from = (start: number, end: number, name: string): Citation => ({
  start,
  end,
  url: `https://${name}.example/`,
  title: name,
  citedText: `${name} says`,
});
const namesIn = ({ citations }: JsonObject): unknown =>
  Array.isArray(citations) ? citations.map(({ title }: JsonObject) => title) : citations;

it("cuts a text where what is cited begins and ends", () => {
  const blocks = textBlocks("🦆 says the gate is open.", [from(15, 23, "b"), from(7, 15, "a")]);
  expect(blocks.map((block) => [block.text, namesIn(block)])).toEqual([
    ["🦆 says ", undefined],
    ["the gate", ["a"]],
    [" is open", ["b"]],
    [".", undefined],
  ]);
});

it("makes one block of overlapping citations", () => {
  const blocks = textBlocks("abcdef", [from(1, 3, "x"), from(2, 4, "y"), from(1, 2, "z")]);
  expect(blocks.map((block) => [block.text, namesIn(block)])).toEqual([
    ["a", undefined],
    ["bcd", ["x", "z", "y"]],
    ["ef", undefined],
  ]);
});

it("leaves out a source without an address, or of nothing", () => {
  const sources: Citation[] = [{ start: 0, end: 2, documentId: "2", title: "Gates" }, from(9, 12, "far")];
  expect(textBlocks("abc", sources)).toEqual([{ type: "text", text: "abc" }]);
  expect(textBlocks("", [from(0, 1, "x")])).toEqual([]);
});

it("loses no word, whatever is cited", () => {
  const cited = fc.tuple(fc.nat(30), fc.nat(30)).map(([start, length]) => from(start, start + length, "any"));
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(cited), (text, citations) => {
      const blocks = textBlocks(text, citations);
      expect(blocks.map((block) => block.text).join("")).toBe(text);
      expect(blocks.every((block) => block.text !== "")).toBe(true);
    }),
  );
});

it("keeps from Anthropic the citations that it did not make, and only those", () => {
  const own = { ...location(from(0, 1, "own")), encrypted_index: "Eo8BCioIAhgB" };
  const foreign = { ...location(from(0, 1, "foreign")) };
  const block = { type: "text", text: "x", citations: [own, foreign] };
  expect(withoutForeignCitations(block)).toEqual({ type: "text", text: "x", citations: [own] });
  expect(withoutForeignCitations({ ...block, citations: [foreign] })).toEqual({ type: "text", text: "x" });
  const json = {
    messages: [
      { role: "user", content: "q" },
      { role: "assistant", content: [block] },
    ],
  };
  const native = { bytes: Buffer.from(JSON.stringify(json)), json };
  const sent = forOwnWire(native);
  expect(JSON.parse(sent.bytes.toString())).toEqual(sent.json);
  expect(sent.bytes.toString()).not.toContain("foreign");
  expect(sent.dropped).toEqual(["messages.content.citations"]);
  const bare = { messages: [{ role: "assistant", content: [{ ...block, citations: [own] }] }] };
  const untouched = { bytes: Buffer.from(JSON.stringify(bare)), json: bare };
  expect(forOwnWire(untouched)).toBe(untouched);
});
