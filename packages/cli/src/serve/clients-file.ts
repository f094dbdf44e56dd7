/** The overlay's list of clients, applied at the start and when it changes, in a child process: a key is never printed here. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { present } from "@headgate/contract";
import { ENTRY } from "../place.ts";
import type { Setup } from "./setup.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;

export interface ClientsFile {
  /** Resolves once the list is as the file says, or once the log says why it is not. */
  apply(): Promise<void>;
}

export function clientsFile({ cli, given, stateDir, log }: Setup, overlayDir: () => string): ClientsFile {
  let applied: string | undefined;
  return {
    async apply() {
      const path = join(overlayDir(), "clients.yaml");
      const text = textOf(path);
      if (text === undefined || text === applied) return;
      applied = text;
      const where = present({
        "--root": given.root === undefined ? undefined : resolve(cli.cwd, given.root),
        "--env-file": given.envFile,
        "--state-dir": stateDir,
      });
      const args = ["--", ENTRY, "clients", "apply", path, "--no-keys", ...Object.entries(where).flat()];
      try {
        const options = { cwd: cli.cwd, env: cli.env, timeout: TIMEOUT_MS };
        const { stdout } = await run(process.execPath, args, options);
        for (const line of stdout.trim().split("\n")) log.info(`clients.yaml: ${line}`);
      } catch (error) {
        // The next change, or the next start, tries again.
        applied = undefined;
        const { stderr, message } = error as Error & { readonly stderr?: string };
        const why = stderr === undefined || stderr.trim() === "" ? message : stderr.trim();
        log.error(`clients.yaml cannot be applied: ${why.replace(/^headgate: /, "")}`);
      }
    },
  };
}

/** Undefined where there is none. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
