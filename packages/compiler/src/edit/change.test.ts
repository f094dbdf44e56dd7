import { expect, it } from "vitest";
import { changeModels, type FieldChanges } from "./change.ts";

const TEXT = `# by hand
name: Acme
models:
  # the large one
  - alias: acme-a   # fast
    base: a
    upstream: org/A
    price: { input: 1, output: 2, date: 2026-01-01, source: its page } # of May
    unverified: [context_tokens, capabilities]
    notes: kept
  - alias: acme-b
    upstream: b
    operation: chat
    price_unknown: its page is empty
    price:
      input: 1
      date: 2026-01-01
      source: its page
  - { alias: acme-c, upstream: c, operation: chat, unverified: [context_tokens] }
`;
const changed = (...changes: [string, FieldChanges][]) => changeModels(TEXT, new Map(changes), "so listed");
const PRICE = { input: 3, output: 4, date: "2026-12-01", source: "its list" };
const SHOWN = "price: { input: 3, output: 4, date: 2026-12-01, source: its list }";

it("replaces a value in its place, and keeps comments", () => {
  expect(changed(["acme-a", { price: PRICE }])).toBe(
    TEXT.replace("price: { input: 1, output: 2, date: 2026-01-01, source: its page }", SHOWN),
  );
});

it("replaces a block, takes a line out, and changes a model on one line", () => {
  const text = changed(
    ["acme-b", { price: PRICE, price_unknown: undefined }],
    ["acme-c", { max_output_tokens: 9 }],
  );
  expect(text).toContain(`    operation: chat\n    ${SHOWN}\n  - { alias: acme-c`);
  expect(text).toContain("operation: chat, max_output_tokens: 9, unverified");
});

it("adds a window with its reason, which is then no longer unverified", () => {
  const text = changed(["acme-a", { context_tokens: 8192 }], ["acme-c", { context_tokens: 8192 }]);
  expect(text).toContain("    upstream: org/A\n    context_tokens: 8192\n    departs: so listed\n    price:");
  expect(text).toContain("    unverified: [ capabilities ]\n    notes: kept");
  expect(text).toContain("{ alias: acme-c, upstream: c, operation: chat, context_tokens: 8192 }");
});

it("leaves the text as it is without a change, and refuses what it cannot read", () => {
  expect(changed(["unknown", { context_tokens: 1 }])).toBe(TEXT);
  expect(changeModels("models: 7\n", new Map(), "")).toBeUndefined();
  expect(changeModels("models: [\n", new Map(), "")).toBeUndefined();
});
