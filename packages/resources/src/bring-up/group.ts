/** Process groups: whether one runs, and how it is ended. A program and all that it starts are one group. */
import { readdirSync, readFileSync } from "node:fs";
import { MARK } from "./environment.ts";

const POLL_MS = 20;
/** After SIGKILL only the kernel is waited for; a zombie without a parent that reaps it is not. */
const KILLED_MS = 2000;

export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** True while a process of the group is there and is no zombie, where the system shows that. */
export function groupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const members = membersOf(pid);
  return members === undefined || members.length > 0;
}

/** Sends SIGTERM to the group, waits `graceMs`, and kills it; then what left the group and bears the mark. */
export async function endGroup(pid: number, graceMs: number, mark: string): Promise<void> {
  if (signalGroup(pid, "SIGTERM")) await until(() => !groupAlive(pid), graceMs);
  if (groupAlive(pid)) {
    signalGroup(pid, "SIGKILL");
    await until(() => !groupAlive(pid), KILLED_MS);
  }
  await endMarked(mark, 0);
}

/** The same by the mark alone: a process id may be another's by now, the mark in the environment is not. @returns how many there were */
export async function endMarked(mark: string, graceMs: number): Promise<number> {
  const found = new Map(markedProcesses(mark).map((pid) => [pid, startOf(pid)]));
  if (found.size === 0) return 0;
  const gone = (): boolean => markedProcesses(mark).length === 0;
  if (graceMs > 0) {
    for (const pid of found.keys()) signal(pid, "SIGTERM");
    await until(gone, graceMs);
  }
  for (const pid of markedProcesses(mark)) {
    found.set(pid, startOf(pid));
    signal(pid, "SIGKILL");
  }
  // A process that is ending has lost its environment, and with it the mark, before it is gone.
  const ended = (): boolean => [...found].every(([pid, start]) => !runs(pid, start));
  await until(() => gone() && ended(), KILLED_MS);
  return found.size;
}

function runs(pid: number, startTicks: string | undefined): boolean {
  const now = stateOf(pid);
  return now !== undefined && now.state !== "Z" && now.startTicks === startTicks;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

async function until(done: () => boolean, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  while (!done() && performance.now() < end) await new Promise((wake) => setTimeout(wake, POLL_MS));
}

/** Running processes that inherited the mark; none where the system has no /proc. */
export const markedProcesses = (mark: string): number[] =>
  processIds().filter((pid) => {
    if (pid === process.pid) return false;
    const environment = read(`/proc/${pid}/environ`);
    return environment?.split("\0").includes(`${MARK}=${mark}`) === true && stateOf(pid)?.state !== "Z";
  });

/** When a process began, in the kernel's ticks since boot: with the id it names a process for good. */
export const startOf = (pid: number): string | undefined => stateOf(pid)?.startTicks;

const membersOf = (group: number): number[] | undefined => {
  const ids = processIds();
  if (ids.length === 0) return undefined;
  return ids.filter((pid) => {
    const found = stateOf(pid);
    return found !== undefined && found.group === group && found.state !== "Z";
  });
};

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html; the name before the last bracket may hold anything. */
function stateOf(
  pid: number,
): { readonly state: string; readonly group: number; readonly startTicks: string } | undefined {
  const text = read(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, , group] = fields ?? [];
  const startTicks = fields?.[19];
  if (state === undefined || group === undefined || startTicks === undefined) return undefined;
  return { state, group: Number(group), startTicks };
}

function processIds(): number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
