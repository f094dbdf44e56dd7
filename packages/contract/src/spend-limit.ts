/** HEADGATE_SPEND_LIMIT: a ceiling over everything that costs. */
export interface SpendLimit {
  readonly usd: number;
  /** Hours slide; days and months begin at 00:00 UTC. */
  readonly window: "hour" | "day" | "month";
}

/** @returns undefined for a text that is none */
export function parseSpendLimit(text: string): SpendLimit | undefined {
  const [, amount, window] = /^([0-9]{1,9}(?:\.[0-9]{1,6})?)\s?usd\/(hour|day|month)$/i.exec(text) ?? [];
  if (amount === undefined || Number(amount) === 0) return undefined;
  return { usd: Number(amount), window: window?.toLowerCase() as SpendLimit["window"] };
}
