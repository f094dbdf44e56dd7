/** All scenarios and policies, spread over the machine's cores; the result does not depend on how. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Catalog } from "@headgate/contract";
import type { Compared, Task } from "./compare.ts";
import type { Section } from "./figures.ts";
import { OURS, SCENARIOS } from "./scenarios.ts";

export interface SimulateOptions {
  /** The first plays every policy, the others Headgate's own. */
  readonly seeds: readonly number[];
  readonly hours: number;
  readonly startMs: number;
}

export async function simulate(catalog: Catalog, options: SimulateOptions): Promise<Section[]> {
  const { seeds, hours, startMs } = options;
  const runs = seeds.flatMap((seed, at) =>
    SCENARIOS.map((scenario) => ({
      scenario,
      seed,
      tasks: (at === 0 ? scenario.policies : OURS).map(
        (policy): Task => ({ scenario: scenario.id, policy, seed, hours, startMs }),
      ),
    })),
  );
  // The longest first, so that no core is left with one of them at the end.
  const order = runs.flatMap(({ tasks }) => tasks).sort((a, b) => costOf(b) - costOf(a));
  const done = new Map<Task, Compared>();
  const threads = Math.min(availableParallelism(), order.length);
  await Promise.all(Array.from({ length: threads }, () => work(catalog, order, done)));
  return runs.map(({ scenario, seed, tasks }) => {
    const compared = tasks.flatMap((task) => done.get(task) ?? []);
    return { scenario, seed, bound: compared[0]?.bound ?? 0, rows: compared.map(({ figures }) => figures) };
  });
}

const costOf = ({ policy, scenario }: Task): number =>
  (policy === "replicas" ? 4 : policy === "headgate" ? 2 : 1) *
  (scenario === "true" || scenario === "wrong" ? 1 : 0.1);

function work(catalog: Catalog, tasks: Task[], done: Map<Task, Compared>): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { catalog } });
    let current: Task | undefined;
    const next = (): void => {
      current = tasks.shift();
      if (current !== undefined) worker.postMessage(current);
      else void worker.terminate().then(() => resolve(), reject);
    };
    worker.on("error", reject);
    worker.on("message", (compared: Compared) => {
      if (current !== undefined) done.set(current, compared);
      next();
    });
    next();
  });
}
