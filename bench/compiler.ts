/**
 * The compiler's speed: `headgate validate` as a process, on this repository and on catalogues of 250, 500 and 1,000
 * providers with 100 models each. Prints a table; exit code 1 when a bar is missed.
 * Usage: node --conditions=@headgate/source bench/compiler.ts [--json]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./stats.ts";
import { writeCatalogue } from "./synthetic-catalogue.ts";

export interface CompilerResult {
  /** Seconds of `headgate validate` on this repository, the median of several processes. */
  readonly repositoryS: number;
  readonly sizes: readonly {
    readonly providers: number;
    readonly models: number;
    readonly bytes: number;
    readonly seconds: number;
    readonly peakBytes: number;
  }[];
}

const REPOSITORY = join(import.meta.dirname, "..");
const SIZES = [250, 500, 1_000];
const MODELS_EACH = 100;
const REPOSITORY_ROUNDS = 7;
/** The fastest run counts: other programs only add time. */
const SIZE_ROUNDS = 2;

const REPOSITORY_BAR_S = 1;
const LARGEST_BAR_S = 12;
/** Seconds per model, the largest catalogue over the smallest: 1 is linear; less, as the start is shared by more. */
const LINEAR_BAR = 1.4;

/** Runs in the measured process: its peak memory in KiB, as the last word on stderr. */
const REPORT_PEAK =
  "data:text/javascript,process.on('exit',()=>process.stderr.write('peak='+process.resourceUsage().maxRSS))";

/** @throws when the catalogue does not validate, since the time would mean nothing. */
function validate(root: string): { seconds: number; peakBytes: number } {
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", REPORT_PEAK, "packages/cli/bin/headgate.js", "validate", "--root", root],
    { cwd: REPOSITORY, encoding: "utf8", maxBuffer: 2 ** 28 },
  );
  const seconds = (performance.now() - startMs) / 1000;
  const peak = /peak=(\d+)$/.exec(stderr)?.[1];
  if (status !== 0 || peak === undefined)
    throw new Error(`validate failed:\n${stdout}${stderr}`.slice(0, 2_000));
  return { seconds, peakBytes: Number(peak) * 1024 };
}

export function measureCompiler(): CompilerResult {
  validate(REPOSITORY);
  const repositoryS = median(Array.from({ length: REPOSITORY_ROUNDS }, () => validate(REPOSITORY).seconds));
  const sizes = SIZES.map((providers) => {
    const root = mkdtempSync(join(tmpdir(), "headgate-bench-"));
    try {
      const bytes = writeCatalogue(root, { providers, modelsEach: MODELS_EACH });
      const rounds = Array.from({ length: SIZE_ROUNDS }, () => validate(root));
      return {
        providers,
        models: providers * MODELS_EACH,
        bytes,
        seconds: Math.min(...rounds.map(({ seconds }) => seconds)),
        peakBytes: Math.max(...rounds.map(({ peakBytes }) => peakBytes)),
      };
    } finally {
      rmSync(root, { recursive: true });
    }
  });
  return { repositoryS, sizes };
}

function print({ repositoryS, sizes }: CompilerResult): boolean {
  console.log("| catalogue | fragments | headgate validate | per model | peak RSS |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  console.log(`| this repository | | ${repositoryS.toFixed(2)} s | | |`);
  for (const { providers, models, bytes, seconds, peakBytes } of sizes) {
    const cells = [
      `${providers} providers × ${models / providers} models`,
      `${(bytes / 1e6).toFixed(1)} MB`,
      `${seconds.toFixed(2)} s`,
      `${((seconds / models) * 1e6).toFixed(0)} µs`,
      `${(peakBytes / 1e6).toFixed(0)} MB`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  const smallest = sizes[0];
  const largest = sizes.at(-1);
  if (smallest === undefined || largest === undefined) throw new Error("nothing was measured");
  const growth = largest.seconds / largest.models / (smallest.seconds / smallest.models);
  const bars: [name: string, got: number, bar: number, unit: string][] = [
    ["this repository", repositoryS, REPOSITORY_BAR_S, " s"],
    [`${largest.providers} providers`, largest.seconds, LARGEST_BAR_S, " s"],
    ["time per model, largest over smallest", growth, LINEAR_BAR, ""],
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
