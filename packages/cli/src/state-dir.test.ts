import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "./cli.ts";
import { makeStateDir } from "./state-dir.ts";

describe("the state directory", () => {
  let parent = "";
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "headgate-state-dir-"));
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it("is made with its parents, for its owner only, and may exist already", () => {
    const path = join(parent, "deep", "state");
    makeStateDir(path);
    makeStateDir(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it("is refused with what, where, why and the fix, where a file has its name or is above it", () => {
    const file = join(parent, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "deep", "state")]) {
      expect(() => makeStateDir(path)).toThrow(Failure);
      expect(() => makeStateDir(path)).toThrow(
        `the state directory ${path} cannot be made: ${file} is a file; name a folder that this user may write with --state-dir or HEADGATE_STATE_DIR`,
      );
    }
  });

  it("is refused with the system's reason where no file is in the way", () => {
    expect(() => makeStateDir(join(parent, "x".repeat(300)))).toThrow(
      /its name is too long \(ENAMETOOLONG\)/,
    );
  });
});
