/** The lines of batches: claimed under leases by any process, each ended once. */
import {
  type BatchCounts,
  type EndedLine,
  type LeasedLine,
  type LineEnd,
  type NewLine,
  NO_COUNTS,
} from "@headgate/contract";
import type { TextSeal } from "@headgate/state/seal";
import { patiently, written } from "../store/patient.ts";
import { insertRows, type Sql, type SqlDriver, type SqlValue } from "../store/sql.ts";

/** A line that cannot be run, or did not run before its batch ended, has no result of a request. */
const WAITING = 0;
const LEASED = 1;
const ENDED = 2;
const PAGE = 100;
/** Texts of a line. They are beside its row, so that lines are counted quickly. */
const BODY = 0;
const RESULT = 1;

export class BatchLines {
  readonly #driver: SqlDriver;
  readonly #seal: () => TextSeal;
  readonly #holder: string;
  /** PostgreSQL: a row that another process takes at this moment is passed by. */
  readonly #skipping: string;

  constructor(driver: SqlDriver, seal: () => TextSeal, holder: string, server: boolean) {
    this.#driver = driver;
    this.#seal = seal;
    this.#holder = holder;
    this.#skipping = server ? "FOR UPDATE SKIP LOCKED" : "";
  }

  /** Inside the caller's transaction. */
  async add(sql: Sql, batch: string, from: number, lines: readonly NewLine[]): Promise<void> {
    const rows: SqlValue[][] = [];
    const texts: SqlValue[][] = [];
    for (const [index, { customId, body, problem }] of lines.entries()) {
      const at = from + index;
      const sealed = this.#seal().close(body, `${batch} ${at}`);
      texts.push([batch, at, BODY, sealed]);
      let resultBytes = 0;
      if (problem !== undefined) {
        const result = this.#seal().close(JSON.stringify({ problem }), `${batch} ${at} result`);
        texts.push([batch, at, RESULT, result]);
        resultBytes = result.length;
      }
      const state = problem === undefined ? WAITING : ENDED;
      rows.push([batch, at, customId, sealed.length, state, 0, 0, null, 0, resultBytes, 0]);
    }
    await insertRows(
      sql,
      "batch_line (batch, at, custom_id, bytes, state, ok, tries, holder, until_ms, result_bytes, cost_nano)",
      rows,
    );
    await insertRows(sql, "batch_text (batch, at, what, sealed)", texts);
  }

  /** Inside the caller's transaction. */
  async delete(sql: Sql, batch: string): Promise<void> {
    await sql.all("DELETE FROM batch_line WHERE batch = ?", [batch]);
    await sql.all("DELETE FROM batch_text WHERE batch = ?", [batch]);
  }

