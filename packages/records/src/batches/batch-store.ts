/** Batches in the database of records. Several processes share one queue. */
import { randomUUID } from "node:crypto";
import type {
  Batch,
  BatchPage,
  BatchPlan,
  BatchProblem,
  BatchState,
  BatchStore,
  NewLine,
} from "@headgate/contract";
import { type TextSeal, textSeal } from "@headgate/state/seal";
import type { DatabasePlace } from "../place.ts";
import { openBriefly } from "../store/open-store.ts";
import { patiently, written } from "../store/patient.ts";
import type { Sql, SqlDriver, SqlRow, SqlValue } from "../store/sql.ts";
import { BatchFiles, type FileBounds, full } from "./files.ts";
import { BatchLines } from "./lines.ts";

/** How long the preparation of a batch may be silent before another process begins it anew. */
const PREPARING_MS = 60_000;
/** An upload that was cut off is deleted after this. */
const UPLOAD_MS = 3_600_000;

export interface BatchesInput extends FileBounds {
  readonly place: DatabasePlace;
  /** Asked for with the first file or batch. */
  readonly secret: () => string;
  /** Age at which ended batches are deleted. */
  readonly keepMs: number;
  readonly warn: (message: string) => void;
}

/** Opens no connection before the first use. */
export function openBatches(input: BatchesInput): BatchStore {
  let opened: Promise<SqlBatches> | undefined;
  const store = (): Promise<SqlBatches> => {
    opened ??= openBriefly(input.place, input.warn).then(async (driver) => {
      const batches = new SqlBatches(driver, input);
      // Of another machine's processes only their leases tell.
      if (input.place.kind === "sqlite") await batches.reclaim();
      return batches;
    });
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  };
  return {
    writeFile: async (...args) => (await store()).files.write(...args),
    file: async (id) => (await store()).files.file(id),
    files: async (...args) => (await store()).files.files(...args),
    async *readFile(id) {
      yield* (await store()).files.read(id);
    },
    deleteFile: async (id) => (await store()).files.delete(id),
    create: async (batch) => (await store()).create(batch),
    adopt: async (nowMs) => (await store()).adopt(nowMs),
    addLines: async (...args) => (await store()).addLines(...args),
    prepared: async (...args) => (await store()).prepared(...args),
    batch: async (id) => (await store()).batch(id),
    batches: async (page) => (await store()).batches(page),
    counts: async (id) => (await store()).lines.counts(id),
    cancel: async (...args) => (await store()).cancel(...args),
    delete: async (id) => (await store()).delete(id),
    running: async (nowMs) => (await store()).running(nowMs),
    claim: async (...args) => (await store()).lines.claim(...args),
    renew: async (...args) => (await store()).lines.renew(...args),
    finish: async (...args) => (await store()).lines.finish(...args),
    release: async (...args) => (await store()).lines.release(...args),
    settle: async (nowMs) => (await store()).settle(nowMs),
    async *ended(...args) {
      yield* (await store()).lines.ended(...args);
    },
    sweep: async (nowMs) => (await store()).sweep(nowMs),
    async close() {
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}

class SqlBatches {
  readonly #driver: SqlDriver;
  readonly #input: BatchesInput;
  readonly #holder = `${process.pid} ${randomUUID()}`;
  readonly #skipping: string;
  readonly files: BatchFiles;
  readonly lines: BatchLines;

  constructor(driver: SqlDriver, input: BatchesInput) {
    this.#driver = driver;
    this.#input = input;
    OWN.add(this.#holder);
    const server = input.place.kind === "postgres";
    this.#skipping = server ? "FOR UPDATE SKIP LOCKED" : "";
    let made: TextSeal | undefined;
    const seal = (): TextSeal => {
      made ??= textSeal(input.secret(), "headgate batches");
      return made;
    };
    this.files = new BatchFiles(driver, seal, input);
    this.lines = new BatchLines(driver, seal, this.#holder, server);
  }

  async create({ id, kind, owner, plan, createdMs, expiresMs }: Omit<Batch, "state">): Promise<void> {
    if ((await this.files.room()) <= 0) throw full(this.#input.allBytes);
    await written(
      this.#driver,
      `INSERT INTO batch (id, kind, owner, state, plan, created_ms, expires_ms, holder, until_ms)
         VALUES (?, ?, ?, 'preparing', ?, ?, ?, ?, ?)`,
      [id, kind, owner, JSON.stringify(plan), createdMs, expiresMs, this.#holder, createdMs + PREPARING_MS],
    );
  }

  /** Frees what processes of this machine held that have ended since, killed ones too. */
  async reclaim(): Promise<void> {
    for (const table of ["batch", "batch_line"]) {
      const rows = await this.#driver.all(`SELECT DISTINCT holder FROM ${table} WHERE holder IS NOT NULL`);
      for (const { holder } of rows) {
        if (OWN.has(String(holder)) || isAlive(Number.parseInt(String(holder), 10))) continue;
        await written(this.#driver, `UPDATE ${table} SET until_ms = 0 WHERE holder = ?`, [String(holder)]);
      }
    }
  }

  adopt(nowMs: number): Promise<Batch | undefined> {
    return patiently(() =>
      this.#driver.transaction(async (sql) => {
        const [row] = await sql.all(
          `WITH picked AS MATERIALIZED (
             SELECT id FROM batch WHERE state = 'preparing' AND until_ms <= ? ORDER BY created_ms LIMIT 1 ${this.#skipping})
           UPDATE batch SET holder = ?, until_ms = ?
           WHERE state = 'preparing' AND until_ms <= ? AND id IN (SELECT id FROM picked)
           RETURNING *`,
          [nowMs, this.#holder, nowMs + PREPARING_MS, nowMs],
        );
        if (row === undefined) return undefined;
        await this.lines.delete(sql, String(row.id));
        return batchOf(row);
      }),
    );
  }

  async addLines(batch: string, from: number, lines: readonly NewLine[], nowMs: number): Promise<void> {
    await patiently(() =>
      this.#driver.transaction(async (sql) => {
        const held = await sql.all(
          "UPDATE batch SET until_ms = ? WHERE id = ? AND state = 'preparing' AND holder = ? RETURNING id",
          [nowMs + PREPARING_MS, batch, this.#holder],
        );
        if (held.length === 0) throw new Error(`the batch ${batch} is prepared by another process`);
        await this.lines.add(sql, batch, from, lines);
      }),
    );
  }

  async prepared(batch: string, nowMs: number, problems?: readonly BatchProblem[]): Promise<void> {
    const failed = problems !== undefined && problems.length > 0;
    await patiently(() =>
      this.#driver.transaction(async (sql) => {
        await sql.all(
          `UPDATE batch SET state = ?, started_ms = ?, ended_ms = ?, problems = ?, holder = NULL
           WHERE id = ? AND state = 'preparing' AND holder = ?`,
          [
            failed ? "failed" : "running",
            failed ? null : nowMs,
            failed ? nowMs : null,
            failed ? JSON.stringify(problems) : null,
            batch,
            this.#holder,
          ],
        );
        if (failed) await this.lines.delete(sql, batch);
      }),
    );
  }

  async batch(id: string): Promise<Batch | undefined> {
    const [row] = await this.#driver.all("SELECT * FROM batch WHERE id = ?", [id]);
    return row === undefined ? undefined : batchOf(row);
  }

  async batches({
    owner,
    kind,
    limit,
    after,
    before,
  }: BatchPage): Promise<{ batches: Batch[]; more: boolean }> {
    const edge = after ?? before;
    const from = edge === undefined ? undefined : await this.batch(edge);
    const [sign, order] = before === undefined ? ["<", "DESC"] : [">", "ASC"];
    const values: SqlValue[] = [
      kind,
      ...(owner === undefined ? [] : [owner]),
      ...(from === undefined ? [] : [from.createdMs, from.createdMs, from.id]),
      limit + 1,
    ];
    const rows = await this.#driver.all(
      `SELECT * FROM batch WHERE kind = ? ${owner === undefined ? "" : "AND owner = ?"}
       ${from === undefined ? "" : `AND (created_ms ${sign} ? OR (created_ms = ? AND id ${sign} ?))`}
       ORDER BY created_ms ${order}, id ${order} LIMIT ?`,
      values,
    );
    const page = rows.slice(0, limit).map(batchOf);
    return { batches: before === undefined ? page : page.reverse(), more: rows.length > limit };
  }

  async cancel(id: string, nowMs: number): Promise<void> {
    await written(
      this.#driver,
      "UPDATE batch SET state = 'cancelling', cancel_ms = ? WHERE id = ? AND state IN ('preparing', 'running')",
      [nowMs, id],
    );
  }

  async delete(id: string): Promise<void> {
    await patiently(() =>
      this.#driver.transaction(async (sql) => {
        await this.lines.delete(sql, id);
        await sql.all("DELETE FROM batch WHERE id = ?", [id]);
      }),
    );
  }

  async running(nowMs: number): Promise<readonly Batch[]> {
    const rows = await this.#driver.all(
      "SELECT * FROM batch WHERE state = 'running' AND expires_ms > ? ORDER BY created_ms, id",
      [nowMs],
    );
    return rows.map(batchOf);
  }

  async settle(nowMs: number): Promise<boolean> {
    const open = await this.#driver.all(
      "SELECT id, state, expires_ms FROM batch WHERE state IN ('running', 'cancelling') ORDER BY id",
    );
    let some = false;
    for (const { id, state, expires_ms } of open) {
      const batch = String(id);
      const look = async (sql: Sql): Promise<BatchState | undefined> => {
        const { waiting, leased } = await this.lines.open(sql, batch, nowMs);
        return endOf(String(state), Number(expires_ms) <= nowMs, waiting, leased);
      };
      // Most looks end nothing, and need no transaction.
      if ((await look(this.#driver)) === undefined) continue;
      some =
        (await patiently(() =>
          this.#driver.transaction(async (sql) => {
            const end = await look(sql);
            if (end === undefined) return false;
            await this.lines.close(sql, batch);
            await sql.all("UPDATE batch SET state = ?, ended_ms = ? WHERE id = ? AND state = ?", [
              end,
              nowMs,
              batch,
              String(state),
            ]);
            return true;
          }),
        )) || some;
    }
    return some;
  }

  async sweep(nowMs: number): Promise<void> {
    const files = await this.#driver.all(
      "SELECT id FROM batch_file WHERE expires_ms <= ? OR (whole = 0 AND created_ms <= ?)",
      [nowMs, nowMs - UPLOAD_MS],
    );
    for (const { id } of files) await this.files.delete(String(id));
    const batches = await this.#driver.all("SELECT id FROM batch WHERE ended_ms <= ?", [
      nowMs - this.#input.keepMs,
    ]);
    for (const { id } of batches) await this.delete(String(id));
  }

  close(): Promise<void> {
    OWN.delete(this.#holder);
    return this.#driver.close();
  }
}

