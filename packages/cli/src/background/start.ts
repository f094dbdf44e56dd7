/** `headgate start`, `stop` and `restart`. */
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { present } from "@headgate/contract";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { ENTRY } from "../place.ts";
import { selfCommand } from "../self-command.ts";
import { NODE_FLAGS } from "../serve/node-flags.ts";
import { argumentsOf, type ServeOptions } from "../serve/setup.ts";
import { makeStateDir } from "../state-dir.ts";
import type { Up } from "./hold.ts";
import { findTraces, isHeld, readPid, readRecord, removeTraces, type Traces } from "./place.ts";

const START_MS = 120_000;
const POLL_MS = 50;
/** Beyond the time that running requests have. */
const MARGIN_MS = 5_000;

export async function start(cli: Cli, given: ServeOptions): Promise<number> {
  const { traces } = findTraces(cli, given);
  if (isHeld(traces)) return runsAlready(cli, traces);
  makeStateDir(traces.stateDir);
  const from = statSync(traces.log, { throwIfNoEntry: false })?.size ?? 0;
  const outcome = await launch(cli, given, traces);
  if (typeof outcome === "object") {
    cli.out(outcome.banner);
    cli.err(`runs in the background; log: ${traces.log}; stop it with ${selfCommand(cli)} stop`);
    return EXIT.ok;
  }
  // Another start was quicker by a moment.
  if (isHeld(traces)) return runsAlready(cli, traces);
  const said = readFileSync(traces.log).subarray(from).toString("utf8").trim();
  cli.err(said.split("\n").slice(-20).join("\n"));
  throw new Failure(`the gateway did not start (${outcome}); log: ${traces.log}`);
}

function runsAlready(cli: Cli, traces: Traces): number {
  const record = readRecord(traces);
  const where = record === undefined ? "it is starting" : `at ${record.url}, process ${record.pid}`;
  cli.err(`a gateway runs in the background already (${where}); nothing was started`);
  return EXIT.ok;
}

/** @returns its first message, or how it ended before that */
function launch(cli: Cli, given: ServeOptions, { log }: Traces): Promise<Up | string> {
  const output = openSync(log, "a", 0o600);
  const child = spawn(
    process.execPath,
    // What bin/headgate.js would execute itself with; it cannot with a channel to its parent.
    [...NODE_FLAGS, "--", ENTRY, "serve", "--background", ...argumentsOf(absolute(cli, given))],
    {
      cwd: cli.cwd,
      detached: true,
      env: { MALLOC_ARENA_MAX: "2", ...cli.env },
      stdio: ["ignore", output, output, "ipc"],
    },
  );
  closeSync(output);
  return new Promise((done) => {
    const timer = setTimeout(() => {
      child.kill();
      done(`it was not ready after ${START_MS / 1000} s`);
    }, START_MS);
    const end = (outcome: Up | string): void => {
      clearTimeout(timer);
      if (child.connected) child.disconnect();
      child.unref();
      done(outcome);
    };
    child.on("message", (message) => {
      if ((message as Partial<Up>).headgate === "up") end(message as Up);
    });
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
  });
}

/** `restart` may be called from another folder. */
export const absolute = (cli: Cli, { envFile, root, stateDir, ...rest }: ServeOptions): ServeOptions => {
  const whole = (path: string | undefined) => (path === undefined ? undefined : resolve(cli.cwd, path));
  return { ...rest, ...present({ envFile: whole(envFile), root: whole(root), stateDir: whole(stateDir) }) };
};

export async function stop(cli: Cli, given: ServeOptions): Promise<number> {
  const { traces, options } = findTraces(cli, given);
  if (!isHeld(traces)) {
    removeTraces(traces);
    cli.err("no gateway runs in the background");
    return EXIT.ok;
  }
  const pid = await pidOf(traces);
  if (pid === undefined) throw new Failure(`${traces.lock} is held, and ${traces.pid} names no process`);
  signal(pid, "SIGTERM");
  if (!(await released(traces, options.drainTimeoutMs + MARGIN_MS))) {
    cli.err(`process ${pid} did not stop in ${(options.drainTimeoutMs + MARGIN_MS) / 1000} s; it is killed`);
    signal(pid, "SIGKILL");
    if (!(await released(traces, MARGIN_MS))) throw new Failure(`process ${pid} cannot be stopped`);
  }
  removeTraces(traces);
  cli.err(`stopped process ${pid}`);
  return EXIT.ok;
}

/** With the flags of the gateway that runs, where the command has none. */
export async function restart(cli: Cli, given: ServeOptions): Promise<number> {
  const former = readRecord(findTraces(cli, given).traces)?.given;
  await stop(cli, given);
  return start(cli, { ...former, ...given });
}

/** It is written right after the lock is taken. */
async function pidOf(traces: Traces): Promise<number | undefined> {
  for (let waited = 0; waited < MARGIN_MS; waited += POLL_MS) {
    const pid = readPid(traces);
    if (pid !== undefined) return pid;
    await sleep(POLL_MS);
  }
  return undefined;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return;
    throw new Failure(`process ${pid} cannot be stopped (${code ?? "unknown error"})`);
  }
}

async function released(traces: Traces, forMs: number): Promise<boolean> {
  for (let waited = 0; waited < forMs; waited += POLL_MS) {
    if (!isHeld(traces)) return true;
    await sleep(POLL_MS);
  }
  return !isHeld(traces);
}
