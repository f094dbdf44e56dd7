/** Facts that were read long ago. */
import type { Catalog } from "@headgate/contract";
import { alignColumns } from "../table.ts";

export interface AgedFact {
  readonly provider: string;
  /** `price of groq-llama-3.3-70b`, `what it does with prompts`, or what a source is for. */
  readonly fact: string;
  /** The day on which it was read. */
  readonly date: string;
  readonly days: number;
}

export const OLD_DAYS = 180;
const DAY_MS = 86_400_000;

/** @returns the oldest first */
export function agedFacts({ providers }: Catalog, nowMs: number): AgedFact[] {
  const facts = providers.flatMap(({ id, sources, data, models }) => [
    ...sources.map(({ what, date }) => ({ provider: id, fact: what, date })),
    ...(data === undefined ? [] : [{ provider: id, fact: "what it does with prompts", date: data.date }]),
    ...models.flatMap(({ alias, price, retired }) =>
      price === undefined || retired !== undefined
        ? []
        : [{ provider: id, fact: `price of ${alias}`, date: price.date }],
    ),
  ]);
  return facts
    .map((fact) => ({ ...fact, days: Math.floor((nowMs - Date.parse(fact.date)) / DAY_MS) }))
    .filter(({ days }) => days > OLD_DAYS)
    .sort((a, b) => b.days - a.days || (a.provider < b.provider ? -1 : 1));
}

export const agedText = (facts: readonly AgedFact[]): string =>
  facts.length === 0
    ? `No fact is older than ${OLD_DAYS} days.`
    : alignColumns([
        ["PROVIDER", "READ ON", "DAYS", "FACT"],
        ...facts.map(({ provider, date, days, fact }) => [provider, date, String(days), fact]),
      ]);

export interface Due {
  readonly alias: string;
  readonly provider: string;
  readonly retires: string;
}

/** Models whose announced end has come by a day, ISO 8601, and that are not yet marked as retired. */
export const dueBy = ({ providers }: Catalog, day: string): Due[] =>
  providers.flatMap(({ id, models }) =>
    models.flatMap(({ alias, retires, retired }) =>
      retires === undefined || retired !== undefined || retires > day
        ? []
        : [{ alias, provider: id, retires }],
    ),
  );
