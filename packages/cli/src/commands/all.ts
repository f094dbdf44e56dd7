/** Every command, in the order and the groups of the help text. A command is one file that registers itself. */
import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { EXAMPLES } from "./examples.ts";

type Register = (program: Command, cli: Cli) => void;

interface Entry {
  readonly name: string;
  /** Another spelling. */
  readonly alias?: string;
  readonly group: string;
  readonly load: () => Promise<Register>;
}

const COMMANDS: readonly Entry[] = [
  { name: "init", group: "Serve:", load: async () => (await import("./init.ts")).registerInit },
  { name: "serve", group: "Serve:", load: async () => (await import("./serve.ts")).registerServe },
  ...(["start", "stop", "restart"] as const).map((name) => ({
    name,
    group: "Serve:",
    load: async () => (await import("./background.ts")).registerBackground(name),
  })),
  { name: "logs", group: "Serve:", load: async () => (await import("./background.ts")).registerLogs },
  { name: "service", group: "Serve:", load: async () => (await import("./service.ts")).registerService },
  { name: "open", group: "Serve:", load: async () => (await import("./open.ts")).registerOpen },
  { name: "key", group: "Serve:", load: async () => (await import("./key.ts")).registerKey },
  { name: "clients", group: "Serve:", load: async () => (await import("./clients.ts")).registerClients },
  { name: "batch", group: "Serve:", load: async () => (await import("./batch.ts")).registerBatch },
  { name: "providers", group: "Look:", load: async () => (await import("./providers.ts")).registerProviders },
  { name: "explain", group: "Look:", load: async () => (await import("./explain.ts")).registerExplain },
  { name: "why", group: "Look:", load: async () => (await import("./why.ts")).registerWhy },
  { name: "usage", group: "Look:", load: async () => (await import("./usage.ts")).registerUsage },
  { name: "quota", group: "Look:", load: async () => (await import("./quota.ts")).registerQuota },
  { name: "status", group: "Look:", load: async () => (await import("./status.ts")).registerStatus },
  { name: "tail", group: "Look:", load: async () => (await import("./tail.ts")).registerTail },
  { name: "test", group: "Look:", load: async () => (await import("./test.ts")).registerTest },
  { name: "audit", group: "Look:", load: async () => (await import("./audit.ts")).registerAudit },
  { name: "keys", group: "Look:", load: async () => (await import("./keys.ts")).registerKeys },
  { name: "connect", group: "Serve:", load: async () => (await import("./connect.ts")).registerConnect },
  { name: "run", group: "Serve:", load: async () => (await import("./connect.ts")).registerRun },
  { name: "secrets", group: "Serve:", load: async () => (await import("./secrets.ts")).registerSecrets },
  { name: "ps", group: "Look:", load: async () => (await import("./ps.ts")).registerPs },
  ...(["load", "unload", "pin", "unpin"] as const).map((name) => ({
    name,
    group: "Local models:",
    load: async () => (await import("./residency.ts")).registerResidency(name),
  })),
  { name: "clear", group: "Repair:", load: async () => (await import("./clear.ts")).registerClear },
  {
    name: "validate",
    group: "Change the catalogue:",
    load: async () => (await import("./validate.ts")).registerValidate,
  },
  {
    name: "models",
    group: "Change the catalogue:",
    load: async () => (await import("./models.ts")).registerModels,
  },
  {
    name: "facts",
    group: "Change the catalogue:",
    load: async () => (await import("./facts.ts")).registerFacts,
  },
  {
    name: "catalog",
    alias: "catalogue",
    group: "Change the catalogue:",
    load: async () => (await import("./catalog.ts")).registerCatalog,
  },
  { name: "new", group: "Change the catalogue:", load: async () => (await import("./new.ts")).registerNew },
  {
    name: "compose-env",
    group: "Serve:",
    load: async () => (await import("./compose-env.ts")).registerComposeEnv,
  },
  {
    name: "settings",
    group: "Serve:",
    load: async () => (await import("./settings.ts")).registerSettings,
  },
  {
    name: "build",
    group: "Change the catalogue:",
    load: async () => (await import("./build.ts")).registerBuild,
  },
  {
    name: "completion",
    group: "Help:",
    load: async () => {
      const { registerCompletion } = await import("./completion.ts");
      return (program, cli) => registerCompletion(program, cli, (whole) => registerCommands(whole, cli, []));
    },
  },
];

/**
 * Registers the command that the arguments name, and no other: the code of the others takes longer to load than most
 * commands run. Where they name none, or help is wanted, all are registered.
 */
export async function registerCommands(program: Command, cli: Cli, args: readonly string[]): Promise<void> {
  // `run` passes what follows the client on.
  program.enablePositionalOptions();
  const name = args.find((arg) => !arg.startsWith("-"));
  const named = COMMANDS.filter((command) => command.name === name || command.alias === name);
  const wanted = named.length === 0 ? COMMANDS : named;
  const registers = await Promise.all(
    wanted.map(async ({ group, load }) => ({ group, register: await load() })),
  );
  for (const { group, register } of registers) {
    program.commandsGroup(group);
    register(program, cli);
  }
  for (const { path, command } of leavesOf(program)) finish(command, EXAMPLES[path] ?? []);
  program.commandsGroup("Help:").helpCommand("help [command]", "show help for a command");
}

interface Leaf {
  /** The words that name it. */
  readonly path: string;
  readonly command: Command;
}

/** The commands that do something, without those that only group others. */
export const leavesOf = (parent: Command, before = ""): Leaf[] =>
  parent
    .createHelp()
    .visibleCommands(parent)
    .flatMap((command) => {
      const path = `${before}${command.name()}`;
      return command.commands.length === 0 ? [{ path, command }] : leavesOf(command, `${path} `);
    });

/** Examples, and both spellings of JSON: `--json` and `--format json`. */
function finish(command: Command, examples: readonly string[]): void {
  if (examples.length > 0)
    command.addHelpText("after", ["", ...examples.map((example) => `  $ ${example}`)].join("\n"));
  const has = (long: string): boolean => command.options.some((option) => option.long === long);
  if (has("--json") && !has("--format"))
    command
      .addOption(new Option("--format <format>", "as --json").choices(["pretty", "json"]).hideHelp())
      .hook("preAction", () => {
        if (command.getOptionValue("format") === "json") command.setOptionValue("json", true);
      });
  else if (has("--format") && !has("--json"))
    command.addOption(new Option("--json", "as --format json").hideHelp()).hook("preAction", () => {
      if (command.getOptionValue("json") === true) command.setOptionValue("format", "json");
    });
}
