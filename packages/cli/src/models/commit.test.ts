import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitEdits } from "./commit.ts";

describe("commitEdits", () => {
  let root = "";
  const files = ["a", "b", "c"].map((name) => ({
    path: `dir/${name}`,
    before: `old ${name}`,
    after: `new ${name}`,
  }));
  const texts = (): string[] => files.map(({ path }) => readFileSync(join(root, path), "utf8"));
  const edits = () => files.map((file) => ({ ...file, target: join(root, file.path) }));
  const options = () => ({ stateDir: join(root, "state"), nowMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
  const OLD = ["old a", "old b", "old c"];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "headgate-commit-"));
    mkdirSync(join(root, "dir"));
    for (const { path, before } of files) writeFileSync(join(root, path), before, { mode: 0o640 });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("writes all files, keeps their modes and links, and backs up the old texts", () => {
    renameSync(join(root, "dir/b"), join(root, "dir/real"));
    symlinkSync("real", join(root, "dir/b"));
    const backup = commitEdits(edits(), options());
    expect(texts()).toEqual(["new a", "new b", "new c"]);
    expect(lstatSync(join(root, "dir/b")).isSymbolicLink()).toBe(true);
    expect(statSync(join(root, "dir/a")).mode & 0o777).toBe(0o640);
    expect(backup).toMatch(/backups\/models-refresh-20260102T030405Z-\d+$/);
    expect(readFileSync(join(backup, "dir/c.bak"), "utf8")).toBe("old c");
    expect(readdirSync(join(root, "dir")).toSorted()).toEqual(["a", "b", "c", "real"]);
  });

  it.each([1, 2, 3])("restores all files when moving file %i fails", (failing) => {
    let moved = 0;
    const rename = (from: string, to: string): void => {
      moved += 1;
      if (moved === failing) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      renameSync(from, to);
    };
    expect(() => commitEdits(edits(), { ...options(), rename })).toThrow(
      "the files cannot be written (ENOSPC); they are as they were",
    );
    expect(texts()).toEqual(OLD);
    expect(readdirSync(join(root, "dir")).toSorted()).toEqual(["a", "b", "c"]);
  });

  it("makes files that were not there, and deletes them again when another cannot be moved", () => {
    const fresh = { path: "new/d", target: join(root, "new/d"), after: "new d" };
    commitEdits([fresh], options());
    expect(readFileSync(fresh.target, "utf8")).toBe("new d");
    rmSync(fresh.target);
    let moved = 0;
    const rename = (from: string, to: string): void => {
      moved += 1;
      if (moved === 2) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      renameSync(from, to);
    };
    expect(() => commitEdits([fresh, ...edits()], { ...options(), rename })).toThrow("as they were");
    expect(existsSync(fresh.target)).toBe(false);
    expect(texts()).toEqual(OLD);
  });

  it("writes nothing when a file has changed since it was read", () => {
    writeFileSync(join(root, "dir/c"), "someone's");
    expect(() => commitEdits(edits(), options())).toThrow("dir/c changed meanwhile");
    expect(texts()).toEqual(["old a", "old b", "someone's"]);
  });

  it("writes nothing without a backup", () => {
    writeFileSync(join(root, "state"), "in the way");
    expect(() => commitEdits(edits(), options())).toThrow(/no backup can be made/);
    expect(texts()).toEqual(OLD);
  });

  it("writes all files even when Ctrl-C comes in the middle", () => {
    // In a process of its own, which the signal ends unless it is ignored.
    const script = `
      import { renameSync } from "node:fs";
      import { commitEdits } from ${JSON.stringify(new URL("./commit.ts", import.meta.url).href)};
      const rename = (from, to) => { process.kill(process.pid, "SIGINT"); renameSync(from, to); };
      commitEdits(${JSON.stringify(edits())}, { ...${JSON.stringify(options())}, rename });`;
    const args = ["--conditions=@headgate/source", "--input-type=module", "--eval", script];
    const { stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(texts()).toEqual(["new a", "new b", "new c"]);
    expect(readdirSync(join(root, "dir")).toSorted()).toEqual(["a", "b", "c"]);
  });
});
