/** The command line as Commander reads it: builds the program out of its commands and runs one. */
import { Command, CommanderError } from "commander";
import { type Cli, EXIT } from "./cli.ts";
import { registerCommands } from "./commands/all.ts";

const EXAMPLES = `
Examples:
  $ headgate validate                          check every fragment and chain
  $ headgate providers                         what this .env switches on, and why others are off
  $ headgate explain groq-llama-3.3-70b        its candidates, in order
  $ headgate serve                             the gateway on http://127.0.0.1:4000
  $ headgate new provider acme --base-url https://api.acme.example/v1

Exit codes: 0 success, 1 findings or failure, 2 wrong usage`;

export interface Writers {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * @param writers take text as it is; Commander ends its lines itself
 * @returns the exit code of help and of wrong usage; undefined where a command ran, which sets its own
 */
export async function runProgram(
  args: readonly string[],
  cli: Cli,
  writers: Writers,
): Promise<number | undefined> {
  const program = new Command("headgate");
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
      writeOut: writers.out,
      writeErr: writers.err,
      getOutHasColors: cli.colour,
      getErrHasColors: cli.colourErrors,
      outputError: (text, write) => write(text.replace(/^error: /, "headgate: ")),
    });
  await registerCommands(program, cli, args);
  try {
    await program.parseAsync(args, { from: "user" });
    return undefined;
  } catch (error) {
    // Commander has already printed the usage error or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}
