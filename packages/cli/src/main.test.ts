import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runMain } from "./testing/run-main.ts";

const cwd = import.meta.dirname;
const bin = join(cwd, "..", "bin", "headgate.js");

describe("the command line", () => {
  it("shows its commands in groups, with examples", async () => {
    const { code, stdout, stderr } = await runMain(["--help"], { cwd });
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const part of ["Serve:", "Look:", "Repair:", "Change the catalogue:", "Examples:", "Exit codes:"]) {
      expect(stdout).toContain(part);
    }
  });

  it("prints the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(join(cwd, "..", "package.json"), "utf8")) as {
      version: string;
    };
    expect(await runMain(["--version"], { cwd })).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it.each([
    [["validat"], "Did you mean validate?"],
    [["validate", "--fromat", "json"], "Did you mean --format?"],
    [["validate", "--format", "yaml"], "Allowed choices are pretty, json, github, sarif."],
    [["explain"], "missing required argument 'alias'"],
    [["new", "provider", "Bad Id"], "is no id"],
    [[], "Usage: headgate"],
  ])("refuses %j with exit code 2 and the reason on stderr", async (args, message) => {
    const { code, stdout, stderr } = await runMain(args, { cwd });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
  });

  it("fails with a sentence, not with a stack", async () => {
    const { code, stderr } = await runMain(["validate", "--root", "nowhere"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toBe("headgate: nowhere holds no providers/ folder\n");
  });

  it("runs from its sources in a checkout, and survives a closed pipe", () => {
    const { status, stdout, stderr } = spawnSync(
      "/bin/sh",
      ["-c", '"$0" "$1" help | true; "$0" "$1" --version', process.execPath, bin],
      { encoding: "utf8", cwd: "/" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
