import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { envFileOption, hostOption, portOption, rootOption, stateDirOption } from "../options.ts";
import type { ServiceOptions } from "../service.ts";

export function registerService(program: Command, cli: Cli): void {
  const group = program
    .command("service")
    .description("run the gateway as a service of your session: systemd on Linux, launchd on macOS")
    .helpCommand(false);
  group
    .command("install")
    .description("write the unit, switch it on and start it")
    .option("--print", "print the unit, and write nothing")
    .addOption(hostOption())
    .addOption(portOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(rootOption())
    .addHelpText("after", "\n  $ headgate service install --port 4001\n  $ headgate service install --print")
    .action(
      cli.run(async (options: ServiceOptions) =>
        (await import("../service.ts")).installService(cli, options),
      ),
    );
  group
    .command("uninstall")
    .description("stop it, and delete the unit")
    .addHelpText("after", "\n  $ headgate service uninstall")
    .action(cli.run(async () => (await import("../service.ts")).uninstallService(cli)));
}
