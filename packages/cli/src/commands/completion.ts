import { Argument, Command } from "commander";
import { type Cli, EXIT } from "../cli.ts";
import type { Shell } from "../completion.ts";

/** @param registerAll adds every command to a program */
export function registerCompletion(
  program: Command,
  cli: Cli,
  registerAll: (program: Command) => Promise<void>,
): void {
  program
    .command("completion")
    .description("print a script that completes commands and options")
    .addArgument(new Argument("<shell>", "the shell that reads it").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
  $ source <(headgate completion bash)          in ~/.bashrc
  $ source <(headgate completion zsh)           in ~/.zshrc
  $ headgate completion fish | source           in ~/.config/fish/config.fish`,
    )
    .action(
      cli.run(async (shell: Shell) => {
        const { completionScript } = await import("../completion.ts");
        const whole = new Command("headgate");
        await registerAll(whole);
        cli.out(completionScript(whole, shell));
        return EXIT.ok;
      }),
    );
}
