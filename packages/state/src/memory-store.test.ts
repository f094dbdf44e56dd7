import { memoryStore, SharedMemory } from "./memory-store.ts";
import { storeContract } from "./testing/store-suite.ts";

storeContract(
  "a store in memory",
  async () => {
    const memory = new SharedMemory();
    return { open: async () => memoryStore({ memory, shared: true, lockTtlMs: 400 }) };
  },
  { shared: true, seesProcessLocks: true },
);
