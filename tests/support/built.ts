/** What is built once for all tests: where it is missing or older than its sources, and by one of the files of tests that run beside each other. */
import { mkdirSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

const LOCK_WAIT_MS = 100;
const LOCK_TRIES = 600;

const changedMs = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** @param result a file that the build writes last */
export function buildOnce({
  name,
  result,
  sources,
  build,
}: {
  readonly name: string;
  readonly result: string;
  readonly sources: () => readonly string[];
  readonly build: () => void;
}): void {
  const isStale = (): boolean => {
    const builtMs = changedMs(result);
    return builtMs === 0 || sources().some((path) => changedMs(path) > builtMs);
  };
  if (!isStale()) return;
  const lock = resolve(".build", `${name}.lock`);
  mkdirSync(dirname(lock), { recursive: true });
  for (let tries = 0; ; tries += 1) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (tries === LOCK_TRIES)
        throw new Error(`another build holds ${lock}; delete it if none runs`, { cause: error });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_WAIT_MS);
    }
  }
  try {
    if (isStale()) build();
  } finally {
    rmSync(lock, { recursive: true });
  }
}
