import { describe, expect, it } from "vitest";
import { Source } from "./load/source.ts";
import { MAX_ALIKE, Report } from "./report.ts";

const YAML = new Source("providers/b/provider.yaml", "name: B\nmodels:\n  - alias: one\n  - alias: two\n");
const JSON_FILE = new Source("fallbacks/fallbacks.json", '{ "chains": { "one": ["two"] } }');

describe("Report", () => {
  it("sorts by file, then by place, whatever the order of findings", () => {
    const report = new Report();
    report.add("HG305", YAML, { message: "later", at: { path: ["models", 1, "alias"] } });
    report.add("HG402", JSON_FILE, { message: "chain", at: { path: ["chains", "one", 0] } });
    report.add("HG201", YAML, { message: "earlier", at: { path: ["name"], what: "key" } });
    report.add("HG121", "providers/a", { message: "no file" });
    expect(
      report.finish().map(({ file, span, message }) => [file, span?.start.line, span?.start.column, message]),
    ).toEqual([
      ["fallbacks/fallbacks.json", 1, 23, "chain"],
      ["providers/a", undefined, undefined, "no file"],
      ["providers/b/provider.yaml", 1, 1, "earlier"],
      ["providers/b/provider.yaml", 4, 12, "later"],
    ]);
  });

  it("points to the other places of a conflict, in other files too", () => {
    const report = new Report();
    report.add("HG305", YAML, {
      message: "taken",
      related: [
        { message: "here", source: YAML, at: { path: ["models", 0, "alias"] } },
        { message: "there", source: JSON_FILE, at: { start: 2, end: 10 } },
      ],
    });
    const [finding] = report.finish();
    expect(finding?.span).toBeUndefined();
    expect(finding?.related?.map(({ file, span }) => [file, span?.start.line, span?.start.column])).toEqual([
      ["providers/b/provider.yaml", 3, 12],
      ["fallbacks/fallbacks.json", 1, 3],
    ]);
  });

  it("removes secrets from every word it passes on", () => {
    const secret = `gsk_${"a1B2".repeat(8)}`;
    const report = new Report();
    report.add("HG201", YAML, {
      message: `\`${secret}\` is not a key.`,
      fix: `Delete ${secret}.`,
      related: [{ message: `like ${secret}`, source: YAML, at: { start: 0, end: 1 } }],
    });
    expect(JSON.stringify(report.finish())).not.toContain("a1B2");
  });

  it("takes severity and, where none is given, the fix from the code", () => {
    const report = new Report();
    report.add("HG122", "providers/x", { message: "stray" });
    report.add("HG121", "providers/y", { message: "none", fix: "Rename it." });
    expect(report.errorCount).toBe(1);
    expect(report.finish().map(({ severity, fix }) => [severity, fix])).toEqual([
      ["warning", "Move it to where it is read, or delete it."],
      ["error", "Rename it."],
    ]);
  });

  it("tells many findings alike one by one up to a bound, and counts the rest", () => {
    const report = new Report();
    for (let index = 0; index < MAX_ALIKE + 5; index += 1) report.add("HG201", YAML, { message: `${index}` });
    report.add("HG202", YAML, { message: "another kind" });
    report.add("HG201", JSON_FILE, { message: "another file" });
    const found = report.finish();
    expect(found).toHaveLength(MAX_ALIKE + 3);
    expect(found.filter(({ message }) => message.includes("more"))).toMatchObject([
      { code: "HG201", file: YAML.path, message: "5 more findings of this kind are in this file." },
    ]);
    expect(report.errorCount).toBe(MAX_ALIKE + 7);
  });
});
