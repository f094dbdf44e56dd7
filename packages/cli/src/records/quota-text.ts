/** `headgate quota` in words. */
import { alignColumns } from "../table.ts";
import { amount } from "./usage-text.ts";

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
  readonly free: {
    readonly models: number;
    readonly left: { readonly requests: number | null; readonly tokens: number | null };
    readonly rate_per_hour: { readonly requests: number; readonly tokens: number };
    readonly rate_hours: number;
    readonly lasts_until: string | null;
    readonly horizon_hours: number;
    readonly second_account: { readonly provider: string; readonly lasts_until: string | null } | null;
  };
}

const clock = (moment: string): string => `${moment.slice(0, 16).replace("T", " ")}Z`;
const known = (value: number | null): string => (value === null ? "no known limit" : amount(value));

/** @param all unused limits too */
export function quotaText({ limits, free }: QuotaAnswer, all: boolean): string {
  const { left, rate_per_hour: rate, lasts_until: lasts, second_account: second } = free;
  const lines = [
    `Free tiers: ${free.models} chat models; left: ${known(left.requests)} requests, ${known(left.tokens)} tokens.`,
    `Rate of the last ${free.rate_hours} hours: ${rate.requests} requests and ${amount(rate.tokens)} tokens an hour.`,
    lasts === null
      ? `At this rate they last for the next ${free.horizon_hours} hours.`
      : `At this rate they last until ${clock(lasts)}.`,
  ];
  if (second !== null)
    lines.push(
      `A second account at ${second.provider} would move that most${second.lasts_until === null ? "" : `: to ${clock(second.lasts_until)}`}.`,
    );
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
