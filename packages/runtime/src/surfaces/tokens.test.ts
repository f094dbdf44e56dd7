import { describe, expect, it } from "vitest";
import { promptTokens } from "./anthropic/count-tokens.ts";
import { countTokens } from "./tokens.ts";

describe("counting tokens", () => {
  it("counts as the tokenizer does, special words included", async () => {
    expect(await countTokens("")).toBe(0);
    expect(await countTokens("hello world")).toBe(2);
    expect(await countTokens("<|endoftext|>")).toBeGreaterThan(1);
  });

  it("cuts long texts where tokens end, so that the count stays", async () => {
    const sentence = "The quick brown fox jumps over the lazy dog. ";
    const [one, many] = [await countTokens(sentence), await countTokens(sentence.repeat(200))];
    expect(Math.abs(many - 200 * (one - 1))).toBeLessThan(many * 0.03);
    expect(await countTokens("🌍".repeat(2000))).toBeGreaterThan(2000);
  });

  it("counts a run without a break in linear time", async () => {
    const before = process.threadCpuUsage();
    expect(await countTokens("a".repeat(200_000))).toBeGreaterThan(20_000);
    // Uncut, this run takes half a minute. CPU time, which other processes do not change.
    const { user } = process.threadCpuUsage(before);
    expect(user / 1_000).toBeLessThan(5_000);
  });

  it("estimates what is beyond any window", async () => {
    const text = "word ".repeat(2_000_000);
    const tokens = await countTokens(text);
    expect(tokens).toBeGreaterThan(1_900_000);
    expect(tokens).toBeLessThan(2_200_000);
  });
});

describe("a prompt's tokens", () => {
  const count = (content: unknown) =>
    promptTokens(JSON.parse(JSON.stringify({ messages: [{ role: "user", content }] })));

  it("count every kind of block", async () => {
    const empty = await count("");
    const text = (words: string) => ({ type: "text", text: words });
    expect(await count([text("hello world")])).toBe(empty + 2);
    expect(await count([{ type: "image", source: { type: "url", url: "https://example.com/a.png" } }])).toBe(
      empty + 1600,
    );
    const result = { type: "tool_result", tool_use_id: "t", content: [text("hello world")] };
    expect(await count([result])).toBe(empty + 6);
    expect(await count([{ type: "tool_use", id: "t", name: "f", input: { a: 1 } }])).toBeGreaterThan(
      empty + 6,
    );
    expect(await count([{ type: "thinking", thinking: "hm ".repeat(50), signature: "s" }])).toBe(empty);
    const plain = { type: "document", title: "T", source: { type: "text", data: "hello world" } };
    expect(await count([plain])).toBeGreaterThan(empty + 2);
    const pdf = { type: "document", source: { type: "base64", data: "A".repeat(120_000) } };
    expect(await count([pdf])).toBe(empty + 6000);
  });
});
