/** `headgate run`: a client with the gateway in its environment. Nothing is written. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { readOptions } from "@headgate/contract";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { readOrCreateClientKey } from "../client-key.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findPlace, resolveStateDir } from "../place.ts";
import { type GatewayWhere, reachable } from "../running-gateway.ts";
import { filled, readRecipe, recipeIds } from "./recipe.ts";

export interface RunOptions extends GatewayWhere {
  readonly model: string;
}

/** Programs by their own names too: `claude` is claude-code. */
const nameOf = (name: string): string =>
  recipeIds().find((id) => id === name || readRecipe(id).run?.program === name) ?? name;

export function run(cli: Cli, name: string, args: readonly string[], options: RunOptions): Promise<number> {
  const recipe = readRecipe(nameOf(name));
  if (recipe.run === undefined)
    throw new Failure(
      `${recipe.name} is not started by a command; headgate connect ${recipe.id} says how it is set up`,
    );
  const place = findPlace(cli, options.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const { options: own } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const stateDir = resolveStateDir(cli.cwd, place.home, options.stateDir, own.stateDir);
  const {
    program,
    env,
    args: fixed = [],
  } = filled(recipe.run, {
    url: (options.url ?? `http://${reachable(own.host)}:${own.port}`).replace(/\/+$/, ""),
    key: own.apiKey ?? readOrCreateClientKey(stateDir).key,
    model: options.model,
  });
  return new Promise((done, failed) => {
    const child = spawn(program, [...fixed, ...args], {
      cwd: cli.cwd,
      env: { ...cli.env, ...env },
      stdio: "inherit",
    });
    // Ctrl-C goes to both; the client decides.
    const wait = (): void => {};
    process.on("SIGINT", wait);
    child.once("error", (error: NodeJS.ErrnoException) => {
      process.off("SIGINT", wait);
      failed(
        new Failure(
          error.code === "ENOENT"
            ? `${program} is not on the PATH; install ${recipe.name} first`
            : error.message,
        ),
      );
    });
    child.once("close", (code, signal) => {
      process.off("SIGINT", wait);
      done(code ?? (signal === null ? EXIT.failed : 128 + constants.signals[signal]));
    });
  });
}
