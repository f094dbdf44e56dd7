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

  it.each(
    "sk pk rk gsk csk xai hf r8 nvapi ghp gho github_pat AIza tgp fw sess"
      .split(" ")
      .flatMap((prefix) => [[`${prefix}-abcd`], [`${prefix}_AZ.09*-`]]),
  )("hides a short key by its prefix: %s", (key) => {
    expect(redact(`the key ${key}, which is wrong`)).toBe("the key [redacted], which is wrong");
    expect(redact(`${key} and ${key}`)).toBe("[redacted] and [redacted]");
  });

  it.each([
    ["Bearer abcd", "Bearer [redacted]"],
    ["bearer a.b/c~d+e=f*g_h-1 x", "bearer [redacted] x"],
    ["Authorization abcd", "Authorization [redacted]"],
    ["authorization:  bearer   abcd", "authorization: [redacted]"],
    ["x-api-key abcd", "x-api-key [redacted]"],
    ["x-api-key: abcd", "x-api-key: [redacted]"],
    ["API key: abcd", "API key: [redacted]"],
    ["api_key: 'abcd'", "api_key: [redacted]'"],
    ['api-key: "abcd"', 'api-key: [redacted]"'],
    ["apikey: abcd", "apikey: [redacted]"],
    ["API key provided: abcd", "API key provided: [redacted]"],
    ["token: abcd", "token: [redacted]"],
    ["token: abcd, token: efgh", "token: [redacted], token: [redacted]"],
    ["AIzaabcdef", "[redacted]"],
    ["AIzaAZ09_-b AIzaAZ09_-b", "[redacted] [redacted]"],
  ])("hides what stands after a word that announces a key: %s", (text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  it.each([
    "abcdefghijklmnop",
    "a bearer of 123",
    "token: abc",
    "xbearer abcd",
    "bearerabcd",
    "the tokens: many",
    "an api key, abcd",
    "task-1234abcd",
    "sk-abc",
    "skabcd1234",
    "AIzaabcde",
    "xAIzaabcdef",
  ])("leaves alone what announces no key: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  const letters = (count: number): string => "abcdefghijklmnopqrstuvwxyz".repeat(3).slice(0, count);
  it.each([
    // A word of 16 with letters and digits, in a run of 20.
    [`${letters(15)}1-abc`, true],
    [`abc/${letters(15)}1`, true],
    [`ABC_${letters(15).toUpperCase()}1`, true],
    [`${letters(14)}1-abcd`, false],
    [`${letters(15)}1-ab`, false],
    [`${letters(20)}`, false],
    ["1".repeat(20), false],
    // A run of 32 with four of each and no separator.
    [`${letters(27)}+1234`, true],
    [`${"1".repeat(14)}=${letters(4)}=${"1".repeat(13)}`, true],
    [`${letters(15)}=1=${letters(14)}=`, true],
    [`${letters(14)}_12_${letters(14)}`, false],
    [`${letters(14)}_1234_${letters(12)}`, true],
    [`${letters(14)}_123_${letters(13)}`, false],
    [`${letters(14)}_1234_${letters(11)}`, false],
    [`${"1".repeat(14)}_abcd_${"1".repeat(12)}`, true],
    [`${"1".repeat(14)}_abc_${"1".repeat(13)}`, false],
    [`${letters(10)}-1234-${letters(14)}-x`, false],
    [`${letters(10)}/1234/${letters(14)}/x`, false],
  ])("takes a run of letters and digits mixed for a key: %s is one: %s", (run, isKey) => {
    expect(redact(`(${run})`)).toBe(isKey ? "([redacted])" : `(${run})`);
  });

  it("keeps ids of requests, models and providers, however random they look", () => {
    const model = "accounts/me/models/abcdefghijklmnop123456";
    expect(redact(`no model ${model} here`)).toContain("[redacted]");
    expect(redact(`no model ${model} here`, [model])).toBe(`no model ${model} here`);
    for (const id of [
      "request ID abcdefghijklmnopqrstu12345",
      "request_id: abcdefghijklmnopqrstu12345",
      "req_011CSHoEeqs5C35K2UUqR7Fy",
      "chatcmpl-abcdefghijklmnop1234",
    ])
      expect(redact(`Please send ${id} with your report`)).toBe(`Please send ${id} with your report`);
    expect(redact("the key abcdefghijklmnopqrstu12345", [model])).toBe("the key [redacted]");
  });

  it("makes one bounded line", () => {
    expect(tidyMessage(" a\r\n\tb\u0000c ")).toBe("a b c");
    const long = tidyMessage("word ".repeat(10_000));
    expect(long).toHaveLength(MAX_MESSAGE_CHARS);
    expect(long.endsWith("…")).toBe(true);
  });

  it("keeps a line that just fits, and cuts one that is longer by a character", () => {
    const fits = "x ".repeat(MAX_MESSAGE_CHARS / 2 - 1).concat("yz");
    expect(tidyMessage(fits)).toBe(fits);
    expect(tidyMessage(`${fits}!`)).toBe(`${fits.slice(0, -1)}…`);
  });

  it("reads no further than four times what it keeps", () => {
    const far = `${" ".repeat(4 * MAX_MESSAGE_CHARS - 1)}ab`;
    expect(tidyMessage(far)).toBe("a");
  });

  it("takes each control character for white space", () => {
    expect(tidyMessage("a\u0001\u001f\u007f\u2028b~c")).toBe("a b~c");
  });

  it("hides a key at the end of the kept text", () => {
    const text = `${"x ".repeat(145)}sk-abcdefghijklmnop`;
    expect(tidyMessage(text)).not.toContain("sk-");
  });
});
