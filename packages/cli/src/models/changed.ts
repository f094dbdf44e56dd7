/** What a provider's list says of a model that is in the fragment: another price, another window. */
import type { Capability, CatalogModel } from "@headgate/contract";
import type { ListedModel } from "@headgate/runtime/refresh-models";

/** The facts that differ, as the list has them. Prices in dollars for a million tokens. */
export interface NewFacts {
  readonly price?: ListedRates;
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  /** By a call. */
  readonly capabilities?: readonly Capability[];
}

export type ListedRates = NonNullable<ListedModel["rates"]>;

export interface Changed {
  readonly model: CatalogModel;
  readonly facts: NewFacts;
}

/** A figure that differs by more is of another unit, or of another model. */
const FACTOR = 40;
/** No chat model has a smaller window. */
const LEAST_WINDOW = 512;

export interface Comparing {
  readonly changed: Changed[];
  /** Differences that are more likely the list's own mistake. */
  readonly doubtful: { readonly model: CatalogModel; readonly reason: string }[];
}

export function compareFacts(model: CatalogModel, listed: ListedModel, result: Comparing): void {
  const facts: { price?: ListedRates; contextTokens?: number; maxOutputTokens?: number } = {};
  const doubt = (reason: string): void => void result.doubtful.push({ model, reason });
  const { price } = model;
  const { rates, contextTokens, maxOutputTokens } = listed;
  if (rates !== undefined && differs(price, rates)) {
    const strange = strangePrice(model, rates);
    if (strange === undefined) facts.price = rates;
    else doubt(strange);
  }
  for (const [name, own, stated] of [
    ["contextTokens", model.contextTokens, contextTokens],
    ["maxOutputTokens", model.maxOutputTokens, maxOutputTokens],
  ] as const) {
    if (stated === undefined || stated === own) continue;
    const least = name === "contextTokens" ? LEAST_WINDOW : 1;
    const window = facts.contextTokens ?? model.contextTokens ?? stated;
    if (name === "maxOutputTokens" && stated > window) continue;
    if (stated < least || (own !== undefined && apart(own, stated) > FACTOR))
      doubt(
        `its list states ${stated} for ${own ?? "an unknown number of"} tokens, which is more likely a mistake`,
      );
    else facts[name] = stated;
  }
  // An answer is never longer than what the window has become.
  const { contextTokens: window } = facts;
  const longest = facts.maxOutputTokens ?? model.maxOutputTokens;
  if (window !== undefined && longest !== undefined && longest > window) facts.maxOutputTokens = window;
  if (Object.keys(facts).length > 0) result.changed.push({ model, facts });
}

const apart = (a: number, b: number): number => Math.max(a / b, b / a);

function differs(price: CatalogModel["price"], rates: ListedRates): boolean {
  return (
    price?.input !== rates.input ||
    (price.output ?? 0) !== rates.output ||
    (rates.cacheRead !== undefined && price.cacheRead !== rates.cacheRead) ||
    (rates.cacheWrite !== undefined && price.cacheWrite !== rates.cacheWrite)
  );
}

function strangePrice({ price, tier }: CatalogModel, { input, output }: ListedRates): string | undefined {
  const free = input === 0 && output === 0;
  if (free && (tier === "paid" || (price?.input ?? 0) > 0))
    return "its list says that it costs nothing; check whether its tier changed";
  if (tier === "free" && price?.input === 0 && !free)
    return `its list asks $${input} / $${output}, and it was free; check its tier`;
  const { input: was = 0 } = price ?? {};
  if (was > 0 && input > 0 && apart(was, input) > FACTOR)
    return `its list asks $${input} for a million tokens, and the fragment $${was}: more likely another unit`;
  return undefined;
}

/** One line for each fact, as reports and the change log have it. */
export function factLines({ model, facts }: Changed): readonly FactLine[] {
  const { price, contextTokens, maxOutputTokens } = facts;
  const dollars = (rates: { readonly input?: number; readonly output?: number } | undefined): string =>
    rates?.input === undefined ? "unknown" : `$${rates.input} / $${rates.output ?? 0}`;
  return [
    ...(price === undefined
      ? []
      : [{ fact: "price" as const, from: dollars(model.price), to: dollars(price) + cacheText(price) }]),
    ...(contextTokens === undefined
      ? []
      : [
          {
            fact: "window" as const,
            from: String(model.contextTokens ?? "unknown"),
            to: String(contextTokens),
          },
        ]),
    ...(maxOutputTokens === undefined
      ? []
      : [
          {
            fact: "longest answer" as const,
            from: String(model.maxOutputTokens ?? "unknown"),
            to: String(maxOutputTokens),
          },
        ]),
  ];
}

export interface FactLine {
  readonly fact: "price" | "window" | "longest answer";
  readonly from: string;
  readonly to: string;
}

const cacheText = ({ cacheRead }: ListedRates): string =>
  cacheRead === undefined ? "" : `, cached $${cacheRead}`;
