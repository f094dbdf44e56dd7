/** Opens the store of the gateway's memory. Separate from the gateway's entry: only `serve` opens stores. */
import { join } from "node:path";
import { type Options, present, type StateStore } from "@headgate/contract";
import { type Host, hostStore, openStore, systemClock } from "@headgate/state";
import type { Log } from "../log.ts";
import { watchClock } from "./clock-watch.ts";

export {
  channelTo,
  channelToPrimary,
  holdProcessLock,
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

/** Serves workers from a store, and keeps what they count when the wall clock is set. @throws what `store.load` throws */
export async function hostGatewayStore(store: StateStore): Promise<Host> {
  let host: Host | undefined;
  const clock = watchClock((deltaMs) => host?.shift(deltaMs));
  const hosted = await hostStore(store, { clock: { ...systemClock, nowMs: clock.nowMs } });
  host = hosted;
  return {
    ...hosted,
    async close() {
      clock.end();
      await hosted.close();
    },
  };
}
