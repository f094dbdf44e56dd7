import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

type Lock = Record<string, { version?: string; optional?: boolean; link?: boolean }>;

describe("the installation", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "headgate-installed-"));
    mkdirSync(join(directory, "node_modules"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const agrees = (wanted: Lock, present?: Lock): boolean => {
    const write = (path: string, packages: Lock): void =>
      writeFileSync(join(directory, path), JSON.stringify({ packages }));
    write("package-lock.json", wanted);
    if (present !== undefined) write("node_modules/.package-lock.json", present);
    return spawnSync(process.execPath, [join(import.meta.dirname, "installed.mjs"), directory]).status === 0;
  };

  const vitest = { "node_modules/vitest": { version: "5.0.0" } };

  it("matches its lockfile, independent of the files' dates", () => {
    expect(agrees({ "": {}, "packages/cli": {}, ...vitest }, vitest)).toBe(true);
  });

  it("does not need packages of other platforms", () => {
    expect(agrees({ ...vitest, "node_modules/other": { version: "1.0.0", optional: true } }, vitest)).toBe(
      true,
    );
  });

  it("differs when a package is missing, has another version, or nothing is installed", () => {
    expect(agrees({ ...vitest, "node_modules/new": { version: "1.0.0" } }, vitest)).toBe(false);
    expect(agrees({ "node_modules/vitest": { version: "5.0.1" } }, vitest)).toBe(false);
    rmSync(join(directory, "node_modules", ".package-lock.json"));
    expect(agrees(vitest)).toBe(false);
  });
});
