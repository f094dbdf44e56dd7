/**
 * `make simulate`: a simulated day of free tiers under Headgate's router and other policies. Prints the table,
 * writes packages/simulator/results/quota.md, and exits with 1 when a bar is missed.
 */
import { randomInt } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Catalog } from "@headgate/contract";
import { quota } from "@headgate/simulator";

const USAGE = `make simulate ARGS="[--seed <number>]... [--hours <number>] [--json] [--forecast]"

  --seed <number>   a day; the same number gives the same day (default: five numbers drawn anew, and printed)
  --hours <number>  simulated hours, from 1 to 168 (default 24); some scenarios need fewer
  --json            one JSON document instead of the table; writes no file
  --forecast        only the forecast of headgate quota: how far off it is two hours before the free tiers run out`;
const ROOT = new URL("..", import.meta.url);
/** Midnight of a Monday (UTC): a whole calendar day, so that daily quotas come once. */
const START_MS = Date.UTC(2026, 10, 23);
const HOURS = 24;
/** Drawn anew each time, so that no constant is fitted to the days that judge it. */
const DRAWN_SEEDS = 5;
const MAX_SEED = 2 ** 31 - 1;

function wholeNumber(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= from && value <= to) return value;
  throw new Error(`--${name} must be a whole number from ${from} to ${to}, not "${text}"`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", multiple: true },
      hours: { type: "string", default: String(HOURS) },
      json: { type: "boolean", default: false },
      forecast: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    seeds:
      values.seed?.map((text) => wholeNumber("seed", text, 0, MAX_SEED)) ??
      Array.from({ length: DRAWN_SEEDS }, () => randomInt(MAX_SEED)),
    hours: wholeNumber("hours", values.hours, 1, 168),
    json: values.json,
    forecast: values.forecast,
    help: values.help,
  };
}

const markdown = (
  sections: readonly quota.Section[],
  bars: readonly string[],
  seeds: readonly number[],
): string =>
  [
    "# A simulated day of free tiers",
    "",
    `Written by \`make simulate\` (seeds ${seeds.join(", ")}, drawn when it ran); docs/quotas.md says what is simulated and what the columns mean.`,
    "",
    ...sections.flatMap((section) => [quota.asMarkdown(section), ""]),
    "## Bars",
    "",
    ...bars.map((bar) => `- ${bar}`),
    "",
  ].join("\n");

/** Median error at most a tenth of two hours, and the best advice on 9 of 10 days. */
const FORECAST_BARS = { error: 0.1, advice: 0.9 };
const DAYS_PER_SEED = 4;

function forecast(catalog: Catalog, seeds: readonly number[], hours: number): number {
  const hour = (ms: number | null | undefined): string =>
    ms == null ? "none" : `${((ms - START_MS) / 3_600_000).toFixed(2)} h`;
  const errors: number[] = [];
  const advice: boolean[] = [];
  for (const seed of seeds) {
    for (let day = 0; day < DAYS_PER_SEED; day += 1) {
      const options = { seed: seed + day, startMs: START_MS, hours, strayShare: 0.01 };
      const tried = quota.forecastDay(catalog, options);
      const error = quota.errorOf(tried);
      if (error !== undefined) errors.push(error);
      const best = error === undefined ? undefined : quota.isAdviceBest(catalog, tried, options);
      if (best !== undefined) advice.push(best);
      const off = error === undefined ? "not tried" : `off by ${(100 * error).toFixed(0)} % of two hours`;
      const advised = best === undefined ? "" : `; ${tried.advised} is ${best ? "" : "not "}the best advice`;
      console.log(
        `${options.seed}  ${tried.providers.join(", ")} at ${tried.perHour} requests/h: end ${hour(tried.endedMs)}, forecast ${hour(tried.forecastMs)}, ${off}${advised}`,
      );
    }
  }
  errors.sort((a, b) => a - b);
  const median = errors[errors.length >> 1] ?? 1;
  const share = advice.filter((best) => best).length / Math.max(1, advice.length);
  const met = [median <= FORECAST_BARS.error, share >= FORECAST_BARS.advice];
  const mark = (one: boolean | undefined): string => (one === true ? "met   " : "MISSED");
  console.log(
    `\n${mark(met[0])}  median error ${(100 * median).toFixed(1)} % of two hours, ${errors.length} days (≤ 10 %)`,
  );
  console.log(
    `${mark(met[1])}  the best advice on ${(100 * share).toFixed(0)} % of ${advice.length} days (≥ 90 %)`,
  );
  return met.every((one) => one) ? 0 : 1;
}

async function main(): Promise<number> {
  const { seeds, hours, json, help, forecast: onlyForecast } = readOptions();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const catalog = JSON.parse(await readFile(new URL("generated/catalog.json", ROOT), "utf8")) as Catalog;
  if (!json) console.log(`seeds: ${seeds.join(" ")}\n`);
  if (onlyForecast) return forecast(catalog, seeds, hours);
  const sections = await quota.simulate(catalog, { seeds, hours, startMs: START_MS });
  const bars = sections.flatMap(quota.barsOf);
  if (json) console.log(JSON.stringify({ seeds, hours, sections, bars }, undefined, 2));
  else {
    const lines = bars.map(quota.barLine);
    console.log([...sections.map(quota.asText), lines.join("\n")].join("\n\n"));
    if (seeds.length >= DRAWN_SEEDS && hours === HOURS)
      await writeFile(new URL("packages/simulator/results/quota.md", ROOT), markdown(sections, lines, seeds));
  }
  return bars.every(({ met }) => met) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`simulate: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
