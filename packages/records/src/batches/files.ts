/** Uploaded files, in sealed parts. */
import { type BatchFile, BatchRefusal } from "@headgate/contract";
import type { TextSeal } from "@headgate/state/seal";
import { patiently, written } from "../store/patient.ts";
import type { SqlDriver, SqlRow } from "../store/sql.ts";

const PART_BYTES = 512 * 1024;

export interface FileBounds {
  /** Of one file. */
  readonly fileBytes: number;
  /** Of all files and batches together. */
  readonly allBytes: number;
}

export class BatchFiles {
  readonly #driver: SqlDriver;
  readonly #seal: () => TextSeal;
  readonly #bounds: FileBounds;

  constructor(driver: SqlDriver, seal: () => TextSeal, bounds: FileBounds) {
    this.#driver = driver;
    this.#seal = seal;
    this.#bounds = bounds;
  }

  async write(file: Omit<BatchFile, "bytes">, chunks: AsyncIterable<Buffer>): Promise<BatchFile> {
    const { id, owner, name, createdMs, expiresMs } = file;
    const room = await this.room();
    await written(
      this.#driver,
      "INSERT INTO batch_file (id, owner, name, bytes, created_ms, expires_ms, whole) VALUES (?, ?, ?, 0, ?, ?, 0)",
      [id, owner, name, createdMs, expiresMs],
    );
    let bytes = 0;
    let at = 0;
    let held: Buffer[] = [];
    let heldBytes = 0;
    const flush = async (): Promise<void> => {
      if (heldBytes === 0) return;
      // One byte a character, so that a part may end anywhere.
      const sealed = this.#seal().close(Buffer.concat(held).toString("latin1"), `${id} ${at}`);
      await written(this.#driver, "INSERT INTO batch_part (file, at, sealed) VALUES (?, ?, ?)", [
        id,
        at,
        sealed,
      ]);
      at += 1;
      held = [];
      heldBytes = 0;
    };
    try {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > this.#bounds.fileBytes) throw tooLarge(this.#bounds.fileBytes);
        if (bytes > room) throw full(this.#bounds.allBytes);
        held.push(chunk);
        heldBytes += chunk.length;
        if (heldBytes >= PART_BYTES) await flush();
      }
      await flush();
      await written(this.#driver, "UPDATE batch_file SET bytes = ?, whole = 1 WHERE id = ?", [bytes, id]);
    } catch (error) {
      await this.delete(id).catch(() => {});
      throw error;
    }
    return { ...file, bytes };
  }

  /** Bytes that are left for all files and batches. */
  async room(): Promise<number> {
    const [files] = await this.#driver.all("SELECT sum(bytes) AS n FROM batch_file");
    const [lines] = await this.#driver.all("SELECT sum(bytes + result_bytes) AS n FROM batch_line");
    return this.#bounds.allBytes - Number(files?.n ?? 0) - Number(lines?.n ?? 0);
  }

  async file(id: string): Promise<BatchFile | undefined> {
    const [row] = await this.#driver.all("SELECT * FROM batch_file WHERE id = ? AND whole = 1", [id]);
    return row === undefined ? undefined : fileOf(row);
  }

  async files(owner: string | undefined, limit: number, after?: string): Promise<readonly BatchFile[]> {
    const from = after === undefined ? undefined : await this.file(after);
    const rows = await this.#driver.all(
      `SELECT * FROM batch_file WHERE whole = 1 ${owner === undefined ? "" : "AND owner = ?"}
       ${from === undefined ? "" : "AND (created_ms < ? OR (created_ms = ? AND id < ?))"}
       ORDER BY created_ms DESC, id DESC LIMIT ?`,
      [
        ...(owner === undefined ? [] : [owner]),
        ...(from === undefined ? [] : [from.createdMs, from.createdMs, from.id]),
        limit,
      ],
    );
    return rows.map(fileOf);
  }

  /** @throws where a part is gone, or sealed with another secret */
  async *read(id: string): AsyncGenerator<Buffer> {
    for (let at = 0; ; at += 1) {
      const [row] = await this.#driver.all("SELECT sealed FROM batch_part WHERE file = ? AND at = ?", [
        id,
        at,
      ]);
      if (row === undefined) return;
      const text = this.#seal().open(row.sealed as Uint8Array, `${id} ${at}`);
      if (text === undefined)
        throw new Error(
          `the file ${id} is sealed with another secret; bring HEADGATE_SECRET of that time back`,
        );
      yield Buffer.from(text, "latin1");
    }
  }

  async delete(id: string): Promise<boolean> {
    const rows = await patiently(() =>
      this.#driver.transaction(async (sql) => {
        await sql.all("DELETE FROM batch_part WHERE file = ?", [id]);
        return sql.all("DELETE FROM batch_file WHERE id = ? RETURNING id", [id]);
      }),
    );
    return rows.length > 0;
  }
}

const fileOf = (row: SqlRow): BatchFile => ({
  id: String(row.id),
  owner: String(row.owner),
  name: String(row.name),
  bytes: Number(row.bytes),
  createdMs: Number(row.created_ms),
  expiresMs: Number(row.expires_ms),
});

const mib = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MiB`;

const tooLarge = (bytes: number): BatchRefusal =>
  new BatchRefusal(
    "file_too_large",
    `The file is larger than ${mib(bytes)} (HEADGATE_BATCH_FILE_BYTES). Split it into several batches.`,
  );

export const full = (bytes: number): BatchRefusal =>
  new BatchRefusal(
    "storage_full",
    `Files and batches take ${mib(bytes)} together already (HEADGATE_BATCH_MAX_BYTES). Delete old files and batches, or raise it.`,
  );
