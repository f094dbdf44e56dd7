import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runMain } from "../testing/run-main.ts";
import { rotate } from "./hold.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-background-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("keeps a log below its size, with three older ones", () => {
  const log = join(folder, "gateway.log");
  for (const text of ["first", "second", "third", "fourth", "fifth"]) {
    appendFileSync(log, text);
    rotate({ log }, 5);
    rotate({ log }, 4);
  }
  expect(readdirSync(folder).sort()).toEqual([
    "gateway.log",
    "gateway.log.1",
    "gateway.log.2",
    "gateway.log.3",
  ]);
  expect(readFileSync(log, "utf8")).toBe("");
  expect([1, 2, 3].map((number) => readFileSync(`${log}.${number}`, "utf8"))).toEqual([
    "fifth",
    "fourth",
    "third",
  ]);
});

it("prints the last lines of the log, and says where none is", async () => {
  const logs = (...more: string[]) =>
    runMain(["logs", "--state-dir", folder, ...more], { cwd: folder, env: { XDG_CONFIG_HOME: folder } });
  expect(await logs()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("start one with headgate start"),
  });
  writeFileSync(join(folder, "gateway.log"), "one\ntwo\nthree\n");
  expect((await logs("--lines", "2")).stdout).toBe("two\nthree\n");
  expect((await logs("--lines", "0")).stdout).toBe("");
});
