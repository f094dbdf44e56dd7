/**
 * HEADGATE_WORKERS: several processes serve the port, and share one memory. The primary builds the table, owns the store
 * and serves nothing; a worker serves the table and asks the primary before each call upstream.
 */
import cluster, { type Worker } from "node:cluster";
import type { RoutingTable } from "@headgate/contract";
import {
  channelTo,
  channelToPrimary,
  hostStore,
  openGatewayStore,
  remoteStore,
} from "@headgate/runtime/state";
import { Failure } from "../cli.ts";
import { ENTRY, readTable } from "./active-table.ts";
import { inWords, runHere } from "./alone.ts";
import type { Running, ServeOptions, Setup } from "./setup.ts";

/** From the primary to a worker, and back. */
type Order = { readonly headgate: "take-up" | "stop" };
type Report =
  | { readonly headgate: "up"; readonly url: string }
  | { readonly headgate: "took-up"; readonly changed: boolean }
  | { readonly headgate: "failed"; readonly why: string };

/** The same channel carries the shared limits' messages. */
const isOurs = (message: unknown): message is { readonly headgate: unknown } =>
  typeof message === "object" && message !== null && "headgate" in message;
const isReport = (message: unknown): message is Report => isOurs(message);
const isOrder = (message: unknown): message is Order => isOurs(message);

/** A worker that dies at once, again and again, is not started in a tight loop. */
const RESTART_MS = 1_000;

/** @throws {Failure} with what the first worker that cannot start says */
export async function runWorkers(setup: Setup): Promise<Running> {
  const { cli, given, options, stateDir, log, source } = setup;
  const store = await openGatewayStore(options, stateDir, log).catch(inWords);
  const host = await hostStore(store);
  const crew = new Set<Worker>();
  let stopping = false;
  cluster.setupPrimary({
    exec: ENTRY,
    args: ["serve", ...argumentsOf(given)],
    execArgv: ["--no-memory-reducer"],
  });

  const start = async (): Promise<string> => {
    const worker = cluster.fork({ ...cli.env, HEADGATE_WORKER: String(crew.size + 1) });
    crew.add(worker);
    host.attach(channelTo(worker.process));
    worker.on("exit", (code, signal) => {
      crew.delete(worker);
      if (stopping) return;
      log.error("a worker ended and is started anew", { pid: worker.process.pid, code, signal });
      setTimeout(() => {
        if (!stopping)
          start().catch((error: unknown) => log.error("a worker does not start", { why: String(error) }));
      }, RESTART_MS);
    });
    return await new Promise((resolve, reject) => {
      worker.on("message", (message: unknown) => {
        if (!isReport(message)) return;
        if (message.headgate === "up") resolve(message.url);
        else if (message.headgate === "failed") reject(new Failure(message.why));
      });
      worker.once("exit", () =>
        reject(new Failure("a worker ended before it was up; its messages are above")),
      );
    });
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all(
      [...crew].map(async (worker) => {
        const ended = new Promise((resolve) => worker.once("exit", resolve));
        if (worker.isConnected()) worker.send({ headgate: "stop" } satisfies Order);
        await ended;
      }),
    );
    await host.close();
  };

  try {
    const [url = ""] = await Promise.all(Array.from({ length: options.workers }, start));
    let table: RoutingTable = readTable(source.out);
    return {
      url,
      get table() {
        return table;
      },
      async takeUp() {
        const changed = await Promise.all([...crew].map(takeUp));
        table = readTable(source.out);
        return changed.includes(true);
      },
      close: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The same words for a worker as for its primary. */
const argumentsOf = ({ envFile, host, port, stateDir, root }: ServeOptions): string[] =>
  Object.entries({
    "--env-file": envFile,
    "--host": host,
    "--port": port,
    "--state-dir": stateDir,
    "--root": root,
  }).flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));

function takeUp(worker: Worker): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const gone = (): void => resolve(false);
    const heard = (message: unknown): void => {
      if (!isReport(message) || message.headgate === "up") return;
      worker.off("exit", gone);
      worker.off("message", heard);
      if (message.headgate === "failed") reject(new Error(message.why));
      else resolve(message.changed);
    };
    worker.on("message", heard);
    worker.once("exit", gone);
    worker.send({ headgate: "take-up" } satisfies Order);
  });
}

/** A worker's whole life. @returns its exit code */
export async function beWorker(setup: Setup): Promise<number> {
  const { log } = setup;
  const report = (message: Report): void => void process.send?.(message);
  const over = Promise.withResolvers<void>();
  // Signals of the terminal reach every process; the primary says when to stop.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  const store = remoteStore({
    channel: channelToPrimary(),
    warn: (message) => log.warn(message),
    onLost: () => over.resolve(),
  });
  // One of them asks about keys for all.
  const first = process.env.HEADGATE_WORKER === "1";
  const options = first ? setup.options : { ...setup.options, probes: "off" as const };
  let running: Running;
  try {
    running = await runHere({ ...setup, options }, store);
  } catch (error) {
    report({ headgate: "failed", why: error instanceof Error ? error.message : String(error) });
    process.disconnect();
    return 1;
  }
  process.on("message", (order: unknown) => {
    if (!isOrder(order)) return;
    if (order.headgate === "stop") over.resolve();
    else
      running.takeUp().then(
        (changed) => report({ headgate: "took-up", changed }),
        (error: unknown) => report({ headgate: "failed", why: String(error) }),
      );
  });
  report({ headgate: "up", url: running.url });
  await over.promise;
  await running.close();
  await store.close();
  if (process.connected) process.disconnect();
  return 0;
}
