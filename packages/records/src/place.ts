/** Where records are kept, and for how long. */
import { join } from "node:path";
import type { Options } from "@headgate/contract";

const DAY_MS = 86_400_000;

export type RecordsPlace =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

export interface Retention {
  /** Records and bodies older than this are deleted. */
  readonly keepMs: number;
  /** Of records and bodies together; beyond it the oldest are deleted. */
  readonly maxBytes: number;
}

/** PostgreSQL where its address is given, else a SQLite file in the state directory. */
export const placeOf = (stateDir: string, databaseUrl: string | undefined): RecordsPlace =>
  databaseUrl === undefined
    ? { kind: "sqlite", path: join(stateDir, "records.db") }
    : { kind: "postgres", url: databaseUrl };

export const retentionOf = ({
  recordsKeepDays,
  recordsMaxBytes,
}: Pick<Options, "recordsKeepDays" | "recordsMaxBytes">): Retention => ({
  keepMs: recordsKeepDays * DAY_MS,
  maxBytes: recordsMaxBytes,
});
