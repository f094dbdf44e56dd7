/** Runs the command line inside the test, and returns the exit code and the output. */
import { Readable } from "node:stream";
import { type Host, main } from "../main.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runMain(
  args: readonly string[],
  { cwd, env = {}, stdin }: { readonly cwd: string; readonly env?: Host["env"]; readonly stdin?: string },
): Promise<Ran> {
  const written = { stdout: "", stderr: "" };
  const output = (name: keyof typeof written): Host["stdout"] => ({
    write: (text) => {
      written[name] += text;
    },
  });
  const code = await main(args, {
    env,
    cwd: () => cwd,
    stdout: output("stdout"),
    stderr: output("stderr"),
    ...(stdin === undefined ? {} : { stdin: Readable.from([stdin]) }),
  });
  return { code, ...written };
}
