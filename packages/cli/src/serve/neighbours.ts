/** The gateways that run on one state directory, so that a later one can name those that it joins. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { holdProcessLock, type ProcessLock, processLockReleased } from "@headgate/runtime/state";

/** Beside the process lock `process-<uuid>.lock`. */
const ENTRY = /^process-[0-9a-f-]{36}\.json$/;

export interface Neighbours {
  /** The addresses of the gateways that ran already when this one was entered. */
  readonly urls: readonly string[];
  leave(): void;
}

/** Enters this process's address and reads the others'. Where the folder takes no lock or file there are none to read. */
export function joinNeighbours(stateDir: string, url: string): Neighbours {
  let lock: ProcessLock | undefined;
  let entry: string | undefined;
  const leave = (): void => {
    if (entry !== undefined) rmSync(entry, { force: true });
    lock?.end(true);
  };
  try {
    lock = holdProcessLock(stateDir);
    entry = entryOf(lock.path);
    writeFileSync(entry, `${JSON.stringify({ url })}\n`, { mode: 0o600 });
    return { urls: readOthers(stateDir, basename(entry)), leave };
  } catch {
    leave();
    return { urls: [], leave: () => {} };
  }
}

const entryOf = (lockPath: string): string => lockPath.replace(/\.lock$/, ".json");

/** Removes the entries of processes that have ended. */
function readOthers(stateDir: string, own: string): string[] {
  const urls: string[] = [];
  for (const name of readdirSync(stateDir)) {
    if (!ENTRY.test(name) || name === own) continue;
    const path = join(stateDir, name);
    const lock = path.replace(/\.json$/, ".lock");
    if (!existsSync(lock) || processLockReleased(lock)) {
      rmSync(path, { force: true });
      rmSync(lock, { force: true });
      continue;
    }
    const url = readUrl(path);
    if (url !== undefined) urls.push(url);
  }
  return urls.sort();
}

/** Undefined for an entry that is half written, or of a gateway that stops at this moment. */
function readUrl(path: string): string | undefined {
  try {
    const { url } = JSON.parse(readFileSync(path, "utf8")) as { url?: unknown };
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}
