/** Opens the store of the gateway's memory. Separate from the gateway's entry: only `serve` opens stores. */
import { join } from "node:path";
import { type Options, present, type StateStore } from "@headgate/contract";
import { openStore } from "@headgate/state";
import type { Log } from "../log.ts";

export {
  channelTo,
  channelToPrimary,
  type Host,
  holdProcessLock,
  hostStore,
  type ProcessLock,
  processLockReleased,
  remoteStore,
} from "@headgate/state";

/**
 * The store that the options name: Redis where its address is given, else a SQLite file in the state directory, which also
 * keeps the memory while Redis is unreachable.
 * @throws {Error} with a readable message, when it cannot be opened
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
        log.warn("the shared memory is unreachable; this gateway counts for itself", { why }),
      onRecovered: () => log.info("the shared memory is reachable again and has this gateway's counts"),
    },
  });
}
