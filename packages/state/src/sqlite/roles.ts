/** Roles as rows: held across the processes of one machine that open the same file. */
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { acquireRow, type RoleTable } from "../roles.ts";
import { transaction } from "./node-sqlite.ts";

export function sqliteRoles(db: DatabaseSync, clock: Clock): RoleTable {
  const select = db.prepare("SELECT holder, token, expires_at_ms FROM role WHERE name = ?");
  const upsert = db.prepare(
    `INSERT INTO role (name, holder, token, expires_at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token,
       expires_at_ms = excluded.expires_at_ms`,
  );
  const renew = db.prepare("UPDATE role SET expires_at_ms = ? WHERE name = ? AND holder = ?");
  const release = db.prepare("UPDATE role SET holder = NULL WHERE name = ? AND holder = ?");
  return {
    acquire: async (name, holder, ttlMs) =>
      transaction(db, () => {
        const found = select.get(name);
        const before = found && {
          holder: typeof found.holder === "string" ? found.holder : undefined,
          token: Number(found.token),
          expiresAtMs: Number(found.expires_at_ms),
        };
        const { row, held } = acquireRow(before, holder, ttlMs, clock.nowMs());
        upsert.run(name, row.holder ?? null, row.token, row.expiresAtMs);
        return held ? row.token : undefined;
      }),
    renew: async (name, holder, ttlMs) => renew.run(clock.nowMs() + ttlMs, name, holder).changes === 1,
    async release(name, holder) {
      release.run(name, holder);
    },
  };
}
