/** The comparison as text: aligned for terminals, Markdown for the record. */
import { type Bar, loadRatio, type Row, type TraceReport } from "./compare.ts";

const HEAD = ["policy", "mean s", "p99 s", "max s", "head/bound", "loads", "load s", "x optimum", "jobs/s"];

const cells = (row: Row): string[] => {
  const ratio = loadRatio(row);
  return [
    row.policy,
    (row.meanWaitMs / 1_000).toFixed(2),
    (row.p99WaitMs / 1_000).toFixed(1),
    (row.maxWaitMs / 1_000).toFixed(1),
    `${row.boundUsed.toFixed(2)}${row.boundUsed > 1 ? " !" : ""}`,
    String(row.loads),
    (row.loadMs / 1_000).toFixed(0),
    ratio === undefined ? "" : `${row.optimum?.exact === false ? "<= " : ""}${ratio.toFixed(2)}`,
    row.jobsPerSecond.toFixed(3),
  ];
};

/** Columns as wide as they need to be; the first is flush left, figures are flush right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

const BAR_NAMES: Readonly<Record<Bar["bar"], string>> = {
  meanWait: "mean wait",
  leastMean: "least mean",
  p99Wait: "p99 wait",
  loads: "load cost",
  throughput: "jobs/s",
  starvation: "head's wait",
};

export function barLine(bar: Bar): string {
  const sign = bar.bar === "throughput" ? ">=" : "<=";
  const verdict = bar.met ? "met" : "MISSED";
  const value = `${bar.value.toFixed(2)} x ${bar.against}, bar ${sign} ${bar.limit}`;
  return `${BAR_NAMES[bar.bar].padEnd(12)} ${value}: ${verdict}`;
}

export function asText(reports: readonly TraceReport[]): string {
  const blocks = reports.map(({ trace, about, rows, bars }) =>
    [
      `${trace}: ${about}`,
      ...aligned([HEAD, ...rows.map(cells)]),
      ...bars.map((bar) => `  ${barLine(bar)}`),
    ].join("\n"),
  );
  return `${blocks.join("\n\n")}\n`;
}

const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;

/** `command` is what was run, so that anyone can run it again. */
export function asMarkdown(reports: readonly TraceReport[], command: string): string {
  const parts = [
    "# Scheduling models on scarce memory: the comparison",
    "",
    `Written by \`${command}\`. Waits are from arrival to the start of the job. \`head/bound\`: the longest wait at the head of a`,
    "model's queue, as a part of the bound that the scheduler promises; above 1 (!) a waiter starves. `x optimum`: load",
    "cost, failed loads left out, against the exact offline optimum at the policy's own longest wait (`<=`: against a lower",
    "bound of it). Comparators get at once what others use and when freed memory is back; Headgate has to measure.",
  ];
  for (const { trace, about, rows, bars } of reports) {
    parts.push("", `## ${trace}`, "", `${about[0]?.toUpperCase()}${about.slice(1)}.`, "", line(HEAD));
    parts.push(
      line(HEAD.map((_, column) => (column === 0 ? "---" : "---:"))),
      ...rows.map((row) => line(cells(row))),
      "",
    );
    parts.push(...bars.map((bar) => `- ${barLine(bar).replace(/\s+/g, " ")}`), "");
    parts.push(`![${trace}](vram-${slug(trace)}.svg)`);
  }
  return `${parts.join("\n")}\n`;
}

export const slug = (trace: string): string => trace.replaceAll(/[^a-z0-9]+/g, "-");
