/** A store that several replicas share: Redis or Valkey. While it is away every replica remembers and counts for itself. */
import type { CooldownRecord, MeterRecord, Remembered, StateStore } from "@headgate/contract";
import { type Clock, systemClock } from "../clock.ts";
import { leaderLocks } from "../leader-locks.ts";
import { readRedisUrl } from "./address.ts";
import { redisCooldowns } from "./cooldowns.ts";
import { redisKept } from "./kept.ts";
import { redisLocks } from "./leader-locks.ts";
import { redisLimits } from "./limits.ts";
import { RedisLink } from "./link.ts";
import { APPLY, RESERVE, SAVE_COOLDOWNS } from "./lua.ts";
import { cooldownToOwn, cooldownToServer, inServerTime, sameTime, serverTime } from "./server-time.ts";

export interface RedisOptions {
  /** redis://, rediss:// (TLS), valkey://, valkeys:// or unix://; may hold a user and a password. */
  readonly url: string;
  /** What keys begin with; gateways that share quotas share it. */
  readonly name?: string;
  /** A store on this machine that remembers too, for a start or a restart while the server is away. */
  readonly local?: StateStore;
  /** How long a reservation waits for the server before its caller counts for itself. */
  readonly timeoutMs?: number;
  readonly leaseMs?: number;
  readonly maxQueued?: number;
  readonly flushMs?: number;
  readonly lockTtlMs?: number;
  readonly warn?: (message: string) => void;
  /** The server is away, once per outage; and back, with everything delivered. */
  readonly onDegraded?: (why: string) => void;
  readonly onRecovered?: () => void;
  readonly clock?: Clock;
}

const TIMEOUT_MS = 150;
const LEASE_MS = 60_000;
const MAX_QUEUED = 20_000;
const FLUSH_MS = 250;
const METERS_KEEP_MS = 40 * 24 * 60 * 60 * 1000;
const CLOSE_MS = 2_000;

