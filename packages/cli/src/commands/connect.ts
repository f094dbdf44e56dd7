import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import type { ConnectOptions } from "../connect/connect.ts";
import type { RunOptions } from "../connect/run.ts";
import { envFileOption, rootOption, stateDirOption, urlOption } from "../options.ts";

const DEFAULT_MODEL = "free-mode";

export function registerConnect(program: Command, cli: Cli): void {
  program
    .command("connect")
    .description("set a client up for the gateway: show the change, keep the way back, and write it")
    .argument("<client>", "such as claude-code, codex, opencode, aider; headgate connect list names all")
    .option("--model <name>", "the alias or group that the client asks for", DEFAULT_MODEL)
    .option("--haiku <name>", "for claude-code: its small model")
    .option("--sonnet <name>", "for claude-code: its middle model")
    .option("--opus <name>", "for claude-code: its large model")
    .option("--subagent <name>", "for claude-code: the model of its subagents")
    .option("--dry-run", "show the change, and write nothing")
    .option("--yes", "write without a question")
    .option("--undo", "restore the client's files byte for byte, and revoke its key")
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      `
The client gets a key of its own (headgate clients). No gateway needs to run. Comments, order and all other settings of its
files stay. With --url the client is set up for a gateway on another machine, whose key is in HEADGATE_API_KEY.

  $ headgate connect list
  $ headgate connect codex --dry-run
  $ headgate connect claude-code --haiku local-mode --yes
  $ headgate connect claude-code --undo`,
    )
    .action(
      cli.run(async (client: string, options: ConnectOptions) => {
        if (client === "list") return (await import("../connect/list.ts")).list(cli);
        return (await import("../connect/connect.ts")).connect(cli, client, options);
      }),
    );
}

export function registerRun(program: Command, cli: Cli): void {
  program
    .command("run")
    .description("start a client with the gateway in its environment; writes nothing")
    .argument("<client>", "such as claude, codex, aider")
    .argument("[args...]", "what the client gets")
    .option("--model <name>", "the alias or group that the client asks for", DEFAULT_MODEL)
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(rootOption())
    .passThroughOptions()
    .addHelpText(
      "after",
      "\n  $ headgate run claude\n  $ headgate run --model free-mode codex exec 'say hello'",
    )
    .action(
      cli.run(async (client: string, args: string[], options: RunOptions) =>
        (await import("../connect/run.ts")).run(cli, client, args, options),
      ),
    );
}
