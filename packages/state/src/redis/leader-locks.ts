/** Leader locks across machines: a key that expires, and a number that grows. */
import type { LockTable } from "../leader-locks.ts";
import type { RedisLink } from "./link.ts";
import { ACQUIRE, RENEW } from "./lua.ts";

export const redisLocks = (link: RedisLink, prefix: string): LockTable => {
  const run = (lua: string, keys: string[], args: (string | number)[]) =>
    link.query((redis) => link.script(redis, lua, keys, args));
  const keyOf = (name: string): string => `${prefix}leader-lock:${name}`;
  return {
    async acquire(name, holder, ttlMs) {
      const token = await run(ACQUIRE, [keyOf(name), `${prefix}token:${name}`], [holder, ttlMs]);
      return token === null ? undefined : Number(token);
    },
    renew: async (name, holder, ttlMs) => (await run(RENEW, [keyOf(name)], [holder, ttlMs])) === 1,
    async release(name, holder) {
      await run(RENEW, [keyOf(name)], [holder, 0]);
    },
  };
};