/** @throws StoreSettingError when the URL is wrong or the server refuses us; a server that is away is only an outage */
export async function redisStore(options: RedisOptions): Promise<StateStore> {
  const address = readRedisUrl(options.url);
  const clock = options.clock ?? systemClock;
  const warn = options.warn ?? (() => {});
  const prefix = `{${options.name ?? "headgate"}}:`;
  const { local } = options;
  // Loaded here, so that a gateway without Redis pays nothing.
  const { Redis } = await import("ioredis");

  const link = new RedisLink(Redis, {
    address,
    clock,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    onDegraded(why) {
      warn(
        `Redis at ${address.shown} is away (${why}). This replica counts for itself until it is back; limits may be overshot by what the replicas use together.`,
      );
      options.onDegraded?.(why);
    },
    onRecovered() {
      warn(`Redis at ${address.shown} is back; what was used meanwhile was delivered.`);
      options.onRecovered?.();
    },
    async restore() {
      // Known beforehand, so that no call needs a second round trip.
      for (const lua of [RESERVE, APPLY, SAVE_COOLDOWNS])
        await link.during((redis) => redis.script("LOAD", lua));
      await time.measure();
      await limits.deliver();
      await cooldowns.restore();
      await write();
    },
  });
  // A clock that is passed in cannot be set by a user.
  const time =
    options.clock === undefined
      ? serverTime(clock, () =>
          link.during(async (redis) => {
            const [seconds, micros] = await redis.time();
            return Number(seconds) * 1_000 + Number(micros) / 1_000;
          }),
        )
      : sameTime;
  const theirClock: Clock = { ...clock, nowMs: () => time.toServer(clock.nowMs()) };
  const limits = redisLimits({
    link,
    clock: theirClock,
    prefix,
    leaseMs: options.leaseMs ?? LEASE_MS,
    maxQueued: options.maxQueued ?? MAX_QUEUED,
    warn,
  });
  const cooldowns = redisCooldowns(link, theirClock, prefix);
  const meters = new Map<string, MeterRecord>();
  const metersKey = `${prefix}meters`;

  const write = async (): Promise<void> => {
    const records = [...meters.values()];
    if (records.length > 0) {
      const pairs = records.flatMap(({ id, data }) => [id, data]);
      await link.during(async (redis) => {
        await redis.hset(metersKey, ...pairs);
        await redis.pexpire(metersKey, METERS_KEEP_MS);
      });
      for (const record of records) if (meters.get(record.id) === record) meters.delete(record.id);
    }
    await kept.deliver();
  };
  let stopTimer: (() => void) | undefined;
  const touch = (): void => {
    // What waits while the server is away is written when it is back.
    if (stopTimer !== undefined || !link.up) return;
    stopTimer = clock.after(options.flushMs ?? FLUSH_MS, () => {
      stopTimer = undefined;
      if (link.up) write().catch(() => {});
    });
  };
  const kept = redisKept(link, clock, prefix, touch);
  const locks = leaderLocks(redisLocks(link, prefix), { clock, ttlMs: options.lockTtlMs });

  try {
    await link.open();
  } catch (error) {
    limits.close();
    throw error;
  }
  let closed = false;

  return {
    async load() {
      const here = (await local?.load()) ?? { cooldowns: [], meters: [] };
      if (!link.up) return here;
      const there = (await cooldowns.load()).map(cooldownToOwn(time));
      const counters = await link.during((redis) => redis.hgetall(metersKey));
      return merge(here, {
        cooldowns: there,
        meters: Object.entries(counters).map(([id, data]) => ({ id, data })),
      });
    },
    saveCooldowns(records) {
      local?.saveCooldowns(records);
      cooldowns.save(records.map(cooldownToServer(time)));
    },
    saveMeters(records) {
      local?.saveMeters(records);
      for (const record of records) meters.set(record.id, record);
      touch();
    },
    forget(ids) {
      if (ids.length === 0) return;
      local?.forget(ids);
      for (const id of ids) meters.delete(id);
      cooldowns.forget(ids).catch(() => {});
      if (link.up) link.during((redis) => redis.hdel(metersKey, ...ids)).catch(() => {});
    },
    kept,
    shared: inServerTime(limits, time),
    onCooldowns(listener) {
      cooldowns.listeners.add((records) => listener(records.map(cooldownToOwn(time))));
      cooldowns.subscribe();
    },
    // A process lock on another machine cannot be seen: such a leader lock lasts until its time is up.
    leaderLock: (name, signal) => locks.hold(name, signal),
    ...(local === undefined
      ? {}
      : {
          leaderLockHere: (name, signal, processLock) =>
            (local.leaderLockHere ?? local.leaderLock)(name, signal, processLock),
        }),
    async close() {
      if (closed) return;
      closed = true;
      await locks.close();
      limits.close();
      stopTimer?.();
      if (link.up) {
        const writes = Promise.all([cooldowns.deliver(), limits.deliver(), write()]).catch(() => {});
        await Promise.race([writes, new Promise<void>((resolve) => clock.after(CLOSE_MS, resolve))]);
      }
      cooldowns.close();
      link.close();
      await local?.close();
    },
  };
}

/** The server's records win; of a cooldown that both have, the longer one that was not cleared. */
function merge(here: Remembered, there: Remembered): Remembered {
  const cooldowns = new Map<string, CooldownRecord>();
  for (const record of [...here.cooldowns, ...there.cooldowns]) {
    const known = cooldowns.get(record.id);
    const longer = known === undefined || known.untilMs <= record.untilMs;
    if (longer || isClearedBy(known, record)) cooldowns.set(record.id, record);
  }
  const meters = new Map([...here.meters, ...there.meters].map((record) => [record.id, record]));
  return { cooldowns: [...cooldowns.values()], meters: [...meters.values()] };
}

const isClearedBy = ({ sinceMs = 0 }: CooldownRecord, { clearedAtMs }: CooldownRecord): boolean =>
  clearedAtMs !== undefined && sinceMs <= clearedAtMs;
