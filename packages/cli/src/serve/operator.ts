/** Carries out what the page asks for in a compile child, so that the gateway loads neither the compiler nor `yaml` (ADR 5). */
import { spawn } from "node:child_process";
import type { Settings, SettingsChange, SettingsOperator, SettingsResult } from "@headgate/contract";
import type { SettingsRequest } from "../commands/settings.ts";
import { ENTRY } from "../place.ts";
import type { Setup } from "./setup.ts";

/** Far beyond what a compile takes. */
const TIMEOUT_MS = 60_000;

export function settingsOperator({
  cli,
  given,
  stateDir,
}: Pick<Setup, "cli" | "given" | "stateDir">): SettingsOperator {
  const args = [ENTRY, "settings", "--state-dir", stateDir];
  if (given.root !== undefined) args.push("--root", given.root);
  if (given.envFile !== undefined) args.push("--env-file", given.envFile);
  // One after the other, so that each change sees the one before.
  let last: Promise<unknown> = Promise.resolve();
  const ask = (request: SettingsRequest): Promise<unknown> => {
    const next = last
      .catch(() => undefined)
      .then(() => runChild(args, cli.cwd, cli.env, JSON.stringify(request)));
    last = next;
    return next;
  };
  return {
    read: () => ask({ do: "read" }) as Promise<Settings>,
    change: (change: SettingsChange) => ask({ do: "change", change }) as Promise<SettingsResult>,
    rotateMasterKey: () => ask({ do: "rotate" }) as Promise<{ key: string; where: string }>,
  };
}

function runChild(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
  input: string,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...env, NO_COLOR: "1" },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
    });
    let answer = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-2_000);
    });
    child.on("error", (error) => reject(new Error(`the compiler could not be started: ${error.message}`)));
    child.on("close", (code) => {
      if (code !== 0)
        return reject(
          new Error(errors.trim().replace(/^headgate: /, "") || `the compiler ended with ${code}`),
        );
      try {
        resolve(JSON.parse(answer));
      } catch {
        reject(new Error("the compiler's answer cannot be read; restart the gateway"));
      }
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
