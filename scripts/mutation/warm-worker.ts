/**
 * The thread of warm-pool.ts. Each run evaluates the modules that are mutated, and their tests, anew, as a new thread would;
 * only packages stay loaded.
 */
import { parentPort } from "node:worker_threads";
import { init, runBaseTests, setupEnvironment } from "vitest/worker";

type State = Parameters<typeof runBaseTests>[1];
type Listener = (message: unknown) => void;

const port = parentPort;
if (port === null) throw new Error("warm-worker.ts runs as a worker thread, started by warm-pool.ts");

let before: State | undefined;

/** Forgets what the run before left: its modules, and which mutant was active in them. */
function beginAnew(state: State): void {
  for (const [path, node] of before?.evaluatedModules.idToModuleMap ?? []) {
    if (path.includes("/node_modules/")) continue;
    node.promise = undefined;
    node.exports = undefined;
    node.evaluated = false;
    node.importers.clear();
  }
  before = state;
  const { globalNamespace } = state.providedContext as { readonly globalNamespace?: string };
  if (globalNamespace !== undefined) Reflect.deleteProperty(globalThis, globalNamespace);
}

/** vitest's own, then that of the run under way: each run adds one and removes none. */
const listeners: Listener[] = [];
port.on("message", (message) => {
  for (const listener of [...listeners]) listener(message);
});

init({
  post: (response) => port.postMessage(response),
  on: (listener: Listener) => {
    listeners.splice(1);
    listeners.push(listener);
  },
  off: (listener: Listener) => {
    const at = listeners.indexOf(listener);
    if (at !== -1) listeners.splice(at, 1);
  },
  runTests: async (state, traces) => {
    beginAnew(state);
    await runBaseTests("run", state, traces);
  },
  collectTests: (state, traces) => runBaseTests("collect", state, traces),
  setup: setupEnvironment,
});
