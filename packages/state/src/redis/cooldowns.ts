/** Cooldowns that all replicas share: kept in one hash, and published as they change. */
import { randomUUID } from "node:crypto";
import type { CooldownRecord } from "@headgate/contract";
import type { Redis } from "ioredis";
import type { Clock } from "../clock.ts";
import { type RedisLink, retryMs } from "./link.ts";
import { SAVE_COOLDOWNS } from "./lua.ts";

export type CooldownListener = (records: readonly CooldownRecord[]) => void;

/** Longer than anything cools down; the hash is renewed by every write. */
const KEEP_MS = 40 * 24 * 60 * 60 * 1000;
/** How long a streak is remembered after its cooldown, and a clear for replicas that were away. */
const STREAK_MS = 24 * 60 * 60 * 1000;

/** The script and the shared limits read the first number; the rest is the record. */
const textOf = (record: CooldownRecord): string => `${record.untilMs} ${JSON.stringify(record)}`;

function readText(text: string): CooldownRecord | undefined {
  try {
    const record: unknown = JSON.parse(text.slice(text.indexOf(" ") + 1));
    const { id, untilMs, streak } = record as Partial<CooldownRecord>;
    const whole = typeof id === "string" && typeof untilMs === "number" && typeof streak === "number";
    return whole ? (record as CooldownRecord) : undefined;
  } catch {
    return undefined;
  }
}

export function redisCooldowns(link: RedisLink, clock: Clock, prefix: string) {
  const key = `${prefix}cooldowns`;
  const channel = `${prefix}cooldowns`;
  const sender = randomUUID();
  const listeners = new Set<CooldownListener>();
  const waiting = new Map<string, CooldownRecord>();
  /** The last text of each record that this process saved. */
  const own = new Map<string, string>();
  let subscriber: Redis | undefined;

  const publish = (texts: readonly string[]): void => {
    const records = texts.map(readText).filter((record) => record !== undefined);
    if (records.length > 0) for (const listener of listeners) listener(records);
  };

  const send = async (records: readonly CooldownRecord[], how: "keep" | "replace"): Promise<void> => {
    const pairs = records.flatMap((record) => [record.id, textOf(record)]);
    await link.during((redis) =>
      link.script(redis, SAVE_COOLDOWNS, [key], [channel, sender, KEEP_MS, how, ...pairs]),
    );
    for (const record of records) if (waiting.get(record.id) === record) waiting.delete(record.id);
  };

  /** What the hash holds, without this process's own records. */
  const tellAll = async (): Promise<void> => {
    const records = (await load()).filter((record) => own.get(record.id) !== textOf(record));
    if (records.length > 0) for (const listener of listeners) listener(records);
  };

  const load = async (): Promise<CooldownRecord[]> => {
    const fields = await link.during((redis) => redis.hgetall(key));
    const records = Object.values(fields)
      .map(readText)
      .filter((record) => record !== undefined);
    const overMs = clock.nowMs() - STREAK_MS;
    const endMs = ({ untilMs, clearedAtMs = 0 }: CooldownRecord): number => Math.max(untilMs, clearedAtMs);
    const over = records.filter((record) => endMs(record) < overMs).map(({ id }) => id);
    if (over.length > 0) await link.during((redis) => redis.hdel(key, ...over));
    return records.filter((record) => endMs(record) >= overMs);
  };

  return {
    listeners,
    load,
    /** The command is in the kernel's hands when this returns, if the server is there; else it waits. */
    save(records: readonly CooldownRecord[]): void {
      for (const record of records) {
        waiting.set(record.id, record);
        own.set(record.id, textOf(record));
      }
      if (link.up && records.length > 0) send(records, "replace").catch(() => {});
    },
    async forget(ids: readonly string[]): Promise<void> {
      for (const id of ids) {
        waiting.delete(id);
        own.delete(id);
      }
      if (link.up && ids.length > 0) await link.during((redis) => redis.hdel(key, ...ids));
    },
    /** What is not known to be there yet. */
    async deliver(): Promise<void> {
      if (waiting.size > 0) await send([...waiting.values()], "replace");
    },
    /** After an outage: ours go there, unless a longer cooldown is there; theirs come here. */
    async restore(): Promise<void> {
      const [cleared, begun] = [
        [...waiting.values()].filter(isClear),
        [...waiting.values()].filter(notClear),
      ];
      // The operator's word weighs more than a longer cooldown.
      if (cleared.length > 0) await send(cleared, "replace");
      if (begun.length > 0) await send(begun, "keep");
      await tellAll();
    },
    /** A subscription needs a connection of its own. The other connection reports when the server is away. */
    subscribe(): void {
      if (subscriber !== undefined) return;
      subscriber = link.redis.duplicate({
        retryStrategy: retryMs,
        lazyConnect: true,
        enableOfflineQueue: true,
      });
      subscriber.on("error", () => {});
      subscriber.on("message", (_channel: string, message: string) => {
        const received = readMessage(message);
        if (received !== undefined && received.sender !== sender) publish(received.texts);
      });
      // What was published between the load at the start and the subscription is read from the hash.
      subscriber
        .subscribe(channel)
        .then(() => (link.up ? tellAll() : undefined))
        .catch(() => {});
    },
    close: () => subscriber?.disconnect(),
  };
}

const isClear = ({ untilMs, clearedAtMs }: CooldownRecord): boolean =>
  untilMs === 0 && clearedAtMs !== undefined;
const notClear = (record: CooldownRecord): boolean => !isClear(record);

function readMessage(message: string): { sender: string; texts: string[] } | undefined {
  try {
    const [sender, texts]: unknown[] = JSON.parse(message);
    if (typeof sender !== "string" || !Array.isArray(texts)) return undefined;
    return { sender, texts: texts.filter((text) => typeof text === "string") };
  } catch {
    return undefined;
  }
}
