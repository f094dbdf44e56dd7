/** From a task to the program that is run, or to what is missing for it. */
import type { ProcessUp } from "@headgate/contract";
import { BUILT_IN } from "../built-in.ts";
import { filledIn, programEnvironment } from "./environment.ts";
import type { Program } from "./process.ts";
import { findProgram, type Lack } from "./requirements.ts";
import { isLoopback, type Task } from "./tasks.ts";

export function programOf(
  { id, host, port, bringUp }: Task,
  process: ProcessUp,
  around: {
    readonly shell: Readonly<Record<string, string | undefined>>;
    /** The folder of its own under the data folder. */
    readonly data: string;
    /** The Node that built-in servers run on. */
    readonly node: string;
  },
): { readonly program: Program } | { readonly lack: Lack } {
  const { shell, data, node } = around;
  if (!isLoopback(host)) {
    return {
      lack: {
        what: `its address names ${host}, and a program is started on this machine only`,
        fix: `set ${bringUp.env}=external, or an address on 127.0.0.1`,
      },
    };
  }
  const { command, builtin, needs, install } = process;
  const missing = [...(command === undefined ? [] : [command]), ...needs].find(
    (name) => findProgram(name, shell.PATH) === undefined,
  );
  if (missing !== undefined) return { lack: { what: `${missing} is not on the PATH`, fix: install } };
  const places = { host: host.includes(":") ? `[${host}]` : host, port, data };
  const env = programEnvironment(
    shell,
    process.inherit,
    Object.fromEntries(
      Object.entries(process.environment).map(([name, text]) => [name, filledIn(text, places)]),
    ),
  );
  const args = process.args.map((text) => filledIn(text, places));
  if (builtin !== undefined) {
    return {
      program: { file: node, args: [BUILT_IN[builtin], "--host", host, "--port", port, ...args], env },
    };
  }
  if (command === undefined) throw new Error(`${id}: neither a command nor a built-in server`);
  return { program: { file: findProgram(command, shell.PATH) ?? command, args, env } };
}
