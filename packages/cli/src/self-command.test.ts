import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selfCommand } from "./self-command.ts";

describe("the command that messages print", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "headgate-self-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const put = (path: string): string => {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, "");
    return full;
  };
  const link = (path: string, to: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(to, join(root, path));
  };

  it("is headgate where the PATH has this program", () => {
    const entry = put("lib/headgate.js");
    link("bin/headgate", entry);
    expect(selfCommand({ cwd: root, env: { PATH: join(root, "bin") } }, entry)).toBe("headgate");
  });

  it("is npx headgate below a folder that has it installed, though npx put it on the PATH too", () => {
    const entry = put("project/node_modules/headgate/bin/headgate.js");
    link("project/node_modules/.bin/headgate", entry);
    const cwd = join(root, "project", "below");
    mkdirSync(cwd);
    const env = { PATH: join(root, "project/node_modules/.bin") };
    expect(selfCommand({ cwd, env }, entry)).toBe("npx headgate");
  });

  it("is Node with the program's path where npx would fetch, or run, another package", () => {
    const entry = put("of own/headgate.js");
    expect(selfCommand({ cwd: root, env: {} }, entry)).toBe(`node -- '${entry}'`);
    link("node_modules/.bin/headgate", put("strange.js"));
    expect(selfCommand({ cwd: root, env: { PATH: join(root, "node_modules/.bin") } }, entry)).toBe(
      `node -- '${entry}'`,
    );
  });
});
