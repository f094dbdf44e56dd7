/** List prices: that a paid model has one, and that it is in dollars for a million tokens. */
import type { Price } from "@headgate/contract";
import { isRetired } from "../link/life.ts";
import { type LinkedModel, tierOf } from "../link/workspace.ts";
import { isOwn } from "./life.ts";
import type { Lint } from "./lint.ts";

export const priceMissing: Lint = ({ fragments }, report) => {
  for (const { source, models } of fragments) {
    const missing: LinkedModel[] = [];
    for (const linked of models) {
      const { model, path } = linked;
      if (model.price !== undefined && model.price_unknown !== undefined) {
        report.add("HG361", source, {
          message: `\`${model.alias}\` has a price, and says why it has none.`,
          at: { path: [...path, "price_unknown"], what: "key" },
        });
      }
      if (tierOf(linked) !== "paid" || isRetired(linked)) continue;
      if (model.price === undefined && model.price_unknown === undefined) missing.push(linked);
    }
    const [first] = missing;
    // A user's own fragment need not state one.
    if (first === undefined || isOwn(source.trace({ path: first.path }).source)) continue;
    const others = missing.length === 1 ? "" : `; nor are those of ${missing.length - 1} more models`;
    report.add("HG360", source, {
      message: `\`${first.model.alias}\` is paid, and its price is not stated${others}.`,
      at: { path: [...first.path, "alias"] },
    });
  }
};

/** The lowest threshold first, and none cheaper than what a short prompt costs. */
const tiersRise = ({ tiers = [], input = 0 }: Price): boolean =>
  tiers.every((tier, at) => tier.input >= input && tier.above_tokens > (tiers[at - 1]?.above_tokens ?? 0));

/** Dollars for a million tokens that nothing costs: figures in cents, or for a thousand tokens. */
const MOST = { input: 200, output: 800 } as const;
/** Providers of one model differ by less. */
const FACTOR = 40;

export const priceUnit: Lint = ({ fragments }, report) => {
  const byBase = new Map<string, number[]>();
  const priced: { readonly linked: LinkedModel; readonly price: Price }[] = [];
  for (const { models } of fragments) {
    for (const linked of models) {
      const { price } = linked.model;
      if (price === undefined) continue;
      priced.push({ linked, price });
      if (linked.base === undefined || (price.input ?? 0) === 0) continue;
      const inputs = byBase.get(linked.base.id) ?? [];
      inputs.push(price.input ?? 0);
      byBase.set(linked.base.id, inputs);
    }
  }
  for (const { linked, price } of priced) {
    const { fragment, path, base, model } = linked;
    const { input = 0, output = 0, cache_read: cacheRead = 0 } = price;
    const others = (base === undefined ? undefined : byBase.get(base.id)) ?? [];
    const usual = others.toSorted((a, b) => a - b)[Math.floor((others.length - 1) / 2)];
    const strange =
      others.length > 1 && usual !== undefined && input > 0 && input !== usual
        ? Math.max(input / usual, usual / input)
        : 1;
    const why =
      input > MOST.input || output > MOST.output
        ? "is more than any model costs"
        : strange > FACTOR
          ? `differs from another provider's by a factor of ${Math.round(strange)}`
          : cacheRead > input && input > 0
            ? "is less than what reading the cache costs"
            : tiersRise(price)
              ? undefined
              : "has a tier that is not above the one before it, or is cheaper than short prompts";
    if (why === undefined) continue;
    report.add("HG362", fragment.source, {
      message: `The price of \`${model.alias}\` ${why}.`,
      at: { path: [...path, "price"] },
    });
  }
};
