/** Runs a program of the machine and takes what it prints, in bounded time and space. */
import { execFile } from "node:child_process";

const MAX_OUTPUT_BYTES = 1024 * 1024;

export type Ran =
  | { readonly kind: "done"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** No such program. */
  | { readonly kind: "missing" }
  | { readonly kind: "timeout" }
  /** It could not be started, was killed, or printed without end. */
  | { readonly kind: "failed"; readonly why: string };

/** Rejects only with the signal's reason. */
export type Run = (
  command: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
) => Promise<Ran>;

export const runCommand: Run = (command, args, { timeoutMs, signal }) => {
  signal.throwIfAborted();
  // A driver that hangs ignores polite signals; numbers are printed as in C.
  const options = {
    signal,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { ...process.env, LC_ALL: "C" },
  } as const;
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      if (signal.aborted) return reject(signal.reason);
      if (error === null) return resolve({ kind: "done", code: 0, stdout, stderr });
      if (typeof error.code === "number") return resolve({ kind: "done", code: error.code, stdout, stderr });
      if (error.code === "ENOENT") return resolve({ kind: "missing" });
      const why = error.code ?? `ended by ${error.signal}`;
      resolve(error.killed === true && error.code == null ? { kind: "timeout" } : { kind: "failed", why });
    });
  });
};
