import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { registerModelsPull } from "./models-pull.ts";
import { registerModelsRefresh } from "./models-refresh.ts";

/** In the order of the help text. */
const SUBCOMMANDS: readonly ((group: Command, cli: Cli) => void)[] = [
  registerModelsPull,
  registerModelsRefresh,
];

export function registerModels(program: Command, cli: Cli): void {
  const group = program
    .command("models")
    .description("download local models, and compare fragments with providers' lists")
    .helpCommand(false)
    .usage("<command> [options]");
  for (const register of SUBCOMMANDS) register(group, cli);
}
