import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "./cli.ts";
import { readOrCreateClientKey } from "./client-key.ts";

describe("the client key", () => {
  let parent = "";
  const stateDir = (): string => join(parent, "deep", "state");
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "headgate-key-"));
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  it("is created once, is long, and is readable by its owner only", () => {
    const first = readOrCreateClientKey(stateDir());
    expect(first.created).toBe(true);
    expect(first.key).toMatch(/^hg-[A-Za-z0-9_-]{43}$/);
    expect(modeOf(first.path)).toBe(0o600);
    expect(modeOf(stateDir())).toBe(0o700);
    expect(readFileSync(first.path, "utf8")).toBe(`${first.key}\n`);
    expect(readdirSync(stateDir())).toEqual(["client-key"]);
    expect(readOrCreateClientKey(stateDir())).toEqual({ ...first, created: false });
  });

  it("differs between state directories", () => {
    expect(readOrCreateClientKey(stateDir()).key).not.toBe(readOrCreateClientKey(join(parent, "other")).key);
  });

  it("gets its mode back when it was made laxer", () => {
    const { path } = readOrCreateClientKey(stateDir());
    chmodSync(path, 0o644);
    readOrCreateClientKey(stateDir());
    expect(modeOf(path)).toBe(0o600);
  });

  it("is not read from a damaged file or a link, and the message never contains the content", () => {
    const { path } = readOrCreateClientKey(stateDir());
    writeFileSync(path, "half-a-ke");
    expect(() => readOrCreateClientKey(stateDir())).toThrow(/holds no client key; delete it/);
    expect(() => readOrCreateClientKey(stateDir())).not.toThrow(/half/);
    rmSync(path);
    symlinkSync("/etc/hostname", path);
    expect(() => readOrCreateClientKey(stateDir())).toThrow(/not a plain file/);
  });

  it("fails with a message where the state directory cannot be created", () => {
    mkdirSync(join(parent, "deep"));
    writeFileSync(stateDir(), "a file");
    expect(() => readOrCreateClientKey(stateDir())).toThrow(Failure);
  });
});
