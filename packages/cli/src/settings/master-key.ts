/** A new master key, where the old one is kept: in .env, or in the state directory. It holds from the next start on. */
import { rmSync } from "node:fs";
import { readOptions } from "@headgate/contract";
import { type Cli, Failure } from "../cli.ts";
import { makeKey, readOrCreateClientKey } from "../client-key.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findPlace, resolveStateDir } from "../place.ts";
import { setVariable } from "./env-text.ts";
import { writeWhole } from "./files.ts";
import { Sources, type Where } from "./read.ts";

const NAME = "HEADGATE_API_KEY";

/** @throws {Failure} where the shell sets the key */
export function rotateMasterKey(cli: Cli, where: Where): { readonly key: string; readonly where: string } {
  const place = findPlace(cli, where.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: where.envFile });
  const { from } = new Sources(envFile, cli.env).variable(NAME);
  if (from === "shell")
    throw new Failure(
      `${NAME} is set by the shell that started the gateway; change it there and restart the gateway`,
    );
  if (from === "keys")
    throw new Failure(`${NAME} is in a keys file or sealed; change it there and restart the gateway`);
  if (from === "file") {
    const key = makeKey();
    const text = setVariable(envFile.raw ?? "", NAME, key);
    if (text === undefined)
      throw new Failure(`the line of ${NAME} in .env cannot be changed; change it by hand`);
    writeWhole(envFile.path, text, 0o600);
    return { key, where: envFile.path };
  }
  const { options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const stateDir = resolveStateDir(cli.cwd, place.home, where.stateDir, options.stateDir);
  rmSync(readOrCreateClientKey(stateDir).path);
  const { key, path } = readOrCreateClientKey(stateDir);
  return { key, where: path };
}
