/**
 * A pool of one worker thread that outlives a test run. vitest starts a thread for each run, and a run of one mutant takes
 * less time than that start.
 */
import { fileURLToPath } from "node:url";
import { type PoolOptions, ThreadsPoolWorker, type WorkerRequest } from "vitest/node";

type Listener = (...args: unknown[]) => void;

class WarmWorker extends ThreadsPoolWorker {
  override readonly name = "warm";
  protected override readonly entrypoint = fileURLToPath(new URL("warm-worker.ts", import.meta.url));
  #runs = false;
  /** Those of the run under way: vitest leaves some of them to the end of the thread. */
  readonly #listeners: [event: string, listener: Listener][] = [];

  override async start(): Promise<void> {
    if (this.#runs) return;
    await super.start();
    this.#runs = true;
  }

  override on(event: string, listener: Listener): void {
    this.#listeners.push([event, listener]);
    super.on(event, listener);
  }

  override send(message: WorkerRequest): void {
    if (message.type !== "stop") super.send(message);
    else this.#answer({ type: "stopped", __vitest_worker_response__: true });
  }

  #answer(response: object): void {
    for (const [event, listener] of this.#listeners) if (event === "message") listener(response);
  }

  override async stop(): Promise<void> {
    for (const [event, listener] of this.#listeners.splice(0)) super.off(event, listener);
  }

  async end(): Promise<void> {
    if (this.#runs) await super.stop();
    this.#runs = false;
  }
}

let worker: WarmWorker | undefined;

export const warmPool = {
  name: "warm",
  createPoolWorker: (options: PoolOptions): WarmWorker => (worker ??= new WarmWorker(options)),
};

export const endWarmPool = async (): Promise<void> => worker?.end();
