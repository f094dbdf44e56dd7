import { expect, it } from "vitest";
import { memoryStore, SharedMemory } from "../memory-store.ts";
import { channelPair } from "../testing/channels.ts";
import { storeContract } from "../testing/store-suite.ts";
import { type Host, hostStore } from "./host.ts";
import { remoteStore } from "./remote.ts";

storeContract(
  "a worker's store",
  async () => {
    const host: Host = await hostStore(memoryStore({ memory: new SharedMemory(), roleTtlMs: 40 }));
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
  { shared: true, seesLives: true },
);

it("asks the primary's shared server for a role, or the state directory alone", async () => {
  const here = memoryStore();
  const host = await hostStore({ ...memoryStore(), roleHere: here.role });
  const { worker, primary, close } = channelPair();
  host.attach(primary);
  const store = remoteStore({ channel: worker, timeoutMs: 2_000 });
  const never = new AbortController().signal;
  // One name, two tables: neither waits for the other.
  const roles = [await store.role("resources", never), await store.roleHere?.("resources", never)];
  for (const role of roles) expect(role?.lost.aborted).toBe(false);
  for (const role of roles) await role?.release();
  close();
  await host.close();
  await here.close();
});
