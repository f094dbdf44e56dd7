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
  { shared: true },
);
