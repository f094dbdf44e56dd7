/** Every command, in the order and the groups of the help text. A command is one file that registers itself. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { registerBuild } from "./build.ts";
import { registerExplain } from "./explain.ts";
import { registerKey } from "./key.ts";
import { registerKeys } from "./keys.ts";
import { registerModels } from "./models.ts";
import { registerNew } from "./new.ts";
import { registerProviders } from "./providers.ts";
import { registerPs } from "./ps.ts";
import { registerServe } from "./serve.ts";
import { registerValidate } from "./validate.ts";

export function registerCommands(program: Command, cli: Cli): void {
  program.commandsGroup("Serve:");
  registerServe(program, cli);
  registerKey(program, cli);
  program.commandsGroup("Look:");
  registerProviders(program, cli);
  registerExplain(program, cli);
  registerKeys(program, cli);
  registerPs(program, cli);
  program.commandsGroup("Change the catalogue:");
  registerValidate(program, cli);
  registerModels(program, cli);
  registerNew(program, cli);
  registerBuild(program, cli);
  program.commandsGroup("Help:").helpCommand("help [command]", "show help for a command");
}
