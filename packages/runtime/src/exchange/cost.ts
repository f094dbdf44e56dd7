/** The cost of a call as records and headers show it, in nano-dollars (10⁻⁹ USD). */
import { type ChargedUnits, type Deployment, listNanoUsd, type Usage } from "@headgate/contract";

const NANO = 1_000_000_000;

/** As a header shows it: a plain decimal number. */
export const usdText = (nanoUsd: number): string =>
  nanoUsd === 0 ? "0" : (nanoUsd / NANO).toFixed(9).replace(/\.?0+$/, "");

/** What is charged under the tier in force; undefined where that is unknown. */
export const costNanoUsd = (
  { price, tier }: Pick<Deployment, "price" | "tier">,
  usage: Usage | undefined,
  units: ChargedUnits | undefined,
): number | undefined => (tier === "paid" ? listNanoUsd(price, usage, units) : 0);
