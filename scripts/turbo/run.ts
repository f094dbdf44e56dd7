/** Starts turbo for this machine: as many tasks at once as it has cores, and nothing sent anywhere. */
import { spawn } from "node:child_process";
import { availableParallelism, constants } from "node:os";
import { join } from "node:path";
import { describeTools, thisMachine } from "./tools.ts";

/**
 * @param output where turbo's stdout goes: this program's own, or its stderr where stdout is the result itself
 * @returns turbo's exit status; 128 and the signal's number where a signal ended it
 */
export async function runTurbo(
  root: string,
  args: readonly string[],
  output: "inherit" | "stderr" = "inherit",
): Promise<number> {
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
    HEADGATE_TEST_TOOLS: describeTools(thisMachine(root)),
  };
  const turbo = join(root, "node_modules", "turbo", "bin", "turbo");
  const fixed = ["--log-prefix=none", "--log-order=grouped", `--concurrency=${availableParallelism()}`];
  return run(process.execPath, [turbo, "run", ...args, ...fixed], { cwd: root, env, output });
}

/** Runs a program to its end. Ctrl-C reaches the whole process group, so the program stops itself and is waited for. */
export async function run(
  program: string,
  args: readonly string[],
  {
    output = "inherit",
    ...options
  }: {
    readonly cwd: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly output?: "inherit" | "stderr";
  },
): Promise<number> {
  const wait = (): void => undefined;
  process.on("SIGINT", wait);
  process.on("SIGTERM", wait);
  try {
    return await new Promise<number>((done, failed) => {
      const child = spawn(program, args, {
        ...options,
        stdio: ["inherit", output === "stderr" ? 2 : "inherit", "inherit"],
      });
      child.once("error", failed);
      child.once("close", (status, signal) =>
        done(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    process.off("SIGINT", wait);
    process.off("SIGTERM", wait);
  }
}
