/** List price and cost of tokens, in nano-dollars (10⁻⁹ USD), so that sums are exact. */
import { type Deployment, tokenPrice, type Usage } from "@headgate/contract";

/** A price is in US dollars for a million tokens, so one token costs that many micro-dollars. */
const NANO_PER_TOKEN = 1_000;

type Priced = Pick<Deployment, "price" | "tier">;

/** What the provider asks; undefined where it states no price. */
export function listNanoUsd({ price: stated }: Priced, usage: Usage | undefined): number | undefined {
  if (usage === undefined) return 0;
  const price = tokenPrice(stated);
  if (price === undefined) return undefined;
  const { cacheRead = price.input, cacheWrite = price.input, reasoning = price.output } = stated ?? {};
  const { inputTokens, outputTokens, cachedInputTokens: cached = 0 } = usage;
  const { cacheWriteInputTokens: written = 0, reasoningTokens: thought = 0 } = usage;
  const dollars =
    Math.max(0, inputTokens - cached - written) * price.input +
    cached * cacheRead +
    written * cacheWrite +
    Math.max(0, outputTokens - thought) * price.output +
    Math.min(outputTokens, thought) * reasoning;
  return Math.round(dollars * NANO_PER_TOKEN);
}

const NANO = 1_000_000_000;

/** As a header shows it: a plain decimal number. */
export const usdText = (nanoUsd: number): string =>
  nanoUsd === 0 ? "0" : (nanoUsd / NANO).toFixed(9).replace(/\.?0+$/, "");

/** What is charged under the tier in force; undefined where that is unknown. */
export const costNanoUsd = (deployment: Priced, usage: Usage | undefined): number | undefined =>
  deployment.tier === "paid" ? listNanoUsd(deployment, usage) : 0;
