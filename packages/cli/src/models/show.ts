/** The report as text. */
import { createColors } from "picocolors";
import { count } from "../cli.ts";
import { alignColumns } from "../table.ts";
import { paintDiff, unifiedDiff } from "./diff.ts";
import type { Edits } from "./edits.ts";
import type { KnownFailures } from "./failure-cache.ts";
import type { Outcome } from "./outcome.ts";

export interface Skipped {
  readonly provider: string;
  readonly reason: string;
}

/** The number of ids that a line names; more are only counted. */
const MAX_NAMED = 6;

export function showOutcomes(
  outcomes: readonly Outcome[],
  skipped: readonly Skipped[],
  colour: boolean,
): string {
  const { green, red, yellow, dim, bold } = createColors(colour);
  const rows = outcomes.map((outcome) => [
    outcome.provider,
    outcome.state,
    ...[
      outcome.listed,
      outcome.unchanged,
      outcome.added.length,
      outcome.gone.length + outcome.deprecated.length,
      new Set(outcome.changed.map(({ alias }) => alias)).size,
      outcome.failed.length,
    ].map(String),
  ]);
  const header = ["PROVIDER", "STATE", "LISTED", "SAME", "NEW", "GONE", "CHANGED", "FAILED"];
  const table = alignColumns([header, ...rows], (cell, row, column) => {
    if (row === 0) return dim(cell);
    if (column !== 1) return cell;
    return cell.trim() === "ok" ? green(cell) : red(cell);
  });
  const details = outcomes.flatMap((outcome) => {
    const lines = [
      ...(outcome.trouble === undefined ? [] : [red(`  ! ${outcome.trouble}`)]),
      ...outcome.added.map(({ alias, upstream }) => green(`  + ${alias} (${upstream})`)),
      ...outcome.gone.map(({ alias, upstream, reason }) => red(`  - ${alias} (${upstream}): ${reason}`)),
      ...outcome.deprecated.map(({ alias, upstream, reason }) =>
        yellow(`  . ${alias} (${upstream}): ${reason}`),
      ),
      ...outcome.changed.map(({ alias, fact, from, to }) => yellow(`  ~ ${alias}: ${fact} ${from} → ${to}`)),
      ...outcome.kept.map(({ alias, upstream, reason }) => yellow(`  ? ${alias} (${upstream}): ${reason}`)),
      ...outcome.failed.map(
        ({ upstream, message, remembered }) =>
          `  x ${upstream}: ${message}${remembered ? " (remembered)" : " (tested again next time)"}`,
      ),
      ...someOf(`not tested, after ${outcome.stopped ?? "a failure"}`, outcome.untried),
      ...someOf(
        "skipped, with a known failure",
        outcome.known.map(({ upstream }) => upstream),
      ),
      ...leftOutLines(outcome),
      ...(outcome.unreadable === 0
        ? []
        : [`  ${count(outcome.unreadable, "entry")} of the list without a model`]),
    ];
    return lines.length === 0 ? [] : ["", bold(outcome.provider), ...lines];
  });
  return [
    ...(outcomes.length === 0 ? [] : [table]),
    ...details,
    ...(skipped.length === 0 || outcomes.length === 0 ? [] : [""]),
    ...skipped.map(({ provider, reason }) => `${provider} was skipped: ${reason}`),
  ].join("\n");
}

function leftOutLines({ leftOut }: Outcome): string[] {
  const byReason = new Map<string, string[]>();
  for (const { upstream, reason } of leftOut)
    byReason.set(reason, [...(byReason.get(reason) ?? []), upstream]);
  return [...byReason].flatMap(([reason, ids]) => someOf(`left out, ${reason}`, ids));
}

function someOf(what: string, ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  const named = ids.slice(0, MAX_NAMED).join(", ");
  return [`  ${ids.length} ${what}: ${named}${ids.length > MAX_NAMED ? ", …" : ""}`];
}

export function showEdits({ files, pruned }: Edits, colour: boolean): string {
  const mentions =
    pruned.length === 0 ? "" : `; ${count(pruned.length, "mention")} of retired models removed`;
  return [
    ...files.map((file) => `\n${paintDiff(unifiedDiff(file), colour)}`),
    `\n${count(files.length, "file")} to change${mentions}`,
  ].join("\n");
}

export function showCache(failures: KnownFailures, path: string, colour: boolean): string {
  const { dim } = createColors(colour);
  const rows = [...failures].flatMap(([provider, models]) =>
    [...models].map(([upstream, known]) => [provider, upstream, known.date, known.class, known.reason]),
  );
  if (rows.length === 0) return `no failure is remembered in ${path}`;
  return alignColumns([["PROVIDER", "MODEL", "SINCE", "CLASS", "WHY"], ...rows], (cell, row) =>
    row === 0 ? dim(cell) : cell,
  );
}
