/** Backends as containers of `generated/docker-compose.yaml`, for a gateway that runs outside of them. */
import { join } from "node:path";
import type { Ran, Run } from "./requirements.ts";

/** Pulling an image of several gigabytes, or building one. */
const UP_MS = 60 * 60_000;
const STOP_MS = 60_000;
const LOOK_MS = 10_000;
const MAX_WORDS = 300;

export interface ComposePlace {
  /** The folder that `generated/` and `.env` are in. */
  readonly root: string;
  /** Undefined: there is none. */
  readonly envFile: string | undefined;
}

export type ComposeResult = { readonly ok: true } | { readonly ok: false; readonly why: string };

export const composeUp = (
  run: Run,
  place: ComposePlace,
  service: string,
  signal: AbortSignal,
): Promise<ComposeResult> =>
  compose(run, place, service, ["up", "--detach", "--no-deps", "--quiet-pull", service], UP_MS, signal);

export const composeStop = (run: Run, place: ComposePlace, service: string): Promise<ComposeResult> =>
  compose(run, place, service, ["stop", service], STOP_MS);

/** True when the container that answers is this project's own, from an earlier start. */
export async function composeRuns(run: Run, place: ComposePlace, service: string): Promise<boolean> {
  const { code, stdout } = await call(
    run,
    place,
    service,
    ["ps", "--quiet", "--status", "running", service],
    LOOK_MS,
  );
  return code === 0 && stdout.trim() !== "";
}

async function compose(...parameters: Parameters<typeof call>): Promise<ComposeResult> {
  const { code, stderr } = await call(...parameters);
  if (code === 0) return { ok: true };
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return { ok: false, why: last === "" ? "docker compose failed" : last.slice(0, MAX_WORDS) };
}

function call(
  run: Run,
  { root, envFile }: ComposePlace,
  profile: string,
  words: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Ran> {
  const files = ["docker-compose.yaml", "docker-compose.host.yaml"].flatMap((name) => [
    "--file",
    join(root, "generated", name),
  ]);
  const args = [
    "compose",
    "--project-directory",
    root,
    ...(envFile === undefined ? [] : ["--env-file", envFile]),
    ...files,
    "--profile",
    profile,
    "--ansi",
    "never",
    ...words,
  ];
  return run("docker", args, timeoutMs, signal);
}
