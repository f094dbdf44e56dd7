import { describe, expect, it } from "vitest";
import { outsidePaths } from "./outside-paths.ts";

describe("paths out of a package", () => {
  const find = (text: string): string[] =>
    outsidePaths("packages/one/src/deep/a.test.ts", text, "packages/one");

  it.each([
    ['new URL("../../../../docs/state.md", import.meta.url)', "docs/state.md"],
    ['new URL("../../../../providers/", import.meta.url)', "providers"],
    ['join(import.meta.dirname, "../../../adapters")', "packages/adapters"],
    ['resolve(here, "..", "..", "..", "..")', "."],
    ['join(here, "..", "..", "..", "..", "schemas")', "schemas"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
    ["new URL(`../../../../schemas/${name}`, import.meta.url)", "schemas"],
  ])("are found in %s", (text, path) => {
    expect(find(text)).toEqual([path]);
  });

  it("are not those that stay within it", () => {
    expect(find('import "../b.ts"; new URL("../../fixtures/x.json", import.meta.url)')).toEqual([]);
    expect(find('join(import.meta.dirname, "..", "..", "templates")')).toEqual([]);
  });
});
