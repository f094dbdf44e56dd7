import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scrubbedBody, scrubber } from "./scrub.ts";

const KEY = "sk-live-Abc123Def456Ghi789";
const IDS = ["acme", "acme-a", "org/llama-3.3-70b-versatile", "gpt-4o-mini-2024-07-18"];
const scrub = scrubber({ hidden: [KEY], ids: IDS });

/** A key as an error may quote it. */
const QUOTED: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => encodeURIComponent(`${key}/=`),
  (key) => Buffer.from(key).toString("base64"),
  (key) => Buffer.from(key).toString("hex"),
  (key) => [...key].reverse().join(""),
  (key) => key.toUpperCase(),
  (key) => key.slice(0, 14),
  (key) => `${key.slice(0, 9)}****${key.slice(-7)}`,
  (key) => key.replaceAll(/(.{5})/g, "$1 "),
  (key) => [...key].join("\u200b"),
  (key) => `"${key.slice(0, 10)}" + "${key.slice(10)}"`,
  (key) => [...key].map((letter) => `\\u00${letter.charCodeAt(0).toString(16).padStart(2, "0")}`).join(""),
];
const PERSONAL = [
  "jane.roe+billing@example.org",
  "203.0.113.77",
  "2001:db8:85a3::8a2e:370:7334",
  "org-aB3dE5fG7hI9",
  "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
  "+49 151 2345 6789",
  "user_9f8e7d6c5b",
];
const NAMED = ["organization 'Roe Holdings'", "account of Jane Roe", "Hello Jane", "project `Blue Heron`"];

/** Six characters of the key in a row, in any of its forms. */
function partOf(text: string): string | undefined {
  const plain = text.replaceAll(/[\s"'`\\\u200b]/g, "").toLowerCase();
  const forms = QUOTED.slice(0, 6).map((quote) =>
    quote(KEY)
      .toLowerCase()
      .replace(/%2f%3d$/, ""),
  );
  for (const form of forms)
    for (let at = 0; at + 6 <= form.length; at += 1)
      if (plain.includes(form.slice(at, at + 6))) return form.slice(at, at + 6);
  return undefined;
}

describe("what is printed and written down", () => {
  it("keeps what matters: figures, fields, ids and the provider's words", () => {
    const text =
      "The model `org/llama-3.3-70b-versatile` supports at most 131072 tokens; `max_completion_tokens` is 200001.";
    expect(scrub(text)).toBe(text);
    expect(scrub("gpt-4o-mini-2024-07-18 does not exist or you do not have access to it.")).toContain(
      "gpt-4o-mini-2024-07-18",
    );
  });

  it("has no key and no personal data in 1,000 damaged texts", () => {
    const words = fc.array(
      fc.constantFrom("invalid", "key:", "limit", "{", "}", "\n", "for", "https://x.example/?k=", "400,"),
      { maxLength: 6 },
    );
    const secret = fc.oneof(
      fc.constantFrom(...QUOTED).map((quote) => ({ text: quote(KEY), gone: undefined })),
      fc.constantFrom(...PERSONAL).map((text) => ({ text, gone: text })),
      fc
        .constantFrom(...NAMED)
        .map((text) => ({ text, gone: (/Roe Holdings|Jane Roe|Jane|Blue Heron/.exec(text) ?? [])[0] })),
    );
    let texts = 0;
    fc.assert(
      fc.property(
        words,
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        words,
        fc.boolean(),
        (before, secrets, after, nested) => {
          texts += 1;
          const text = [...before, ...secrets.map((one) => one.text), ...after].join(" ");
          const body = nested
            ? { error: { message: text, metadata: text, user_id: KEY }, request_id: KEY }
            : { detail: [{ msg: text }], email: text };
          const shown = `${scrub(text)} ${JSON.stringify(scrubbedBody(body, scrub))}`;
          expect(partOf(shown)).toBeUndefined();
          for (const { gone } of secrets) if (gone !== undefined) expect(shown).not.toContain(gone);
        },
      ),
      { numRuns: 1_000, seed: 17 },
    );
    expect(texts).toBe(1_000);
  });

  it("has no short key either", () => {
    expect(scrubber({ hidden: ["abcd"], ids: [] })("the key abcd is wrong")).toBe(
      "the key [removed] is wrong",
    );
  });
});
