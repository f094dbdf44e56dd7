/** One run of espeak-ng: text in, bytes out, bounded in time and size. */
import { spawn } from "node:child_process";

const TIMEOUT_MS = 60_000;
/** 4,096 characters at the slowest speed are about 20 minutes of 22 kHz. */
const MAX_BYTES = 96 * 1024 * 1024;
const MAX_ERROR_CHARACTERS = 500;

export type Spoken =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly why: string };

/** Never rejects. It is ended when the signal aborts. */
export function runEspeak(args: readonly string[], text: string, signal: AbortSignal): Promise<Spoken> {
  return new Promise((resolve) => {
    const child = spawn("espeak-ng", [...args], {
      stdio: ["pipe", "pipe", "pipe"],
      signal,
      timeout: TIMEOUT_MS,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let errors = "";
    child.on("error", (error) => {
      const missing = "code" in error && error.code === "ENOENT";
      resolve({ ok: false, why: missing ? "espeak-ng is not installed" : error.message });
    });
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) child.kill("SIGKILL");
      else chunks.push(chunk);
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      errors = (errors + chunk).slice(0, MAX_ERROR_CHARACTERS);
    });
    // It may end before it has read everything.
    child.stdin.on("error", () => {});
    child.on("close", (code) => {
      if (code === 0) resolve({ ok: true, bytes: Buffer.concat(chunks) });
      else resolve({ ok: false, why: errors.trim().split("\n")[0] || "espeak-ng ended before it was done" });
    });
    child.stdin.end(text);
  });
}
