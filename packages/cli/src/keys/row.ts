/** One key in the report. */
import type { KeyState } from "@headgate/runtime/verify-keys";
import { createColors } from "picocolors";
import { count } from "../cli.ts";
import { alignColumns } from "../table.ts";

/** As `--json` prints it. */
export interface KeyRow {
  readonly provider: string;
  /** The variable's name, never its value; null for a provider without a key. */
  readonly key: string | null;
  readonly state: KeyState;
  /** One sentence; empty when the key is OK. */
  readonly remedy: string;
  /** `listing` is free, `chat` costs a token; absent where nothing was sent. */
  readonly by?: "listing" | "chat" | "nothing";
  /** The provider's own message, without secrets. */
  readonly message?: string;
  readonly class?: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
}

/** A provider that is on and was not tested. */
export interface Skipped {
  readonly provider: string;
  readonly reason: string;
}

const STATE_COLUMN = 2;

export function keyTable(rows: readonly KeyRow[], skipped: readonly Skipped[], colour: boolean): string {
  const colours = createColors(colour);
  const cells = rows.map(({ provider, key, state, remedy, message }) => [
    provider,
    key ?? "none",
    state,
    message === undefined ? remedy : `${remedy} (${message})`,
  ]);
  const table = alignColumns([["PROVIDER", "KEY", "STATE", "WHAT TO DO"], ...cells], (cell, row, column) => {
    if (row === 0) return colours.dim(cell);
    if (column !== STATE_COLUMN) return cell;
    return cell.trim() === "OK" ? colours.green(cell) : colours.red(cell);
  });
  const working = rows.filter(({ state }) => state === "OK").length;
  return [
    ...(rows.length === 0 ? [] : [table, ""]),
    ...skipped.map(({ provider, reason }) => `${provider} was skipped: ${reason}`),
    rows.length === 0 ? "There is no key to test." : `${working} of ${count(rows.length, "key")} OK`,
  ].join("\n");
}
