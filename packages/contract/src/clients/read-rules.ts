/** Reads a client's rules from the fields of a command line, a request's JSON or the overlay: one reader for all three. */

import { CACHE_RULE, parseCacheRule } from "../cache.ts";
import { closest } from "../closest.ts";
import type { Tier } from "../fragment.ts";
import { matchesPattern } from "../model-map.ts";
import type { RoutingTable } from "../routing.ts";
import { parseSpendLimit } from "../spend-limit.ts";
import { type ClientEdit, type ClientRule, type ClientRules, PRIORITIES, type Priority } from "./client.ts";
import { periodMs } from "./period.ts";

/** A field that is wrong: what it must be, without a secret. */
export interface ClientProblem {
  readonly field: string;
  readonly message: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Records name the operator's own key so. */
export const MASTER = "master";
const PATTERN = /^(?=.{1,128}$)[^\s*,|=]*\*?[^\s*,|=]*$/;
const TIERS: readonly Tier[] = ["free", "subscription", "paid", "local"];
const MAX_AMOUNT = 1e12;
const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6 };
const COUNTS = ["rpm", "rpd", "tpm", "tpd", "concurrency"] as const;

export const CLIENT_FIELDS = [
  "models",
  "map",
  ...COUNTS,
  "spend",
  "tier",
  "no_training",
  "priority",
  "cache",
  "expires",
] as const;
export type ClientField = (typeof CLIENT_FIELDS)[number];

export function nameProblem(name: string): ClientProblem | undefined {
  const field = "name";
  if (name.toLowerCase() === MASTER)
    return { field, message: `\`${name}\` is the name of the operator's own key; choose another one` };
  if (NAME.test(name)) return undefined;
  return {
    field,
    message: `a client's name has up to 64 letters, digits, dots, hyphens and underscores, and begins with a letter or a digit; not ${JSON.stringify(name.slice(0, 80))}`,
  };
}

/**
 * @param fields `null` removes a rule; an unknown field is a problem
 * @param nowMs what `expires: 90d` counts from
 */
export function readClientFields(
  fields: Readonly<Record<string, unknown>>,
  nowMs: number,
): { readonly edit: ClientEdit; readonly problems: readonly ClientProblem[] } {
  const problems: ClientProblem[] = [];
  const rules: { -readonly [Rule in ClientRule]?: ClientRules[Rule] | null } = {};
  let expires: number | null | undefined;
  const wrong = (field: string, must: string, value: unknown): void => {
    const shown = (JSON.stringify(value) ?? "nothing").slice(0, 80);
    problems.push({ field, message: `\`${field}\` must be ${must}; not ${shown}` });
  };
  for (const [field, value] of Object.entries(fields)) {
    if (!(CLIENT_FIELDS as readonly string[]).includes(field)) {
      const near = closest(field, CLIENT_FIELDS);
      const hint = near === undefined ? `it is one of ${CLIENT_FIELDS.join(", ")}` : `did you mean ${near}?`;
      problems.push({ field, message: `\`${field.slice(0, 60)}\` is no rule of a client: ${hint}` });
      continue;
    }
    const known = field as ClientField;
    if (known === "expires") {
      expires = value === null ? null : momentOf(value, nowMs);
      if (expires === undefined)
        wrong(field, "a period such as 90d or 12h, or a date to come such as 2027-03-01", value);
      continue;
    }
    const rule: ClientRule = known === "tier" ? "tiers" : known;
    if (value === null) {
      rules[rule] = null;
      continue;
    }
    const [read, must] = READERS[known];
    const found = read(value);
    if (found === undefined) wrong(field, must, value);
    else Object.assign(rules, { [rule]: found === false ? null : found });
  }
  return { edit: { rules, ...(expires === undefined ? {} : { expires_at_ms: expires }) }, problems };
}

/** The rules after an edit. */
export function editedRules(before: ClientRules, { rules }: ClientEdit): ClientRules {
  const merged = { ...before, ...rules };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as ClientRules;
}

type Read = (value: unknown) => unknown;

const amountOf: Read = (value) => {
  if (typeof value === "number") return isAmount(value) ? value : undefined;
  const [, digits, factor = ""] = /^([0-9]{1,12}(?:\.[0-9]{1,6})?)([km]?)$/i.exec(String(value).trim()) ?? [];
  const amount = Math.round(Number(digits) * (FACTORS[factor.toLowerCase()] ?? 1) * 1e6) / 1e6;
  return isAmount(amount) ? amount : undefined;
};
const isAmount = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= MAX_AMOUNT;

const textsOf = (value: unknown): readonly string[] | undefined => {
  const list = typeof value === "string" ? value.split(",") : value;
  if (!Array.isArray(list)) return undefined;
  const texts = list.map((one) => (typeof one === "string" ? one.trim() : ""));
  return texts.length === 0 || texts.length > 200 || texts.includes("") ? undefined : texts;
};

const patternsOf: Read = (value) => {
  const names = textsOf(value);
  return names?.every((name) => PATTERN.test(name)) === true ? [...new Set(names)] : undefined;
};

