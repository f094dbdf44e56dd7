import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeContract } from "../testing/store-suite.ts";
import { sqliteStore } from "./store.ts";

storeContract(
  "a store in SQLite",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "headgate-state-"));
    return {
      open: async () => sqliteStore({ path: join(folder, "state.db"), lockTtlMs: 400 }),
      destroy: async () => rmSync(folder, { recursive: true }),
    };
  },
  { shared: false, seesProcessLocks: true },
);
