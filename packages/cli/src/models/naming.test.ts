import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aliasFor, prefixOf } from "./naming.ts";

describe("prefixOf", () => {
  it.each([
    ["groq", ["groq-llama-3.1-8b", "groq-llama-3.3-70b"], "groq-"],
    ["openrouter", ["or-hermes-3-405b", "or-qwen3-coder"], "or-"],
    ["ollama", ["local-ollama-cpu-qwen3-4b", "local-ollama-cpu-phi4-mini"], "local-ollama-cpu-"],
    ["vllm", ["local-vllm-qwen"], "local-vllm-"],
    ["anthropic", ["anthropic-claude-opus-4", "anthropic-claude-haiku-4"], "anthropic-"],
    ["mistral", ["mistral-large", "ministral-8b"], "mistral-"],
    ["demo", ["demo"], "demo-"],
    ["empty", [], "empty-"],
  ])("of %s with %j is as its aliases have it", (id, aliases, prefix) => {
    expect(prefixOf(id, aliases)).toBe(prefix);
  });
});

describe("aliasFor", () => {
  const alias = (upstream: string, prefix: string, ...taken: string[]) =>
    aliasFor(upstream, prefix, (name) => taken.includes(name));

  it.each([
    ["meta-llama/llama-4-scout-17b", "groq-", "groq-llama-4-scout-17b"],
    ["deepseek/deepseek-r1:free", "or-", "or-deepseek-r1"],
    ["@cf/openai/gpt-oss-120b", "cf-", "cf-gpt-oss-120b"],
    ["llama3.2:3b", "local-ollama-cpu-", "local-ollama-cpu-llama3.2-3b"],
    ["dolphin-phi:latest", "local-ollama-cpu-", "local-ollama-cpu-dolphin-phi"],
    ["gemini-3-pro", "gemini-", "gemini-3-pro"],
    ["Qwen3.5-397B-A17B", "ovh-", "ovh-qwen3.5-397b-a17b"],
  ])("names %s after %s as people would", (upstream, prefix, expected) => {
    expect(alias(upstream, prefix)).toBe(expected);
  });

  it("adds the vendor, then a number, where a name is in use", () => {
    expect(alias("x/y", "a-", "a-y")).toBe("a-x-y");
    expect(alias("x/y", "a-", "a-y", "a-x-y")).toBe("a-y-2");
    expect(alias("///", "a-")).toBeUndefined();
    expect(alias("y".repeat(200), "a-")).toBeUndefined();
  });

  it("makes only names that a fragment accepts", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (upstream) => {
        const name = alias(upstream, "a-");
        if (name !== undefined) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/);
      }),
    );
  });
});
