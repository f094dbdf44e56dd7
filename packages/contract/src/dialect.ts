/** How a provider or one of its models departs from its adapter's wire format: the rules, and how they are combined. */
import type { DialectRules } from "./generated/schema.ts";
import { matchesPattern } from "./model-map.ts";

type Member = Exclude<
  keyof DialectRules,
  "like" | "strip_tool_schema" | "chat_path" | "responses_path" | "responses_for"
>;
type RuleName = Exclude<Member, "drop" | "rename" | "prefill">;

/** Rules of messages, tools and parameters, in the form of `schemas/dialect.schema.json`. */
export type MessageRules = { readonly [Name in RuleName]?: NonNullable<DialectRules[Name]> };

type ResponsesNeed = NonNullable<DialectRules["responses_for"]>[number];

/** Departures from an adapter's wire format, as data. Field names are the wire's own. */
export interface Dialect extends MessageRules {
  readonly drop: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly stripToolSchema: readonly string[];
  readonly chatPath?: string;
  /** Set where the provider speaks OpenAI's Responses API too. */
  readonly responsesPath?: string;
  /** Which chat requests go by that API. */
  readonly responsesFor?: readonly ResponsesNeed[];
  /** Patterns of upstream ids whose models continue an assistant message at the end of the conversation. */
  readonly prefill?: readonly string[];
}

/** The dialect of a provider that keeps to its wire. */
export const PLAIN_DIALECT: Dialect = { drop: [], rename: {}, stripToolSchema: [] };

/** Rules for the upstream ids that a pattern of `match` and none of `except` matches. */
export interface ModelDialect {
  readonly match: readonly string[];
  readonly except?: readonly string[];
  readonly dialect: DialectRules;
}

/** Profiles by name: the rules that several providers share. */
export type Profiles = Readonly<Record<string, DialectRules | undefined>>;

/** The rules of the matching entries, in their order. */
export const rulesFor = (entries: readonly ModelDialect[], upstream: string): DialectRules[] =>
  entries
    .filter(({ match, except = [] }) => {
      const matches = (pattern: string): boolean => matchesPattern(pattern, upstream);
      return match.some(matches) && !except.some(matches);
    })
    .map(({ dialect }) => dialect);

/**
 * One dialect of several layers. In each place a later layer overrides an earlier one: lists of fields are joined, objects
 * are joined member by member, and other values are replaced. A layer's profile comes right before it.
 */
export function combineDialects(
  layers: readonly (DialectRules | undefined)[],
  profiles: Profiles = {},
  base: Dialect = PLAIN_DIALECT,
): Dialect {
  let dialect = base;
  for (const layer of layers.flatMap((one) => (one === undefined ? [] : withProfiles(one, profiles))))
    dialect = combined(dialect, layer);
  return dialect;
}

/** Entries whose profiles are written out before them, so that they can be combined without the profiles. */
export const withoutProfiles = (entries: readonly ModelDialect[], profiles: Profiles): ModelDialect[] =>
  entries.flatMap((entry) =>
    withProfiles(entry.dialect, profiles).flatMap(({ like: _, ...dialect }) =>
      // An entry that is only like a profile has no rules of its own.
      Object.keys(dialect).length === 0 ? [] : [{ ...entry, dialect }],
    ),
  );

/** The layer behind the profiles that it is like, the most basic first. A circle ends where it closes. */
const withProfiles = (layer: DialectRules, profiles: Profiles): readonly DialectRules[] => [
  ...profilesOf(layer, profiles).map((name) => profiles[name] ?? {}),
  layer,
];

/** The names of the profiles that a layer is like, the most basic first. */
export function profilesOf(layer: DialectRules, profiles: Profiles): readonly string[] {
  const names: string[] = [];
  for (
    let name = layer.like;
    name !== undefined && !names.includes(name) && Object.hasOwn(profiles, name);
  ) {
    names.unshift(name);
    name = profiles[name]?.like;
  }
  return names;
}

function combined(base: Dialect, layer: DialectRules): Dialect {
  const { like: _, drop, rename, strip_tool_schema, chat_path, ...more } = layer;
  const { responses_path, responses_for, prefill, ...rules } = more;
  const joined: Record<string, unknown> = { ...base };
  for (const [name, rule] of Object.entries(rules)) {
    const before = joined[name];
    if (Array.isArray(rule)) joined[name] = [...(Array.isArray(before) ? before : []), ...rule];
    else joined[name] = { ...(before as object | undefined), ...rule };
  }
  return {
    ...(joined as unknown as Dialect),
    drop: union(base.drop, drop),
    rename: { ...base.rename, ...(rename as Readonly<Record<string, string>> | undefined) },
    stripToolSchema: union(base.stripToolSchema, strip_tool_schema),
    ...(chat_path === undefined ? {} : { chatPath: chat_path }),
    ...(responses_path === undefined ? {} : { responsesPath: responses_path }),
    ...(responses_for === undefined ? {} : { responsesFor: union(base.responsesFor ?? [], responses_for) }),
    ...(prefill === undefined ? {} : { prefill: union(base.prefill ?? [], prefill) }),
  };
}

const union = <T extends string>(one: readonly T[], other: readonly T[] | undefined): readonly T[] =>
  other === undefined ? one : [...new Set([...one, ...other])];
