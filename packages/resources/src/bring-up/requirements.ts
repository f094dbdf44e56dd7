/** What this machine lacks for a way of bringing a backend up, and how to get it. */

import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { present } from "@headgate/contract";

export interface Ran {
  /** Undefined: it could not be started. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a short command. Never rejects. */
export type Run = (
  file: string,
  args: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
) => Promise<Ran>;

const MAX_OUTPUT_BYTES = 1024 * 1024;

export const runner =
  (env: Readonly<Record<string, string>>, cwd?: string): Run =>
  (file, args, timeoutMs, signal) =>
    new Promise((resolve) => {
      execFile(
        file,
        [...args],
        {
          env,
          timeout: timeoutMs,
          maxBuffer: MAX_OUTPUT_BYTES,
          encoding: "utf8",
          ...present({ signal, cwd }),
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
          resolve({ code, stdout, stderr });
        },
      );
    });

/** A problem that keeps a backend from coming up, and what to do about it: two clauses without a full stop. */
export interface Lack {
  readonly what: string;
  readonly fix: string;
}

/** Where a program is; undefined when it is not on the PATH. */
export function findProgram(name: string, path: string | undefined): string | undefined {
  const candidates = name.includes("/")
    ? [name]
    : (path ?? "").split(delimiter).flatMap((folder) => (folder === "" ? [] : [join(folder, name)]));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

const LOOK_MS = 10_000;

/** @param env the variable that chooses another way */
export async function composeLack(run: Run, gpu: boolean, env: string): Promise<Lack | undefined> {
  const otherwise = `or set ${env}=external and its address`;
  const client = await run("docker", ["--version"], LOOK_MS);
  if (client.code !== 0) {
    return {
      what: "there is no docker client",
      fix: `install Docker from https://docs.docker.com/engine/install, ${otherwise}`,
    };
  }
  const compose = await run("docker", ["compose", "version"], LOOK_MS);
  if (compose.code !== 0) {
    return {
      what: "the docker client has no compose plugin",
      fix: `install docker-compose-plugin (https://docs.docker.com/compose/install), ${otherwise}`,
    };
  }
  const engine = await run(
    "docker",
    ["info", "--format", "{{json .Runtimes}} {{json .CDISpecDirs}}"],
    LOOK_MS,
  );
  if (engine.code !== 0) {
    const refused = /permission denied/i.test(engine.stderr);
    return {
      what: refused ? "this user may not use the docker engine" : "the docker engine does not answer",
      fix: refused
        ? `add the user to the group docker and log in again, ${otherwise}`
        : `start it (\`systemctl start docker\`, or Docker Desktop), ${otherwise}`,
    };
  }
  if (!gpu) return undefined;
  const card = await gpuLack(run);
  if (card !== undefined) return card;
  if (!engine.stdout.includes("nvidia")) {
    const cdi = await run("nvidia-ctk", ["cdi", "list"], LOOK_MS);
    if (cdi.code !== 0 || !cdi.stdout.includes("nvidia.com/gpu")) {
      return {
        what: "docker cannot give a container the GPU",
        fix: "install nvidia-container-toolkit, then run `nvidia-ctk runtime configure --runtime=docker` and restart docker",
      };
    }
  }
  return undefined;
}

/** Whether there is an NVIDIA GPU that its driver shows. */
export async function gpuLack(run: Run): Promise<Lack | undefined> {
  const { code, stdout } = await run("nvidia-smi", ["-L"], LOOK_MS);
  if (code === 0 && /^GPU \d+:/m.test(stdout)) return undefined;
  return code === undefined
    ? {
        what: "there is no nvidia-smi, so no NVIDIA driver",
        fix: "install the driver of the GPU, or use the provider without -cuda",
      }
    : { what: "nvidia-smi shows no GPU", fix: "look at `nvidia-smi`, or use the provider without -cuda" };
}
