/** `--show-cache` and `--clear-cache`: the remembered failures; no request is sent. */
import { closest, readOptions } from "@headgate/contract";
import { type Cli, count, EXIT, Failure } from "../cli.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findPlace, resolveStateDir } from "../place.ts";
import { cachePath, readCache, writeCache } from "./failure-cache.ts";
import type { RefreshOptions } from "./refresh-options.ts";
import { showCache } from "./show.ts";

export function printCache(cli: Cli, options: RefreshOptions): number {
  const { stateDir, failures } = open(cli, options);
  const wanted = [...failures].filter(
    ([provider]) => options.provider === undefined || provider === options.provider,
  );
  if (options.json === true) {
    const plain = Object.fromEntries(
      wanted.map(([provider, models]) => [provider, Object.fromEntries(models)]),
    );
    cli.out(JSON.stringify({ path: cachePath(stateDir), failures: plain }, null, 2));
  } else cli.out(showCache(new Map(wanted), cachePath(stateDir), cli.colour()));
  return EXIT.ok;
}

/** @param wanted a provider's id, or `all` */
export function clearCache(cli: Cli, options: RefreshOptions, wanted: string): number {
  const { stateDir, failures, writable, warning } = open(cli, options);
  if (!writable)
    throw new Failure(`${cachePath(stateDir)} cannot be changed by this version; delete it to start anew`);
  const cleared = [...failures].filter(([provider]) => wanted === "all" || provider === wanted);
  const number = cleared.reduce((sum, [, models]) => sum + models.size, 0);
  const left = new Map([...failures].filter(([provider]) => wanted !== "all" && provider !== wanted));
  if (number > 0 || (wanted === "all" && warning !== undefined)) writeCache(stateDir, left);
  const near = number > 0 || wanted === "all" ? undefined : closest(wanted, [...failures.keys()]);
  if (options.json === true)
    cli.out(JSON.stringify({ path: cachePath(stateDir), forgotten: number }, null, 2));
  else if (number > 0)
    cli.out(`cleared ${count(number, "failure")}; the next refresh tests these models again`);
  else {
    const ofWhich = wanted === "all" ? "" : ` of ${wanted}`;
    cli.out(`no failure${ofWhich} was remembered${near === undefined ? "" : `; did you mean ${near}?`}`);
  }
  return EXIT.ok;
}

function open(cli: Cli, options: RefreshOptions) {
  const place = findPlace(cli, options.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: options.envFile });
  const gateway = readOptions(readOptionEnvironment(envFile, cli.env).values).options;
  const stateDir = resolveStateDir(cli.cwd, place.home, options.stateDir, gateway.stateDir);
  const cache = readCache(stateDir);
  if (cache.warning !== undefined) cli.err(`headgate: ${cache.warning}`);
  return { stateDir, ...cache };
}
