/** What the readers of listings have in common. */
import type { Capability, JsonObject, JsonValue } from "@headgate/contract";
import type { ListedModel, ListingPage } from "./adapter.ts";
import { asCount, asText, isObject, parseJson } from "./json-read.ts";

/** The document of a listing; undefined where it is no JSON. */
export const parseListing = (bytes: Buffer): JsonValue | undefined => parseJson(bytes.toString("utf8"));

/**
 * @param entries what the list holds; undefined: it is no list of models
 * @param readModel undefined: the entry names no model; null: it is retired
 */
export function listingPage(
  entries: readonly JsonValue[] | undefined,
  readModel: (entry: JsonObject) => ListedModel | undefined | null,
  next?: string,
): ListingPage | undefined {
  if (entries === undefined) return undefined;
  const models: ListedModel[] = [];
  let unreadable = 0;
  for (const entry of entries) {
    const model = isObject(entry) ? readModel(entry) : undefined;
    if (model === undefined) unreadable += 1;
    else if (model !== null) models.push(model);
  }
  return { models, unreadable, ...(next === undefined ? {} : { next }) };
}

/** The first of the values that is a number of tokens. */
export const firstTokens = (...values: readonly unknown[]): number | undefined =>
  values.map(asCount).find((tokens) => tokens !== undefined && tokens > 0);

/** The texts of a list; undefined where it is none. */
export const asTexts = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.flatMap((entry) => asText(entry) ?? []) : undefined;

/** Leaves out what is not known. */
export function listedModel(
  id: string,
  facts: { readonly [Fact in keyof Omit<ListedModel, "id">]?: ListedModel[Fact] | undefined },
): ListedModel {
  return { id, ...Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) };
}

/** The capabilities whose condition holds. */
export const capabilitiesOf = (
  conditions: Partial<Readonly<Record<Capability, boolean>>>,
): readonly Capability[] =>
  Object.entries(conditions).flatMap(([name, holds]) => (holds ? [name as Capability] : []));
