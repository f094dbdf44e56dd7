/** What exchanges prove of a catalogue: each rule of a dialect, and each error rule of a provider. */
import {
  type DialectRules,
  type ErrorRule,
  type Exchanges,
  type ModelDialect,
  matchesPattern,
  profilesOf,
} from "@headgate/contract";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import type { LinkedFragment, Workspace } from "./workspace.ts";

type RequestExchange = NonNullable<Exchanges["requests"]>[number];
export type ErrorExchange = NonNullable<Exchanges["errors"]>[number];

/** Where requests go, and what answers and continuations are like: no request shows it. */
const SHOWN_BY_NO_REQUEST: ReadonlySet<string> = new Set([
  "like",
  "chat_path",
  "responses_path",
  "responses_for",
  "prefill",
  "answers",
]);

/** One rule of a dialect where it is written. */
export interface DialectRule {
  /** A provider's id, with patterns of models behind it, or a profile. */
  readonly owner: string;
  readonly rule: string;
  readonly source: Source;
  readonly path: Path;
  /** The providers whose exchanges may prove it. */
  readonly provers: readonly string[];
  /** The first exchange that proves it, and its provider. */
  readonly proof?: { readonly provider: string; readonly why: string };
}

interface Layer {
  readonly provider: string;
  readonly owner: string;
  readonly source: Source;
  readonly path: Path;
  readonly dialect: DialectRules;
  readonly holds: (model: string) => boolean;
}

/** True where the catalogue states the place itself; what an overlay writes needs no proof. */
export const isOwnPlace = ({ id, source }: LinkedFragment, path: Path): boolean =>
  source.trace({ path }).source.path === `providers/${id}/provider.yaml`;

/** Every rule of the catalogue's dialects; nothing where the catalogue has no exchanges, as an installed one. */
export function dialectRulesOf(workspace: Workspace): DialectRule[] {
  const { fragments, exchanges, dialects } = workspace;
  if (exchanges.size === 0) return [];
  const layers = fragments.flatMap(layersOf);
  const requests = [...exchanges].flatMap(([provider, file]) =>
    (file?.value.requests ?? []).map((exchange) => ({ provider, exchange })),
  );
  const rules = layers.flatMap(({ provider, owner, source, path, dialect, holds }) =>
    rulesIn(dialect).map((rule): DialectRule => {
      const proof = requests.find(
        (one) => one.provider === provider && holds(one.exchange.asked.model) && proves(one.exchange, rule),
      );
      return { owner, rule, source, path: [...path, rule], provers: [provider], ...shown(proof) };
    }),
  );
  if (dialects === undefined) return rules;
  const { source, value } = dialects;
  for (const [name, profile = {}] of Object.entries(value.profiles)) {
    const users = layers.filter(({ dialect }) => profilesOf(dialect, value.profiles).includes(name));
    const provers = [...new Set(users.map(({ provider }) => provider))];
    for (const rule of rulesIn(profile)) {
      const proof = requests.find(({ provider, exchange }) =>
        users.some(
          (user) => user.provider === provider && user.holds(exchange.asked.model) && proves(exchange, rule),
        ),
      );
      const path: Path = ["profiles", name, rule];
      rules.push({ owner: `profile ${name}`, rule, source, path, provers, ...shown(proof) });
    }
  }
  return rules;
}

const shown = (
  found: { readonly provider: string; readonly exchange: RequestExchange } | undefined,
): Pick<DialectRule, "proof"> =>
  found === undefined ? {} : { proof: { provider: found.provider, why: found.exchange.why } };

const rulesIn = (dialect: DialectRules): string[] =>
  Object.entries(dialect).flatMap(([name, rule]) =>
    SHOWN_BY_NO_REQUEST.has(name) || Object.keys(rule as object).length === 0 ? [] : [name],
  );

const proves = ({ proves: rules = [] }: RequestExchange, rule: string): boolean =>
  (rules as readonly string[]).includes(rule);

/** The dialects of a fragment, each with the models that it holds for. */
function layersOf(fragment: LinkedFragment): Layer[] {
  const { id: provider, source, fields, models } = fragment;
  const layers: Layer[] = [];
  const put = (owner: string, path: Path, dialect: DialectRules | undefined, holds: Layer["holds"]): void => {
    if (dialect !== undefined && isOwnPlace(fragment, path))
      layers.push({ provider, owner, source, path, dialect, holds });
  };
  put(provider, ["dialect"], fields.dialect, () => true);
  for (const [at, entry] of (fields.model_dialects ?? []).entries())
    put(
      `${provider}, ${entry.match.join(", ")}`,
      ["model_dialects", at, "dialect"],
      entry.dialect,
      matcher(entry),
    );
  for (const { model, path } of models)
    put(model.alias, [...path, "dialect"], model.dialect, (upstream) => upstream === model.upstream);
  return layers;
}

const matcher =
  ({ match, except = [] }: ModelDialect) =>
  (model: string): boolean =>
    match.some((pattern) => matchesPattern(pattern, model)) &&
    !except.some((pattern) => matchesPattern(pattern, model));

/** The position of the first rule that holds for an answer; -1 where none does. */
export const decidingRule = (rules: readonly ErrorRule[], answer: ErrorExchange): number =>
  rules.findIndex((rule) => holds(rule, answer));

/** As `classify` of the adapter kit, for the bodies that exchanges have: JSON with an error, or a text. */
function holds({ status, code, contains }: ErrorRule, { status: given, body }: ErrorExchange): boolean {
  if (status !== undefined && status !== given) return false;
  if (code !== undefined && !namesIn(body).includes(code)) return false;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return contains === undefined || text.toLowerCase().includes(contains.toLowerCase());
}

/** The texts under `code`, `type` and `status`, at any depth. */
function namesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === "string"
      ? key === "code" || key === "type" || key === "status"
        ? [item]
        : []
      : namesIn(item),
  );
}
