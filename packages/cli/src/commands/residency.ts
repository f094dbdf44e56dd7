/** `headgate load | unload | pin | unpin`: what an operator wants of a local model's memory, of the running gateway. */
import type { Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
}

const COMMANDS = {
  load: {
    route: "load",
    about: "load it, as a request would, and wait until it is loaded",
    done: "is loaded",
  },
  unload: {
    route: "evict",
    about: "unload it as soon as it has no job",
    done: "is unloaded as soon as it has no job",
  },
  pin: { route: "pin", about: "never evict it, from now or from its next load on", done: "stays loaded" },
  unpin: { route: "unpin", about: "allow its eviction again", done: "may be evicted again" },
} as const;

export type ResidencyCommand = keyof typeof COMMANDS;

export const registerResidency =
  (name: ResidencyCommand) =>
  (program: Command, cli: Cli): void => {
    const { route, about, done } = COMMANDS[name];
    program
      .command(name)
      .argument("<model>", "a local model's alias")
      .description(`a local model of the running gateway: ${about}`)
      .addOption(urlOption())
      .addOption(envFileOption())
      .addOption(stateDirOption())
      .addOption(jsonOption())
      .addOption(rootOption())
      .action(
        cli.run(async (model: string, options: Options) => {
          const gateway = runningGateway(cli, options);
          const answer = await gateway.request("POST", `/admin/resources/${route}`, { model });
          const { key } = answer as { readonly key: string };
          cli.out(options.json === true ? JSON.stringify(answer) : `${done}: ${key}`);
          return EXIT.ok;
        }),
      );
  };
