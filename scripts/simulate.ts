/**
 * `make simulate`: a simulated day of free tiers under Headgate's router and other policies. Prints the table,
 * writes packages/simulator/results/quota.md, and exits with 1 when a bar is missed.
 */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Catalog } from "@headgate/contract";
import { quota } from "@headgate/simulator";

const USAGE = `make simulate ARGS="[--seed <number>] [--hours <number>] [--json]"

  --seed <number>   another day; the same number gives the same day (default 1)
  --hours <number>  simulated hours, from 1 to 168 (default 24)
  --json            one JSON document instead of the table; writes no file`;
const ROOT = new URL("..", import.meta.url);
/** Midnight of a Monday (UTC): a whole calendar day, so that daily quotas come once. */
const START_MS = Date.UTC(2026, 10, 23);
const HOURS = 24;

function wholeNumber(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= from && value <= to) return value;
  throw new Error(`--${name} must be a whole number from ${from} to ${to}, not "${text}"`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      hours: { type: "string", default: String(HOURS) },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    seed: wholeNumber("seed", values.seed, 0, 2 ** 31 - 1),
    hours: wholeNumber("hours", values.hours, 1, 168),
    json: values.json,
    help: values.help,
  };
}

const markdown = (sections: readonly quota.Section[], bars: readonly string[], seed: number): string =>
  [
    "# A simulated day of free tiers",
    "",
    `Written by \`make simulate\` (seed ${seed}); docs/quotas.md says what is simulated and what the columns mean.`,
    "",
    ...sections.flatMap((section) => [quota.asMarkdown(section), ""]),
    "## Bars",
    "",
    ...bars.map((bar) => `- ${bar}`),
    "",
  ].join("\n");

async function main(): Promise<number> {
  const { seed, hours, json, help } = readOptions();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const catalog = JSON.parse(await readFile(new URL("generated/catalog.json", ROOT), "utf8")) as Catalog;
  const sections = await quota.simulate(catalog, { seed, hours, startMs: START_MS });
  const bars = sections.flatMap(({ scenario, rows }) => quota.barsOf(scenario, rows));
  if (json) console.log(JSON.stringify({ seed, hours, sections, bars }, undefined, 2));
  else {
    const lines = bars.map(quota.barLine);
    console.log([...sections.map(quota.asText), lines.join("\n")].join("\n\n"));
    if (seed === 1 && hours === HOURS)
      await writeFile(new URL("packages/simulator/results/quota.md", ROOT), markdown(sections, lines, seed));
  }
  return bars.every(({ met }) => met) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`simulate: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
