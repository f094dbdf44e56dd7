import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { holdProcessLock, processLockReleased, sweepProcessLocks } from "./process-lock.ts";
import { eventually } from "./testing/eventually.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-locks-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("is over when the process was killed, not while it is stopped", async () => {
  const script = join(import.meta.dirname, "testing", "process-lock-holder.ts");
  const child = fork(script, [folder], { execArgv: ["--conditions=@headgate/source"] });
  const exited = once(child, "exit");
  try {
    const [holder] = (await once(child, "message")) as [{ path: string; over: boolean }];
    expect(holder.over).toBe(false);
    expect(processLockReleased(holder.path)).toBe(false);
    child.kill("SIGSTOP");
    // "T": stopped, and not only signalled (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html).
    if (process.platform === "linux")
      await eventually(() => readFileSync(`/proc/${child.pid}/stat`, "utf8").includes(") T "));
    expect(processLockReleased(holder.path)).toBe(false);
    child.kill("SIGKILL");
    await eventually(() => processLockReleased(holder.path));
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
});

it("is over when it was ended; its file stays where other processes must see that, or is removed", () => {
  const [one, two] = [holdProcessLock(folder), holdProcessLock(folder)];
  expect(statSync(one.path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toHaveLength(2);
  one.end(false);
  expect([processLockReleased(one.path), processLockReleased(two.path)]).toEqual([true, false]);
  two.end(true);
  two.end(true);
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([one.path]);
});

it("is not taken as over where the file is missing or is not a file, or the name is not a path", () => {
  const processLock = holdProcessLock(folder);
  processLock.end(true);
  const text = join(folder, "text");
  writeFileSync(text, "no database, and longer than its header ".repeat(20));
  for (const path of [processLock.path, text, folder, "", ":memory:", "c1f0a8a4-9b9e-4d3f-8d2b-3a5b8c1d2e3f"])
    expect([path, processLockReleased(path)]).toEqual([path, false]);
  expect(readdirSync(folder)).toEqual(["text"]);
});

it("cannot begin where there is no folder, and leaves nothing there", () => {
  expect(() => holdProcessLock(join(folder, "none"))).toThrow("ENOENT");
  expect(readdirSync(folder)).toEqual([]);
});

it("removes the files of ended processes, and no others", () => {
  const [ended, running, young] = [holdProcessLock(folder), holdProcessLock(folder), holdProcessLock(folder)];
  const other = join(folder, "other.lock");
  writeFileSync(other, "");
  for (const path of [ended.path, running.path, other]) utimesSync(path, 0, 0);
  ended.end(false);
  young.end(false);
  sweepProcessLocks(folder, Date.now());
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual(
    [running.path, young.path, other].sort(),
  );
  expect(processLockReleased(running.path)).toBe(false);
  running.end(true);
  sweepProcessLocks(join(folder, "none"), Date.now());
});
