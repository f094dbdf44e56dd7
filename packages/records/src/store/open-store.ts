/** The store at a place. A server's driver is loaded only where one is named. */
import { StoreSettingError } from "@headgate/state/sqlite-file";
import type { DatabasePlace, RecordsPlace } from "../place.ts";
import { sealOf } from "../seal.ts";
import type { SqlDriver } from "./sql.ts";
import { sqliteDriver } from "./sqlite.ts";
import { type RecordPlace, RecordStore } from "./store.ts";

/** How long the event loop waits at a time. */
const BUSY_MS = 10;

/** @throws where the place cannot be used as configured; the message says what to change */
export async function openStore(
  place: RecordsPlace,
  secret: string | undefined,
  warn: (message: string) => void,
): Promise<RecordPlace> {
  if (place.kind === "otlp") return (await import("./otlp.ts")).otlpPlace(place.url);
  const driver = place.kind === "sqlite" ? await openDriver(place, warn) : await connect(place.url, warn);
  return new RecordStore(driver, secret === undefined ? undefined : sealOf(secret));
}

/** A connection to the database at a place; to a server, at the first use. @throws StoreSettingError where there is none */
export async function openDriver(place: DatabasePlace, warn: (message: string) => void): Promise<SqlDriver> {
  if (place.kind === "sqlite") return sqliteDriver({ path: place.path, warn, nowMs: Date.now() });
  const { postgresDriver } = await import("./postgres.ts");
  return postgresDriver(place.url);
}

/** The same for a connection that is used on the event loop: a statement waits only briefly for other writers; see `patiently`. */
export async function openBriefly(place: DatabasePlace, warn: (message: string) => void): Promise<SqlDriver> {
  const driver = await openDriver(place, warn);
  if (place.kind === "sqlite") await driver.all(`PRAGMA busy_timeout = ${BUSY_MS}`);
  return driver;
}

async function connect(url: string, warn: (message: string) => void): Promise<SqlDriver> {
  const driver = await openDriver({ kind: "postgres", url }, warn);
  try {
    await driver.all("SELECT 1");
  } catch (error) {
    if (error instanceof StoreSettingError) {
      await driver.close();
      throw error;
    }
    warn(
      `the PostgreSQL server of HEADGATE_DATABASE_URL cannot be reached (${error instanceof Error ? error.message : String(error)}); usage records wait for it`,
    );
  }
  return driver;
}
