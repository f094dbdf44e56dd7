/** `headgate serve` as a process, in a folder of its own. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "headgate";
import OpenAI from "openai";
import { CACHE, PROGRAM } from "./program.ts";

const repository = process.cwd();

/** The shell's variables without those of Headgate and of providers. Only tests of the page have it built. */
const CLEAN_ENV = {
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  XDG_CACHE_HOME: CACHE,
  HEADGATE_PAGE: "off",
};

export interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly out: string;
  /** All of stderr so far. */
  errors(): string;
  /** Resolves once stderr holds the text, counted from the end of the last wait. */
  logged(text: string): Promise<string>;
  exited: Promise<number | null>;
}

/**
 * A folder with the catalogue, like a checkout.
 * @param only these providers without any chain: a gateway of few starts in half the time, and no fallback hides a refusal or a skip
 */
export function makeRoot(only?: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "headgate-serve-"));
  const parts =
    only === undefined
      ? ["providers", "models", "fallbacks", ".env.example"]
      : ["dialects.yaml", ...only].map((part) => join("providers", part)).concat("models", ".env.example");
  for (const part of parts) cpSync(join(repository, part), join(root, part), { recursive: true });
  return root;
}

export const removeRoot = (root: string): void => rmSync(root, { recursive: true, force: true });

/** Resolves once it has printed its address; rejects with its messages when it ends before. */
export async function startServe(
  root: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--root", root, "--port", "0", ...args], {
    env: { ...CLEAN_ENV, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<number | null>((done) => child.once("close", done));
  let errors = "";
  let seen = 0;
  const waiting = new Set<() => void>();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
    for (const check of waiting) check();
  });
  const logged = (text: string): Promise<string> =>
    new Promise((found, lost) => {
      const check = (): void => {
        const at = errors.indexOf(text, seen);
        if (at === -1) return;
        const since = errors.slice(seen);
        seen = at + text.length;
        waiting.delete(check);
        found(since);
      };
      waiting.add(check);
      void exited.then(() => lost(new Error(`it ended without saying ${text}:\n${errors}`)));
      check();
    });
  let out = "";
  await new Promise<void>((up, down) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      // The banner comes at once, and names the address.
      if (/http:\/\/[0-9.]+:\d+/.test(out)) up();
    });
    void exited.then((code) => down(new Error(`it ended with ${code}:\n${errors}`)));
  });
  return {
    child,
    url: /http:\/\/[0-9.]+:\d+/.exec(out)?.[0] ?? "",
    out,
    errors: () => errors,
    logged,
    exited,
  };
}

/** The stdout of a command; its stderr is in the error when it fails. */
export const headgate = (args: readonly string[], env: Readonly<Record<string, string>> = {}): string =>
  execFileSync(process.execPath, [PROGRAM, ...args], {
    env: { ...CLEAN_ENV, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();

/** A command besides a gateway in this process, which answers it meanwhile. */
export const runHeadgate = (
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> =>
  new Promise((done) => {
    const child = execFile(
      process.execPath,
      [PROGRAM, ...args],
      { cwd, env: { ...CLEAN_ENV, ...env } },
      (_, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

/** As `headgate key` prints it, without its process. */
export const clientKeyOf = (root: string): string =>
  readFileSync(join(root, ".headgate", "client-key"), "utf8").trim();

export const clientAt = ({ url }: Pick<Running, "url">, apiKey: string): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

/** A command inside this process: one of its own takes a second. What the command starts is a process. */
export async function commandHere(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const host = { env: { ...CLEAN_ENV, ...env }, cwd: () => cwd };
  const code = await main(args, { ...host, stdout: output("stdout"), stderr: output("stderr") });
  return { code, ...written };
}
