/** Runs tasks that a parent thread sends, one after another. */
import { parentPort, workerData } from "node:worker_threads";
import type { Catalog } from "@headgate/contract";
import { perform, type Task } from "./compare.ts";

const catalog = (workerData as { readonly catalog: Catalog }).catalog;
parentPort?.on("message", (task: Task) => parentPort?.postMessage(perform(catalog, task)));
