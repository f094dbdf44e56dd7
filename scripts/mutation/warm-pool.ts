/**
 * A pool of one worker thread that outlives a test run. vitest starts a thread for each run, and a run of one mutant takes
 * less time than that start. The thread keeps modules too, compiled and optimised: a mutant is switched on in loaded code.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type PoolOptions, ThreadsPoolWorker, type WorkerRequest } from "vitest/node";

type Listener = (...args: unknown[]) => void;
type Run = Extract<WorkerRequest, { type: "run" }>;

/** What a mutant of such a file leaves in memory would meet the next one. */
const KEEPS_STATE = /^(?:export )?(?:let |const \w+ = new (?:Weak)?(?:Map|Set)\b)/m;

class WarmWorker extends ThreadsPoolWorker {
  override readonly name = "warm";
  protected override readonly entrypoint = fileURLToPath(new URL("warm-worker.ts", import.meta.url));
  readonly #vitest: PoolOptions["project"]["vitest"];
  #runs = false;
  /** The file whose mutants run in the modules that are loaded; undefined where the next run must load them anew. */
  #mutated: string | undefined;
  /** Those of the run under way: vitest leaves some of them to the end of the thread. */
  readonly #listeners: [event: string, listener: Listener][] = [];

  constructor(options: PoolOptions) {
    super(options);
    this.#vitest = options.project.vitest;
  }

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
    if (message.type === "stop") this.#answer({ type: "stopped", __vitest_worker_response__: true });
    else super.send(message.type === "run" ? this.#withLoading(message) : message);
  }

  /** A mutant that is active while modules load needs its own load, and so does the one after it. */
  #withLoading(message: Run): Run {
    const { providedContext } = message.context;
    const { mode, mutantActivation } = providedContext as { mode?: string; mutantActivation?: string };
    const [mutated] = this.#vitest.config.related ?? [];
    const switches = mode === "mutant" && mutantActivation === "runtime" && mutated !== undefined;
    const loadsAnew = !switches || mutated !== this.#mutated;
    this.#mutated = switches && !KEEPS_STATE.test(readFileSync(mutated, "utf8")) ? mutated : undefined;
    const context = { ...message.context, providedContext: { ...providedContext, loadsAnew } };
    return { ...message, context };
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
  createPoolWorker(options: PoolOptions): WarmWorker {
    worker ??= new WarmWorker(options);
    return worker;
  },
};

export const endWarmPool = async (): Promise<void> => worker?.end();
