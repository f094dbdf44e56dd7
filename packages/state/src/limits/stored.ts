/** Counters as JSON text, for the store that keeps the shared limits of one machine. */
import { type Counter, copyCounter } from "@headgate/contract";

export const storeCounter = (counter: Counter): string => JSON.stringify(copyCounter(counter));

/** @returns undefined for text that no version of this program wrote */
export function readCounter(text: string): Counter | undefined {
  try {
    const stored: unknown = JSON.parse(text);
    return typeof stored === "object" && stored !== null ? counterOf({ ...stored }) : undefined;
  } catch {
    return undefined;
  }
}

/** A window's length and what a bucket gets back are in the next claim, so earlier versions did not store all of it. */
function counterOf(stored: Readonly<Record<string, unknown>>): Counter | undefined {
  const { kind, atMs, windowMs = 0, used } = stored;
  if (!isNumber(atMs) || !isNumber(windowMs)) return undefined;
  switch (kind) {
    case "sliding": {
      const { partMs } = stored;
      // Earlier versions stored each part as an array of its own.
      const parts: unknown[] = Array.isArray(stored.parts) ? stored.parts.flat() : [];
      if (!isNumber(partMs) || !parts.every(isNumber) || parts.length % 2 !== 0) return undefined;
      const sum = parts.reduce((total, units, index) => (index % 2 === 0 ? total : total + units), 0);
      return { kind, windowMs, partMs, atMs, used: sum, parts, first: 0 };
    }
    case "bucket": {
      const { amount } = stored;
      return isNumber(used) && isNumber(amount) ? { kind, windowMs, atMs, used, amount } : undefined;
    }
    case "calendar": {
      const { sinceMs, endsAtMs } = stored;
      if (!isNumber(used) || !isNumber(sinceMs) || !isNumber(endsAtMs)) return undefined;
      return { kind, atMs, used, sinceMs, endsAtMs };
    }
    default:
      return undefined;
  }
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
