/** A SQLite file has one writer at a time. A connection on the event loop waits only briefly for another one, and tries again. */
import { setTimeout as delay } from "node:timers/promises";
import type { SqlDriver, SqlRow, SqlValue } from "./sql.ts";

const PATIENCE_MS = 30_000;
const AGAIN_MS = 25;

/** @param run is called again while another connection writes the file */
export async function patiently<T>(run: () => Promise<T>, patienceMs: number = PATIENCE_MS): Promise<T> {
  for (let leftMs = patienceMs; ; leftMs -= AGAIN_MS) {
    try {
      return await run();
    } catch (error) {
      if (leftMs <= 0 || !isLocked(error)) throw error;
      await delay(AGAIN_MS);
    }
  }
}

/** One statement that changes something, in a transaction of its own: a connection of SQLite has one at a time. */
export const written = (
  driver: SqlDriver,
  text: string,
  values: readonly SqlValue[],
): Promise<readonly SqlRow[]> => patiently(() => driver.transaction((sql) => sql.all(text, values)));

const isLocked = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && (error.errcode === 5 || error.errcode === 6);
