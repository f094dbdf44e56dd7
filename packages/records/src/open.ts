/** The gateway's end of the thread of records, and the reader for commands that run without a gateway. */
import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import {
  present,
  type RecordedBodies,
  type RecordReader,
  type Records,
  type UsageRecord,
} from "@headgate/contract";
import type { RecordsPlace, Retention } from "./place.ts";
import { openStore } from "./store/open-store.ts";
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

interface Waiting {
  readonly record: UsageRecord;
  readonly bodies: RecordedBodies | undefined;
}

/** @throws {Error} with a readable message where the place cannot be used as configured */
export async function openRecords({ place, retention, secret, warn }: RecordsInput): Promise<OpenRecords> {
  const worker = startThread({ place, retention, ...present({ secret }) });
  const answers = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let unstored = 0;
  let number = 0;
  let ended = false;
  let losing = false;
  const started = Promise.withResolvers<void>();
  worker.on("message", (message: FromThread) => {
    if ("ready" in message) started.resolve();
    else if ("refused" in message) started.reject(new Error(message.refused));
    else if ("warn" in message) warn(message.warn);
    else if ("written" in message) {
      unstored -= message.written;
      if (unstored === 0) losing = false;
    } else {
      const waits = answers.get(message.number);
      answers.delete(message.number);
      if (answers.size === 0) worker.unref();
      if ("failed" in message) waits?.reject(new Error(message.failed));
      else waits?.resolve(message.answer);
    }
  });
  const end = (why: string): void => {
    if (!ended) warn(`usage records are no longer written: ${why}`);
    ended = true;
    waiting = [];
    started.reject(new Error(why));
    for (const { reject } of answers.values()) reject(new Error(why));
    answers.clear();
  };
  worker.on("error", (error) => end(error.message));
  worker.on("exit", () => end("their thread ended"));

  const send = (message: ToThread): void => worker.postMessage(message);
  const give = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0 || ended) return;
    const write = waiting.map(({ record, bodies }) => ({
      json: JSON.stringify(record),
      ...present({ bodies }),
    }));
    waiting = [];
    send({ write });
  };
  const ask = (question: Question): Promise<unknown> => {
    if (ended) return Promise.reject(new Error("usage records are not written at the moment"));
    give();
    number += 1;
    // Otherwise a process without other work would end before the answer.
    worker.ref();
    return new Promise((resolve, reject) => {
      answers.set(number, { resolve, reject });
      send({ question, number });
    });
  };

  try {
    await started.promise;
  } catch (error) {
    ended = true;
    await worker.terminate();
    throw error;
  }
  // The gateway's sockets keep the process alive, not this thread.
  worker.unref();
  return {
    write(record, bodies) {
      if (ended) return;
      if (unstored >= MAX_UNSTORED) {
        if (!losing) warn(`usage records are lost: ${MAX_UNSTORED} wait for the database already`);
        losing = true;
        return;
      }
      unstored += 1;
      waiting.push({ record, bodies });
      timer ??= setTimeout(give, FLUSH_MS).unref();
    },
    ...readerOf(ask),
    async flush() {
      await ask({ ask: "flush" });
    },
    async close() {
      if (ended) return;
      worker.ref();
      await ask({ ask: "flush" }).catch(() => {});
      ended = true;
      await worker.terminate();
    },
  };
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
    rates: (sinceMs, untilMs) => ask({ ask: "rates", sinceMs, untilMs }) as ReturnType<RecordReader["rates"]>,
  };
}

function startThread(data: ThreadData): Worker {
  const inSource = import.meta.url.endsWith(".ts");
  const url = new URL(inSource ? "./thread/main.ts" : "./thread/main.js", import.meta.url);
  // A thread has none of the hooks by which the program that started it finds sources.
  const execArgv = inSource ? ["--conditions=@headgate/source"] : [];
  return new Worker(url, { workerData: data, execArgv });
}
