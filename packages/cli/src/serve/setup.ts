import type { Options, RoutingTable } from "@headgate/contract";
import type { Log } from "@headgate/runtime";
import type { Cli } from "../cli.ts";
import type { EnvFile } from "../environment.ts";
import type { TableSource } from "./active-table.ts";

export interface ServeOptions {
  readonly envFile?: string;
  readonly host?: string;
  readonly port?: string;
  readonly stateDir?: string;
  readonly root?: string;
}

/** What serving needs to know, in whichever process it happens. */
export interface Setup {
  readonly cli: Cli;
  readonly given: ServeOptions;
  readonly options: Options;
  readonly stateDir: string;
  readonly clientKey: string;
  readonly log: Log;
  readonly source: TableSource;
  readonly readEnv: () => EnvFile;
}

/** A gateway that is up, in this process or in several. */
export interface Running {
  readonly url: string;
  readonly table: RoutingTable;
  /** Serves the table that was built last. False: it is what is served already. */
  takeUp(): Promise<boolean>;
  /** Lets running requests finish, at most the drain timeout. */
  close(): Promise<void>;
}
