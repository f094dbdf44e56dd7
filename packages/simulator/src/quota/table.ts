/** The comparison as text: aligned for a terminal, and the same as Markdown. */
import type { Bar } from "./bars.ts";
import { type Figures, percent, type Section } from "./figures.ts";

const COLUMNS: readonly (readonly [title: string, of: (row: Figures) => string])[] = [
  ["policy", ({ policy }) => policy],
  ["served", ({ served }) => count(served)],
  ["of the bound", ({ ofBound }) => percent(ofBound)],
  ["calls", ({ calls }) => count(calls)],
  ["wasted", ({ wasted }) => count(wasted)],
  ["wasted %", ({ wastedShare }) => percent(wastedShare)],
  ["attempts p50/p99", ({ attemptsP50, attemptsP99 }) => `${attemptsP50} / ${attemptsP99}`],
  ["429 despite room", ({ overlooked }) => count(overlooked)],
  ["worst overshoot", ({ overshoot }) => percent(overshoot)],
];

const count = (value: number): string => Math.round(value).toLocaleString("en-US");

export function headingOf({ scenario, seed, bound, rows }: Section): string {
  return `${scenario.title} (seed ${seed}): ${count(rows[0]?.asked ?? 0)} requests, upper bound ${count(bound)}`;
}

const cellsOf = (rows: readonly Figures[]): string[][] => [
  COLUMNS.map(([title]) => title),
  ...rows.map((row) => COLUMNS.map(([, of]) => of(row))),
];

export function asText(section: Section): string {
  const cells = cellsOf(section.rows);
  const widths = COLUMNS.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  "),
  );
  return [headingOf(section), ...lines.map((line) => `  ${line}`)].join("\n");
}

export function asMarkdown(section: Section): string {
  const [head = [], ...body] = cellsOf(section.rows);
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = row(head.map((_, at) => (at === 0 ? "---" : "---:")));
  return [`## ${headingOf(section)}`, "", row(head), rule, ...body.map(row)].join("\n");
}

export const barLine = ({ what, wanted, got, met }: Bar): string =>
  `${met ? "met   " : "MISSED"}  ${what}: ${got} (${wanted})`;
