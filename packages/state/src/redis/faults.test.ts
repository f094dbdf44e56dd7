/** What happens to a replica when its server fails, in every way a server can. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeaderLock, SharedLimits, StateStore } from "@headgate/contract";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { StoreSettingError, StoreUnavailable } from "../failures.ts";
import { memoryStore, SharedMemory } from "../memory-store.ts";
import { holdProcessLock } from "../process-lock.ts";
import { claim, FLIGHT, MINUTE, meter, settled } from "../testing/claims.ts";
import { eventually } from "../testing/eventually.ts";
import { RedisServer, redisIsHere } from "../testing/redis-server.ts";
import { readRedisUrl } from "./address.ts";
import { type RedisOptions, redisStore } from "./store.ts";

const HOUR_MS = 3_600_000;

describe.skipIf(!redisIsHere)("a replica", () => {
  let servers: RedisServer[] = [];
  let stores: StateStore[] = [];
  afterEach(async () => {
    for (const server of servers) server.thaw();
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all(servers.map((server) => server.stop()));
    servers = [];
    stores = [];
  });
  const serve = async (...args: string[]): Promise<RedisServer> => {
    const server = new RedisServer(args);
    servers.push(server);
    return server.start();
  };
  const replica = async (server: RedisServer, options: Partial<RedisOptions> = {}) => {
    const logged: string[] = [];
    const store = await redisStore({
      url: server.url,
      timeoutMs: 1_000,
      warn: (text) => logged.push(text),
      ...options,
    });
    stores.push(store);
    if (store.shared === undefined) throw new Error("no shared limits");
    return { store, limits: store.shared, logged };
  };
  const isBack = (limits: SharedLimits) =>
    eventually(() =>
      limits.reserve([claim([meter("probe", MINUTE, 1e9)])], Date.now()).then(
        () => true,
        () => false,
      ),
    );

  it("holds one limit exactly with three others under load", async () => {
    const server = await serve();
    const replicas = await Promise.all(Array.from({ length: 4 }, () => replica(server)));
    const rpm = meter("rpm", MINUTE, 137);
    const flight = meter("flight", FLIGHT, 9);
    let inFlight = 0;
    let most = 0;
    let granted = 0;
    const drive = async (limits: SharedLimits): Promise<void> => {
      for (let i = 0; i < 60; i += 1) {
        const takenAtMs = Date.now();
        const grant = await limits.reserve([claim([rpm, flight])], takenAtMs);
        if (grant.ticket === undefined) continue;
        granted += 1;
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise(setImmediate);
        inFlight -= 1;
        limits.settle(grant.ticket, [settled(rpm, 1, takenAtMs)], Date.now());
      }
    };
    await Promise.all(replicas.flatMap(({ limits }) => [limits, limits, limits, limits, limits].map(drive)));
    expect(granted).toBe(137);
    expect(most).toBeLessThanOrEqual(9);
    expect(replicas.flatMap(({ logged }) => logged)).toEqual([]);
  });

  it("never overtakes a limit with others, in any interleaving", async () => {
    const server = await serve();
    const replicas = await Promise.all(Array.from({ length: 4 }, () => replica(server)));
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ index: fc.nat(3), need: fc.integer({ min: 1, max: 3 }), settle: fc.boolean() }),
          {
            maxLength: 40,
          },
        ),
        async (steps) => {
          runs += 1;
          const id = `flight${runs}`;
          const held = new Map<string, number>();
          await Promise.all(
            steps.map(async ({ index, need, settle }) => {
              const limits = replicas[index]?.limits;
              const grant = await limits?.reserve([claim([meter(id, FLIGHT, 5, need)])], Date.now());
              if (grant?.ticket === undefined) return;
              held.set(grant.ticket, need);
              expect([...held.values()].reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(5);
              if (!settle) return;
              held.delete(grant.ticket);
              limits?.settle(grant.ticket, [], Date.now());
            }),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it("counts for itself while the server is down, warns once, and delivers when it is back", async () => {
    const server = await serve();
    const events: string[] = [];
    const { store, limits, logged } = await replica(server, {
      onDegraded: () => events.push("degraded"),
      onRecovered: () => events.push("recovered"),
    });
    const rpm = meter("rpm", MINUTE, 10);
    await limits.reserve([claim([rpm])], Date.now());
    await server.kill();
    await eventually(() => events.length === 1);
    for (let i = 0; i < 50; i += 1) {
      const startMs = performance.now();
      await expect(limits.reserve([claim([rpm])], Date.now())).rejects.toThrow(StoreUnavailable);
      // At once: no request waits for a server that is known to be away.
      expect(performance.now() - startMs).toBeLessThan(100);
    }
    for (let i = 0; i < 8; i += 1) limits.addUsed([settled(rpm, 1, Date.now())], Date.now());
    store.saveCooldowns([{ id: "groq", untilMs: Date.now() + HOUR_MS, streak: 1 }]);
    store.saveMeters([{ id: "m", data: "1" }]);
    store.kept.put({ space: "s", key: "k", value: new Uint8Array([1]), expiresAtMs: Date.now() + HOUR_MS });
    expect(await store.kept.get("s", "k", Date.now())).toEqual(new Uint8Array([1]));
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(/is away/);
    await server.start();
    await isBack(limits);
    expect(events).toEqual(["degraded", "recovered"]);
    expect(logged).toHaveLength(2);
    // The server forgot what was before; what was used meanwhile is all there, once.
    expect((await limits.reserve([claim([{ ...rpm, need: 3 }])], Date.now())).index).toBe(-1);
    expect((await limits.reserve([claim([{ ...rpm, need: 2 }])], Date.now())).index).toBe(0);
    const other = await replica(server);
    const { cooldowns, meters } = await other.store.load();
    expect(cooldowns.map(({ id }) => id)).toEqual(["groq"]);
    expect(meters).toEqual([{ id: "m", data: "1" }]);
    expect(await other.store.kept.get("s", "k", Date.now())).toEqual(new Uint8Array([1]));
  });

  it("settles after the server is back what was taken before it went away, once", async () => {
    const server = await serve();
    const [a, b] = [await replica(server, { timeoutMs: 300 }), await replica(server, { timeoutMs: 300 })];
    const flight = meter("flight", FLIGHT, 1);
    const grant = await a.limits.reserve([claim([flight])], Date.now());
    server.freeze();
    await expect(a.limits.reserve([claim([flight])], Date.now())).rejects.toThrow(StoreUnavailable);
    a.limits.settle(grant.ticket ?? "", [], Date.now());
    server.thaw();
    await isBack(b.limits);
    await eventually(async () => (await b.limits.reserve([claim([flight])], Date.now())).index === 0);
    expect((await b.limits.reserve([claim([flight])], Date.now())).index).toBe(-1);
  });

  it("waits no longer than its timeout for a server that hangs, and gives back what was granted too late", async () => {
    const server = await serve();
    const { limits, logged } = await replica(server, { timeoutMs: 80 });
    const one = [claim([meter("only", MINUTE, 1)])];
    server.freeze();
    const startMs = performance.now();
    await expect(limits.reserve(one, Date.now())).rejects.toThrow("no answer within 80 ms");
    const waitedMs = performance.now() - startMs;
    expect(waitedMs).toBeLessThan(500);
    const nextMs = performance.now();
    await expect(limits.reserve(one, Date.now())).rejects.toThrow(StoreUnavailable);
    expect(performance.now() - nextMs).toBeLessThan(50);
    server.thaw();
    await isBack(limits);
    expect((await limits.reserve(one, Date.now())).index).toBe(0);
    expect((await limits.reserve(one, Date.now())).index).toBe(-1);
    expect(logged.length).toBe(2);
  });

  it("goes on when the server and its scripts are emptied", async () => {
    const server = await serve();
    const { limits, logged } = await replica(server);
    const rpm = meter("rpm", MINUTE, 2);
    const before = await limits.reserve([claim([rpm])], Date.now());
    const admin = new Redis(readRedisUrl(server.url).options);
    await admin.flushall();
    await admin.script("FLUSH");
    // A ticket that is gone changes nothing.
    limits.settle(before.ticket ?? "", [settled(rpm, 100, Date.now())], Date.now());
    expect((await limits.reserve([claim([{ ...rpm, need: 2 }])], Date.now())).index).toBe(0);
    expect((await limits.reserve([claim([rpm])], Date.now())).index).toBe(-1);
    expect(logged).toEqual([]);
    admin.disconnect();
  });

  it("holds no lease past its time after it ended, and renews it while it runs", async () => {
    const server = await serve();
    const leaseMs = 10_000;
    let nowMs = Date.now();
    const timers = new Set<() => void>();
    const clock = {
      nowMs: () => nowMs,
      monotonicMs: () => performance.now(),
      after(ms: number, run: () => void) {
        // Only the renewal is driven by hand.
        const renewal = ms === leaseMs / 3;
        const timer = renewal ? undefined : setTimeout(run, ms).unref();
        if (renewal) timers.add(run);
        return () => {
          timers.delete(run);
          clearTimeout(timer);
        };
      },
    };
    const [running, other] = [await replica(server, { leaseMs, clock }), await replica(server, { leaseMs })];
    const wanted = [claim([meter("flight", FLIGHT, 1)])];
    await running.limits.reserve(wanted, nowMs);
    for (let i = 0; i < 6; i += 1) {
      nowMs += leaseMs / 3;
      for (const run of [...timers]) {
        timers.delete(run);
        run();
      }
      await running.store.load();
      expect((await other.limits.reserve(wanted, nowMs)).index).toBe(-1);
    }
    // From here on it is silent, as a killed process is.
    expect((await other.limits.reserve(wanted, nowMs + leaseMs - 1)).index).toBe(-1);
    expect((await other.limits.reserve(wanted, nowMs + leaseMs + 1)).index).toBe(0);
  });

  it("starts without a server, remembers by itself, and joins when the server comes", async () => {
    const server = new RedisServer();
    servers.push(server);
    const { store, limits, logged } = await replica(server);
    expect(logged).toHaveLength(1);
    expect(await store.load()).toEqual({ cooldowns: [], meters: [] });
    await expect(store.kept.get("s", "k", Date.now())).rejects.toThrow(StoreUnavailable);
    await server.start();
    await isBack(limits);
    expect(logged).toHaveLength(2);
  });

  it("warns when more waits than may, and drops the oldest", async () => {
    const server = await serve();
    const { limits, logged } = await replica(server, { maxQueued: 3, timeoutMs: 300 });
    const tickets: string[] = [];
    const flight = meter("flight", FLIGHT, 5);
    for (let i = 0; i < 5; i += 1) {
      tickets.push((await limits.reserve([claim([flight])], Date.now())).ticket ?? "");
    }
    server.freeze();
    await expect(limits.reserve([claim([flight])], Date.now())).rejects.toThrow(StoreUnavailable);
    for (const ticket of tickets) limits.settle(ticket, [], Date.now());
    expect(logged.filter((text) => text.includes("more than 3 settlements"))).toHaveLength(1);
    server.thaw();
    await isBack(limits);
    // Three came back; the others run out with their leases.
    expect((await limits.reserve([claim([{ ...flight, need: 4 }])], Date.now())).index).toBe(-1);
    expect((await limits.reserve([claim([{ ...flight, need: 2 }])], Date.now())).index).toBe(0);
  });

  it("states what to do about a wrong password, without showing it", async () => {
    const server = await serve("--requirepass", "right");
    const url = server.url.replace("unix://", "unix://:wr%2Fong@localhost");
    const error: unknown = await redisStore({ url }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StoreSettingError);
    expect(String(error)).toMatch(/HEADGATE_REDIS_URL.*refuses us.*WRONGPASS.*user:password/s);
    expect(String(error)).not.toMatch(/wr.{1,3}ong/);
    await expect(redisStore({ url: server.url })).rejects.toThrow("NOAUTH");
    const right = await redisStore({ url: server.url.replace("unix://", "unix://:right@localhost") });
    stores.push(right);
    expect(await right.load()).toEqual({ cooldowns: [], meters: [] });
  });

  it("learns of what another saved before it listened", async () => {
    const server = await serve();
    const [a, b] = [await replica(server), await replica(server)];
    a.store.saveCooldowns([{ id: "groq", untilMs: Date.now() + HOUR_MS, streak: 1 }]);
    await eventually(async () => (await b.limits.reserve([claim([], ["groq"])], Date.now())).index === -1);
    const heard: string[] = [];
    b.store.onCooldowns?.((records) => heard.push(...records.map(({ id }) => id)));
    await eventually(() => heard.includes("groq"));
  });

  it("delivers a clear after an outage, and one that was away learns of it", async () => {
    const server = await serve();
    const clock = { untilMs: Date.now() + HOUR_MS, sinceMs: Date.now() - 9 };
    const longer = { id: "groq", streak: 1, ...clock };
    const local = memoryStore();
    local.saveCooldowns([longer]);
    const a = await replica(server);
    a.store.saveCooldowns([longer]);
    await eventually(async () => (await a.limits.reserve([claim([], ["groq"])], Date.now())).index === -1);
    server.freeze();
    await eventually(() =>
      a.limits.reserve([claim([])], Date.now()).then(
        () => false,
        () => true,
      ),
    );
    a.store.saveCooldowns([{ id: "groq", untilMs: 0, streak: 0, clearedAtMs: Date.now() }]);
    server.thaw();
    await isBack(a.limits);
    expect((await a.limits.reserve([claim([], ["groq"])], Date.now())).index).toBe(0);
    const later = await replica(server, { local });
    expect((await later.store.load()).cooldowns).toMatchObject([{ id: "groq", untilMs: 0 }]);
  });

  it("needs no more rights than docs/state.md names", async () => {
    const docs = readFileSync(join(import.meta.dirname, "../../../../docs/state.md"), "utf8");
    const rights = /The user needs `([^`]+)`/.exec(docs)?.[1]?.split(" ") ?? [];
    const server = await serve();
    const admin = new Redis(readRedisUrl(server.url).options);
    await admin.call("ACL", "SETUSER", "headgate", "on", ">pass", ...rights);
    const url = server.url.replace("unix://", "unix://headgate:pass@localhost");
    const [a, b] = [await replica(server, { url }), await replica(server, { url })];
    const events: string[] = [];
    b.store.onCooldowns?.((records) => events.push(...records.map(({ id }) => id)));
    await eventually(async () => {
      a.store.saveCooldowns([{ id: "groq", untilMs: Date.now() + HOUR_MS, streak: 1 }]);
      a.store.saveMeters([{ id: "m", data: "1" }]);
      await b.store.load();
      return events.length > 0;
    });
    a.store.kept.put({ space: "s", key: "k", value: new Uint8Array([1]), expiresAtMs: Date.now() + HOUR_MS });
    a.store.kept.sweep(Date.now(), { s: 0 });
    await eventually(async () => (await b.store.kept.get("s", "k", Date.now())) === undefined);
    expect(await a.store.kept.delete("s", "k")).toBe(false);
    const leaderLock = await a.store.leaderLock("writer", new AbortController().signal);
    await leaderLock.release();
    expect(
      (await a.limits.reserve([claim([meter("rpm", MINUTE, 1), meter("f", FLIGHT, 1)])], Date.now())).index,
    ).toBe(0);
    a.store.forget(["groq", "m"]);
    expect((await b.store.load()).cooldowns).toEqual([]);
    expect([...a.logged, ...b.logged]).toEqual([]);
    admin.disconnect();
  });

  it("loses the writer's leader lock when the server stays away, and another's token is greater after", async () => {
    const server = await serve();
    const { store } = await replica(server, { lockTtlMs: 60 });
    const never = new AbortController().signal;
    const before = await store.leaderLock("writer", never);
    await server.kill();
    await eventually(() => before.lost.aborted);
    await server.start();
    const after = await store.leaderLock("writer", never);
    expect(after.token).toBeGreaterThan(before.token);
  });

  it("keeps a leader lock of its own state directory while the server is away", async () => {
    const server = await serve();
    const memory = new SharedMemory();
    const local = (): StateStore => memoryStore({ memory, lockTtlMs: 60 });
    const [one, two] = [await replica(server, { local: local() }), await replica(server, { local: local() })];
    const never = new AbortController().signal;
    const folder = mkdtempSync(join(tmpdir(), "headgate-locks-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const processLock = holdProcessLock(folder);
    const held = await one.store.leaderLockHere?.("resources", never, processLock.path);
    await server.kill();
    let next: LeaderLock | undefined;
    const waiting = two.store.leaderLockHere?.("resources", never).then((leaderLock) => {
      next = leaderLock;
      return leaderLock;
    });
    // Others come and go meanwhile, on the same table.
    for (let at = 0; at < 20; at += 1)
      await (await two.store.leaderLockHere?.(`other-${at}`, never))?.release();
    expect([held?.lost.aborted, next]).toEqual([false, undefined]);
    // As a kill would.
    processLock.end(false);
    expect((await waiting)?.token).toBeGreaterThan(held?.token ?? Number.POSITIVE_INFINITY);
  });
});
