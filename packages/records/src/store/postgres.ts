/** Records in PostgreSQL, which the gateways of several machines share. */
import { StoreSettingError } from "@headgate/state/sqlite-file";
import postgres from "postgres";
import { POSTGRES_STEPS } from "./schema.ts";
import type { Sql, SqlDriver, SqlRow } from "./sql.ts";

const CONNECTIONS = 2;
const CONNECT_TIMEOUT_S = 5;
const STATEMENT_TIMEOUT_MS = 30_000;
/** "HdGu": of all programs on the server, only Headgate locks this number. */
const MIGRATION_LOCK = 0x48644775;

/**
 * Opens no connection yet: the tables are made at the first use, so that a gateway starts while its server is away.
 * @throws StoreSettingError where the address is none
 */
export function postgresDriver(url: string): SqlDriver {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new StoreSettingError(
      "HEADGATE_DATABASE_URL is no address of a PostgreSQL server; it looks like postgres://user:password@host:5432/database.",
    );
  const server = postgres(url, {
    max: CONNECTIONS,
    connect_timeout: CONNECT_TIMEOUT_S,
    connection: { application_name: "headgate", statement_timeout: STATEMENT_TIMEOUT_MS },
    onnotice: () => {},
  });
  let ready: Promise<unknown> | undefined;
  const prepared = async (): Promise<void> => {
    ready ??= server.begin(migrate);
    try {
      await ready;
    } catch (error) {
      ready = undefined;
      throw error;
    }
  };
  return {
    async all(text, values) {
      await prepared();
      return sqlOf(server).all(text, values);
    },
    async transaction<T>(run: (sql: Sql) => Promise<T>): Promise<T> {
      await prepared();
      return (await server.begin((own) => run(sqlOf(own)))) as T;
    },
    // The server's own autovacuum does it.
    async compact() {},
    close: () => server.end({ timeout: CONNECT_TIMEOUT_S }),
  };
}

type Queries = Pick<postgres.ISql, "unsafe">;

const sqlOf = (queries: Queries): Sql => ({
  async all(text, values = []) {
    let at = 0;
    const numbered = text.replaceAll("?", () => {
      at += 1;
      return `$${at}`;
    });
    return await queries.unsafe<SqlRow[]>(numbered, [...values]);
  },
});

/** Several gateways may try at once: one does it. @throws StoreSettingError where a newer Headgate made the tables */
async function migrate(queries: Queries): Promise<void> {
  await queries.unsafe(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
  await queries.unsafe("CREATE TABLE IF NOT EXISTS headgate_schema (version INTEGER NOT NULL)");
  const rows = await queries.unsafe<{ version: number }[]>("SELECT version FROM headgate_schema");
  const version = rows[0]?.version ?? 0;
  const newest = POSTGRES_STEPS.length;
  if (version > newest)
    throw new StoreSettingError(
      `the tables in HEADGATE_DATABASE_URL were made by a newer Headgate (version ${version}; this one reads up to ${newest}). Update Headgate, or name another database.`,
    );
  for (const step of POSTGRES_STEPS.slice(version)) await queries.unsafe(step);
  if (rows.length === 0) await queries.unsafe(`INSERT INTO headgate_schema (version) VALUES (${newest})`);
  else if (version < newest) await queries.unsafe(`UPDATE headgate_schema SET version = ${newest}`);
}
