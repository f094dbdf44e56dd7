/** Fragments that parse and satisfy the schema, from the cache, or parsed here and in worker threads. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { addressOf, type Cache } from "../cache/cache.ts";
import type { Schemas } from "../validate/schemas.ts";
import type { FoundFile } from "./read.ts";
import { soundJson } from "./sound-json.ts";
import type { SoundWorkerData, SoundWorkerMessage } from "./sound-worker.ts";
import type { Plain } from "./tree.ts";

/** Characters. Below this, starting a worker takes longer than it saves. */
const LENGTH_PER_WORKER = 256 * 1024;
const MAX_WORKERS = 7;

export interface SoundInput {
  readonly files: readonly FoundFile[];
  readonly schemas: Schemas;
  readonly schemaTexts: ReadonlyMap<string, string>;
  readonly cache: Cache | undefined;
  /** What an entry depends on beside the file's text. */
  readonly basis: string;
  /** Worker threads at most; absent: what the machine has. */
  readonly maxWorkers?: number;
}

/** Values by path. What is missing has a problem, which is for the caller to find. */
export async function soundValues(input: SoundInput): Promise<Map<string, Plain>> {
  const { files, cache, basis } = input;
  const values = new Map<string, Plain>();
  if (cache === undefined && workersFor(files, input.maxWorkers) === 0) return values;
  const missing: Missing[] = [];
  for (const { path, text } of files) {
    const address = cache === undefined ? "" : addressOf("fragment", basis, text);
    const json = cache?.read(address);
    if (json === undefined) missing.push({ path, text, address });
    else values.set(path, JSON.parse(json) as Plain);
  }
  if (missing.length === 0) return values;
  for (const [path, json] of await parseAll(missing, input)) values.set(path, JSON.parse(json) as Plain);
  cache?.sweep();
  return values;
}

function workersFor(
  files: readonly { readonly text: string }[],
  maxWorkers = availableParallelism() - 1,
): number {
  const length = files.reduce((sum, { text }) => sum + text.length, 0);
  return Math.min(maxWorkers, MAX_WORKERS, Math.floor(length / LENGTH_PER_WORKER));
}

interface Missing {
  readonly path: string;
  readonly text: string;
  readonly address: string;
}

async function parseAll(missing: readonly Missing[], input: SoundInput): Promise<Map<string, string>> {
  const { schemas, schemaTexts, cache } = input;
  const found = new Map<string, string>();
  const done = new Uint8Array(missing.length);
  const texts = missing.map(({ text }) => Buffer.from(text));
  const bytes = texts.reduce((sum, { length }) => sum + length, 0);
  const count = workersFor(missing, input.maxWorkers);
  const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workers: Promise<void>[] = [];
  if (count > 0) {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes));
    const ends: number[] = [];
    for (const text of texts) {
      const start = ends.at(-1) ?? 0;
      shared.set(text, start);
      ends.push(start + text.length);
    }
    const data: SoundWorkerData = {
      shared,
      ends,
      next,
      addresses: missing.map(({ address }) => address),
      directory: cache?.directory,
      schemaTexts,
    };
    for (let index = 0; index < count; index += 1) {
      workers.push(
        runWorker(data, ({ index: at, json }) => {
          done[at] = 1;
          const path = missing[at]?.path;
          if (json !== undefined && path !== undefined) found.set(path, json);
        }),
      );
    }
  }
  const parse = (index: number): void => {
    const entry = missing[index];
    if (entry === undefined) return;
    done[index] = 1;
    const json = soundJson(entry.text, schemas);
    if (json === undefined) return;
    found.set(entry.path, json);
    cache?.write(entry.address, json);
  };
  for (;;) {
    const index = Atomics.add(next, 0, 1);
    if (index >= missing.length) break;
    parse(index);
  }
  await Promise.all(workers);
  // What a worker took and did not finish.
  for (const [index, finished] of done.entries()) if (finished === 0) parse(index);
  return found;
}

/** Resolves when the worker has ended, however it ended. */
function runWorker(data: SoundWorkerData, take: (message: SoundWorkerMessage) => void): Promise<void> {
  const file = import.meta.url.endsWith(".ts") ? "./sound-worker.ts" : "./sound-worker.js";
  return new Promise((resolve) => {
    const worker = new Worker(new URL(file, import.meta.url), { workerData: data });
    worker.on("message", take);
    worker.on("error", () => resolve());
    worker.on("exit", () => resolve());
  });
}