const mapOf: Read = (value) => {
  const pairs =
    Array.isArray(value) || typeof value === "string" ? textsOf(value)?.map(pairOf) : entriesOf(value);
  if (pairs === undefined || pairs.length === 0 || pairs.length > 200) return undefined;
  const sound = pairs.every(
    ([pattern = "", target = ""]) =>
      pattern !== "" && target !== "" && PATTERN.test(pattern) && !/[\s*,|=]/.test(target),
  );
  return sound ? Object.fromEntries(pairs) : undefined;
};
const pairOf = (text: string): readonly string[] => {
  const parts = text.split("=").map((part) => part.trim());
  return parts.length === 2 ? parts : [];
};
const entriesOf = (value: unknown): readonly (readonly string[])[] | undefined =>
  typeof value !== "object" || value === null
    ? undefined
    : Object.entries(value).map(([pattern, target]) => [pattern, typeof target === "string" ? target : ""]);

const spendOf: Read = (value) =>
  typeof value === "string" && parseSpendLimit(value) !== undefined ? value : undefined;

/** What costs nothing is free: a tier `free` allows one's own models too. */
const tiersOf: Read = (value) => {
  const names = textsOf(value);
  if (names?.every((name) => (TIERS as readonly string[]).includes(name)) !== true) return undefined;
  const allowed = new Set([...names, ...(names.includes("free") ? ["local"] : [])]);
  return TIERS.filter((tier) => allowed.has(tier));
};

const flagOf: Read = (value) => {
  if (value === true || value === "true" || value === "1") return true;
  return value === false || value === "false" || value === "0" ? false : undefined;
};

const priorityOf: Read = (value): Priority | undefined => PRIORITIES.find((one) => one === value);

const cacheOf: Read = (value) =>
  typeof value === "string" && parseCacheRule(value) !== undefined ? value : undefined;

const COUNT = [amountOf, "a whole number of at least 1, such as 30, 200k or 1.5m"] as const;
const READERS: Readonly<Record<Exclude<ClientField, "expires">, readonly [read: Read, must: string]>> = {
  models: [patternsOf, "names with at most one * each, such as free-mode,groq-*"],
  map: [mapOf, "rewrites such as claude-haiku-*=local-mode, with at most one * before the sign"],
  rpm: COUNT,
  rpd: COUNT,
  tpm: COUNT,
  tpd: COUNT,
  concurrency: COUNT,
  spend: [spendOf, "an amount and a window such as 2usd/day, 0.5usd/hour or 30usd/month"],
  tier: [tiersOf, `some of ${TIERS.join(", ")}`],
  no_training: [flagOf, "true or false"],
  priority: [priorityOf, `one of ${PRIORITIES.join(", ")}`],
  cache: [cacheOf, CACHE_RULE],
};

function momentOf(value: unknown, nowMs: number): number | undefined {
  if (typeof value !== "string") return undefined;
  const period = periodMs(value);
  const ms = period === undefined ? Date.parse(value) : nowMs + period;
  return Number.isFinite(ms) && ms > nowMs && ms < 8.64e15 ? Math.floor(ms) : undefined;
}

/**
 * Names that no model or group has: in `models` and as targets of `map`.
 * @param known every alias, group and direct name, those that are switched off too
 */
export function unknownNames(
  { models = [], map = {} }: ClientRules,
  known: readonly string[],
): ClientProblem[] {
  const names = new Set(known);
  const wrong = (field: string, name: string): ClientProblem[] => {
    const plain = name.replace(/\*/, "");
    const guess =
      closest(name, known) ?? (plain === name ? undefined : closest(plain, prefixes(known, plain.length)));
    const hint =
      guess === undefined
        ? "`headgate providers` and GET /v1/models list the names"
        : `did you mean ${guess}${names.has(guess) ? "" : "*"}?`;
    return [{ field, message: `no model or group is named ${JSON.stringify(name)}: ${hint}` }];
  };
  const exists = (name: string): boolean =>
    name.includes("*")
      ? known.some((one) => matchesPattern(name, one))
      : names.has(name) || names.has(name.replace(/:[a-z]+$/, ""));
  return [
    // A pattern of the map stands for names that clients have built in.
    ...models.flatMap((name) => (exists(name) || name in map ? [] : wrong("models", name))),
    ...Object.values(map).flatMap((name) => (exists(name) ? [] : wrong("map", name))),
  ];
}

const prefixes = (known: readonly string[], length: number): Set<string> =>
  new Set(known.map((name) => name.slice(0, length)));

/** Every name that a table knows, those that are switched off too. */
export function namesOf({
  routes,
  deployments,
  providers,
  inactive,
}: Pick<RoutingTable, "routes" | "deployments" | "providers" | "inactive">): string[] {
  return [
    ...routes.map(({ name }) => name),
    ...inactive.map(({ alias }) => alias),
    ...deployments.flatMap(({ provider, upstream }) => [upstream, `${providers[provider]?.id}/${upstream}`]),
  ];
}
