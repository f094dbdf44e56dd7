/** The lab's record of each request, and promises about it. */
import type { IncomingHttpHeaders } from "node:http";
import type { JsonValue } from "./json.ts";

/** Live: the fields change while the request runs. Times are epoch milliseconds on a monotonic clock. */
export interface RecordedRequest {
  /** 1 for the lab's first request. */
  readonly seq: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: Buffer;
  /** `undefined` when the body was not JSON. */
  readonly body: JsonValue | undefined;
  /** The model id; for a listing, its path. */
  readonly model: string;
  readonly stream: boolean;
  /** The name of the behaviour that answered. */
  readonly behaviour: string;
  /** Counts connections from 1: equal numbers shared a socket. */
  readonly connection: number;
  readonly startedAtMs: number;
  /** Set when the head of the answer is sent. */
  readonly status: number | undefined;
  /** Body bytes written to the socket (raw bytes included), before any framing. */
  readonly bytesWritten: number;
  /** Set when the client left before the answer was sent. */
  readonly abortedAtMs: number | undefined;
  /** Set when the lab finished it: answered, or broken off on purpose. */
  readonly finishedAtMs: number | undefined;
  /** `cut`: by a behaviour, or by closing the lab. `aborted`: by the client. */
  readonly outcome: "open" | "finished" | "cut" | "aborted";
}

export type Writable<T> = { -readonly [K in keyof T]: T[K] };
export type OpenRecord = Writable<RecordedRequest>;

interface Waiter {
  readonly ready: () => boolean;
  readonly resolve: () => void;
}

/** Promises that resolve when a condition over the lab's state becomes true; checked on each change of the state. */
export class Conditions {
  readonly #waiters = new Set<Waiter>();

  when(ready: () => boolean): Promise<void> {
    if (ready()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.add({ ready, resolve });
    });
  }

  changed(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.ready()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
