/** Where a gateway in the background leaves its traces, all in the state directory. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Options, readOptions } from "@headgate/contract";
import { processLockReleased } from "@headgate/state/process-lock";
import type { Cli } from "../cli.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findPlace, type Place, resolveStateDir } from "../place.ts";
import type { ServeOptions } from "../serve/setup.ts";
import { writeWhole } from "../settings/files.ts";

export interface Traces {
  readonly stateDir: string;
  /** Held for as long as the gateway runs, however it ends. */
  readonly lock: string;
  /** Its process id. */
  readonly pid: string;
  /** Its address and the flags that it was started with. */
  readonly record: string;
  readonly log: string;
}

export interface BackgroundRecord {
  readonly pid: number;
  readonly url: string;
  /** As `serve` takes them. */
  readonly given: ServeOptions;
}

export const tracesIn = (stateDir: string): Traces => ({
  stateDir,
  lock: join(stateDir, "gateway.lock"),
  pid: join(stateDir, "gateway.pid"),
  record: join(stateDir, "gateway.json"),
  log: join(stateDir, "gateway.log"),
});

export function findTraces(
  cli: Cli,
  given: Pick<ServeOptions, "root" | "envFile" | "stateDir">,
): { readonly traces: Traces; readonly place: Place; readonly options: Options } {
  const place = findPlace(cli, given.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: given.envFile });
  const { options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const stateDir = resolveStateDir(cli.cwd, place.home, given.stateDir, options.stateDir);
  return { traces: tracesIn(stateDir), place, options };
}

/** Whether the lock's file is there and a process holds it. */
export function isHeld({ lock }: Traces): boolean {
  try {
    readFileSync(lock);
  } catch {
    return false;
  }
  return !processLockReleased(lock);
}

/** Undefined where none was written, or it is half written. */
export function readRecord({ record }: Traces): BackgroundRecord | undefined {
  try {
    const { pid, url, given } = JSON.parse(readFileSync(record, "utf8")) as Partial<BackgroundRecord>;
    if (typeof pid !== "number" || typeof url !== "string" || typeof given !== "object") return undefined;
    return { pid, url, given };
  } catch {
    return undefined;
  }
}

export function writeRecord(traces: Traces, record: BackgroundRecord): void {
  writeWhole(traces.record, `${JSON.stringify(record)}\n`, 0o600);
}

export const writePid = ({ pid }: Traces): void => writeFileSync(pid, `${process.pid}\n`, { mode: 0o600 });

export function readPid({ pid }: Traces): number | undefined {
  try {
    const number = Number(readFileSync(pid, "utf8").trim());
    return Number.isInteger(number) && number > 0 ? number : undefined;
  } catch {
    return undefined;
  }
}

export function removeTraces({ pid, record }: Traces): void {
  rmSync(pid, { force: true });
  rmSync(record, { force: true });
}
