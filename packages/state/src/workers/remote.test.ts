import { expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { memoryStore, SharedMemory } from "../memory-store.ts";
import { channelPair } from "../testing/channels.ts";
import { claim, MINUTE, meter } from "../testing/claims.ts";
import { storeContract } from "../testing/store-suite.ts";
import { type Host, hostStore } from "./host.ts";
import { remoteStore } from "./remote.ts";

storeContract(
  "a worker's store",
  async () => {
    const host: Host = await hostStore(memoryStore({ memory: new SharedMemory(), lockTtlMs: 400 }));
    return {
      async open() {
        const { worker, primary, close } = channelPair();
        host.attach(primary);
        const store = remoteStore({ channel: worker, timeoutMs: 2_000 });
        return {
          ...store,
          async close() {
            await store.close();
            close();
          },
        };
      },
      destroy: () => host.close(),
    };
  },
  { shared: true, seesProcessLocks: true },
);

it("takes a leader lock from the primary's shared server, or from the state directory alone", async () => {
  const here = memoryStore();
  const host = await hostStore({ ...memoryStore(), leaderLockHere: here.leaderLock });
  const { worker, primary, close } = channelPair();
  host.attach(primary);
  const store = remoteStore({ channel: worker, timeoutMs: 2_000 });
  const never = new AbortController().signal;
  // One name, two tables: neither waits for the other.
  const locks = [
    await store.leaderLock("resources", never),
    await store.leaderLockHere?.("resources", never),
  ];
  for (const leaderLock of locks) expect(leaderLock?.lost.aborted).toBe(false);
  for (const leaderLock of locks) await leaderLock?.release();
  close();
  await host.close();
  await here.close();
});

it("counts a reservation that left its worker before the clock was set, and arrives afterwards, at the new time", async () => {
  const HOUR_MS = 3_600_000;
  let nowMs = Date.UTC(2026, 10, 21, 12);
  const host: Host = await hostStore(memoryStore(), { clock: { ...systemClock, nowMs: () => nowMs } });
  const { worker, primary, close } = channelPair();
  host.attach(primary);
  const { shared } = remoteStore({ channel: worker, timeoutMs: 2_000 });
  const claims = [claim([meter("m", MINUTE, 2)])];
  const beforeMs = nowMs;
  expect((await shared?.reserve(claims, beforeMs))?.index).toBe(0);
  nowMs += HOUR_MS;
  host.shift(HOUR_MS);
  expect((await shared?.reserve(claims, beforeMs))?.index).toBe(0);
  expect((await shared?.reserve(claims, nowMs))?.index).toBe(-1);
  close();
  await host.close();
});
