import { type Command, InvalidArgumentError } from "commander";
import type { LogsOptions } from "../background/logs.ts";
import type { Cli } from "../cli.ts";
import { envFileOption, hostOption, portOption, rootOption, stateDirOption } from "../options.ts";
import type { ServeOptions } from "../serve/setup.ts";

type Name = "start" | "stop" | "restart";

const DESCRIPTIONS: Readonly<Record<Name, string>> = {
  start: "start the gateway in the background; does nothing where it runs already",
  stop: "stop the gateway in the background, once its running requests are done",
  restart: "stop and start it, with the flags that it had",
};

const EXAMPLES: Readonly<Record<Name, string>> = {
  start: `
The process holds a lock in the state directory for as long as it runs; its log is gateway.log there, of at most 10 MiB,
with three older ones.

  $ headgate start --port 4001
  $ headgate logs --follow`,
  stop: `
Requests have HEADGATE_DRAIN_TIMEOUT_MS to end. A process that goes on for 5 s longer is killed.

  $ headgate stop`,
  restart: `
  $ headgate restart`,
};

export function registerBackground(name: Name): (program: Command, cli: Cli) => void {
  return (program, cli) => {
    const command = program.command(name).description(DESCRIPTIONS[name]);
    if (name !== "stop") command.addOption(hostOption()).addOption(portOption());
    command
      .addOption(envFileOption())
      .addOption(stateDirOption())
      .addOption(rootOption())
      .addHelpText("after", EXAMPLES[name])
      .action(
        cli.run(async (options: ServeOptions) =>
          (await import("../background/start.ts"))[name](cli, options),
        ),
      );
  };
}

export function registerLogs(program: Command, cli: Cli): void {
  program
    .command("logs")
    .description("the log of the gateway in the background")
    .option("-n, --lines <n>", "the number of lines", linesOf, 50)
    .option("-f, --follow", "go on with what is added; Ctrl-C ends it")
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(rootOption())
    .addHelpText("after", "\n  $ headgate logs --lines 200\n  $ headgate logs --follow")
    .action(
      cli.run(async (options: LogsOptions) => (await import("../background/logs.ts")).logs(cli, options)),
    );
}

function linesOf(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of lines.");
}
