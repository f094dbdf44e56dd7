/** Records and rollups in a database: written in batches, asked, and deleted when they are old. */
import { randomUUID } from "node:crypto";
// Types only: the thread of records starts faster without the code of the contract.
import type {
  FoundRecord,
  RateRow,
  RecordedBodies,
  RecordFilter,
  RecordReader,
  UsageQuery,
  UsageRecord,
  UsageRow,
} from "@headgate/contract";
import type { Retention } from "../place.ts";
import type { Seal } from "../seal.ts";
import { clean, DAY_MS, endOf, MINUTE_MS, QUARTER_MS, RollupBatch, SUMS } from "./rollup.ts";
import { insertRows, type Sql, type SqlDriver, type SqlValue } from "./sql.ts";
import { usageRows, usageSeries } from "./usage-rows.ts";

/** One record as the gateway hands it over: its JSON text, and its bodies. */
export interface Written {
  readonly json: string;
  readonly bodies?: RecordedBodies;
}

/** How long rollups are kept. */
const ROLLUP_KEEP_MS: Readonly<Record<number, number>> = {
  [MINUTE_MS]: 2 * DAY_MS,
  [QUARTER_MS]: 90 * DAY_MS,
  [DAY_MS]: 1_100 * DAY_MS,
};
/** Beyond so many rows of rollups the oldest of the finest grain are deleted. */
const MAX_ROLLUP_ROWS = 500_000;
const MAX_HISTOGRAM_ROWS = 2_000_000;
const BATCH_KEEP_MS = DAY_MS;
/** A clock that was set forward by mistake deletes nothing that is newer than this before the newest record. */
const MAX_CLOCK_GAP_MS = DAY_MS;

const ADDED = `ON CONFLICT (grain_ms, start_ms, series) DO UPDATE SET ${SUMS.map((name) => `${name} = usage_rollup.${name} + excluded.${name}`).join(", ")}`;
const COUNTED =
  "ON CONFLICT (grain_ms, start_ms, series, metric, bucket) DO UPDATE SET n = usage_histogram.n + excluded.n";

/** Where records are written; a database also answers questions about them. */
export interface RecordPlace extends RecordReader {
  write(written: readonly Written[], batchId?: string): Promise<void>;
  sweep(retention: Retention, nowMs: number): Promise<void>;
  close(): Promise<void>;
}

export class RecordStore implements RecordPlace {
  readonly #driver: SqlDriver;
  readonly #seal: Seal | undefined;
  readonly #known = new Set<string>();

  constructor(driver: SqlDriver, seal: Seal | undefined) {
    this.#driver = driver;
    this.#seal = seal;
  }

