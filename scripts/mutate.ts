/**
 * `make mutate`: changes the code of the pure rooms in thousands of small ways and runs the tests that cover each change.
 * A change that no test notices has survived. Prints the survivors and the score by file and room, and exits with 1 when the
 * score is below the threshold of stryker.config.mjs.
 */
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";

const USAGE = `make mutate ARGS="[--force] [--concurrency <number>] [--patience <number>] [--survivors] [<room or file> ...]"

  <room or file>          contract, router, adapter-kit, resources, or a path (default: all four rooms);
                          a path may end in :<first line>-<last line>
  --force                 run every mutant again; without it only those whose code or tests have changed
  --concurrency <number>  mutants at a time (default: one for each core)
  --patience <number>     factor on the time after which a test counts as endless, for a busy machine (default: 1)
  --survivors             print each change that no test notices`;

const ROOMS: Readonly<Record<string, string>> = {
  contract: "packages/contract/src",
  router: "packages/router/src",
  "adapter-kit": "packages/adapter-kit/src",
  resources: "packages/resources/src/core",
};
/** What is written by a generator, or is a test itself. */
const LEFT_OUT = [
  "!**/*.test.ts",
  "!**/*.fixture.ts",
  "!**/testing/**",
  "!packages/contract/src/generated/**",
  "!packages/adapter-kit/src/contract-suite/**",
  "!packages/adapter-kit/src/contract-suite.ts",
  "!packages/adapter-kit/src/contract-samples.ts",
];
/** A run that was ended by Ctrl-C leaves its copy of the code here. */
const SANDBOXES = ".build/mutation/sandbox";
const REPORT = ".build/mutation/report.json";

/** A mutant's tests count as endless after this factor on the time that they usually take, and so many ms. */
const TIMEOUT_FACTOR = 1.5;
const TIMEOUT_MS = 5_000;

function patternOf(name: string): string {
  const folder = ROOMS[name];
  if (folder !== undefined) return `${folder}/**/*.ts`;
  const [, path = name] = /^(.+?):[0-9]+-[0-9]+$/.exec(name) ?? [];
  if (!existsSync(path))
    throw new Error(`${name} is neither a room (${Object.keys(ROOMS).join(", ")}) nor a file`);
  return statSync(path).isDirectory() ? `${path}/**/*.ts` : name;
}

interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

const DETECTED = new Set(["Killed", "Timeout"]);
const UNDETECTED = new Set(["Survived", "NoCoverage"]);

function scoreLine(name: string, mutants: readonly Mutant[]): string {
  const detected = mutants.filter(({ status }) => DETECTED.has(status)).length;
  const undetected = mutants.filter(({ status }) => UNDETECTED.has(status)).length;
  const score = (100 * detected) / (detected + undetected);
  return `${score.toFixed(1).padStart(6)} %  ${String(undetected).padStart(4)} of ${String(detected + undetected).padStart(4)} survive  ${name}`;
}

const isMutated = ({ mutants }: { readonly mutants: readonly Mutant[] }): boolean =>
  mutants.some(({ status }) => DETECTED.has(status) || UNDETECTED.has(status));

function summarise({ files }: Report, survivors: boolean): void {
  const mutated = Object.entries(files).filter(([, file]) => isMutated(file));
  if (survivors) {
    for (const [path, { mutants }] of mutated)
      for (const { status, mutatorName, replacement = "", location } of mutants)
        if (UNDETECTED.has(status))
          console.log(
            `${path}:${location.start.line}:${location.start.column} ${mutatorName}: ${replacement.replace(/\s+/g, " ").slice(0, 120)}`,
          );
  }
  for (const [path, { mutants }] of mutated) console.log(scoreLine(path, mutants));
  console.log();
  for (const [room, folder] of Object.entries(ROOMS)) {
    const mutants = mutated.flatMap(([path, file]) => (path.startsWith(`${folder}/`) ? file.mutants : []));
    if (mutants.length > 0) console.log(scoreLine(room, mutants));
  }
  console.log(
    scoreLine(
      "all",
      mutated.flatMap(([, { mutants }]) => mutants),
    ),
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      force: { type: "boolean", default: false },
      concurrency: { type: "string", default: String(availableParallelism()) },
      patience: { type: "string", default: "1" },
      survivors: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new Error(`--concurrency must be a whole number from 1 on, not "${values.concurrency}"`);
  const patience = Number(values.patience);
  if (!(patience >= 1 && patience <= 100))
    throw new Error(`--patience must be a number from 1 to 100, not "${values.patience}"`);
  const wanted = positionals.length === 0 ? Object.keys(ROOMS) : positionals;
  const mutate = [...wanted.map(patternOf), ...LEFT_OUT];
  rmSync(SANDBOXES, { recursive: true, force: true });
  const timeoutMS = TIMEOUT_MS * patience;
  const timeoutFactor = TIMEOUT_FACTOR * patience;
  await new Stryker({ mutate, concurrency, timeoutMS, timeoutFactor, force: values.force }).runMutationTest();
  summarise(JSON.parse(readFileSync(REPORT, "utf8")) as Report, values.survivors);
}

try {
  await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exitCode = 2;
}
