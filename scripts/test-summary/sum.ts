/** The sum of tests over all parts of the suite. */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What one part leaves behind. */
export interface PartSummary extends Counts {
  /** From the start of its process to the last test. */
  readonly wallMs: number;
  readonly endedAtMs: number;
}

/** Below the folder of a part. */
export const SUMMARY_FILE = ".build/test-summary.json";

export interface Part {
  /** Its folder, relative to the root. */
  readonly folder: string;
  /** Missing where the part did not run to its end. */
  readonly summary?: PartSummary;
}

export const printCounts = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** A part without a summary counts as one failure. */
export function sumParts(parts: readonly Part[]): Counts {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { summary } of parts) {
    sum.passed += summary?.passed ?? 0;
    sum.failed += summary?.failed ?? 1;
    sum.skipped += summary?.skipped ?? 0;
  }
  return sum;
}

/** @param startedAtMs when this run began: what ended before comes from turbo's cache */
export function printPart({ folder, summary }: Part, startedAtMs: number, width: number): string {
  const name = folder.padEnd(width);
  if (summary === undefined) return `${name}  did not run to its end`;
  const time = summary.endedAtMs < startedAtMs ? "cached" : `${(summary.wallMs / 1000).toFixed(1)} s`;
  return `${name}  ${time.padStart(7)}  ${printCounts(summary)}`;
}