  /**
   * All of the batch or nothing. A batch that was stored already, though its answer was lost, is not stored twice.
   * @param batchId the same for every try of one batch
   */
  async write(written: readonly Written[], batchId: string = randomUUID()): Promise<void> {
    const records = written.map(({ json }) => JSON.parse(json) as UsageRecord);
    const rollups = new RollupBatch();
    for (const record of records) rollups.add(record);
    const sealed = written.map(({ bodies }) =>
      bodies === undefined ? undefined : this.#seal?.close(bodies),
    );
    const rows = records.map((record, at) => rowOf(record, written[at]?.json ?? "", sealed[at]?.length ?? 0));
    const bodies = records.flatMap(({ uid }, at): SqlValue[][] => {
      const bytes = sealed[at];
      return bytes === undefined ? [] : [[uid, bytes]];
    });
    const fresh: string[] = [];
    await this.#driver.transaction(async (sql) => {
      const begun = await sql.all(
        "INSERT INTO usage_batch (id, at_ms) VALUES (?, ?) ON CONFLICT (id) DO NOTHING RETURNING id",
        [batchId, Math.max(0, ...records.map(endOf))],
      );
      if (begun.length === 0) return;
      await insertRows(
        sql,
        "usage_record (uid, id, ended_ms, client, model, provider, outcome, bytes, data)",
        rows,
      );
      await insertRows(sql, "usage_body (uid, sealed)", bodies);
      await this.#writeRollups(sql, rollups, fresh);
    });
    for (const id of fresh) this.#known.add(id);
  }

  async #writeRollups(sql: Sql, { parts }: RollupBatch, fresh: string[]): Promise<void> {
    // One order for all processes, so that two that write at once never wait for each other in a circle.
    const sorted = [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
    const series = new Map(
      sorted.map((part) => [part.series.id, part.series] as const).filter(([id]) => !this.#known.has(id)),
    );
    const names = [...series.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    await insertRows(
      sql,
      "usage_series (series, client, model, provider, served, key)",
      names.map(({ id, client, model, provider, served, key }) => [id, client, model, provider, served, key]),
      "ON CONFLICT (series) DO NOTHING",
    );
    fresh.push(...series.keys());
    await insertRows(
      sql,
      `usage_rollup (grain_ms, start_ms, series, ${SUMS.join(", ")})`,
      sorted.map(({ grainMs, startMs, series: { id }, sums }) => [
        grainMs,
        startMs,
        id,
        ...SUMS.map((name) => sums[name]),
      ]),
      ADDED,
    );
    await insertRows(
      sql,
      "usage_histogram (grain_ms, start_ms, series, metric, bucket, n)",
      sorted.flatMap(({ grainMs, startMs, series: { id }, buckets }) =>
        [...buckets]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, n]): SqlValue[] => {
            const [metric = "", bucket = "0"] = name.split(" ");
            return [grainMs, startMs, id, metric, Number(bucket), n];
          }),
      ),
      COUNTED,
    );
  }

  async find(id: string): Promise<FoundRecord | undefined> {
    const found = await this.#driver.all(
      "SELECT uid, data FROM usage_record WHERE id = ? ORDER BY ended_ms DESC LIMIT 1",
      [id],
    );
    const [row] = found;
    if (row === undefined) return undefined;
    const [counted] = await this.#driver.all("SELECT count(*) AS n FROM usage_record WHERE id = ?", [id]);
    const [body] = await this.#driver.all("SELECT sealed FROM usage_body WHERE uid = ?", [String(row.uid)]);
    const sealed = body?.sealed;
    const bodies = sealed instanceof Uint8Array ? this.#seal?.open(sealed) : undefined;
    return {
      record: JSON.parse(String(row.data)) as UsageRecord,
      ...(bodies === undefined ? {} : { bodies }),
      ...(body !== undefined && bodies === undefined ? { sealed: true } : {}),
      others: Number(counted?.n ?? 1) - 1,
    };
  }

  async list(filter: RecordFilter): Promise<readonly UsageRecord[]> {
    const { sinceMs, untilMs, client, model, provider, outcome, limit } = filter;
    const bounds: string[] = [];
    const values: SqlValue[] = [];
    const where = (text: string, value: SqlValue | undefined): void => {
      if (value === undefined) return;
      bounds.push(text);
      values.push(value);
    };
    where("ended_ms >= ?", sinceMs);
    where("ended_ms < ?", untilMs);
    where("client = ?", client);
    where("model = ?", model);
    where("provider = ?", provider);
    where("outcome = ?", outcome);
    const rows = await this.#driver.all(
      `SELECT data FROM usage_record ${bounds.length === 0 ? "" : `WHERE ${bounds.join(" AND ")}`}
       ORDER BY ended_ms DESC, uid DESC LIMIT ?`,
      [...values, limit],
    );
    return rows.map(({ data }) => JSON.parse(String(data)) as UsageRecord);
  }

  usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    return usageRows(this.#driver, query);
  }

  series(edgesMs: readonly number[]): Promise<readonly UsageRow[]> {
    return usageSeries(this.#driver, edgesMs);
  }

  async rates(sinceMs: number, untilMs: number): Promise<readonly RateRow[]> {
    const rows = await this.#driver.all(
      `SELECT provider, served, key, sum(attempts - failed) AS attempts, sum(input + output) AS tokens
       FROM usage_rollup JOIN usage_series USING (series)
       WHERE grain_ms = ? AND start_ms >= ? AND start_ms < ? AND provider <> ''
       GROUP BY provider, served, key ORDER BY provider, served, key`,
      [MINUTE_MS, Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS, untilMs],
    );
    return rows.map(({ provider, served, key, attempts, tokens }) => ({
      provider: String(provider),
      model: String(served),
      key: String(key),
      attempts: Number(attempts),
      tokens: Number(tokens),
    }));
  }

  /** Deletes what is older or larger than the retention allows. */
  async sweep({ keepMs, maxBytes }: Retention, nowMs: number): Promise<void> {
    const [newest] = await this.#driver.all("SELECT max(ended_ms) AS at FROM usage_record");
    const atMs = newest?.at == null ? nowMs : Math.min(nowMs, Number(newest.at) + MAX_CLOCK_GAP_MS);
    await this.#driver.transaction(async (sql) => {
      await sql.all("DELETE FROM usage_record WHERE ended_ms < ?", [Math.floor(atMs - keepMs)]);
      await sql.all(
        `DELETE FROM usage_record WHERE uid IN (
           SELECT uid FROM (
             SELECT uid, sum(bytes) OVER (ORDER BY ended_ms DESC, uid DESC) AS total FROM usage_record
           ) AS ordered WHERE total > ?)`,
        [maxBytes],
      );
      await sql.all(
        "DELETE FROM usage_body WHERE NOT EXISTS (SELECT 1 FROM usage_record WHERE usage_record.uid = usage_body.uid)",
      );
      await sql.all("DELETE FROM usage_batch WHERE at_ms < ?", [atMs - BATCH_KEEP_MS]);
      for (const table of ["usage_rollup", "usage_histogram"] as const) {
        for (const [grain, keep] of Object.entries(ROLLUP_KEEP_MS))
          await sql.all(`DELETE FROM ${table} WHERE grain_ms = ? AND start_ms < ?`, [
            Number(grain),
            atMs - keep,
          ]);
        await boundRows(sql, table, table === "usage_rollup" ? MAX_ROLLUP_ROWS : MAX_HISTOGRAM_ROWS);
      }
    });
    await this.#driver.compact();
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}

/** The finest grain goes first: days are worth more than old minutes. */
async function boundRows(sql: Sql, table: string, maxRows: number): Promise<void> {
  const [counted] = await sql.all(`SELECT count(*) AS n FROM ${table}`);
  if (Number(counted?.n ?? 0) <= maxRows) return;
  const [at] = await sql.all(
    `SELECT grain_ms, start_ms FROM ${table} ORDER BY grain_ms DESC, start_ms DESC LIMIT 1 OFFSET ?`,
    [maxRows],
  );
  const [grain, start] = [Number(at?.grain_ms), Number(at?.start_ms)];
  await sql.all(`DELETE FROM ${table} WHERE grain_ms < ? OR (grain_ms = ? AND start_ms <= ?)`, [
    grain,
    grain,
    start,
  ]);
}

function rowOf(record: UsageRecord, json: string, bodyBytes: number): SqlValue[] {
  const { uid, id, client, model, served, attempts, outcome } = record;
  const provider = served?.provider ?? attempts.at(-1)?.provider ?? "";
  const bytes = json.length + bodyBytes;
  return [uid, clean(id), endOf(record), clean(client), clean(model), provider, outcome, bytes, json];
}
