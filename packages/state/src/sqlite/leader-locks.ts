/** Leader locks as rows: held across the processes of one machine that open the same file. */
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { acquireRow, goneHolder, type LockTable, type Row } from "../leader-locks.ts";
import { transaction } from "./node-sqlite.ts";

export function sqliteLocks(db: DatabaseSync, clock: Clock): LockTable {
  const select = db.prepare("SELECT holder, token, expires_at_ms FROM leader_lock WHERE name = ?");
  const upsert = db.prepare(
    `INSERT INTO leader_lock (name, holder, token, expires_at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token,
       expires_at_ms = excluded.expires_at_ms`,
  );
  const renew = db.prepare("UPDATE leader_lock SET expires_at_ms = ? WHERE name = ? AND holder = ?");
  const release = db.prepare("UPDATE leader_lock SET holder = NULL WHERE name = ? AND holder = ?");
  const rowOf = (name: string): Row | undefined => {
    const found = select.get(name);
    return (
      found && {
        holder: typeof found.holder === "string" ? found.holder : undefined,
        token: Number(found.token),
        expiresAtMs: Number(found.expires_at_ms),
      }
    );
  };
  return {
    async acquire(name, holder, ttlMs) {
      const seen = rowOf(name);
      const gone = goneHolder(seen);
      // A waiting process looks often, and must block no writer.
      const look = acquireRow(seen, holder, ttlMs, clock.nowMs(), gone);
      if (!look.held && look.row.expiresAtMs === seen?.expiresAtMs) return undefined;
      return transaction(db, () => {
        // Another process may have been faster: the row then names it, and not the holder that is gone.
        const { row, held } = acquireRow(rowOf(name), holder, ttlMs, clock.nowMs(), gone);
        upsert.run(name, row.holder ?? null, row.token, row.expiresAtMs);
        return held ? row.token : undefined;
      });
    },
    renew: async (name, holder, ttlMs) => renew.run(clock.nowMs() + ttlMs, name, holder).changes === 1,
    async release(name, holder) {
      release.run(name, holder);
    },
  };
}
