/** `headgate start`, `stop`, `restart` and `logs`, with real processes. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandHere, makeRoot, removeRoot } from "./support/serve.ts";

// Each start compiles and serves in a process of its own: seconds on a busy machine.
describe("a gateway in the background", { timeout: 120_000 }, () => {
  let root = "";
  const run = (...args: string[]) =>
    commandHere([...args, "--root", root], root, { HOME: root, XDG_CONFIG_HOME: root });
  const trace = (name: string): string => join(root, ".headgate", name);
  const pid = (): number => Number(readFileSync(trace("gateway.pid"), "utf8"));
  const url = (): string => (JSON.parse(readFileSync(trace("gateway.json"), "utf8")) as { url: string }).url;
  const lives = async (): Promise<boolean> =>
    fetch(`${url()}/health/live`).then(
      ({ ok }) => ok,
      () => false,
    );
  const isThere = (process_: number): boolean => {
    try {
      process.kill(process_, 0);
      return true;
    } catch {
      return false;
    }
  };
  const gone = async (process_: number): Promise<void> => {
    while (isThere(process_)) await sleep(20);
  };

  beforeEach(() => {
    root = makeRoot();
  });
  afterEach(async () => {
    await run("stop");
    removeRoot(root);
  });

  it("starts once, is asked for its log, restarts with its flags, and stops", async () => {
    const first = await run("start", "--port", "0");
    expect(first, first.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("curl -s http://"),
    });
    expect(first.stderr).toContain("runs in the background; log: ");
    const process_ = pid();
    expect(await lives()).toBe(true);
    const again = await run("start", "--port", "0");
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining("nothing was started") });
    expect(pid()).toBe(process_);
    expect((await run("logs", "--lines", "5")).stdout).toContain("serves in the background");

    expect(await run("restart")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`stopped process ${process_}`),
    });
    expect(isThere(process_)).toBe(false);
    expect(await lives()).toBe(true);
    // Not the default port: the flags are those of `start`.
    expect(url()).not.toMatch(/:4000$/);

    const last = pid();
    expect(await run("stop")).toMatchObject({ code: 0, stderr: `stopped process ${last}\n` });
    expect(existsSync(trace("gateway.pid"))).toBe(false);
    expect(await run("stop")).toMatchObject({ code: 0, stderr: "no gateway runs in the background\n" });
  });

  it("starts again after kill -9, and of two starts at once only one serves", async () => {
    await run("start", "--port", "0");
    const killed = pid();
    process.kill(killed, "SIGKILL");
    await gone(killed);
    expect(await run("stop")).toMatchObject({ code: 0, stderr: "no gateway runs in the background\n" });
    const both = await Promise.all([run("start", "--port", "0"), run("start", "--port", "0")]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ stdout }) => stdout.includes("curl "))).toHaveLength(1);
    expect(both.filter(({ stderr }) => stderr.includes("nothing was started"))).toHaveLength(1);
    expect(await lives()).toBe(true);
  });

  it("says why it did not start, and leaves nothing", async () => {
    rmSync(join(root, "providers", "demo", "provider.yaml"));
    const { code, stderr } = await run("start", "--port", "0", "--host", "0.0.0.0");
    expect(code).toBe(1);
    expect(stderr).toMatch(/the gateway did not start \(exit code 1\); log: .*gateway\.log/);
    expect(existsSync(trace("gateway.pid"))).toBe(false);
    expect(await run("logs")).toMatchObject({ code: 0 });
  });
});
