/**
 * The compiler's speed: `headgate validate` as a process, on this repository (cold and warm) and on catalogues of 250, 500
 * and 1,000 providers with 100 models each. Prints a table; exit code 1 when a bar is missed.
 * Cold: the compiler's cache is empty; Node's own cache of compiled code is not. Warm: nothing has changed since.
 * Usage: node --conditions=@headgate/source bench/compiler.ts [--json]
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./stats.ts";
import { writeCatalogue } from "./synthetic-catalogue.ts";

export interface CompilerResult {
  /** `headgate validate` on this repository over `node -e 0`, the median of rounds; both in the same round. */
  readonly repository: {
    readonly coldRatio: number;
    readonly warmRatio: number;
    /** Seconds of `node -e 0`, the median. */
    readonly nodeS: number;
  };
  readonly sizes: readonly {
    readonly providers: number;
    readonly models: number;
    readonly bytes: number;
    /** Cold. */
    readonly seconds: number;
    /** With one fragment changed since the last run. */
    readonly oneChangedS: number;
    readonly peakBytes: number;
  }[];
}

const REPOSITORY = join(import.meta.dirname, "..");
const CACHE = join(REPOSITORY, ".build", "compiler-cache");
const SIZES = [250, 500, 1_000];
const MODELS_EACH = 100;
const REPOSITORY_ROUNDS = 9;
/** The faster of these counts: what else the machine does only ever adds time. */
const SIZE_ROUNDS = 2;

export const BARS = { coldRatio: 6, warmRatio: 3, largestS: 30, oneChangedS: 4, growth: 1.4 } as const;

/** Runs in the measured process: its peak memory in KiB, as the last word on stderr. */
const REPORT_PEAK =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('peak='+process.resourceUsage().maxRSS))";

function timed(args: readonly string[]) {
  const startMs = performance.now();
  const run = spawnSync(process.execPath, args, { cwd: REPOSITORY, encoding: "utf8", maxBuffer: 2 ** 28 });
  const seconds = (performance.now() - startMs) / 1000;
  if (run.status !== 0)
    throw new Error(`${args.join(" ")} failed:\n${run.stdout}${run.stderr}`.slice(0, 2_000));
  return { seconds, stderr: run.stderr };
}

/** @throws when the catalogue does not validate: then something else would be measured. */
const validate = (root: string): number =>
  timed(["packages/cli/bin/headgate.js", "validate", "--root", root]).seconds;

function validateWithPeak(root: string): { seconds: number; peakBytes: number } {
  const { seconds, stderr } = timed([
    "--import",
    REPORT_PEAK,
    "packages/cli/bin/headgate.js",
    "validate",
    "--root",
    root,
  ]);
  const peak = /peak=(\d+)$/.exec(stderr)?.[1];
  if (peak === undefined) throw new Error("the process did not report its memory");
  return { seconds, peakBytes: Number(peak) * 1024 };
}

const emptyCache = (): void => rmSync(CACHE, { recursive: true, force: true });

function measureRepository(): CompilerResult["repository"] {
  emptyCache();
  validate(REPOSITORY);
  const rounds = Array.from({ length: REPOSITORY_ROUNDS }, () => {
    const nodeS = timed(["-e", "0"]).seconds;
    emptyCache();
    const coldS = validate(REPOSITORY);
    const warmS = validate(REPOSITORY);
    return { nodeS, coldRatio: coldS / nodeS, warmRatio: warmS / nodeS };
  });
  return {
    nodeS: median(rounds.map(({ nodeS }) => nodeS)),
    coldRatio: median(rounds.map(({ coldRatio }) => coldRatio)),
    warmRatio: median(rounds.map(({ warmRatio }) => warmRatio)),
  };
}

function measureSize(providers: number): CompilerResult["sizes"][number] {
  const root = mkdtempSync(join(tmpdir(), "headgate-bench-"));
  try {
    const bytes = writeCatalogue(root, { providers, modelsEach: MODELS_EACH });
    const rounds = Array.from({ length: SIZE_ROUNDS }, () => {
      emptyCache();
      const { seconds, peakBytes } = validateWithPeak(root);
      appendFileSync(join(root, "providers", "p0", "provider.yaml"), "# changed\n");
      return { seconds, peakBytes, oneChangedS: validate(root) };
    });
    return {
      providers,
      models: providers * MODELS_EACH,
      bytes,
      seconds: Math.min(...rounds.map(({ seconds }) => seconds)),
      oneChangedS: Math.min(...rounds.map(({ oneChangedS }) => oneChangedS)),
      peakBytes: Math.max(...rounds.map(({ peakBytes }) => peakBytes)),
    };
  } finally {
    rmSync(root, { recursive: true });
    emptyCache();
  }
}

export const measureCompiler = (): CompilerResult => ({
  repository: measureRepository(),
  sizes: SIZES.map(measureSize),
});

/** Seconds per model, the largest catalogue over the smallest: 1 is linear; less, as the start is shared by more. */
export function growthOf(sizes: CompilerResult["sizes"]): number | undefined {
  const [smallest, largest] = [sizes[0], sizes.at(-1)];
  if (smallest === undefined || largest === undefined) return undefined;
  return largest.seconds / largest.models / (smallest.seconds / smallest.models);
}

function print({ repository, sizes }: CompilerResult): boolean {
  const { coldRatio, warmRatio, nodeS } = repository;
  console.log(`this repository, over node -e 0 (${(nodeS * 1000).toFixed(0)} ms):`);
  console.log(`cold ${coldRatio.toFixed(2)} ×, warm ${warmRatio.toFixed(2)} ×\n`);
  console.log("| catalogue | fragments | cold | per model | one fragment changed | peak RSS |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const { providers, models, bytes, seconds, oneChangedS, peakBytes } of sizes) {
    const cells = [
      `${providers} providers × ${models / providers} models`,
      `${(bytes / 1e6).toFixed(1)} MB`,
      `${seconds.toFixed(2)} s`,
      `${((seconds / models) * 1e6).toFixed(0)} µs`,
      `${oneChangedS.toFixed(2)} s`,
      `${(peakBytes / 1e6).toFixed(0)} MB`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  const largest = sizes.at(-1);
  const growth = growthOf(sizes);
  if (largest === undefined || growth === undefined) throw new Error("nothing was measured");
  const bars: [name: string, got: number, bar: number, unit: string][] = [
    ["this repository, cold", coldRatio, BARS.coldRatio, " ×"],
    ["this repository, warm", warmRatio, BARS.warmRatio, " ×"],
    [`${largest.providers} providers, cold`, largest.seconds, BARS.largestS, " s"],
    [`${largest.providers} providers, one fragment changed`, largest.oneChangedS, BARS.oneChangedS, " s"],
    ["time per model, largest over smallest", growth, BARS.growth, " ×"],
  ];
  console.log("");
  for (const [name, got, bar, unit] of bars) {
    console.log(`${got <= bar ? "ok  " : "MISS"} ${name}: ${got.toFixed(2)}${unit} (≤ ${bar}${unit})`);
  }
  return bars.every(([, got, bar]) => got <= bar);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  const result = measureCompiler();
  if (values.json) console.log(JSON.stringify(result));
  else if (!print(result)) process.exitCode = 1;
}
