/** Where records are kept, and for how long. */
import { join } from "node:path";
import type { Options } from "@headgate/contract";

const DAY_MS = 86_400_000;

export type RecordsPlace =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "otlp"; readonly url: string };

/** A place that can be asked. */
export type DatabasePlace = Exclude<RecordsPlace, { readonly kind: "otlp" }>;

export interface Retention {
  /** Records and bodies older than this are deleted. */
  readonly keepMs: number;
  /** Of records and bodies together; beyond it the oldest are deleted. */
  readonly maxBytes: number;
}

/** A collector where one is named, else PostgreSQL where its address is given, else a SQLite file in the state directory. */
export function placeOf(
  stateDir: string,
  { recordsOtlp, databaseUrl }: Pick<Options, "recordsOtlp" | "databaseUrl">,
): RecordsPlace {
  if (recordsOtlp !== undefined) return { kind: "otlp", url: recordsOtlp };
  return clientsPlaceOf(stateDir, { databaseUrl });
}

/** Clients are beside the records, except that no collector keeps them. */
export function clientsPlaceOf(
  stateDir: string,
  { databaseUrl }: { readonly databaseUrl?: string | undefined },
): DatabasePlace {
  if (databaseUrl !== undefined) return { kind: "postgres", url: databaseUrl };
  return { kind: "sqlite", path: join(stateDir, "records.db") };
}

export const retentionOf = ({
  recordsKeepDays,
  recordsMaxBytes,
}: Pick<Options, "recordsKeepDays" | "recordsMaxBytes">): Retention => ({
  keepMs: recordsKeepDays * DAY_MS,
  maxBytes: recordsMaxBytes,
});
