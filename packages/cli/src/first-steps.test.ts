/** What a new user meets: slips, help, exit codes and completion. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leavesOf, registerCommands } from "./commands/all.ts";
import { completionScript, type Shell } from "./completion.ts";
import { main } from "./main.ts";
import { runMain } from "./testing/run-main.ts";

const BIN = resolve(import.meta.dirname, "../bin/headgate.js");
let folder = "";
let env: Record<string, string> = {};
const run = (...args: string[]) => runMain(args, { cwd: folder, env });
const program = new Command("headgate");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-first-"));
  env = { XDG_CONFIG_HOME: folder, HOME: folder };
  await registerCommands(program, { run: () => async () => {} } as never, []);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a slip", () => {
  it("in a model's name gets a suggestion, also where half of the name is missing", async () => {
    const { code, stderr } = await run("explain", "groq-lama");
    expect(code).toBe(1);
    expect(stderr).toMatch(/no model is called groq-lama; did you mean groq-llama-/);
  });

  it("between key and keys is pointed out, and keys verify takes a provider", async () => {
    expect(await run("key", "verify")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("headgate keys verify tests the providers' keys"),
    });
    expect((await run("keys", "verify", "grok")).stderr).toContain(
      "no provider is called grok; did you mean groq?",
    );
    expect(await run("keys", "verify", "groq")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("groq is not active: set GROQ=1"),
    });
  });

  it("counts no keys where there are none", async () => {
    const { stdout } = await runMain(["keys", "verify"], { cwd: folder, env: { ...env, DEMO: "1" } });
    expect(stdout).toContain("There is no key to test.");
  });

  it("in --env-file is this program's error, though Node has an option of that name", () => {
    for (const command of [["providers"], ["serve"]]) {
      const { status, stderr } = spawnSync(BIN, [...command, "--env-file", "nope"], {
        cwd: folder,
        encoding: "utf8",
        env: { ...env, PATH: `${resolve(process.execPath, "..")}:${process.env.PATH}` },
      });
      expect([status, stderr]).toEqual([1, "headgate: nope does not exist\n"]);
    }
  });
});

describe("ps", () => {
  it("does not clear the screen before a gateway has answered", async () => {
    let screen = "";
    const code = await main(["ps", "--url", "http://127.0.0.1:9"], {
      env: { ...env, TERM: "xterm" },
      cwd: () => folder,
      stdout: { isTTY: true, write: (text) => (screen += text) },
      stderr: { write: () => {} },
    });
    expect([code, screen]).toEqual([1, ""]);
  });
});

describe("every command", () => {
  it("has an example in its help", async () => {
    const leaves = leavesOf(program);
    expect(leaves.length).toBeGreaterThan(30);
    for (const { path, command } of leaves) {
      if (command.name() === "help") continue;
      const { code, stdout } = await run(...path.split(" "), "--help");
      expect([path, code]).toEqual([path, 0]);
      expect(stdout, path).toMatch(/^ {2}\$ .*headgate /m);
    }
  });

  it("that has JSON takes --json and --format json, with the same result", async () => {
    for (const args of [["providers"], ["explain", "demo"], ["validate"]]) {
      const short = await run(...args, "--json");
      const long = await run(...args, "--format", "json");
      expect(long).toEqual(short);
      expect(() => JSON.parse(short.stdout)).not.toThrow();
    }
  });

  it("exits with 2 for wrong usage and 1 for a failure", async () => {
    expect((await run("providers", "--wrong")).code).toBe(2);
    expect((await run("nothing")).code).toBe(2);
    expect((await run("completion", "tcsh")).code).toBe(2);
    expect((await run("status", "--url", "http://127.0.0.1:9")).code).toBe(1);
  });
});

describe("completion", () => {
  const there = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

  it.each<Shell>(["bash", "zsh", "fish"])("names every command in %s", (shell) => {
    const script = completionScript(program, shell);
    for (const { command } of leavesOf(program)) expect(script).toContain(command.name());
  });

  it.skipIf(!there("bash"))("completes commands, commands below them and options in bash", () => {
    const complete = (...words: string[]): string[] => {
      const script = `${completionScript(program, "bash")}
COMP_WORDS=(${["headgate", ...words].map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}
_headgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
      expect(stderr).toBe("");
      return stdout.trim().split("\n");
    };
    expect(complete("exp")).toEqual(["explain"]);
    expect(complete("keys", "")).toEqual(expect.arrayContaining(["verify"]));
    expect(complete("keys", "verify", "--pro")).toEqual(["--provider"]);
    expect(complete("explain", "some-alias", "--ne")).toEqual(["--needs"]);
  });

  it.skipIf(!there("zsh"))("is a script that zsh reads", () => {
    const script = `autoload -Uz compinit && compinit -u\n${completionScript(program, "zsh")}`;
    const { status, stderr } = spawnSync("zsh", ["-f", "-c", script], {
      encoding: "utf8",
      env: { HOME: folder },
    });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it.skipIf(!there("fish"))("is a script that fish reads, and completes by it", () => {
    const script = `${completionScript(program, "fish")}\ncomplete -C 'headgate keys ver'`;
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", script], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^verify/);
  });
});
