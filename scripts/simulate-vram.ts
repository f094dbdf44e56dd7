/**
 * `make simulate-vram`: the scheduler of scarce memory against other policies, on every trace. Prints the figures, checks the
 * bars, and writes packages/simulator/results/ when all traces ran with the seed and size of the record.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { asMarkdown, asText, barLine, compare, plot, slug, TRACE_NAMES } from "@headgate/simulator";

const RECORD = { seed: 1, jobs: 400 } as const;
const RESULTS = new URL("../packages/simulator/results/", import.meta.url);

const USAGE = `Usage: make simulate-vram [ARGS="..."]

  --trace NAME   only this trace; may be repeated (${TRACE_NAMES.join(", ")})
  --seed N       another seed for the traces (default ${RECORD.seed})
  --jobs N       jobs for each trace, about (default ${RECORD.jobs})
  --json         the figures as JSON
  --help         this text

Exits with 1 when a bar is missed, with 2 for wrong options.
`;

function fail(message: string): never {
  process.stderr.write(`simulate-vram: ${message}\n\n${USAGE}`);
  process.exit(2);
}

function whole(name: string, text: string | undefined, fallback: number, most: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    fail(`--${name} must be a whole number from 1 to ${most}, not ${text}`);
  return value;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        trace: { type: "string", multiple: true },
        seed: { type: "string" },
        jobs: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const options = readOptions();
if (options.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
for (const name of options.trace ?? []) {
  if (!TRACE_NAMES.includes(name)) fail(`there is no trace ${JSON.stringify(name)}`);
}
const seed = whole("seed", options.seed, RECORD.seed, 1_000_000);
const jobs = whole("jobs", options.jobs, RECORD.jobs, 5_000);
const reports = compare({ seed, jobs, only: options.trace });
process.stdout.write(options.json ? `${JSON.stringify(reports, undefined, 2)}\n` : asText(reports));

if (options.trace === undefined && seed === RECORD.seed && jobs === RECORD.jobs) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL("vram.md", RESULTS), asMarkdown(reports, "make simulate-vram"));
  for (const report of reports)
    writeFileSync(new URL(`vram-${slug(report.trace)}.svg`, RESULTS), plot(report));
}

const bars = reports.flatMap((report) => report.bars);
const missed = bars.filter((bar) => !bar.met);
const say = (text: string): void => void process.stderr.write(`${text}\n`);
if (!options.json) say(`\nbars: ${bars.length - missed.length} of ${bars.length} met`);
for (const bar of missed) say(`  ${bar.trace.padEnd(13)} ${barLine(bar)}`);
process.exitCode = missed.length > 0 ? 1 : 0;
