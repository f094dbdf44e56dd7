/** A model of a fragment with what its base states. */
import type { BaseModel, FragmentModel, Model } from "@headgate/contract";
import type { Origin } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import type { ValidBase } from "../validate/index.ts";

/** What is taken over from a base where the fragment states nothing else. */
export const INHERITED = [
  "operation",
  "context_tokens",
  "max_output_tokens",
  "capabilities",
  "reasoning_efforts",
  "vector_space",
  "dimensions",
  "intelligence",
  "price",
  "released",
  "retires",
  "deprecated",
  "retired",
  "notes",
] as const satisfies (keyof BaseModel)[];

const UNVERIFIED = [
  "upstream",
  "context_tokens",
  "max_output_tokens",
  "capabilities",
  "dimensions",
  "memory",
  "tier",
  "price",
] as const satisfies NonNullable<FragmentModel["unverified"]>;

export interface Based {
  readonly model: Model;
  /** Where each property that is taken over was written. */
  readonly origins: readonly Origin[];
}

/**
 * @param provider the fragment's id: the maker's price is no other provider's
 * @param path of the model in its fragment
 */
export function basedOn(
  { base, departs: _, lacks = [], ...stated }: FragmentModel & { readonly base: string },
  { source, value }: Required<ValidBase>,
  provider: string,
  path: Path,
): Based {
  const taken = INHERITED.filter(
    (name) =>
      value[name] !== undefined &&
      !(name in stated) &&
      !(lacks as readonly string[]).includes(name) &&
      (name !== "price" || (value.maker === provider && stated.price_unknown === undefined)),
  );
  const unverified = [...(stated.unverified ?? []), ...unverifiedIn(value, taken)];
  const model = {
    upstream: base,
    ...Object.fromEntries(taken.map((name) => [name, value[name]])),
    ...stated,
    ...(unverified.length === 0
      ? {}
      : { unverified: UNVERIFIED.filter((name) => unverified.includes(name)) }),
  } as Model;
  const origins = taken.map((name) => ({ path: [...path, name], source, at: [name] }));
  return { model, origins };
}

const unverifiedIn = (base: BaseModel, taken: readonly string[]): NonNullable<BaseModel["unverified"]> =>
  (base.unverified ?? []).filter((name) => taken.includes(name));
