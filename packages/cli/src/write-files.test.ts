import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeFiles } from "./write-files.ts";

it("creates folders, replaces texts, keeps equal ones unwritten, and leaves no other file", () => {
  const directory = mkdtempSync(join(tmpdir(), "headgate-write-"));
  try {
    const target = join(directory, "deep", "a.json");
    writeFiles(directory, new Map([["deep/a.json", "one"]]));
    expect(readFileSync(target, "utf8")).toBe("one");
    utimesSync(target, 1, 1);
    writeFiles(directory, new Map([["deep/a.json", "one"]]));
    expect(statSync(target).mtimeMs).toBe(1000);
    writeFiles(directory, new Map([["deep/a.json", "two"]]));
    expect(readFileSync(target, "utf8")).toBe("two");
    expect(readdirSync(join(directory, "deep"))).toEqual(["a.json"]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
