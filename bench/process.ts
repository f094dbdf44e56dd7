/** Children of the benchmark: started, watched, measured, and always ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Its last output, for the message when it fails. */
  output(): string;
  kill(): Promise<void>;
}

const running = new Set<ChildProcess>();
let watching = false;

/** Ends a child together with this process, however that ends. */
export function endWithUs(child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
  if (watching) return;
  watching = true;
  process.on("exit", () => {
    for (const left of running) left.kill("SIGKILL");
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}

const KEPT_OUTPUT_CHARS = 4_000;
const KILL_GRACE_MS = 3_000;

/** Starts `node` with these arguments. The child gets only the variables that a program needs. */
export function startNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  ipc = false,
): Child {
  const base: Record<string, string> = { NODE_ENV: "production" };
  for (const name of ["PATH", "HOME", "TMPDIR", "SystemRoot"]) {
    const value = process.env[name];
    if (value !== undefined) base[name] = value;
  }
  const child = spawn(process.execPath, args, {
    env: { ...base, ...env },
    stdio: ["ignore", "pipe", "pipe", ...(ipc ? (["ipc"] as const) : [])],
  });
  endWithUs(child);
  let kept = "";
  const keep = (data: Buffer): void => {
    kept = (kept + data.toString()).slice(-KEPT_OUTPUT_CHARS);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    pid: child.pid ?? -1,
    process: child,
    output: () => kept,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), KILL_GRACE_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

/** Waits for the port that a child reports over IPC. Rejects with its output when it ends first. */
export function reportedPort(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    child.process.once("message", (message) => {
      if (typeof message === "object" && message !== null && "port" in message) resolve(Number(message.port));
    });
    child.process.once("exit", () =>
      reject(new Error(`a process ended before it listened:\n${child.output()}`)),
    );
  });
}

/** A free port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Whether this system reports a process's CPU and memory; otherwise both are left out, with a notice. */
export const CAN_MEASURE_PROCESSES = process.platform === "linux";

/** The kernel reports CPU time to programs in these, whatever its own tick (USER_HZ, proc(5)). */
const TICKS_PER_SECOND = 100;

/** A process and all its descendants: a launcher may start the real server. */
function family(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))?.[1]);
    if (!Number.isNaN(parent)) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [pid];
  for (const id of found) found.push(...(children.get(id) ?? []));
  return found;
}

/** Fields of /proc/<pid>/stat from the third on; the second, the name, may hold spaces. */
function statFields(pid: number): string[] | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    return line.slice(line.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

/** CPU time so far, in ms, of the whole machine and of this process with all its children, ended or not. */
export function machineCpu(): { allMs: number; oursMs: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = readFileSync(
    "/proc/stat",
    "latin1",
  )
    .split("\n", 1)
    .join()
    .split(/ +/)
    .slice(1)
    .map(Number);
  let ours = 0;
  for (const id of family(process.pid)) {
    // utime, stime, and the same of children that have ended.
    for (const ticks of statFields(id)?.slice(11, 15) ?? []) ours += Number(ticks);
  }
  const ms = 1000 / TICKS_PER_SECOND;
  return { allMs: (user + nice + system + irq + softirq + steal) * ms, oursMs: ours * ms };
}

/** User and system CPU time so far, in ms, of a process and its descendants. */
export function cpuMs(pid: number): number {
  let ticks = 0;
  for (const id of family(pid)) {
    const fields = statFields(id);
    ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** Resident memory in bytes of a process and its descendants: now, and the highest so far. */
export function residentBytes(pid: number): { now: number; peak: number } {
  const total = { now: 0, peak: 0 };
  for (const id of family(pid)) {
    let status = "";
    try {
      status = readFileSync(`/proc/${id}/status`, "latin1");
    } catch {
      continue;
    }
    total.now += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    total.peak += Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }
  return total;
}
