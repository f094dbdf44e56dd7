/** Cooldowns of the running gateway, as its admin routes give them. */
import { alignColumns } from "./table.ts";

export interface LiveCooldown {
  readonly provider: string;
  /** The key's variable; null for the whole provider, and for a provider without keys. */
  readonly key: string | null;
  /** The alias; null for a whole key or provider. */
  readonly model: string | null;
  readonly category: string | null;
  /** The first failure since the last success. */
  readonly since: string | null;
  readonly until: string;
  /** Failures since then. */
  readonly hits: number;
  readonly last_error: string | null;
}

const HEAD = ["PROVIDER", "KEY", "MODEL", "CATEGORY", "SINCE", "UNTIL", "HITS", "LAST ERROR"];
const MAX_ERROR_CHARS = 80;

const moment = (text: string | null): string => text?.replace(/\.[0-9]+Z$/, "Z") ?? "unknown";

export function cooldownTable(cooldowns: readonly LiveCooldown[]): string {
  return alignColumns([
    HEAD,
    ...cooldowns.map(({ provider, key, model, category, since, until, hits, last_error: error }) => [
      provider,
      key ?? "all",
      model ?? "all",
      category ?? "unknown",
      moment(since),
      moment(until),
      String(hits),
      (error ?? "unknown").slice(0, MAX_ERROR_CHARS),
    ]),
  ]);
}
