import type { Options, RoutingTable } from "@headgate/contract";
import type { Log } from "@headgate/runtime";
import type { Cli } from "../cli.ts";
import type { EnvFile } from "../environment.ts";

export interface ServeOptions {
  readonly envFile?: string;
  readonly host?: string;
  readonly port?: string;
  readonly stateDir?: string;
  readonly root?: string;
  /** `headgate start` waits for this process, and it holds the background's lock. */
  readonly background?: true;
}

/** The input of serving, in the primary and in workers. */
export interface Setup {
  readonly cli: Cli;
  readonly given: ServeOptions;
  readonly options: Options;
  readonly stateDir: string;
  readonly clientKey: string;
  readonly log: Log;
  readonly readEnv: () => EnvFile;
  /** A client pulled or deleted a model at a server of one's own. */
  readonly modelsChanged: () => void;
}

/** A running gateway, in this process or in several. */
export interface Running {
  readonly url: string;
  readonly table: RoutingTable;
  /** Serves this table from the next request on. Resolves to false where it is served already. */
  applyChange(table: RoutingTable): Promise<boolean>;
  /** Lets running requests finish, for the drain timeout at most. */
  close(): Promise<void>;
}

/** The arguments of another process that serves the same. */
export const argumentsOf = ({ envFile, host, port, stateDir, root }: ServeOptions): string[] =>
  Object.entries({
    "--env-file": envFile,
    "--host": host,
    "--port": port,
    "--state-dir": stateDir,
    "--root": root,
  }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
