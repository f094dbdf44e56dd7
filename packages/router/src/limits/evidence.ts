/**
 * The evidence that a limit which no upstream states exists: refusals at about the same count in several windows, and no
 * answer at that count between them. Plain data and pure functions; docs/quotas.md states the rule and its error rates.
 */
export interface Evidence {
  /** The highest and the lowest count at which a call was refused. */
  readonly top: number;
  readonly low: number;
  /** Windows with such a refusal; several in one window are one. */
  readonly windows: number;
  /** Number of the latest of those windows. */
  readonly latest: number;
  /** How many of them also stated what chance does not: a wait that ends with a window, or the kind of the limit. */
  readonly firm: number;
}

export interface SeenRefusal {
  /** What was used when the refused call began, the call itself left out. */
  readonly count: number;
  /** Number of the window, by the clock. */
  readonly window: number;
  readonly firm: boolean;
}

/** Windows with a refusal before a limit is inferred. */
const NEEDED = 3;
/** The same where each refusal is firm. */
const NEEDED_FIRM = 2;
/** Counts below this agree by chance more often, so one window more is needed. */
const LOW_COUNT = 4;
/** A limit below this share of what was answered lately needs twice the evidence: overload looks like that. */
const PLAUSIBLE_SHARE = 0.5;
/** Evidence without a new refusal for so many windows is void; so is what was answered before. */
export const MEMORY_WINDOWS = 60;

/** How far two counts of one limit may differ: calls under way at the limit blur it. */
export const slackOf = (count: number): number => Math.max(1, Math.floor(count * 0.05));

export function refusedAt(before: Evidence | undefined, { count, window, firm }: SeenRefusal): Evidence {
  const first: Evidence = { top: count, low: count, windows: 1, latest: window, firm: firm ? 1 : 0 };
  if (before === undefined || window - before.latest > MEMORY_WINDOWS) return first;
  // Of a burst the first refusal has the right count: the later ones count calls that will be refused as well.
  if (window === before.latest) return before;
  if (count > before.low + slackOf(before.low) || count < before.top - slackOf(before.top)) return first;
  return {
    top: Math.max(before.top, count),
    low: Math.min(before.low, count),
    windows: before.windows + 1,
    latest: window,
    firm: before.firm + (firm ? 1 : 0),
  };
}

/**
 * The same for calls at once. The lowest count of a window holds: calls under way that are refused as well only raise a
 * count, so a higher one shows nothing.
 */
export function refusedAtOnce(before: Evidence | undefined, seen: SeenRefusal): Evidence {
  if (before === undefined || seen.window - before.latest > MEMORY_WINDOWS) return refusedAt(undefined, seen);
  if (seen.count > before.low + slackOf(before.low)) return before;
  const isLower = seen.count < before.top - slackOf(before.top);
  return refusedAt(isLower ? undefined : before, seen);
}

/** An answer at the count of the refusals, or above it, contradicts a limit there. */
export const answeredAt = (before: Evidence | undefined, count: number): Evidence | undefined =>
  before !== undefined && count >= before.top ? undefined : before;

/** @param highest the highest count that was answered lately */
export function isEnough({ top, windows, firm }: Evidence, highest: number): boolean {
  const needed = (firm === windows ? NEEDED_FIRM : NEEDED) + (top < LOW_COUNT ? 1 : 0);
  const doubt = top + 1 < PLAUSIBLE_SHARE * highest ? 2 : 1;
  return windows >= needed * doubt;
}
