import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldEvents } from "./events.ts";
import { ThinkText } from "./think-text.ts";

function sorted(...pieces: readonly string[]): { text: string; reasoning: string } {
  const reader = new ThinkText();
  const { text, reasoning } = foldEvents([
    ...pieces.flatMap((piece) => reader.push(piece)),
    ...reader.flush(),
  ]);
  return { text, reasoning };
}

describe("text between <think> and </think>", () => {
  it.each([
    ["<think>\nTwo cities.\n</think>\n\nIt rains.", { reasoning: "Two cities.\n", text: "It rains." }],
    [" \n<think>a</think>b", { reasoning: "a", text: "b" }],
    ["<think></think>b", { reasoning: "", text: "b" }],
    ["<think>cut in the mid", { reasoning: "cut in the mid", text: "" }],
    ["<think>a</thi", { reasoning: "a</thi", text: "" }],
    ["<think>a</think> \n", { reasoning: "a", text: "" }],
    ["<think>1 < 2 </b></think>b</think>c", { reasoning: "1 < 2 </b>", text: "b</think>c" }],
    ["No <think>tags</think> here", { reasoning: "", text: "No <think>tags</think> here" }],
    ["<thinking>a</thinking>", { reasoning: "", text: "<thinking>a</thinking>" }],
    ["<thi", { reasoning: "", text: "<thi" }],
    ["  ", { reasoning: "", text: "  " }],
    ["", { reasoning: "", text: "" }],
  ])("is reasoning at the beginning alone: %j", (text, expected) => {
    expect(sorted(text)).toEqual(expected);
  });

  it("is the same however it is cut", () => {
    const texts = fc
      .tuple(
        fc.constantFrom("", " ", "<think>", "\n<think>\n"),
        fc.string(),
        fc.constantFrom("", "</think>\n"),
        fc.string(),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, fc.array(fc.nat(60)), (text, positions) => {
        const cuts = [...new Set(positions.filter((at) => at < text.length))].sort((a, b) => a - b);
        const pieces = [0, ...cuts].map((from, index) => text.slice(from, cuts[index] ?? text.length));
        expect(sorted(...pieces)).toEqual(sorted(text));
      }),
    );
  });

  it("is returned as it arrives, except for a partial tag", () => {
    const reader = new ThinkText();
    expect(reader.push("<think>one ")).toEqual([{ type: "reasoning", text: "one " }]);
    expect(reader.push("two</")).toEqual([{ type: "reasoning", text: "two" }]);
    expect(reader.push("think>three")).toEqual([{ type: "text", text: "three" }]);
    expect(reader.push(" <think>four")).toEqual([{ type: "text", text: " <think>four" }]);
  });
});
