/** Where a gateway's memory lives. Apart from the gateway's entry: only `serve` opens stores. */
import { join } from "node:path";
import { type Options, present, type StateStore } from "@headgate/contract";
import { openStore } from "@headgate/state";
import type { Log } from "../log.ts";

export { channelTo, channelToPrimary, type Host, hostStore, remoteStore } from "@headgate/state";

/**
 * The store that the options ask for: Redis where its address is given, else a SQLite file in the state directory, which
 * also remembers while Redis is away.
 * @throws {Error} in words, when it cannot be had
 */
export function openGatewayStore(
  options: Pick<Options, "redisUrl">,
  stateDir: string,
  log: Log,
): Promise<StateStore> {
  const { redisUrl } = options;
  return openStore({
    path: join(stateDir, "state.db"),
    ...present({ redisUrl }),
    warn: (message) => log.warn(message),
    redis: {
      onDegraded: (why) =>
        log.warn("the shared memory is out of reach; this gateway counts for itself", { why }),
      onRecovered: () => log.info("the shared memory is back; what was used meanwhile has been told to it"),
    },
  });
}