  async claim(batch: string, most: number, nowMs: number, leaseMs: number): Promise<readonly LeasedLine[]> {
    return patiently(() =>
      this.#driver.transaction(async (sql) => {
        const rows = await sql.all(
          // PostgreSQL may run a subquery more than once, and each time pick other rows; this is run once.
          `WITH picked AS MATERIALIZED (
             SELECT at FROM batch_line WHERE batch = ? AND state < ${ENDED} AND until_ms <= ?
             ORDER BY at LIMIT ? ${this.#skipping})
           UPDATE batch_line SET state = ${LEASED}, holder = ?, until_ms = ?, tries = tries + 1
           WHERE batch = ? AND state < ${ENDED} AND until_ms <= ? AND at IN (SELECT at FROM picked)
           RETURNING at, custom_id, tries`,
          [batch, nowMs, most, this.#holder, nowMs + leaseMs, batch, nowMs],
        );
        const lines: LeasedLine[] = [];
        for (const row of rows) {
          const at = Number(row.at);
          const [text] = await sql.all(
            `SELECT sealed FROM batch_text WHERE batch = ? AND at = ? AND what = ${BODY}`,
            [batch, at],
          );
          const body = this.#seal().open(text?.sealed as Uint8Array, `${batch} ${at}`) ?? "";
          lines.push({ batch, at, customId: String(row.custom_id), body, tries: Number(row.tries) });
        }
        return lines.sort((a, b) => a.at - b.at);
      }),
    );
  }

  async renew(lines: readonly LeasedLine[], nowMs: number, leaseMs: number): Promise<void> {
    await patiently(() =>
      this.#driver.transaction(async (sql) => {
        for (const { batch, at } of lines)
          await sql.all(
            `UPDATE batch_line SET until_ms = ? WHERE batch = ? AND at = ? AND state = ${LEASED} AND holder = ?`,
            [nowMs + leaseMs, batch, at, this.#holder],
          );
      }),
    );
  }

  /** Only the process that holds the line ends it, and only once. */
  async finish({ batch, at, tries }: LeasedLine, { ok, result, costNanoUsd }: LineEnd): Promise<boolean> {
    const sealed = this.#seal().close(result, `${batch} ${at} result`);
    return patiently(() =>
      this.#driver.transaction(async (sql) => {
        const rows = await sql.all(
          `UPDATE batch_line SET state = ${ENDED}, ok = ?, result_bytes = ?, cost_nano = cost_nano + ?
           WHERE batch = ? AND at = ? AND state = ${LEASED} AND holder = ? AND tries = ? RETURNING at`,
          [ok ? 1 : 0, Buffer.byteLength(result), costNanoUsd, batch, at, this.#holder, tries],
        );
        if (rows.length === 0) return false;
        await sql.all(`INSERT INTO batch_text (batch, at, what, sealed) VALUES (?, ?, ${RESULT}, ?)`, [
          batch,
          at,
          sealed,
        ]);
        return true;
      }),
    );
  }

  async release({ batch, at, tries }: LeasedLine, notBeforeMs: number): Promise<void> {
    await written(
      this.#driver,
      `UPDATE batch_line SET state = ${WAITING}, holder = NULL, until_ms = ?
         WHERE batch = ? AND at = ? AND state = ${LEASED} AND holder = ? AND tries = ?`,
      [notBeforeMs, batch, at, this.#holder, tries],
    );
  }

  async counts(batch: string): Promise<BatchCounts> {
    const rows = await this.#driver.all(
      `SELECT state, ok, count(*) AS n, sum(CASE WHEN result_bytes = 0 THEN 1 ELSE 0 END) AS unrun, sum(result_bytes) AS bytes, sum(cost_nano) AS cost
       FROM batch_line WHERE batch = ? GROUP BY state, ok`,
      [batch],
    );
    const counts: { -readonly [count in keyof BatchCounts]: number } = { ...NO_COUNTS };
    for (const row of rows) {
      const n = Number(row.n);
      const bytes = Number(row.bytes ?? 0);
      counts.total += n;
      counts.costNanoUsd += Number(row.cost ?? 0);
      if (Number(row.state) !== ENDED) counts.open += n;
      else if (Number(row.ok) === 1) {
        counts.succeeded += n;
        counts.succeededBytes += bytes;
      } else {
        counts.failed += n;
        counts.unrun += Number(row.unrun ?? 0);
        counts.failedBytes += bytes;
      }
    }
    return counts;
  }

  /** Whether lines wait or are on their way, and whether some are leased now. */
  async open(sql: Sql, batch: string, nowMs: number): Promise<{ waiting: boolean; leased: boolean }> {
    const open = await sql.all(`SELECT 1 FROM batch_line WHERE batch = ? AND state < ${ENDED} LIMIT 1`, [
      batch,
    ]);
    const leased = await sql.all(
      `SELECT 1 FROM batch_line WHERE batch = ? AND state = ${LEASED} AND until_ms > ? LIMIT 1`,
      [batch, nowMs],
    );
    return { waiting: open.length > 0, leased: leased.length > 0 };
  }

  /** What has not ended ends without a result; inside the caller's transaction. */
  async close(sql: Sql, batch: string): Promise<void> {
    await sql.all(
      `UPDATE batch_line SET state = ${ENDED}, ok = 0, holder = NULL WHERE batch = ? AND state < ${ENDED}`,
      [batch],
    );
  }

  async *ended(batch: string, ok?: boolean): AsyncGenerator<EndedLine> {
    for (let after = -1; ; ) {
      const rows = await this.#driver.all(
        `SELECT line.at, custom_id, ok, sealed AS result FROM batch_line AS line
         LEFT JOIN batch_text AS held ON held.batch = line.batch AND held.at = line.at AND held.what = ${RESULT}
         WHERE line.batch = ? AND line.at > ? AND state = ${ENDED} ${ok === undefined ? "" : "AND ok = ?"}
         ORDER BY line.at LIMIT ${PAGE}`,
        [batch, after, ...(ok === undefined ? [] : [ok ? 1 : 0])],
      );
      for (const row of rows) {
        const at = Number(row.at);
        after = at;
        const sealed = row.result;
        const result =
          sealed instanceof Uint8Array ? this.#seal().open(sealed, `${batch} ${at} result`) : undefined;
        if (sealed instanceof Uint8Array && result === undefined)
          throw new Error(
            `the batch ${batch} is sealed with another secret; bring HEADGATE_SECRET of that time back`,
          );
        yield {
          at,
          customId: String(row.custom_id),
          ok: Number(row.ok) === 1,
          ...(result === undefined ? {} : { result }),
        };
      }
      if (rows.length < PAGE) return;
    }
  }
}
