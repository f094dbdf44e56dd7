/** Fragments that parse and satisfy the schema: from the cache, or parsed here and in worker threads. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { addressOf, type Cache } from "../cache/cache.ts";
import type { FoundFile } from "./read.ts";
import type { SoundKind } from "./sound-json.ts";
import type { SoundWorkerData, SoundWorkerMessage } from "./sound-worker.ts";
import type { Plain } from "./tree.ts";

/** Characters. For less, starting a worker takes longer than it saves. */
const LENGTH_PER_WORKER = 64 * 1024;
const MAX_WORKERS = 7;

export interface SoundInput {
  /** By the schema that they are to satisfy. */
  readonly files: Readonly<Record<SoundKind, readonly FoundFile[]>>;
  readonly schemaTexts: ReadonlyMap<string, string>;
  readonly cache: Cache | undefined;
  /** What an entry depends on beside the file's text. */
  readonly basis: string;
  /** Worker threads at most; undefined: one for each further core. */
  readonly maxWorkers: number | undefined;
}

interface Missing {
  readonly kind: SoundKind;
  readonly path: string;
  readonly text: string;
  readonly address: string;
}

/** Looks fragments up as soon as it is made, and sets workers to what is missing. */
export class SoundFragments {
  readonly #cache: Cache | undefined;
  readonly #jsons = new Map<string, string>();
  readonly #missing: Missing[] = [];
  /** The index of the next missing fragment that no thread has taken. */
  readonly #next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #done: Uint8Array;
  readonly #workers: readonly Promise<void>[];
  readonly #idle: boolean;

  constructor({ files, schemaTexts, cache, basis, maxWorkers }: SoundInput) {
    this.#cache = cache;
    for (const kind of ["provider", "base"] as const) {
      for (const { path, text } of files[kind]) {
        const address = cache === undefined ? "" : addressOf(kind, basis, text);
        const json = cache?.read(address);
        if (json === undefined) this.#missing.push({ kind, path, text, address });
        else this.#jsons.set(path, json);
      }
    }
    this.#done = new Uint8Array(this.#missing.length);
    // The largest fragment keeps one thread busy, whatever there is beside it.
    const lengths = this.#missing.map(({ text }) => text.length);
    const length = lengths.reduce((sum, one) => sum + one, 0) - Math.max(0, ...lengths);
    const spare = maxWorkers ?? availableParallelism() - 1;
    const count = Math.min(spare, MAX_WORKERS, Math.floor(length / LENGTH_PER_WORKER));
    this.#workers = count === 0 ? [] : this.#start(count, schemaTexts);
    this.#idle = cache === undefined && count === 0;
  }

  /**
   * Values by path. What is missing has a problem, which is for the caller to find.
   * @param soundJson a file's value as JSON, or undefined where anything is wrong with it
   */
  async values(
    soundJson: (text: string, kind: SoundKind) => string | undefined,
  ): Promise<Map<string, Plain>> {
    // With no cache and no worker, one parse is enough, and it is the caller's.
    if (this.#idle) return new Map();
    const parse = (index: number): void => {
      const entry = this.#missing[index];
      if (entry === undefined) return;
      this.#done[index] = 1;
      const json = soundJson(entry.text, entry.kind);
      if (json === undefined) return;
      this.#jsons.set(entry.path, json);
      this.#cache?.write(entry.address, json);
    };
    for (;;) {
      const index = Atomics.add(this.#next, 0, 1);
      if (index >= this.#missing.length) break;
      parse(index);
    }
    await Promise.all(this.#workers);
    // What a worker took and did not finish.
    for (const [index, finished] of this.#done.entries()) if (finished === 0) parse(index);
    if (this.#missing.length > 0) this.#cache?.sweep();
    return new Map([...this.#jsons].map(([path, json]) => [path, JSON.parse(json) as Plain]));
  }

  #start(count: number, schemaTexts: ReadonlyMap<string, string>): Promise<void>[] {
    const texts = this.#missing.map(({ text }) => Buffer.from(text));
    const shared = new Uint8Array(new SharedArrayBuffer(texts.reduce((sum, { length }) => sum + length, 0)));
    const ends: number[] = [];
    for (const text of texts) {
      const start = ends.at(-1) ?? 0;
      shared.set(text, start);
      ends.push(start + text.length);
    }
    const data: SoundWorkerData = {
      shared,
      ends,
      next: this.#next,
      addresses: this.#missing.map(({ address }) => address),
      kinds: this.#missing.map(({ kind }) => kind),
      directory: this.#cache?.directory,
      schemaTexts,
    };
    return Array.from({ length: count }, () =>
      runWorker(data, ({ index, json }) => {
        this.#done[index] = 1;
        const path = this.#missing[index]?.path;
        if (json !== undefined && path !== undefined) this.#jsons.set(path, json);
      }),
    );
  }
}

/** Resolves when the worker has ended, however it ended. */
function runWorker(data: SoundWorkerData, take: (message: SoundWorkerMessage) => void): Promise<void> {
  const inSource = import.meta.url.endsWith(".ts");
  const url = new URL(inSource ? "./sound-worker.ts" : "./sound-worker.js", import.meta.url);
  // A thread has none of the hooks by which the program that started it finds sources.
  const execArgv = inSource ? ["--conditions=@headgate/source"] : [];
  return new Promise((resolve) => {
    const worker = new Worker(url, { workerData: data, execArgv });
    worker.on("message", take);
    worker.on("error", () => resolve());
    worker.on("exit", () => resolve());
  });
}
