/** Which model is nearest to one that is retired: at the same provider first, then of the same family elsewhere. */
import type { Capability, Operation, Tier } from "./fragment.ts";

/** What is compared of a model. */
export interface Likeness {
  readonly alias: string;
  readonly provider: string;
  readonly operation: Operation;
  readonly tier: Tier | undefined;
  readonly vectorSpace: string | undefined;
  readonly capabilities: readonly Capability[] | "unknown";
  readonly intelligence: number | undefined;
  /** What the model is called wherever it is served; else its upstream id. */
  readonly name: string;
  readonly deprecated: boolean;
  readonly retired: boolean;
}

/** The same family is told by the first word of a model's name: `llama-3.3-70b`, `Llama-3.3-70B`. */
const familyOf = ({ name }: Likeness): string =>
  /^[a-z]+/.exec((name.split("/").at(-1) ?? "").toLowerCase())?.[0] ?? "";

/** A name without its versions and dates: a model under a new id, such as `mistral-small-2603`, has the same. */
const stemOf = ({ name }: Likeness): string =>
  (name.split("/").at(-1) ?? "")
    .toLowerCase()
    .replace(/[0-9]+/g, "")
    .replace(/[^a-z]+/g, "-");

const missing = (wanted: readonly Capability[], others: readonly Capability[]): number =>
  wanted.filter((one) => !others.includes(one)).length;

/** @returns its alias; undefined where nothing could stand in its place */
export function nearestModel(wanted: Likeness, others: Iterable<Likeness>): string | undefined {
  let best: { readonly alias: string; readonly worth: number } | undefined;
  for (const other of others) {
    if (other.retired || other.alias === wanted.alias || other.operation !== wanted.operation) continue;
    if (other.vectorSpace !== wanted.vectorSpace) continue;
    const same = other.provider === wanted.provider;
    const family = familyOf(other) === familyOf(wanted);
    if (!same && !family) continue;
    const lacking =
      wanted.capabilities === "unknown" || other.capabilities === "unknown"
        ? 0
        : missing(wanted.capabilities, other.capabilities);
    const stem = stemOf(other) === stemOf(wanted);
    const worth =
      (same ? 8 : 0) +
      (other.name === wanted.name ? 4 : 0) +
      (family ? 2 : 0) +
      (same && stem ? 3 : 0) +
      (other.tier === wanted.tier ? 4 : 0) -
      Math.abs((other.intelligence ?? 3) - (wanted.intelligence ?? 3)) -
      (other.deprecated ? 6 : 0) -
      3 * lacking;
    if (best === undefined || worth > best.worth) best = { alias: other.alias, worth };
  }
  return best?.alias;
}
