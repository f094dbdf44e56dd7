import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { SchemaName } from "./check.ts";
import { readSchemas, Schemas } from "./schemas.ts";
import { violations } from "./words.ts";

const SCHEMAS = fileURLToPath(new URL("../../../../schemas", import.meta.url));
const schemas = await Schemas.of(readSchemas(SCHEMAS));

const GOOD = {
  name: "Groq",
  summary: "Fast.",
  flag: "GROQ",
  tier: "free",
  adapter: "openai-compatible",
  sources: [{ what: "all", date: "2026-11-21" }],
  models: [{ alias: "groq-llama", upstream: "llama", operation: "chat" }],
};

/** Violations of a sound fragment with some fields replaced; `undefined` takes a field away. */
function wrong(change: object, name: SchemaName = "provider"): string[] {
  const value: unknown = JSON.parse(JSON.stringify(name === "provider" ? { ...GOOD, ...change } : change));
  return violations(schemas.check(name, value)).map(
    ({ code, path, message, fix }) =>
      `${code} ${path.join(".")} | ${message}${fix === undefined ? "" : ` ${fix}`}`,
  );
}

describe("violations", () => {
  it("finds nothing wrong with a sound fragment", () => {
    expect(wrong({})).toEqual([]);
  });

  it("proposes the key that was meant", () => {
    expect(wrong({ sumary: "x" })).toEqual([
      "HG201 sumary | `sumary` is not a key of this file. Did you mean `summary`?",
    ]);
    expect(wrong({ models: [{ ...GOOD.models[0], contextTokens: 5 }] })[0]).toContain("`context_tokens`");
  });

  it("names the missing field once, with an example", () => {
    expect(wrong({ tier: undefined })).toEqual([
      "HG203  | The file has no `tier`. Add `tier`, for example `tier: free`.",
    ]);
  });

  it("says which type is wanted and which was found", () => {
    expect(wrong({ models: [{ ...GOOD.models[0], context_tokens: "131072" }] })).toEqual([
      "HG202 models.0.context_tokens | `models[0].context_tokens` must be a whole number, not the text `131072`. Write a whole number.",
    ]);
    expect(wrong({ name: 5 })[0]).toContain("Put the value in quotes.");
  });

  it("proposes the allowed value that was meant, or lists them", () => {
    expect(wrong({ tier: "fre" })[0]).toContain("Did you mean `free`?");
    expect(wrong({ tier: "gratis" })[0]).toContain("Use one of free, subscription, paid or local.");
  });

  it.each([
    [{ flag: "groq" }, "capital letters"],
    [{ base_url: { default: "https://x.test/", env: "X_BASE_URL" } }, "without a trailing slash"],
    [{ base_url: { env: "X_URL" } }, "ends in `_BASE_URL`"],
    [{ sources: [{ what: "all", date: "21.11.2026" }] }, "YYYY-MM-DD"],
    [{ models: [{ ...GOOD.models[0], alias: "a/b" }] }, "without spaces or slashes"],
    [{ headers: { "X-Thing": "1" } }, "lower-case letters"],
  ])("says a pattern in words: %j", (change, words) => {
    const found = wrong(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^HG205/);
    expect(found[0]).toContain(words);
    expect(found[0]).not.toContain("^");
  });

  it("has words for every pattern of the schemas", () => {
    const wordless: string[] = [];
    let count = 0;
    const collect = (file: string, value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      if ("pattern" in value && typeof value.pattern === "string") {
        count += 1;
        const words = "patternErrorMessage" in value ? String(value.patternErrorMessage) : "";
        if (!/^Write .+\.$/.test(words)) wordless.push(`${file} ${value.pattern}`);
      }
      for (const entry of Object.values(value)) collect(file, entry);
    };
    for (const file of readdirSync(SCHEMAS))
      collect(file, JSON.parse(readFileSync(join(SCHEMAS, file), "utf8")));
    expect(count).toBeGreaterThan(30);
    expect(wordless).toEqual([]);
  });

  it("turns a concurrency limit with a window into one finding", () => {
    const limit = { scope: "ip", unit: "concurrency", amount: 1, window: "minute" };
    expect(wrong({ limits: [limit] })).toEqual([
      "HG207 limits.0.window | `concurrency` counts requests in flight, so it has no `window`. Delete `window`, or choose another unit.",
    ]);
  });

  it("asks for a window only where the unit is known", () => {
    expect(wrong({ limits: [{ scope: "ip", unit: "requests", amount: 1 }] })).toEqual([
      expect.stringContaining("`limits[0]` has no `window`"),
    ]);
    expect(wrong({ limits: [{ scope: "ip", amount: 1 }] })).toEqual([
      expect.stringContaining("`limits[0]` has no `unit`"),
    ]);
    expect(wrong({ limits: [{ scope: "ip", unit: "reqests", amount: 1 }] })).toEqual([
      expect.stringContaining("Did you mean `requests`?"),
    ]);
  });

  it("turns an error rule without a condition into one finding", () => {
    expect(wrong({ errors: [{ class: "rate_limit", why: "seen" }] })).toEqual([
      expect.stringMatching(/^HG207 errors\.0 .*neither `status` nor `contains` nor `code`/),
    ]);
  });

  it("reports the key of an open mapping once", () => {
    const chains = wrong({ chains: {}, default: { chatt: [] } }, "fallbacks");
    expect(chains).toEqual(["HG204 default.chatt | `chatt` cannot be a key here. Did you mean `chat`?"]);
  });

  it("asks for the header of a header scheme", () => {
    expect(wrong({ auth: { scheme: "header", env: "X_API_KEY" } })).toEqual([
      expect.stringContaining("`auth` has no `header`"),
    ]);
  });

  it("reports every problem at once", () => {
    expect(wrong({ name: undefined, tier: 5, models: [{ alias: "a b", operation: "chat" }] })).toHaveLength(
      4,
    );
  });
});
