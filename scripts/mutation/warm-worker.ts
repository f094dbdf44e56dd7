/** The thread of warm-pool.ts: loaded packages stay from run to run, and modules too until a run loads them anew. */
import { parentPort } from "node:worker_threads";
import { init, runBaseTests, setupEnvironment } from "vitest/worker";

type State = Parameters<typeof runBaseTests>[1];
type Listener = (message: unknown) => void;

const port = parentPort;
if (port === null) throw new Error("warm-worker.ts runs as a worker thread, started by warm-pool.ts");

let before: State | undefined;

function forgetModules(): void {
  for (const [path, node] of before?.evaluatedModules.idToModuleMap ?? []) {
    if (path.includes("/node_modules/")) continue;
    node.promise = undefined;
    node.exports = undefined;
    node.evaluated = false;
    node.importers.clear();
  }
}

/** Switches the last mutant off, and loads modules anew where warm-pool.ts says so. Test files always are, by vitest. */
function beginRun(state: State): void {
  const { globalNamespace = "", loadsAnew } = state.providedContext as {
    readonly globalNamespace?: string;
    readonly loadsAnew?: boolean;
  };
  if (loadsAnew === true) {
    forgetModules();
    Reflect.deleteProperty(globalThis, globalNamespace);
  } else {
    const stryker: unknown = Reflect.get(globalThis, globalNamespace);
    if (typeof stryker === "object") Object.assign(stryker ?? {}, { activeMutant: undefined, hitCount: 0 });
  }
  before = state;
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
    beginRun(state);
    await runBaseTests("run", state, traces);
  },
  collectTests: (state, traces) => runBaseTests("collect", state, traces),
  setup: setupEnvironment,
});
