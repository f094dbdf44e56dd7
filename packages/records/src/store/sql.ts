/** What the store needs of a database: SQLite and PostgreSQL run the same statements. */

export type SqlValue = string | number | Uint8Array | null;
export type SqlRow = Readonly<Record<string, unknown>>;

export interface Sql {
  /** Parameters are `?`, in order. */
  all(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

export interface SqlDriver extends Sql {
  /** Everything in `run` or nothing of it. */
  transaction<T>(run: (sql: Sql) => Promise<T>): Promise<T>;
  /** Gives freed space back to the disk, where the database does not do that itself. */
  compact(): Promise<void>;
  close(): Promise<void>;
}

/** SQLite allows 32,766 parameters in one statement, PostgreSQL 65,535. */
const ROWS_AT_ONCE = 64;

/** Inserts rows, some at a time: a round trip per row is slow where the database is on another machine. */
export async function insertRows(
  sql: Sql,
  into: string,
  rows: readonly (readonly SqlValue[])[],
  onConflict = "",
): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.slice(from, from + ROWS_AT_ONCE);
    const width = some[0]?.length ?? 0;
    const places = `(${Array.from({ length: width }, () => "?").join(", ")})`;
    const all = some.map(() => places).join(", ");
    await sql.all(`INSERT INTO ${into} VALUES ${all} ${onConflict}`, some.flat());
  }
}
