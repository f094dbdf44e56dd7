/**
 * HEADGATE_WORKERS: several processes serve the port and share one store. The primary builds the table, owns the store
 * and serves no request; a worker serves the table and reserves at the primary before each call upstream.
 */
import cluster, { type Worker } from "node:cluster";
import type { RoutingTable } from "@headgate/contract";
import {
  channelTo,
  channelToPrimary,
  hostGatewayStore,
  openGatewayStore,
  remoteStore,
} from "@headgate/runtime/state";
import { Failure } from "../cli.ts";
import { ENTRY } from "../place.ts";
import { asFailure, type Measurable, runHere } from "./alone.ts";
import { NODE_FLAGS } from "./node-flags.ts";
import { argumentsOf, type Running, type Setup } from "./setup.ts";
import { relayMetrics, siblingMetrics } from "./worker-metrics.ts";

/** From the primary to a worker, and back. */
type Order = { readonly headgate: "serve"; readonly table: RoutingTable } | { readonly headgate: "stop" };
type Report =
  /** The worker listens to orders and has no table yet. */
  | { readonly headgate: "ready" }
  | { readonly headgate: "up"; readonly url: string }
  | { readonly headgate: "applied"; readonly changed: boolean }
  /** A client pulled or deleted a model at a server of one's own. */
  | { readonly headgate: "models" }
  | { readonly headgate: "failed"; readonly why: string };

/** The same channel carries the shared limits' messages. */
const isOurs = (message: unknown): message is { readonly headgate: unknown } =>
  typeof message === "object" && message !== null && "headgate" in message;
const isReport = (message: unknown): message is Report => isOurs(message);
const isOrder = (message: unknown): message is Order => isOurs(message);

/** The pause before a worker is restarted, in ms: one that ends at once is not started in a tight loop. */
const RESTART_MS = 1_000;

/** @throws {Failure} with the message of the first worker that cannot start */
export async function runWorkers(setup: Setup, first: RoutingTable): Promise<Running> {
  const { cli, given, options, stateDir, log } = setup;
  let table = first;
  const store = await openGatewayStore(options, stateDir, log).catch(asFailure);
  const host = await hostGatewayStore(store);
  const workers = new Set<Worker>();
  let stopping = false;
  cluster.setupPrimary({
    exec: ENTRY,
    args: ["serve", ...argumentsOf(given)],
    execArgv: [...NODE_FLAGS],
  });

  const start = async (): Promise<string> => {
    const worker = cluster.fork({ ...cli.env, HEADGATE_WORKER: String(workers.size + 1) });
    workers.add(worker);
    host.attach(channelTo(worker.process));
    relayMetrics(worker, workers);
    worker.on("exit", (code, signal) => {
      workers.delete(worker);
      if (stopping) return;
      log.error("a worker ended and is restarted", { pid: worker.process.pid, code, signal });
      setTimeout(() => {
        if (!stopping)
          start().catch((error: unknown) => log.error("a worker cannot start", { why: String(error) }));
      }, RESTART_MS);
    });
    return await new Promise((resolve, reject) => {
      worker.on("message", (message: unknown) => {
        if (!isReport(message)) return;
        if (message.headgate === "ready") worker.send({ headgate: "serve", table } satisfies Order);
        else if (message.headgate === "up") resolve(message.url);
        else if (message.headgate === "models") setup.modelsChanged();
        else if (message.headgate === "failed") reject(new Failure(message.why));
      });
      worker.once("exit", () =>
        reject(new Failure("a worker ended before it was ready; its messages are above")),
      );
    });
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all(
      [...workers].map(async (worker) => {
        const ended = new Promise((resolve) => worker.once("exit", resolve));
        if (worker.isConnected()) worker.send({ headgate: "stop" } satisfies Order);
        await ended;
      }),
    );
    await host.close();
  };

  try {
    const [url = ""] = await Promise.all(Array.from({ length: options.workers }, start));
    return {
      url,
      get table() {
        return table;
      },
      async applyChange(next) {
        const changed = await Promise.all([...workers].map((worker) => applyIn(worker, next)));
        table = next;
        return changed.includes(true);
      },
      close: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function applyIn(worker: Worker, table: RoutingTable): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const gone = (): void => resolve(false);
    const onReport = (message: unknown): void => {
      if (!isReport(message) || (message.headgate !== "applied" && message.headgate !== "failed")) return;
      worker.off("exit", gone);
      worker.off("message", onReport);
      if (message.headgate === "failed") reject(new Error(message.why));
      else resolve(message.changed);
    };
    worker.on("message", onReport);
    worker.once("exit", gone);
    worker.send({ headgate: "serve", table } satisfies Order);
  });
}

/** Runs a worker until it stops. @returns its exit code */
export async function beWorker(setup: Setup): Promise<number> {
  const { log } = setup;
  const report = (message: Report): void => void process.send?.(message);
  const over = Promise.withResolvers<void>();
  // Signals of the terminal reach every process; the primary decides when to stop.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  const store = remoteStore({
    channel: channelToPrimary(),
    warn: (message) => log.warn(message),
    onLost: () => over.resolve(),
  });
  // One worker probes keys and tells of events for all.
  const { webhookUrl: _, ...others } = setup.options;
  const options = process.env.HEADGATE_WORKER === "1" ? setup.options : { ...others, probes: "off" as const };
  let running: Measurable | undefined;
  const siblings = siblingMetrics(async () => running?.metrics());
  const serve = async (table: RoutingTable): Promise<void> => {
    if (running === undefined) {
      const modelsChanged = (): void => report({ headgate: "models" });
      running = await runHere({ ...setup, options, modelsChanged }, store, table, siblings);
      report({ headgate: "up", url: running.url });
    } else report({ headgate: "applied", changed: await running.applyChange(table) });
  };
  let failed = false;
  // One table after the other, in the order in which the primary built them.
  let served = Promise.resolve();
  process.on("message", (order: unknown) => {
    if (!isOrder(order)) return;
    if (order.headgate === "stop") return over.resolve();
    served = served
      .then(() => serve(order.table))
      .catch((error: unknown) => {
        report({ headgate: "failed", why: error instanceof Error ? error.message : String(error) });
        if (running !== undefined) return;
        failed = true;
        over.resolve();
      });
  });
  report({ headgate: "ready" });
  await over.promise;
  await served;
  if (failed) {
    process.disconnect();
    return 1;
  }
  await (running as Measurable | undefined)?.close();
  await store.close();
  if (process.connected) process.disconnect();
  return 0;
}
