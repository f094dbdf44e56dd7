/**
 * Metrics of several workers: a scrape reaches one of them, which asks the others through the primary. The primary only passes
 * messages on.
 */
import type { Worker } from "node:cluster";
import type { MetricsSnapshot } from "@headgate/runtime";

type Message =
  /** A worker wants the others' metrics. */
  | { readonly scrape: "ask"; readonly number: number }
  /** The primary asks a worker, on behalf of the scrape of that number and worker. */
  | { readonly scrape: "measure"; readonly number: number; readonly worker: number }
  | {
      readonly scrape: "measured";
      readonly number: number;
      readonly worker: number;
      readonly snapshot: MetricsSnapshot | undefined;
    }
  | { readonly scrape: "answer"; readonly number: number; readonly snapshots: readonly MetricsSnapshot[] };

/** A worker that hangs must not hold up the scrape. */
const WAIT_MS = 1_000;

const isMessage = (message: unknown): message is Message =>
  typeof message === "object" && message !== null && "scrape" in message;

/** In the primary, for each worker. */
export function relayMetrics(worker: Worker, workers: ReadonlySet<Worker>): void {
  worker.on("message", (message: unknown) => {
    if (!isMessage(message) || message.scrape !== "ask") return;
    const { number } = message;
    const others = [...workers].filter((other) => other !== worker && other.isConnected());
    const snapshots: MetricsSnapshot[] = [];
    const waiting = new Set(others);
    const finish = (): void => {
      clearTimeout(timer);
      for (const other of others) other.off("message", take);
      if (worker.isConnected()) worker.send({ scrape: "answer", number, snapshots } satisfies Message);
    };
    const timer = setTimeout(finish, WAIT_MS);
    function take(this: Worker, answer: unknown): void {
      if (!isMessage(answer) || answer.scrape !== "measured") return;
      if (answer.number !== number || answer.worker !== worker.id || !waiting.delete(this)) return;
      if (answer.snapshot !== undefined) snapshots.push(answer.snapshot);
      if (waiting.size === 0) finish();
    }
    if (others.length === 0) finish();
    for (const other of others) {
      other.on("message", take);
      other.send({ scrape: "measure", number, worker: worker.id } satisfies Message);
    }
  });
}

/** A worker's channel to its primary. */
export interface Channel {
  send(message: unknown): void;
  on(event: "message", take: (message: unknown) => void): unknown;
}

const TO_PRIMARY: Channel = {
  send: (message) => void process.send?.(message),
  on: (_, take) => process.on("message", take),
};

/** In a worker. @returns asks for the others' metrics */
export function siblingMetrics(
  own: () => Promise<MetricsSnapshot | undefined>,
  channel: Channel = TO_PRIMARY,
): () => Promise<readonly MetricsSnapshot[]> {
  const waiting = new Map<number, (snapshots: readonly MetricsSnapshot[]) => void>();
  let last = 0;
  const send = (message: Message): void => channel.send(message);
  channel.on("message", (message) => {
    if (!isMessage(message)) return;
    if (message.scrape === "measure") {
      const { number, worker } = message;
      void own()
        .catch(() => undefined)
        .then((snapshot) => send({ scrape: "measured", number, worker, snapshot }));
    } else if (message.scrape === "answer") {
      waiting.get(message.number)?.(message.snapshots);
      waiting.delete(message.number);
    }
  });
  return () => {
    last += 1;
    const number = last;
    return new Promise((resolve) => {
      waiting.set(number, resolve);
      send({ scrape: "ask", number });
    });
  };
}
