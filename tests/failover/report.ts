/** Results as a table for people. */
import type { Result, SetupResult } from "./run.ts";
import { firstGapS, VERDICTS, type Verdict } from "./scoring.ts";

export const sumsOf = (results: readonly Result[]): Record<Verdict, number> => {
  const sums: Record<Verdict, number> = { pass: 0, partial: 0, safe: 0, fail: 0 };
  for (const { verdict } of results) sums[verdict]++;
  return sums;
};

/** As many may miss as the bar leaves of all sixteen, so that it also holds for a part of them. */
export const meetsBar = ({ bar, results }: SetupResult, scenarioCount: number): boolean =>
  results.length - sumsOf(results).pass <= scenarioCount - bar;

/** `pass 2p/0f gap 2.0 s, 3.1 s`: the verdict, attempts on primary and fallback, seconds. */
export function cellOf({ verdict, observed }: Result): string {
  const { primaryAtS, fallbackAtS, elapsedS, sequence } = observed;
  const counts = `${primaryAtS.length}p/${fallbackAtS.length}f`;
  const gapS = firstGapS(observed);
  const details =
    sequence === undefined
      ? [gapS === undefined ? "" : `gap ${gapS.toFixed(1)} s`, `${elapsedS.toFixed(1)} s`]
      : [
          `${sequence.answeredDuringOutage}/${sequence.duringOutage} in outage`,
          sequence.recoveredAfterS === undefined
            ? "never back"
            : `back after ${sequence.recoveredAfterS.toFixed(0)} s`,
        ];
  return `${verdict.padEnd(7)} ${[counts, ...details].filter((text) => text !== "").join(", ")}`;
}

export function tableOf(setups: readonly SetupResult[], scenarioCount: number): string {
  const ids = [...new Set(setups.flatMap(({ results }) => results.map(({ id }) => id)))].sort();
  const find = (id: string): (Result | undefined)[] =>
    setups.map(({ results }) => results.find((result) => result.id === id));
  const rows = [
    ["", ...setups.map(({ title }) => title)],
    ...ids.map((id) => {
      const results = find(id);
      const title = results.find((result) => result !== undefined)?.title ?? "";
      return [`${id} ${title}`, ...results.map((result) => (result === undefined ? "" : cellOf(result)))];
    }),
    [
      "sum",
      ...setups.map((setup) => {
        const sums = sumsOf(setup.results);
        return VERDICTS.map((verdict) => `${sums[verdict]} ${verdict}`).join(", ");
      }),
    ],
    [
      "bar",
      ...setups.map(
        (setup) =>
          `${setup.bar} of ${scenarioCount} pass: ${meetsBar(setup, scenarioCount) ? "met" : "missed"}`,
      ),
    ],
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [lines[0], rule, ...lines.slice(1, -2), rule, ...lines.slice(-2), ...reasonsOf(setups)].join("\n");
}

function reasonsOf(setups: readonly SetupResult[]): string[] {
  const lines = setups.flatMap(({ id, results }) =>
    results
      .filter(({ verdict }) => verdict !== "pass")
      .map((result) => `  ${id} ${result.id} ${result.verdict}: ${result.reason}`),
  );
  return lines.length === 0 ? [] : ["", "Why not pass:", ...lines];
}
