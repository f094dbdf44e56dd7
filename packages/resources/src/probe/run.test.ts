import { describe, expect, it } from "vitest";
import { runCommand } from "./run.ts";

const never = new AbortController().signal;
const node = (script: string, timeoutMs = 10_000, signal = never) =>
  runCommand(process.execPath, ["-e", script], { timeoutMs, signal });

describe("a program of the machine", () => {
  it("gives what it printed and how it ended", async () => {
    expect(await node("console.log('out'); console.error('err'); process.exitCode = 9")).toEqual({
      kind: "done",
      code: 9,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  it("may be missing", async () => {
    expect(await runCommand("headgate-no-such-program", [], { timeoutMs: 1000, signal: never })).toEqual({
      kind: "missing",
    });
  });

  it("is killed when it hangs, whatever it does about it", async () => {
    expect(await node("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)", 200)).toEqual({
      kind: "timeout",
    });
  });

  it("is stopped when it prints without end", async () => {
    const ran = await node("const more = () => process.stdout.write('x'.repeat(65536), more); more()");
    expect(ran).toEqual({ kind: "failed", why: "ERR_CHILD_PROCESS_STDIO_MAXBUFFER" });
  });

  it("is killed when its signal aborts", async () => {
    const leaving = new AbortController();
    const ran = node("setInterval(() => {}, 1000)", 10_000, leaving.signal);
    leaving.abort(new Error("left"));
    await expect(ran).rejects.toThrow("left");
  });
});
