/**
 * A process that shares local models until it is killed. Arguments: the store's file, the state directory, the backend,
 * the leader lock's time to live in ms. For each model that it is sent it takes a lease, keeps it, and reports it.
 */
import { sqliteStore } from "@headgate/state";
import { ElectedMemory } from "../local/elected-memory.ts";
import { BOX_BUDGET, boxAt, type Model, needFor } from "./local-box.ts";
import { SILENT_LOG } from "./silent-log.ts";

const [path = "", stateDir = "", url = "", lockTtlMs = ""] = process.argv.slice(2);
const nowMs = (): number => performance.timeOrigin + performance.now();
/** Longer than a start on a loaded machine. */
const WAIT_MS = 60_000;
const managed = boxAt(url);
const memory = new ElectedMemory({
  store: sqliteStore({ path, lockTtlMs: Number(lockTtlMs) }),
  stateDir,
  manager: { log: SILENT_LOG, vramBudget: BOX_BUDGET, probe: { read: async () => [] } },
  nowMs,
});
await memory.configure(managed);
process.on("message", (model: Model) => {
  void memory
    .acquire({ need: needFor(managed, model), deadlineMs: nowMs() + WAIT_MS })
    .then(({ granted }) => process.send?.({ model, granted }));
});
process.once("disconnect", () => process.exit());
process.send?.("up");
