import { EventEmitter } from "node:events";
import { expect, it, vi } from "vitest";
import { type Channel, relayMetrics, siblingMetrics } from "./worker-metrics.ts";

/** A worker as its primary sees it, and the channel that it has itself. */
class FakeWorker extends EventEmitter {
  readonly id: number;
  connected = true;
  readonly own = new EventEmitter();

  constructor(id: number) {
    super();
    this.id = id;
  }

  isConnected(): boolean {
    return this.connected;
  }

  send(message: unknown): boolean {
    return this.own.emit("message", message);
  }

  get channel(): Channel {
    return {
      send: (message) => void this.emit("message", message),
      on: (_, take) => this.own.on("message", take),
    };
  }
}

function rig(snapshots: readonly (string | Error | undefined)[]) {
  const workers = new Set(snapshots.map((_, at) => new FakeWorker(at + 1)));
  const all = workers as never;
  for (const worker of workers) relayMetrics(worker as never, all);
  const asks = [...workers].map((worker, at) =>
    siblingMetrics(async () => {
      const snapshot = snapshots[at];
      if (snapshot instanceof Error) throw snapshot;
      return snapshot === undefined ? undefined : ([{ name: snapshot }] as never);
    }, worker.channel),
  );
  const namesAt = async (at: number) => ((await asks[at]?.()) ?? []).map(([metric]) => metric?.name).sort();
  return { workers: [...workers], namesAt };
}

it("gathers the metrics of the other workers, for two that ask at once", async () => {
  const { namesAt } = rig(["a", "b", "c"]);
  expect(await Promise.all([namesAt(0), namesAt(1)])).toEqual([
    ["b", "c"],
    ["a", "c"],
  ]);
});

it("does without a worker that is gone, has none yet, or fails", async () => {
  const { workers, namesAt } = rig(["a", "b", undefined, new Error("no metrics")]);
  const [, second] = workers;
  if (second !== undefined) second.connected = false;
  expect(await namesAt(0)).toEqual([]);
});

it("answers after a second where a worker hangs", async () => {
  vi.useFakeTimers();
  try {
    const { workers, namesAt } = rig(["a", "b", "c"]);
    workers[2]?.own.removeAllListeners();
    const names = namesAt(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await names).toEqual(["b"]);
  } finally {
    vi.useRealTimers();
  }
});

it("is an empty list where one worker serves alone", async () => {
  expect(await rig(["a"]).namesAt(0)).toEqual([]);
});
