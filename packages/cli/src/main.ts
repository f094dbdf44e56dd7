/** The command line: builds the program out of its commands, runs one, and returns the exit code. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Command, CommanderError } from "commander";
import { type Cli, EXIT, Failure } from "./cli.ts";
import { wantsColour } from "./colour.ts";
import { registerCommands } from "./commands/all.ts";

/** The part of `process` that the command line needs. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Absent where no question can be put to a user. */
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  cwd(): string;
}

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on?(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

const EXAMPLES = `
Examples:
  $ headgate validate                          check every fragment and chain
  $ headgate providers                         what this .env switches on, and why others are off
  $ headgate explain groq-llama-3.3-70b        its candidates, in order
  $ headgate serve                             the gateway on http://127.0.0.1:4000
  $ headgate new provider acme --base-url https://api.acme.example/v1

Exit codes: 0 success, 1 findings or failure, 2 wrong usage`;

/** The version in package.json, which is beside both src/ and dist/. */
const readVersion = (): string =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string })
    .version;

/**
 * @param args what follows the program's name
 * @returns the exit code; nothing is thrown
 */
export async function main(args: readonly string[], host: Host): Promise<number> {
  const program = new Command("headgate");
  let exitCode: number = EXIT.ok;
  ignoreClosedPipe(host.stdout);
  ignoreClosedPipe(host.stderr);
  const colour = (output: Output): boolean =>
    wantsColour(host.env, output.isTTY === true, program.opts<{ color: boolean }>().color);
  const line = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);
  const terminal = host.stderr.isTTY === true && host.env.TERM !== "dumb";
  const cli: Cli = {
    version: readVersion(),
    cwd: host.cwd(),
    env: host.env,
    nowMs: Date.now,
    colour: () => colour(host.stdout),
    colourErrors: () => colour(host.stderr),
    out: (text) => void host.stdout.write(line(text)),
    err: (text) => void host.stderr.write(line(text)),
    // A getter, because reading `stdin` opens it.
    get confirm() {
      const { stdin, stderr } = host;
      if (stdin?.isTTY !== true || stderr.isTTY !== true) return undefined;
      return (question: string) => {
        stderr.write(`${question} [y/N] `);
        return readYes(stdin);
      };
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

  program
    .description("One endpoint in front of many LLM accounts: compiles provider fragments and serves them.")
    .version(cli.version, "--version", "print the version")
    .helpOption("-h, --help", "show help for a command")
    .option("--no-color", "no colours, also on a terminal (NO_COLOR does the same)")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(headgate --help lists the commands)")
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
      getOutHasColors: () => wantsColour(host.env, host.stdout.isTTY === true, !args.includes("--no-color")),
      getErrHasColors: () => wantsColour(host.env, host.stderr.isTTY === true, !args.includes("--no-color")),
      outputError: (text, write) => write(text.replace(/^error: /, "headgate: ")),
    });
  registerCommands(program, cli);

  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    return explainFailure(error, cli);
  }
  return exitCode;
}

/** A closed input means no. The terminal stays in line mode, so Ctrl-C remains a signal. */
async function readYes(stdin: NodeJS.ReadableStream): Promise<boolean> {
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    for await (const answer of lines) return /^y(es)?$/i.test(answer.trim());
    return false;
  } finally {
    lines.close();
    stdin.pause();
  }
}

function explainFailure(error: unknown, cli: Cli): number {
  // Commander has already printed what is wrong, or the requested help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
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
