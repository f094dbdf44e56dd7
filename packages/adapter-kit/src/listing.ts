/** The list of an account's models: one reader for every wire. An adapter states where its wire has each fact. */
import {
  type Capability,
  type JsonObject,
  type JsonValue,
  type Operation,
  present,
} from "@headgate/contract";
import type { ListedModel, ListingRoute } from "./adapter.ts";
import { asCount, asText, isObject, parseJson } from "./json-read.ts";

/** The facts of a model in a list; undefined where the list does not state them. */
export type ListedFacts = { readonly [Fact in keyof ListedModel]: ListedModel[Fact] | undefined };

/** How one wire lists models. */
export interface ListingWire {
  /** The list, as a reference relative to the base URL. */
  readonly route: string | ((baseUrl: string) => string);
  /** The query parameter for the length of a page, and the longest page. Absent: the wire has none. */
  readonly size?: { readonly parameter: string; readonly max: number };
  /** The query parameter that takes the cursor. Absent: the list is one page. */
  readonly cursor?: string;
  /** Headers that the wire requires, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @returns undefined for a document that is no list of models */
  entries(document: JsonValue | undefined): readonly JsonValue[] | undefined;
  /** The cursor of the next page; undefined on the last one. */
  next?(document: JsonValue | undefined): string | undefined;
  /** True for a model that is listed but no longer served. */
  retired?(entry: JsonObject): boolean;
  /** An entry without an id counts as unreadable. */
  facts(entry: JsonObject): Partial<ListedFacts> & Pick<ListedFacts, "id">;
}

export function listingRoute(wire: ListingWire): ListingRoute {
  const reference = (baseUrl: string, size: number | undefined, cursor?: string): string => {
    const parameters = [
      [wire.size?.parameter, size],
      [wire.cursor, cursor],
    ] as const;
    const query = parameters
      .flatMap(([name, value]) =>
        name === undefined || value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
      )
      .join("&");
    const route = typeof wire.route === "string" ? wire.route : wire.route(baseUrl);
    return query === "" ? route : `${route}?${query}`;
  };
  return {
    path: (baseUrl) => reference(baseUrl, 1),
    page: (baseUrl, cursor) => reference(baseUrl, wire.size?.max, cursor),
    read(bytes) {
      const document = parseJson(bytes.toString("utf8"));
      const entries = wire.entries(document);
      if (entries === undefined) return undefined;
      const models: ListedModel[] = [];
      let unreadable = 0;
      for (const entry of entries) {
        const { id, ...facts } = isObject(entry) ? wire.facts(entry) : { id: undefined };
        if (!isObject(entry) || id === undefined) unreadable += 1;
        else if (wire.retired?.(entry) !== true) models.push({ id, ...present(facts) });
      }
      return { models, unreadable, ...present({ next: wire.next?.(document) }) };
    },
    ...present({ headers: wire.headers }),
  };
}

/** The first of the values that is a number of tokens. */
export const firstTokens = (...values: readonly unknown[]): number | undefined =>
  values.map(asCount).find((tokens) => tokens !== undefined && tokens > 0);

/** The texts of a list; undefined where it is none. */
export const asTexts = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.flatMap((entry) => asText(entry) ?? []) : undefined;

/** The operations of a list of the wire's own names; undefined where it is no list. */
export function operationsNamed(
  value: unknown,
  operations: Readonly<Record<string, Operation>>,
): readonly Operation[] | undefined {
  const names = asTexts(value);
  return (
    names &&
    Object.entries(operations).flatMap(([name, operation]) => (names.includes(name) ? [operation] : []))
  );
}

/** The capabilities whose condition holds. */
export const capabilitiesOf = (
  conditions: Partial<Readonly<Record<Capability, boolean>>>,
): readonly Capability[] =>
  Object.entries(conditions).flatMap(([name, holds]) => (holds ? [name as Capability] : []));
