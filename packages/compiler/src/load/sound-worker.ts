/** A worker thread that takes fragments from a shared list until none is left. */
import { enableCompileCache } from "node:module";
import { parentPort, threadId, workerData } from "node:worker_threads";
import type { SoundKind } from "./sound-json.ts";

export interface SoundWorkerData {
  /** The UTF-8 texts of all fragments, one after the other. */
  readonly shared: Uint8Array;
  /** Where each text ends. */
  readonly ends: readonly number[];
  /** The index of the next fragment that no thread has taken. */
  readonly next: Int32Array;
  /** Each text's schema. */
  readonly kinds: readonly SoundKind[];
  /** Of each fragment's entry in the cache. */
  readonly addresses: readonly string[];
  /** The cache's folder; undefined: nothing is kept. */
  readonly directory: string | undefined;
  readonly schemaTexts: ReadonlyMap<string, string>;
}

export interface SoundWorkerMessage {
  readonly index: number;
  /** Absent where anything is wrong with the fragment. */
  readonly json?: string;
}

enableCompileCache();
const { Cache } = await import("../cache/cache.ts");
const { Schemas } = await import("../validate/schemas.ts");
const { soundJson } = await import("./sound-json.ts");
const { shared, ends, next, addresses, kinds, directory, schemaTexts } = workerData as SoundWorkerData;
const schemas = await Schemas.of(schemaTexts);
const cache = directory === undefined ? undefined : new Cache(directory, { thread: threadId });
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
for (;;) {
  const index = Atomics.add(next, 0, 1);
  const end = ends[index];
  if (end === undefined) break;
  // A decoder takes no shared memory.
  const text = decoder.decode(shared.slice(ends[index - 1] ?? 0, end));
  const json = soundJson(text, kinds[index] ?? "provider", schemas);
  if (json !== undefined) cache?.write(addresses[index] ?? "", json);
  parentPort?.postMessage((json === undefined ? { index } : { index, json }) satisfies SoundWorkerMessage);
}
