/** The command line: runs one command and returns the exit code. */
import { readFileSync } from "node:fs";
import { type Cli, EXIT, Failure } from "./cli.ts";
import { wantsColour } from "./colour.ts";
import { fitRows } from "./fit.ts";
import { type Input, type LineReader, lineReader } from "./line-reader.ts";

/** The part of `process` that the command line needs. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Absent where no question can be put to a user. */
  readonly stdin?: Input;
  cwd(): string;
}

interface Output {
  readonly isTTY?: boolean;
  /** A terminal's width. */
  readonly columns?: number;
  write(text: string): unknown;
  on?(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** The version in package.json, which is beside both src/ and dist/. */
const readVersion = (): string =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string })
    .version;

/**
 * @param args what follows the program's name
 * @returns the exit code; nothing is thrown
 */
export async function main(args: readonly string[], host: Host): Promise<number> {
  let exitCode: number = EXIT.ok;
  ignoreClosedPipe(host.stdout);
  ignoreClosedPipe(host.stderr);
  const colour = (output: Output): boolean =>
    wantsColour(host.env, output.isTTY === true, !args.includes("--no-color"));
  const line = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);
  // JSON is one text, of which no line may be broken.
  const json = args.some((arg, at) => arg === "--json" || (arg === "json" && args[at - 1] === "--format"));
  const { columns } = host.stdout;
  const fitting = (text: string): string =>
    columns === undefined || columns === 0 || json ? text : fitRows(text, columns);
  const stderrIsTerminal = host.stderr.isTTY === true;
  let lines: LineReader | undefined;
  const terminal = stderrIsTerminal && host.env.TERM !== "dumb";
  const cli: Cli = {
    version: readVersion(),
    cwd: host.cwd(),
    env: host.env,
    nowMs: Date.now,
    colour: () => colour(host.stdout),
    colourErrors: () => colour(host.stderr),
    out: (text) => void host.stdout.write(line(fitting(text))),
    err: (text) => void host.stderr.write(line(text)),
    // A getter, because reading `stdin` opens it.
    get confirm() {
      if (host.stdin?.isTTY !== true || !stderrIsTerminal) return undefined;
      // A closed input means no.
      return async (question: string) =>
        /^y(es)?$/i.test(((await cli.ask(`${question} [y/N] `)) ?? "").trim());
    },
    ask: (question, hidden = false) => {
      const { stdin } = host;
      if (stdin === undefined) return Promise.resolve(undefined);
      const typed = stdin.isTTY === true && stderrIsTerminal;
      if (typed) host.stderr.write(question);
      lines ??= lineReader(stdin);
      return typed && hidden ? lines.hidden(host.stderr) : lines.next();
    },
    terminal,
    screen: host.stdout.isTTY === true && host.env.TERM !== "dumb",
    progress: (text) => {
      if (terminal) host.stderr.write(`\r\u001b[2K${text}`);
    },
    run:
      (handler) =>
      async (...parameters) => {
        exitCode = await handler(...parameters);
      },
  };

  try {
    // Without loading Commander, which takes longer than the answer.
    if (args.length === 1 && args[0] === "--version") {
      cli.out(cli.version);
      return EXIT.ok;
    }
    const validation = args[0] === "validate" ? await readValidation(args.slice(1)) : undefined;
    if (validation !== undefined) return await validation(cli);
    const { runProgram } = await import("./program.ts");
    const code = await runProgram(args, cli, {
      out: (text) => void host.stdout.write(text),
      err: (text) => void host.stderr.write(text),
    });
    return code ?? exitCode;
  } catch (error) {
    return explainFailure(error, cli);
  } finally {
    lines?.close();
  }
}

/** Loading Commander takes as long as `validate` runs, so that this one command goes without it where it can. */
async function readValidation(args: readonly string[]) {
  const { readValidateOptions, validate } = await import("./validate.ts");
  const options = readValidateOptions(args);
  return options === undefined ? undefined : (cli: Cli) => validate(cli, options);
}

function explainFailure(error: unknown, cli: Cli): number {
  if (error instanceof Failure) {
    cli.err(`headgate: ${error.message}`);
    return error.exitCode;
  }
  cli.err(
    `headgate: unexpected failure, which is a bug: ${error instanceof Error ? error.stack : String(error)}`,
  );
  return EXIT.failed;
}

/** `headgate providers | head -3` closes the pipe early, which is no failure. */
function ignoreClosedPipe(output: Output): void {
  output.on?.("error", (error) => {
    if (error.code !== "EPIPE") throw error;
  });
}
