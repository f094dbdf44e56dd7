/** Local backends beside the gateway: loaded only where a table has a backend to start. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { RoutingTable } from "@headgate/contract";
import type { LocalBackends } from "@headgate/resources";
import type { Place } from "../place.ts";
import { readSecrets } from "./active-table.ts";
import type { Setup } from "./setup.ts";

export interface LocalBring {
  /** Resolves once the work is known; the work itself runs in the background. */
  apply(table: RoutingTable): Promise<void>;
  /** Stops the programs that it started. */
  close(): Promise<void>;
}

/** For the gateway's process, or for all its workers together: each backend is started once. */
export function localBring({ cli, given, options, stateDir, log, readEnv }: Setup, place: Place): LocalBring {
  let backends: LocalBackends | undefined;
  return {
    async apply(table) {
      if (backends === undefined) {
        if (!wantsAny(table)) return;
        const { LocalBackends } = await import("@headgate/resources");
        const envFile =
          given.envFile === undefined ? join(place.home, ".env") : resolve(cli.cwd, given.envFile);
        backends = new LocalBackends({
          say: (level, message) => log[level](message),
          shell: cli.env,
          stateDir,
          dataDir: resolve(place.home, options.dataDir),
          compose: place.builtIn
            ? undefined
            : { root: place.root, envFile: existsSync(envFile) ? envFile : undefined },
          hidden: Object.values(readSecrets(table, readEnv(), cli.env)),
        });
      }
      backends.apply(table);
    },
    async close() {
      await backends?.close();
    },
  };
}

const wantsAny = ({ providers }: RoutingTable): boolean =>
  providers.some(({ local }) => local !== undefined && local.bringUp.way !== "external");
