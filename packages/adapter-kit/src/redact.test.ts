import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_CHARS, redact, tidyMessage } from "./redact.ts";

describe("redaction", () => {
  it.each([
    ["Incorrect API key provided: sk-proj-abcd1234efgh. You can find it", "abcd1234"],
    ["Incorrect API key provided: test-key*******key", "test-key"],
    ["bad key gsk_0123456789abcdefghijABCDEFGHIJ here", "gsk_0123"],
    ["Authorization: Bearer abcdefg", "abcdefg"],
    ["x-api-key: shortkey1", "shortkey1"],
    ["key AIzaSyA1234567890abcdefghijklmnopqrstuv", "AIzaSy"],
    ["token 0123456789abcdef0123456789abcdef", "0123456789abcdef"],
    ["nvapi-AbCdEf123456", "AbCdEf"],
  ])("hides the key in: %s", (text, secret) => {
    const clean = redact(text);
    expect(clean).not.toContain(secret);
    expect(clean).toContain("[redacted]");
  });

  it.each([
    "model `meta-llama/Llama-3.3-70B-Instruct-Turbo` not found",
    "Rate limit reached for llama-3.1-8b-instant in organization on tokens per minute (TPM): Limit 6000",
    "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens",
    "context_length_exceeded for nvidia/llama-3.1-nemotron-ultra-253b-v1",
  ])("keeps ordinary words: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("makes one bounded line", () => {
    expect(tidyMessage(" a\r\n\tb\u0000c ")).toBe("a b c");
    const long = tidyMessage("word ".repeat(10_000));
    expect(long).toHaveLength(MAX_MESSAGE_CHARS);
    expect(long.endsWith("…")).toBe(true);
  });

  it("hides a key at the end of the kept text", () => {
    const text = `${"x ".repeat(145)}sk-abcdefghijklmnop`;
    expect(tidyMessage(text)).not.toContain("sk-");
  });
});
