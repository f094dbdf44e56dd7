/** The thread of records: the only place that waits for their database. */
import { parentPort, workerData } from "node:worker_threads";
import { openStore } from "../store/open-store.ts";
import type { RecordPlace } from "../store/store.ts";
import { readBatch } from "./batch.ts";
import type { FromThread, Question, ThreadData, ToThread } from "./protocol.ts";
import { Writer } from "./writer.ts";

const SWEEP_MS = 600_000;
const { place, retention, secret } = workerData as ThreadData;
const where = place.kind === "sqlite" ? place.path : place.kind === "otlp" ? "the collector" : "PostgreSQL";
const tell = (message: FromThread): void => parentPort?.postMessage(message);
const warn = (message: string): void => tell({ warn: message });
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function run(store: RecordPlace): Promise<void> {
  const clock = {
    after(delayMs: number, then: () => void) {
      const timer = setTimeout(then, delayMs);
      return () => clearTimeout(timer);
    },
  };
  const writer = new Writer({ store, clock, where, warn, done: (written) => tell({ written }) });
  const answer = async (question: Question): Promise<unknown> => {
    await writer.flush();
    switch (question.ask) {
      case "find":
        return store.find(question.id);
      case "list":
        return store.list(question.filter);
      case "usage":
        return store.usage(question.query);
      case "series":
        return store.series(question.edgesMs);
      case "rates":
        return store.rates(question.sinceMs, question.untilMs);
      case "flush":
        return undefined;
    }
  };
  // One after another: a question on the connection of an open transaction would see half of it.
  let last: Promise<unknown> = Promise.resolve();
  const sweep = (): void => {
    last = last
      .then(() => writer.flush())
      .then(() => store.sweep(retention, Date.now()))
      .catch((error: unknown) => warn(`old usage records cannot be deleted: ${messageOf(error)}`));
  };
  setInterval(sweep, SWEEP_MS);
  sweep();
  parentPort?.on("message", (message: ToThread) => {
    if ("write" in message) {
      const written = readBatch(message.write);
      tell({ read: message.write.block });
      last = last.then(() => writer.write(written));
      return;
    }
    const { question, number } = message;
    last = last
      .then(() => answer(question))
      .then(
        (result) => tell({ number, answer: result }),
        (error: unknown) => tell({ number, failed: messageOf(error) }),
      );
  });
  tell({ ready: true });
}

await openStore(place, secret, warn).then(run, (error: unknown) => tell({ refused: messageOf(error) }));
