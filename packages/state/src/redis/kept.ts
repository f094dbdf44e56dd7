/** Records by key on the server. Puts wait here until they are there; the order of reading is a sorted set per space. */
import type { KeptRecord, KeptStore } from "@headgate/contract";
import type { Clock } from "../clock.ts";
import type { RedisLink } from "./link.ts";
import { SWEEP } from "./lua.ts";

export interface RedisKept extends KeptStore {
  /** Writes what waits. @throws StoreUnavailable */
  deliver(): Promise<void>;
}

/** What may wait for a server that is away; beyond it the oldest is forgotten. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** The longest that an index outlives the last record put. */
const INDEX_MS = 400 * 24 * 60 * 60 * 1000;

export function redisKept(link: RedisLink, clock: Clock, prefix: string, touch: () => void): RedisKept {
  const waiting = new Map<string, KeptRecord>();
  const reads = new Map<string, readonly [space: string, key: string, atMs: number]>();
  let waitingBytes = 0;
  const pairOf = (space: string, key: string): string => JSON.stringify([space, key]);
  // A space's name must not run into a key's: its length comes before it.
  const keysOf = (space: string) => ({
    values: `${prefix}k:${space.length}:${space}:`,
    reads: `${prefix}kr:${space}`,
    sizes: `${prefix}ks:${space}`,
  });
  const drop = (pair: string): boolean => {
    const record = waiting.get(pair);
    if (record !== undefined) waitingBytes -= record.value.byteLength;
    return waiting.delete(pair);
  };
  return {
    async get(space, key, nowMs) {
      const pair = pairOf(space, key);
      const record = waiting.get(pair);
      if (record !== undefined) return record.expiresAtMs > nowMs ? record.value : undefined;
      const value = await link.query((redis) => redis.getBuffer(keysOf(space).values + key));
      if (value === null) return undefined;
      reads.set(pair, [space, key, nowMs]);
      touch();
      return new Uint8Array(value);
    },
    put(record) {
      const pair = pairOf(record.space, record.key);
      drop(pair);
      waiting.set(pair, record);
      waitingBytes += record.value.byteLength;
      for (const oldest of waiting.keys()) {
        if (waitingBytes <= MAX_WAITING_BYTES) break;
        drop(oldest);
      }
      touch();
    },
    async delete(space, key) {
      const waited = drop(pairOf(space, key));
      reads.delete(pairOf(space, key));
      const { values, reads: order, sizes } = keysOf(space);
      const there = await link.query(async (redis) => {
        const [removed] = await Promise.all([
          redis.del(values + key),
          redis.zrem(order, key),
          redis.hdel(sizes, key),
        ]);
        return removed > 0;
      });
      return there || waited;
    },
    sweep(_nowMs, maxBytes) {
      const run = async (): Promise<void> => {
        await this.deliver();
        for (const [space, most] of Object.entries(maxBytes)) {
          const { values, reads: order, sizes } = keysOf(space);
          await link.during((redis) => link.script(redis, SWEEP, [order, sizes], [most, values]));
        }
      };
      // The next sweep does what this one could not.
      if (link.up) run().catch(() => {});
    },
    async deliver() {
      const puts = [...waiting];
      const seen = [...reads.values()];
      reads.clear();
      if (puts.length === 0 && seen.length === 0) return;
      const nowMs = clock.nowMs();
      await link.during(async (redis) => {
        const pipeline = redis.pipeline();
        for (const [space, key, atMs] of seen) pipeline.zadd(keysOf(space).reads, "XX", atMs, key);
        for (const [, { space, key, value, expiresAtMs }] of puts) {
          const { values, reads: order, sizes } = keysOf(space);
          if (expiresAtMs <= nowMs) continue;
          pipeline.set(values + key, Buffer.from(value), "PX", Math.ceil(expiresAtMs - nowMs));
          pipeline.zadd(order, nowMs, key);
          pipeline.hset(sizes, key, value.byteLength);
          pipeline.pexpire(order, INDEX_MS);
          pipeline.pexpire(sizes, INDEX_MS);
        }
        const failed = (await pipeline.exec())?.find(([error]) => error !== null);
        if (failed?.[0]) throw failed[0];
      });
      for (const [pair, record] of puts) if (waiting.get(pair) === record) drop(pair);
    },
  };
}
