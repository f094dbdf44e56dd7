/** `make simulate-local`: real engines alone and through Headgate, under the same loads. */
import { parseArgs } from "node:util";
import { NO_OLLAMA, ollamaProgram } from "../engine/ollama.ts";
import { llamaServerAlone, llamaServerThrough } from "./llama-server.ts";
import { BAR, type Load, makeLoads } from "./loads.ts";
import { type Figures, maxOf, measureOf, ollamaAlone, p50Of, type Target, throughHeadgate } from "./run.ts";

const RECORD_SEED = 1;
/** A request waits no longer than this, and the loads before it. */
const LONGEST_WAIT_MS = 30_000;

const USAGE = `Usage: make simulate-local [ARGS="..."]

  --load NAME    only this load; may be repeated (${makeLoads({ seed: 1, size: 1, length: 1 })
    .map(({ id }) => id)
    .join(", ")})
  --size N       models of N times the size (default 1)
  --length N     N times as many requests (default 1)
  --seed N       another order of the random load (default ${RECORD_SEED})
  --help         this text

A real Ollama is needed: GOBIN=$PWD/.build/bin go install github.com/ollama/ollama@v0.11.4
With LLAMA_SERVER=/path/to/llama-server, llama.cpp's router mode is measured too.
Exits with 1 when a bar is missed.
`;

interface Row {
  readonly name: string;
  /** Its figures are compared with those of this row. */
  readonly beside?: string;
  readonly target: Target;
}

const OLLAMA = "Ollama alone";
const ROUTER = "llama-server alone";

function rowsFor(): Row[] {
  const rows: Row[] = [
    { name: OLLAMA, target: ollamaAlone },
    { name: "Ollama through Headgate", beside: OLLAMA, target: throughHeadgate("slots") },
    { name: "the same, by a budget", beside: OLLAMA, target: throughHeadgate("budget") },
  ];
  const program = process.env.LLAMA_SERVER;
  if (program === undefined) return rows;
  return [
    ...rows,
    { name: ROUTER, target: llamaServerAlone(program) },
    { name: "llama-server through Headgate", beside: ROUTER, target: llamaServerThrough(program) },
  ];
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1).padStart(7);

async function measure(load: Load, rows: readonly Row[]): Promise<string[]> {
  console.log(`\n${load.id}: ${load.about}`);
  console.log(`${"".padEnd(30)}  total s    p50 s    max s   ratio`);
  const seen = new Map<string, Figures>();
  const missed: string[] = [];
  for (const { name, beside, target } of rows) {
    const figures = await target(load);
    seen.set(name, figures);
    const other = beside === undefined ? undefined : seen.get(beside);
    const ratio = other === undefined ? undefined : measureOf(load, figures) / measureOf(load, other);
    const failed = Object.entries(figures.failed).map(([status, count]) => `${count} x ${status}`);
    const columns = [figures.totalMs, p50Of(figures), maxOf(figures)].map(seconds).join("  ");
    console.log(
      `${name.padEnd(30)}  ${columns}  ${(ratio?.toFixed(2) ?? "").padStart(6)}  ${failed.join(", ")}`.trimEnd(),
    );
    const miss = (what: string): void => void missed.push(`${load.id}, ${name}: ${what}`);
    if (failed.length > 0) miss(`not answered: ${failed.join(", ")}`);
    if (ratio !== undefined && ratio > BAR[load.bar])
      miss(`${ratio.toFixed(2)} x ${beside}, bar ${BAR[load.bar]}`);
    if (beside !== undefined && other !== undefined && maxOf(figures) > LONGEST_WAIT_MS + maxOf(other))
      miss(`a request took ${seconds(maxOf(figures)).trim()} s`);
  }
  return missed;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      load: { type: "string", multiple: true },
      size: { type: "string", default: "1" },
      length: { type: "string", default: "1" },
      seed: { type: "string", default: String(RECORD_SEED) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (ollamaProgram() === undefined) throw new Error(NO_OLLAMA);
  const [seed, size, length] = [values.seed, values.size, values.length].map(Number);
  if (!(seed && size && length)) throw new Error("--seed, --size and --length are numbers above 0");
  const loads = makeLoads({ seed, size, length });
  const unknown = values.load?.filter((id) => loads.every((load) => load.id !== id)) ?? [];
  if (unknown.length > 0) throw new Error(`there is no load ${unknown.join(", ")}`);
  console.log(`seed ${seed}, models of ${size} and requests of ${length} times the usual`);
  const missed: string[] = [];
  for (const load of loads.filter(({ id }) => values.load?.includes(id) ?? true))
    missed.push(...(await measure(load, rowsFor())));
  console.log(missed.length === 0 ? "\nall bars are met" : `\nmissed:\n  ${missed.join("\n  ")}`);
  return missed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`simulate-local: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
