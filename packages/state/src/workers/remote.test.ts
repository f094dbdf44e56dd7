import { expect, it } from "vitest";
import { memoryStore, SharedMemory } from "../memory-store.ts";
import { channelPair } from "../testing/channels.ts";
import { storeContract } from "../testing/store-suite.ts";
import { type Host, hostStore } from "./host.ts";
import { remoteStore } from "./remote.ts";

storeContract(
  "a worker's store",
  async () => {
    const host: Host = await hostStore(memoryStore({ memory: new SharedMemory(), lockTtlMs: 40 }));
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
