/** `headgate quota` in words. */
import { alignColumns } from "../table.ts";
import { type SharedKeys, sharedKeysLines } from "./shared-keys-text.ts";
import { amount } from "./usage-text.ts";

interface Move {
  readonly provider: string;
  readonly lasts_until: string;
}

export interface QuotaAnswer {
  readonly at: string;
  readonly limits: readonly {
    readonly provider: string;
    readonly keys: readonly string[];
    readonly models: readonly string[];
    readonly unit: string;
    readonly window: string | null;
    readonly amount: number;
    readonly learned: string | null;
    readonly used: number;
    readonly left: number;
    readonly resets_at: string | null;
  }[];
  /** Absent: the gateway is older. */
  readonly shared_accounts?: readonly SharedKeys[];
  readonly free: {
    readonly models: number;
    readonly left: { readonly requests: number | null; readonly tokens: number | null };
    readonly rate_per_hour: { readonly requests: number; readonly tokens: number };
    readonly rate_hours: number;
    readonly lasts_until: string | null;
    readonly horizon_hours: number;
    readonly second_account: Move | null;
    readonly switch_on: (Move & { readonly fix: string }) | null;
  };
}

const clock = (moment: string): string => `${moment.slice(0, 16).replace("T", " ")}Z`;
const known = (value: number | null): string => (value === null ? "no known limit" : amount(value));

/** @param all unused limits too */
export function quotaText({ limits, free, shared_accounts: shared = [] }: QuotaAnswer, all: boolean): string {
  const { left, rate_per_hour: rate, lasts_until: lasts, second_account: second, switch_on: off } = free;
  const lines = [
    `Free tiers: ${free.models} chat models; left: ${known(left.requests)} requests, ${known(left.tokens)} tokens.`,
    `Rate of the last ${free.rate_hours} hours: ${rate.requests} requests and ${amount(rate.tokens)} tokens an hour.`,
    lasts === null
      ? `At this rate they last for the next ${free.horizon_hours} hours.`
      : `At this rate they last until ${clock(lasts)}.`,
  ];
  const moves = [
    ...(off === null ? [] : [{ ...off, what: `${off.provider} is off (${off.fix}); it` }]),
    ...(second === null ? [] : [{ ...second, what: `A second account at ${second.provider}` }]),
  ].sort((a, b) => b.lasts_until.localeCompare(a.lasts_until));
  for (const [at, { what, lasts_until: until }] of moves.entries())
    lines.push(`${what} would move that ${at === 0 ? "most: " : ""}to ${clock(until)}.`);
  lines.push(...sharedKeysLines(shared));
  const shown = all ? limits : limits.filter(({ used }) => used > 0);
  if (shown.length === 0) lines.push("", "No limit is used. --all shows every limit.");
  else {
    const rows = shown.map((limit) => [
      limit.provider,
      limit.keys.join(", ") || "no key",
      limit.models.length === 1 ? (limit.models[0] ?? "") : `${limit.models.length} models`,
      `${limit.unit}${limit.window === null ? " at once" : ` a ${limit.window}`}${limit.learned === null ? "" : " (learned)"}`,
      `${amount(limit.left)} of ${amount(limit.amount)}`,
      limit.resets_at === null ? "" : clock(limit.resets_at),
    ]);
    lines.push("", alignColumns([["PROVIDER", "KEYS", "MODELS", "LIMIT", "LEFT", "WHOLE AGAIN"], ...rows]));
  }
  return lines.join("\n");
}