/** Holders of this process: a container's next process may have the same id as the one before it. */
const OWN = new Set<string>();

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Undefined: the batch goes on. */
function endOf(state: string, late: boolean, waiting: boolean, leased: boolean): BatchState | undefined {
  if (state === "cancelling") return leased ? undefined : "cancelled";
  if (!waiting) return "completed";
  return late ? "expired" : undefined;
}

function batchOf(row: SqlRow): Batch {
  const moment = (name: string): number | undefined => (row[name] == null ? undefined : Number(row[name]));
  const [startedMs, cancelMs, endedMs] = [moment("started_ms"), moment("cancel_ms"), moment("ended_ms")];
  return {
    id: String(row.id),
    kind: row.kind === "anthropic" ? "anthropic" : "openai",
    owner: String(row.owner),
    state: String(row.state) as BatchState,
    plan: JSON.parse(String(row.plan)) as BatchPlan,
    createdMs: Number(row.created_ms),
    expiresMs: Number(row.expires_ms),
    ...(startedMs === undefined ? {} : { startedMs }),
    ...(cancelMs === undefined ? {} : { cancelMs }),
    ...(endedMs === undefined ? {} : { endedMs }),
    ...(row.problems == null ? {} : { problems: JSON.parse(String(row.problems)) as BatchProblem[] }),
  };
}
