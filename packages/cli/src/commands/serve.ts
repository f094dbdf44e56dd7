import { type Command, InvalidArgumentError } from "commander";
import type { Cli } from "../cli.ts";
import { envFileOption, rootOption, stateDirOption } from "../options.ts";
import type { ServeOptions } from "../serve/setup.ts";

export function registerServe(program: Command, cli: Cli): void {
  program
    .command("serve")
    .description(
      "assemble the routing table for this .env and serve it; changes to .env and fragments apply while it runs",
    )
    .addOption(envFileOption())
    .option("--host <host>", "the address to listen on (default: HEADGATE_HOST, otherwise 127.0.0.1)")
    .option("--port <port>", "the port to listen on (default: HEADGATE_PORT, otherwise 4000)", portOf)
    .addOption(stateDirOption())
    .addOption(rootOption())
    .action(
      cli.run(async (options: ServeOptions) => {
        // Loaded here, so that no other command loads the gateway.
        const { serve } = await import("../serve/serve.ts");
        return serve(cli, options);
      }),
    );
}

function portOf(text: string): string {
  if (/^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535) return text;
  throw new InvalidArgumentError("It must be a whole number from 0 to 65535.");
}
