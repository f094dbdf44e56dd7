import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Report } from "../report.ts";
import { parseFiles } from "./files.ts";
import { findFiles } from "./find.ts";
import { MAX_FRAGMENT_BYTES } from "./read.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "headgate-load-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function load() {
  const report = new Report();
  const loaded = parseFiles(findFiles(root), report);
  return { ...loaded, found: report.finish().map(({ code, file }) => `${code} ${file}`) };
}

/** A root that has nothing to say about it, and one provider to break. */
function sound(): void {
  write("providers/groq/provider.yaml", "name: Groq\n");
  write("fallbacks/fallbacks.json", '{ "chains": {} }');
}

describe("the load stage", () => {
  it("reads fragments by folder name, in order, and the files of chains", () => {
    sound();
    write("providers/acme/provider.yaml", "name: Acme\n");
    write("fallbacks/groups.json", "{}");
    const { fragments, chains, groups, found, blind } = load();
    expect(fragments.map(({ id, value }) => [id, value])).toEqual([
      ["acme", { name: "Acme" }],
      ["groq", { name: "Groq" }],
    ]);
    expect([chains?.value, groups?.value, found, blind]).toEqual([{ chains: {} }, {}, [], false]);
  });

  it("says once that there is nothing to compile", () => {
    expect(load().found).toEqual(["HG123 providers"]);
  });

  it("goes on after a broken fragment", () => {
    sound();
    write("providers/broken/provider.yaml", "name: [");
    const { fragments, found } = load();
    expect(found).toEqual(["HG101 providers/broken/provider.yaml"]);
    expect(fragments.map(({ id, value }) => [id, value !== undefined])).toEqual([
      ["broken", false],
      ["groq", true],
    ]);
  });

  it("drops a byte order mark", () => {
    sound();
    write("providers/groq/provider.yaml", "\ufeffname: Groq\n");
    expect(load().fragments[0]?.value).toEqual({ name: "Groq" });
  });

  it.each([
    ["Latin-1", Buffer.from("name: caf\xe9\n", "latin1"), "line 1, column 10"],
    ["UTF-16", Buffer.from("name: Groq\n", "utf16le"), "HG101"],
    [
      "a cut character",
      Buffer.concat([Buffer.from("name: "), Buffer.from([0xe2, 0x82])]),
      "line 1, column 7",
    ],
  ])("refuses %s", (_, bytes, words) => {
    sound();
    write("providers/groq/provider.yaml", bytes);
    const report = new Report();
    parseFiles(findFiles(root), report);
    const [finding] = report.finish();
    expect(`${finding?.code} ${finding?.message}`).toContain(words);
  });

  it("reads a fragment of exactly the bound and none beyond it", () => {
    sound();
    const head = "name: Groq\n#";
    write("providers/groq/provider.yaml", head + "x".repeat(MAX_FRAGMENT_BYTES - head.length));
    expect(load().found).toEqual([]);
    write("providers/groq/provider.yaml", head + "x".repeat(MAX_FRAGMENT_BYTES - head.length + 1));
    expect(load()).toMatchObject({ found: ["HG105 providers/groq/provider.yaml"], blind: true });
  });

  it("does not follow a link out of the root, neither of a file nor of a folder", () => {
    sound();
    const outside = mkdtempSync(join(tmpdir(), "headgate-outside-"));
    try {
      writeFileSync(join(outside, "provider.yaml"), "name: Secret\n");
      mkdirSync(join(root, "providers/linked"));
      symlinkSync(join(outside, "provider.yaml"), join(root, "providers/linked/provider.yaml"));
      symlinkSync(outside, join(root, "providers/far"));
      const { found, sources } = load();
      expect(found).toEqual(["HG106 providers/far", "HG106 providers/linked/provider.yaml"]);
      expect(sources.some(({ text }) => text.includes("Secret"))).toBe(false);
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  });

  it("follows a link within the root", () => {
    sound();
    mkdirSync(join(root, "providers/twin"));
    symlinkSync("../groq/provider.yaml", join(root, "providers/twin/provider.yaml"));
    expect(load()).toMatchObject({ found: [], fragments: [{ id: "groq" }, { id: "twin" }] });
  });

  it("refuses what is no regular file", () => {
    sound();
    mkdirSync(join(root, "providers/odd/provider.yaml"), { recursive: true });
    mkdirSync(join(root, "providers/lost"));
    symlinkSync("nowhere.yaml", join(root, "providers/lost/provider.yaml"));
    expect(load().found).toEqual(["HG111 providers/lost/provider.yaml", "HG111 providers/odd/provider.yaml"]);
  });

  it("points out folders and files that nothing reads", () => {
    sound();
    write("providers/Groq Cloud/provider.yaml", "name: x\n");
    write("providers/typo/provider.yml", "name: x\n");
    write("providers/loose.yaml", "name: x\n");
    write("providers/groq/notes.txt", "x");
    write("providers/groq/README.md", "x");
    write("providers/groq/fixtures/chat.json", "{}");
    write("providers/.keep", "");
    write("fallbacks/old.json", "{}");
    expect(load().found).toEqual([
      "HG122 fallbacks/old.json",
      "HG120 providers/Groq Cloud",
      "HG122 providers/groq/fixtures/chat.json",
      "HG122 providers/groq/notes.txt",
      "HG122 providers/loose.yaml",
      "HG121 providers/typo",
    ]);
  });

  it.each([
    ["", "empty"],
    ["# only a comment\n", "empty"],
    ["- a\n", "a list"],
    ["text\n", "a single value"],
    ["~\n", "empty"],
  ])("wants a mapping at the top, not %j", (text, words) => {
    sound();
    write("providers/groq/provider.yaml", text);
    const report = new Report();
    parseFiles(findFiles(root), report);
    const [finding] = report.finish();
    expect(finding?.code).toBe("HG110");
    expect(finding?.message).toContain(words);
  });

  it("warns when there are no chains", () => {
    write("providers/groq/provider.yaml", "name: Groq\n");
    expect(load().found).toEqual(["HG124 fallbacks/fallbacks.json"]);
  });
});
