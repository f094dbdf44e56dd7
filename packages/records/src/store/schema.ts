/** The tables, the same for SQLite and PostgreSQL. A step is never changed once it was released. */
import type { FileKind } from "@headgate/state/sqlite-file";

const STEPS: readonly string[] = [
  `CREATE TABLE usage_record (
     uid TEXT PRIMARY KEY, id TEXT NOT NULL, ended_ms BIGINT NOT NULL, client TEXT NOT NULL, model TEXT NOT NULL,
     provider TEXT NOT NULL, outcome TEXT NOT NULL, bytes BIGINT NOT NULL, data TEXT NOT NULL
   );
   CREATE INDEX usage_record_by_id ON usage_record (id);
   CREATE INDEX usage_record_by_end ON usage_record (ended_ms, bytes);
   CREATE TABLE usage_body (uid TEXT PRIMARY KEY, sealed BLOB NOT NULL);
   CREATE TABLE usage_series (
     series TEXT PRIMARY KEY, client TEXT NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL,
     served TEXT NOT NULL, key TEXT NOT NULL
   );
   CREATE TABLE usage_rollup (
     grain_ms BIGINT NOT NULL, start_ms BIGINT NOT NULL, series TEXT NOT NULL,
     requests BIGINT NOT NULL, succeeded BIGINT NOT NULL, attempts BIGINT NOT NULL, failed BIGINT NOT NULL,
     input BIGINT NOT NULL, output BIGINT NOT NULL, cached BIGINT NOT NULL, reasoning BIGINT NOT NULL,
     estimated BIGINT NOT NULL, cost_nano BIGINT NOT NULL, list_nano BIGINT NOT NULL, asked_nano BIGINT NOT NULL,
     unpriced BIGINT NOT NULL,
     PRIMARY KEY (grain_ms, start_ms, series)
   );
   CREATE TABLE usage_histogram (
     grain_ms BIGINT NOT NULL, start_ms BIGINT NOT NULL, series TEXT NOT NULL, metric TEXT NOT NULL,
     bucket BIGINT NOT NULL, n BIGINT NOT NULL,
     PRIMARY KEY (grain_ms, start_ms, series, metric, bucket)
   );
   CREATE TABLE usage_batch (id TEXT PRIMARY KEY, at_ms BIGINT NOT NULL);`,
  // Every change of a client raises the version, by which each gateway notices it.
  `CREATE TABLE client (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, data TEXT NOT NULL);
   CREATE TABLE client_list (one INTEGER PRIMARY KEY, version BIGINT NOT NULL);
   INSERT INTO client_list (one, version) VALUES (1, 0);`,
  // Sums by the hour became sums by the quarter of an hour, of which each time zone's days are made.
  `UPDATE usage_rollup SET grain_ms = 900000 WHERE grain_ms = 3600000;
   UPDATE usage_histogram SET grain_ms = 900000 WHERE grain_ms = 3600000;`,
  // What the cache saved.
  `ALTER TABLE usage_rollup ADD COLUMN saved BIGINT NOT NULL DEFAULT 0;
   ALTER TABLE usage_rollup ADD COLUMN saved_tokens BIGINT NOT NULL DEFAULT 0;
   ALTER TABLE usage_rollup ADD COLUMN saved_nano BIGINT NOT NULL DEFAULT 0;`,
  // Batches. A line's state is 0 while it waits, 1 while it is leased, 2 once it has ended; ok counts for those that ended.
  `CREATE TABLE batch_file (
     id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, bytes BIGINT NOT NULL,
     created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, whole INTEGER NOT NULL
   );
   CREATE TABLE batch_part (
     file TEXT NOT NULL, at BIGINT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (file, at)
   );
   CREATE TABLE batch (
     id TEXT PRIMARY KEY, kind TEXT NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL, plan TEXT NOT NULL,
     created_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL, started_ms BIGINT, cancel_ms BIGINT, ended_ms BIGINT,
     problems TEXT, holder TEXT, until_ms BIGINT NOT NULL
   );
   CREATE INDEX batch_by_state ON batch (state, created_ms);
   CREATE TABLE batch_line (
     batch TEXT NOT NULL, at BIGINT NOT NULL, custom_id TEXT NOT NULL, bytes BIGINT NOT NULL,
     state INTEGER NOT NULL, ok INTEGER NOT NULL, tries INTEGER NOT NULL, holder TEXT, until_ms BIGINT NOT NULL,
     result_bytes BIGINT NOT NULL, cost_nano BIGINT NOT NULL,
     PRIMARY KEY (batch, at)
   );
   CREATE TABLE batch_text (
     batch TEXT NOT NULL, at BIGINT NOT NULL, what INTEGER NOT NULL, sealed BLOB NOT NULL,
     PRIMARY KEY (batch, at, what)
   );
   CREATE INDEX batch_line_by_state ON batch_line (batch, state, at);`,
];

/** Its application id is "HdGu". */
export const RECORDS_FILE: FileKind = {
  applicationId: 0x48644775,
  steps: STEPS,
  content: "usage records, rollups and client keys",
};

/** PostgreSQL names its type for bytes differently. */
export const POSTGRES_STEPS: readonly string[] = STEPS.map((step) => step.replaceAll(" BLOB ", " BYTEA "));
