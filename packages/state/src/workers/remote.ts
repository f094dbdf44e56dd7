/** A worker's side: the primary's store, one message away. */
import type { CooldownRecord, LeaderLock, SharedLimits, StateStore } from "@headgate/contract";
import { StoreUnavailable } from "../failures.ts";
import type { Channel } from "./channel.ts";
import {
  type Answer,
  Batches,
  type FromPrimary,
  type FromWorker,
  type Question,
  type Questions,
} from "./messages.ts";

export interface RemoteOptions {
  readonly channel: Channel;
  /** How long a reservation waits for the primary before its caller counts for itself. */
  readonly timeoutMs?: number;
  /** How many messages may wait for a primary that does not read. */
  readonly maxQueued?: number;
  readonly warn?: (message: string) => void;
  /** The primary is gone and will not come back to this worker: finish what is under way and exit. */
  readonly onLost?: () => void;
}

/** A primary that is gone closes the channel; one that is only late, on a busy machine, still knows all counts. */
const TIMEOUT_MS = 1_000;
/** Other questions delay no request. */
const PATIENCE_MS = 5_000;
const MAX_QUEUED = 20_000;

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

export function remoteStore(options: RemoteOptions): StateStore {
  const { channel } = options;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const maxQueued = options.maxQueued ?? MAX_QUEUED;
  const out = new Batches<FromWorker>((messages, sent) => channel.send(messages, sent));
  const pending = new Map<number, Pending>();
  /** Reservations that timed out: a grant that comes late is undone. */
  const late = new Set<number>();
  const locks = new Map<number, AbortController>();
  const listeners = new Set<(records: readonly CooldownRecord[]) => void>();
  let questions = 0;
  let lost = false;
  let warned = false;

  const goneNow = (): StoreUnavailable => new StoreUnavailable("the primary process is gone");
  channel.onClose(() => {
    if (lost) return;
    lost = true;
    for (const { reject } of pending.values()) reject(goneNow());
    pending.clear();
    for (const leaderLock of locks.values()) leaderLock.abort(goneNow());
    options.onLost?.();
  });

  const receive = (message: FromPrimary): void => {
    switch (message[0]) {
      case "answer": {
        const [, number, value] = message;
        const question = pending.get(number);
        pending.delete(number);
        if (question !== undefined) question.resolve(value as never);
        else if (late.delete(number)) {
          const grant = value as Answer<"reserve">;
          if (grant.ticket !== undefined) out.push(["cancel", grant.ticket]);
        }
        break;
      }
      case "failed":
        pending.get(message[1])?.reject(new StoreUnavailable(message[2]));
        pending.delete(message[1]);
        break;
      case "cooldowns":
        for (const listener of listeners) listener(message[1]);
        break;
      case "lost":
        locks.get(message[1])?.abort(new Error(message[2]));
        break;
    }
  };
  channel.onMessage((messages) => {
    for (const message of messages as FromPrimary[]) receive(message);
  });

  /** `waitMs` 0: as long as it takes. */
  function query<Q extends Question>(question: Q, args: Parameters<Questions[Q]>, waitMs = PATIENCE_MS) {
    questions += 1;
    const number = questions;
    const answer = new Promise<Answer<Q>>((resolve, reject) => {
      if (lost) return reject(goneNow());
      if (out.size >= maxQueued) return reject(new StoreUnavailable("the primary process does not read"));
      const stop =
        waitMs === 0
          ? undefined
          : setTimeout(() => {
              pending.delete(number);
              if (question === "reserve") late.add(number);
              reject(new StoreUnavailable(`no answer of the primary process within ${waitMs} ms`));
            }, waitMs);
      pending.set(number, {
        resolve: (value: never) => {
          clearTimeout(stop);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(stop);
          reject(error);
        },
      });
      out.push(["question", number, question, args]);
    });
    return { number, answer };
  }

  /** A dispensable message is dropped when the primary has not read for long. */
  const notify = (message: FromWorker, dispensable: boolean): void => {
    if (lost) return;
    if (!dispensable || out.size < maxQueued) {
      out.push(message);
      return;
    }
    if (!warned) options.warn?.("the primary process does not keep up; counters are saved less often.");
    warned = true;
  };

  const shared: SharedLimits = {
    reserve: (claims, nowMs) => query("reserve", [claims, nowMs], timeoutMs).answer,
    settle: (ticket, meters) => notify(["settle", ticket, meters], false),
    correct: (corrections) => notify(["correct", corrections], true),
    addUsed: (used) => notify(["addUsed", used], false),
  };

  async function hold(
    name: string,
    here: boolean,
    signal: AbortSignal,
    processLock?: string,
  ): Promise<LeaderLock> {
    signal.throwIfAborted();
    const { number, answer } = query("leaderLock", [name, here, processLock ?? null], 0);
    const controller = new AbortController();
    locks.set(number, controller);
    const leave = (): void => {
      locks.delete(number);
      notify(["unlock", number], false);
    };
    const aborted = (): void => {
      pending.get(number)?.reject(signal.reason);
      pending.delete(number);
      leave();
    };
    signal.addEventListener("abort", aborted, { once: true });
    try {
      const token = await answer;
      return {
        token,
        lost: controller.signal,
        async release() {
          if (controller.signal.aborted) return;
          controller.abort(new Error(`the leader lock "${name}" was released`));
          leave();
          if (!lost) await query("flush", []).answer.catch(() => {});
        },
      };
    } catch (error) {
      locks.delete(number);
      throw error;
    } finally {
      signal.removeEventListener("abort", aborted);
    }
  }

  return {
    load: () => query("load", []).answer,
    saveCooldowns(records) {
      notify(["cooldowns", records], false);
      // In the kernel's hands when this returns: the primary reads it even if this process ends now.
      out.flush();
    },
    saveMeters: (records) => notify(["meters", records], true),
    forget: (ids) => notify(["forget", ids], false),
    kept: {
      async get(space, key, nowMs) {
        const value = await query("get", [space, key, nowMs]).answer;
        return value === null ? undefined : new Uint8Array(Buffer.from(value, "base64"));
      },
      put({ space, key, value, expiresAtMs }) {
        notify(["put", space, key, Buffer.from(value).toString("base64"), expiresAtMs], true);
      },
      delete: (space, key) => query("delete", [space, key]).answer,
      sweep: (nowMs, maxBytes) => notify(["sweep", nowMs, maxBytes], true),
    },
    shared,
    onCooldowns: (listener) => void listeners.add(listener),
    leaderLock: (name, signal, processLock) => hold(name, false, signal, processLock),
    leaderLockHere: (name, signal, processLock) => hold(name, true, signal, processLock),
    async close() {
      if (!lost) await query("flush", []).answer.catch(() => {});
      listeners.clear();
    },
  };
}
