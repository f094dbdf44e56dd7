/** The gateway's end of the thread of records, and the reader for commands that run without a gateway. */
import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import {
  present,
  type RecordedBodies,
  type RecordFilter,
  type RecordReader,
  type Records,
  type UsageQuery,
  type UsageRecord,
} from "@headgate/contract";
import type { RecordsPlace, Retention } from "./place.ts";
import { openStore } from "./store/open-store.ts";
import { BatchWriter } from "./thread/batch.ts";
import type { FromThread, Question, ThreadData, ToThread } from "./thread/protocol.ts";

/** A kill loses what is younger than this, and what the thread has not written yet. */
const FLUSH_MS = 250;
/** Records that are given to the thread and not stored yet; beyond it new ones are lost. */
const MAX_UNSTORED = 50_000;

export interface RecordsInput {
  readonly place: RecordsPlace;
  readonly retention: Retention;
  /** Closes bodies; absent where none are recorded. */
  readonly secret?: string;
  readonly warn: (message: string) => void;
}

export interface OpenRecords extends Records {
  close(): Promise<void>;
}

/** @throws {Error} with a readable message where the place cannot be used as configured */
export async function openRecords(input: RecordsInput): Promise<OpenRecords> {
  const { place, secret, warn } = input;
  // A file is looked at here, and its thread starts with the first record: an idle gateway does without it.
  if (place.kind === "sqlite") await (await openStore(place, secret, warn)).close();
  const thread = new RecordsThread(input);
  if (place.kind !== "sqlite") await thread.start();
  return thread;
}

class RecordsThread implements OpenRecords {
  readonly #input: RecordsInput;
  readonly #answers = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  readonly #batches = new BatchWriter((write) => this.#send({ write }));
  readonly #reader = readerOf((question) => this.#ask(question));
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unstored = 0;
  #number = 0;
  #ended = false;
  #losing = false;

  constructor(input: RecordsInput) {
    this.#input = input;
  }

  /** Resolves once the place is open. */
  async start(): Promise<void> {
    const started = Promise.withResolvers<void>();
    const worker = this.#begin(started);
    worker.ref();
    try {
      await started.promise;
    } catch (error) {
      this.#ended = true;
      await worker.terminate();
      throw error;
    }
    worker.unref();
  }

  write(record: UsageRecord, bodies?: RecordedBodies): void {
    if (this.#ended) return;
    if (this.#unstored >= MAX_UNSTORED) {
      if (!this.#losing)
        this.#input.warn(`usage records are lost: ${MAX_UNSTORED} wait for the database already`);
      this.#losing = true;
      return;
    }
    this.#unstored += 1;
    this.#batches.add(record, bodies);
    this.#timer ??= setTimeout(() => this.#give(), FLUSH_MS).unref();
  }

  find(id: string): ReturnType<RecordReader["find"]> {
    return this.#reader.find(id);
  }

  list(filter: RecordFilter): ReturnType<RecordReader["list"]> {
    return this.#reader.list(filter);
  }

  usage(query: UsageQuery): ReturnType<RecordReader["usage"]> {
    return this.#reader.usage(query);
  }

  series(edgesMs: readonly number[]): ReturnType<RecordReader["series"]> {
    return this.#reader.series(edgesMs);
  }

  rates(sinceMs: number, untilMs: number): ReturnType<RecordReader["rates"]> {
    return this.#reader.rates(sinceMs, untilMs);
  }

  async flush(): Promise<void> {
    await this.#ask({ ask: "flush" });
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    if (this.#worker !== undefined || this.#unstored > 0) await this.#ask({ ask: "flush" }).catch(() => {});
    this.#ended = true;
    await this.#worker?.terminate();
  }

  #begin(started?: PromiseWithResolvers<void>): Worker {
    const { place, retention, secret, warn } = this.#input;
    const worker = startThread({ place, retention, ...present({ secret }) });
    this.#worker = worker;
    let told = started;
    worker.on("message", (message: FromThread) => {
      if ("ready" in message) {
        told?.resolve();
        told = undefined;
      } else if ("refused" in message) end(message.refused);
      else if ("warn" in message) warn(message.warn);
      else if ("read" in message) this.#batches.release(message.read);
      else if ("written" in message) {
        this.#unstored -= message.written;
        if (this.#unstored === 0) this.#losing = false;
      } else this.#answered(message);
    });
    const end = (why: string): void => {
      if (!this.#ended && told === undefined) warn(`usage records are no longer written: ${why}`);
      this.#ended = true;
      told?.reject(new Error(why));
      for (const { reject } of this.#answers.values()) reject(new Error(why));
      this.#answers.clear();
    };
    worker.on("error", (error) => end(error.message));
    worker.on("exit", () => end("their thread ended"));
    // The gateway's sockets keep the process alive, not this thread.
    worker.unref();
    return worker;
  }

  #answered(message: Extract<FromThread, { readonly number: number }>): void {
    const waits = this.#answers.get(message.number);
    this.#answers.delete(message.number);
    if (this.#answers.size === 0) this.#worker?.unref();
    if ("failed" in message) waits?.reject(new Error(message.failed));
    else waits?.resolve(message.answer);
  }

  #send(message: ToThread): void {
    this.#worker ??= this.#begin();
    this.#worker.postMessage(message);
  }

  #give(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#ended) this.#batches.flush();
  }

  #ask(question: Question): Promise<unknown> {
    if (this.#ended) return Promise.reject(new Error("usage records are not written at the moment"));
    this.#give();
    this.#number += 1;
    const number = this.#number;
    return new Promise((resolve, reject) => {
      this.#answers.set(number, { resolve, reject });
      this.#send({ question, number });
      // Otherwise a process without other work would end before the answer.
      this.#worker?.ref();
    });
  }
}

/** Reads the records of a state directory, or of a server, without a gateway. Undefined where there are none yet. */
export async function readRecords(
  place: RecordsPlace,
  secret: string | undefined,
): Promise<(RecordReader & { close(): Promise<void> }) | undefined> {
  if (place.kind === "sqlite" && !existsSync(place.path)) return undefined;
  return openStore(place, secret, () => {});
}

/** Each question's answer has the type of the reader's function of the same name. */
function readerOf(ask: (question: Question) => Promise<unknown>): RecordReader {
  return {
    find: (id) => ask({ ask: "find", id }) as ReturnType<RecordReader["find"]>,
    list: (filter) => ask({ ask: "list", filter }) as ReturnType<RecordReader["list"]>,
    usage: (query) => ask({ ask: "usage", query }) as ReturnType<RecordReader["usage"]>,
    series: (edgesMs) => ask({ ask: "series", edgesMs }) as ReturnType<RecordReader["series"]>,
    rates: (sinceMs, untilMs) => ask({ ask: "rates", sinceMs, untilMs }) as ReturnType<RecordReader["rates"]>,
  };
}

function startThread(data: ThreadData): Worker {
  const inSource = import.meta.url.endsWith(".ts");
  const url = new URL(inSource ? "./thread/main.ts" : "./thread/main.js", import.meta.url);
  // A thread has none of the hooks by which the program that started it finds sources.
  const execArgv = inSource ? ["--conditions=@headgate/source"] : [];
  return new Worker(url, {
    workerData: data,
    execArgv,
  });
}
