/** Opens the store that the settings name. */
import { present, type StateStore } from "@headgate/contract";
import { StoreSettingError } from "./failures.ts";
import { memoryStore } from "./memory-store.ts";
import { type RedisOptions, redisStore } from "./redis/store.ts";
import { sqliteStore } from "./sqlite/store.ts";

export interface StoreOptions {
  /** Shared with other replicas; HEADGATE_REDIS_URL. */
  readonly redisUrl?: string;
  /** The SQLite file, such as `<state directory>/state.db`. With `redisUrl` too, it remembers while the server is away. */
  readonly path?: string;
  /** Remember nothing beyond this process. */
  readonly memory?: boolean;
  readonly warn?: (message: string) => void;
  readonly redis?: Pick<RedisOptions, "name" | "timeoutMs" | "leaseMs" | "onDegraded" | "onRecovered">;
}

/** @throws StoreSettingError when the settings cannot be satisfied; the message names what to change */
export async function openStore(options: StoreOptions): Promise<StateStore> {
  const { redisUrl, path, memory = false, warn } = options;
  if (memory && redisUrl !== undefined) {
    throw new StoreSettingError("memory alone and HEADGATE_REDIS_URL are both set; choose one.");
  }
  if (memory) return memoryStore();
  if (redisUrl === undefined && path === undefined) {
    throw new StoreSettingError("no store is configured: set HEADGATE_STATE_DIR or HEADGATE_REDIS_URL.");
  }
  const local = path === undefined ? undefined : sqliteStore(present({ path, warn }));
  if (redisUrl === undefined) return local ?? memoryStore();
  try {
    return await redisStore({ ...options.redis, ...present({ url: redisUrl, warn, local }) });
  } catch (error) {
    await local?.close();
    throw error;
  }
}
