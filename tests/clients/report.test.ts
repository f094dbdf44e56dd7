import { expect, it } from "vitest";
import { type Line, passes, reportOf } from "./report.ts";

const line = (more: Partial<Line>): Line => ({
  language: "Node",
  client: "a",
  version: "1.0.0",
  wire: "openai",
  check: "chat",
  ok: true,
  ...more,
});

it("counts each client's checks by wire, and lists what failed and what could not run", () => {
  const text = reportOf(
    [
      line({}),
      line({ check: "stream", ok: false, why: "Error: <b> is\nwrong" }),
      line({ wire: "gemini" }),
      { language: "Python", client: "b", skipped: "no module b" },
    ],
    ["openai", "gemini"],
  );
  expect(text).toContain("| Node | a | 1.0.0 | 1/2 | 1/1 |");
  expect(text).toContain("- Node a, openai, stream: Error: b is wrong");
  expect(text).toContain("## Not run\n\n- Python b: no module b");
});

it("passes where enough clients ran without a failure", () => {
  expect(passes([line({})], 1)).toBe(true);
  expect(passes([line({})], 2)).toBe(false);
  expect(passes([line({}), line({ ok: false })], 1)).toBe(false);
  expect(passes([line({}), { language: "Python", client: "b", skipped: "x" }], 2)).toBe(false);
});
