/** Real programs, small and hostile, run by node. */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answers } from "./answers.ts";
import { programEnvironment } from "./environment.ts";
import { groupAlive, markedProcesses } from "./group.ts";
import { type ProcessState, SupervisedProcess, type Timing } from "./process.ts";

let folder: string;
let supervised: SupervisedProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "headgate-process-"));
});
afterEach(async () => {
  await supervised?.stop();
  supervised = undefined;
  rmSync(folder, { recursive: true, force: true });
});

interface Change {
  readonly state: ProcessState;
  readonly why: string;
  readonly lines: readonly string[];
}

const QUICK: Partial<Timing> = {
  readyMs: 10_000,
  pollMs: 10,
  backoffMs: 5,
  backoffMaxMs: 20,
  graceMs: 5000,
};

/** A program in JavaScript; it writes its port to the file that `PORT_FILE` names. */
function supervise(
  script: string,
  timing: Partial<Timing> = {},
  more: { hidden?: string[]; env?: Record<string, string> } = {},
) {
  const portFile = join(folder, "port");
  const changes: Change[] = [];
  const waiting = new Set<() => void>();
  const healthy = async (signal: AbortSignal): Promise<boolean> => {
    try {
      return await answers(`http://127.0.0.1:${readFileSync(portFile, "utf8")}/health`, signal);
    } catch {
      return false;
    }
  };
  supervised = new SupervisedProcess({
    program: {
      file: process.execPath,
      args: ["-e", script],
      env: programEnvironment(process.env, [], { PORT_FILE: portFile, FOLDER: folder, ...more.env }),
    },
    healthy,
    notePath: join(folder, "note.json"),
    timing: { ...QUICK, ...timing },
    hidden: more.hidden ?? [],
    onState(state, why, lines) {
      changes.push({ state, why, lines });
      for (const check of waiting) check();
    },
  });
  const one = supervised;
  return {
    changes,
    process: one,
    start: () => one.start(),
    /** Resolves when the state has been entered that many times. */
    until: (state: ProcessState, times = 1) =>
      new Promise<Change>((resolve) => {
        const check = (): void => {
          const found = changes.filter((change) => change.state === state).at(times - 1);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
  };
}

const LISTEN = `
  const server = require("node:http").createServer((_, response) => response.end("ok"));
  server.listen(0, "127.0.0.1", () => {
    const { writeFileSync, renameSync } = require("node:fs");
    writeFileSync(process.env.PORT_FILE + ".new", String(server.address().port));
    renameSync(process.env.PORT_FILE + ".new", process.env.PORT_FILE);
  });
`;

/** The same, until it finds a file that makes it crash. */
const CRASHES = `
  console.error("about to fall");
  const { existsSync, rmSync } = require("node:fs");
  setInterval(() => {
    if (!existsSync(process.env.FOLDER + "/crash")) return;
    rmSync(process.env.FOLDER + "/crash");
    rmSync(process.env.PORT_FILE);
    process.exit(7);
  }, 5);
  ${LISTEN}
`;

describe("a supervised program", () => {
  it("is ready once it answers, and is gone with its group when it is stopped", async () => {
    const run = supervise(LISTEN);
    await run.start();
    await run.until("ready");
    const pid = run.process.pid ?? 0;
    expect(groupAlive(pid)).toBe(true);
    await run.process.stop();
    expect(groupAlive(pid)).toBe(false);
    expect(run.changes.map(({ state }) => state)).toEqual(["starting", "ready", "stopped"]);
  });

  it("is started again when it crashes, with its last lines, and a wait that doubles", async () => {
    const run = supervise(CRASHES);
    await run.start();
    await run.until("ready");
    writeFileSync(join(folder, "crash"), "");
    const waited = await run.until("waiting");
    expect(waited.why).toBe("it ended with exit code 7; it is started again in 5 ms");
    expect(waited.lines).toEqual(["about to fall"]);
    await run.until("ready", 2);
    writeFileSync(join(folder, "crash"), "");
    expect((await run.until("waiting", 2)).why).toMatch(/in 10 ms$/);
    await run.until("ready", 3);
  });

  it("is given up after too many crashes in a row", async () => {
    const run = supervise("console.log('no model'); process.exit(1)", { maxFailures: 3 });
    await run.start();
    const failed = await run.until("failed");
    expect(failed).toMatchObject({ why: "it ended with exit code 1, 3 times in a row", lines: ["no model"] });
    expect(run.changes.filter(({ state }) => state === "starting")).toHaveLength(3);
  });

  it("that was steady for long begins a new row of failures", async () => {
    const run = supervise(CRASHES, { maxFailures: 2, steadyMs: 0 });
    await run.start();
    for (const time of [1, 2, 3]) {
      await run.until("ready", time);
      writeFileSync(join(folder, "crash"), "");
    }
    await run.until("ready", 4);
    expect(run.changes.map(({ state }) => state)).not.toContain("failed");
  });

  it("that never answers is ended and counts as failed", async () => {
    const run = supervise("setInterval(() => {}, 1000)", { readyMs: 300, maxFailures: 1 });
    await run.start();
    const first = new Promise<number>((resolve) => resolve(run.process.pid ?? 0));
    const failed = await run.until("failed");
    expect(failed.why).toMatch(/^it did not answer within/);
    expect(groupAlive(await first)).toBe(false);
  });

  it("that is not there is not tried again", async () => {
    const states: string[] = [];
    await new Promise<void>((failed) => {
      supervised = new SupervisedProcess({
        program: { file: join(folder, "nothing"), args: [], env: {} },
        healthy: async () => false,
        notePath: join(folder, "note.json"),
        timing: QUICK,
        onState(state, why) {
          states.push(`${state}: ${why}`);
          if (state === "failed") failed();
        },
      });
      void supervised.start();
    });
    expect(states).toEqual(["starting: it is started", "failed: it could not be started (ENOENT)"]);
  });

  it("that will not stop is killed after its grace", async () => {
    const run = supervise(`process.on("SIGTERM", () => {}); ${LISTEN}`, { graceMs: 100 });
    await run.start();
    await run.until("ready");
    const pid = run.process.pid ?? 0;
    await run.process.stop();
    expect(groupAlive(pid)).toBe(false);
  });

  it("takes along what it started, also what ignores signals or left its group", async () => {
    const child = `process.on("SIGTERM", () => {}); require("node:fs").writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000)`;
    const run = supervise(
      `const { spawn } = require("node:child_process");
       const { existsSync } = require("node:fs");
       const child = ${JSON.stringify(child)};
       for (const [name, detached] of [["inside", false], ["outside", true]])
         spawn(process.execPath, ["-e", child, process.env.FOLDER + "/" + name], { detached, stdio: "ignore" });
       const timer = setInterval(() => {
         if (!["inside", "outside"].every((name) => existsSync(process.env.FOLDER + "/" + name))) return;
         clearInterval(timer);
         ${LISTEN}
       }, 5);`,
      { graceMs: 100 },
    );
    await run.start();
    await run.until("ready");
    const pids = ["inside", "outside"].map((name) => Number(readFileSync(join(folder, name), "utf8")));
    const alive = (pid: number): boolean => {
      try {
        return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
      } catch {
        return false;
      }
    };
    expect(pids.map(alive)).toEqual([true, true]);
    await run.process.stop();
    expect(pids.map(alive)).toEqual([false, false]);
  });

  it("sees nothing of the shell but what it needs, and shows no secret in its lines", async () => {
    process.env.GROQ_API_KEY = "shell-secret-value";
    try {
      const run = supervise(
        `console.log(Object.keys(process.env).sort().join(" ")); console.log("key=abcdef1234 and s3cret-token and", "bearer xyz"); process.exit(1)`,
        { maxFailures: 1 },
        { hidden: ["s3cret-token"] },
      );
      await run.start();
      const [names, line] = (await run.until("failed")).lines;
      expect(names).not.toContain("GROQ_API_KEY");
      expect(names).toContain("PATH");
      expect(names).toContain("PORT_FILE");
      expect(line).toBe("key=abcdef1234 and *** and bearer ***");
    } finally {
      delete process.env.GROQ_API_KEY;
    }
  });

  it("left behind by a gateway that was killed is ended by the next start", async () => {
    const mark = "feedfacefeedface";
    const orphan = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log('up')"], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
      env: { HEADGATE_SUPERVISED: mark },
    });
    await new Promise((up) => orphan.stdout.once("data", up));
    const gone = new Promise((resolve) => orphan.once("exit", (_, signal) => resolve(signal)));
    writeFileSync(
      join(folder, "note.json"),
      JSON.stringify({ pid: orphan.pid, mark, owner: { pid: 2 ** 22 + 1, start: "1" } }),
    );
    expect(markedProcesses(mark)).toEqual([orphan.pid]);
    const run = supervise(LISTEN);
    expect(await run.start()).toBe(true);
    expect(await gone).toBe("SIGTERM");
    await run.until("ready");
  });

  it("of a gateway that still runs is left to it", async () => {
    const first = supervise(LISTEN);
    await first.start();
    await first.until("ready");
    const second = supervise(LISTEN);
    expect(await second.start()).toBe(false);
    expect(first.process.state).toBe("ready");
    await first.process.stop();
  });
});
