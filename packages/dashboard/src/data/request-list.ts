/** The rows of the live list: newest first, each once, at most so many. Pure, so that a gap or a duplicate shows in a test. */
import type { RequestRow } from "./types.ts";

export const MOST_ROWS = 200;

export interface RequestFilter {
  readonly client?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly outcome?: string;
}

const endOf = ({ at, duration_ms }: RequestRow): number => at + duration_ms;

export const matches = (row: RequestRow, { client, model, provider, outcome }: RequestFilter): boolean =>
  (client === undefined || row.client === client) &&
  (model === undefined || row.model === model) &&
  (provider === undefined || row.served?.provider === provider) &&
  (outcome === undefined || row.outcome === outcome);

/** Later rows of the same request replace earlier ones. */
export function merged(
  rows: readonly RequestRow[],
  more: readonly RequestRow[],
  most = MOST_ROWS,
): readonly RequestRow[] {
  if (more.length === 0) return rows;
  const byId = new Map(rows.map((row) => [row.uid, row]));
  for (const row of more) byId.set(row.uid, row);
  return [...byId.values()].sort((a, b) => endOf(b) - endOf(a) || (a.uid < b.uid ? 1 : -1)).slice(0, most);
}

/** @returns how many requests of `more` are not in `rows` */
export function newcomers(rows: readonly RequestRow[], more: readonly RequestRow[]): number {
  const known = new Set(rows.map(({ uid }) => uid));
  return new Set(more.map(({ uid }) => uid).filter((uid) => !known.has(uid))).size;
}
