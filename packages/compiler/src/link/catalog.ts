/** From a sound workspace to the catalogue: normalised, defaults applied, sorted. */
import {
  type Capability,
  type Catalog,
  type CatalogDirect,
  type CatalogGroup,
  type CatalogModel,
  type CatalogPlan,
  type CatalogPlans,
  type CatalogPrice,
  type CatalogProvider,
  combineDialects,
  comparePatterns,
  type Dialect,
  type Groups,
  type JsonObject,
  type ModelMap,
  type ModelMapEntry,
  matchesPattern,
  type Policies,
  type Price,
  type PriceTierFields,
  type Profiles,
  type ProviderFragment,
  parseCacheRule,
  type RoutePolicy,
  rulesFor,
  type TokenRates,
  withoutProfiles,
} from "@headgate/contract";
import type { FullFields } from "./complete.ts";
import { fallbacksOf } from "./fallbacks.ts";
import { isRetired, livingOf, replacementOf, successorOf } from "./life.ts";
import { localOf, memoryOf } from "./local.ts";
import { isServed, type LinkedFragment, type LinkedModel, tierOf, type Workspace } from "./workspace.ts";

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** @param workspace without errors, so that every fragment has all of its required fields. */
export function buildCatalog(workspace: Workspace): Catalog {
  const { fragments, aliases, chains, groups, modelMap, policies } = workspace;
  const profiles = workspace.dialects?.value.profiles ?? {};
  const chainOf = (linked: LinkedModel): readonly string[] => {
    const { alias } = linked.model;
    if (!isRetired(linked)) {
      const targets = chains === undefined ? undefined : fallbacksOf(linked, chains)?.targets;
      return livingOf(targets ?? [], aliases, alias);
    }
    const replacement = replacementOf(linked, aliases);
    return replacement === undefined ? [] : [replacement.model.alias, ...chainOf(replacement)];
  };
  const models = [...aliases].sort(([a], [b]) => byText(a, b));
  return {
    providers: fragments.map((fragment) => providerOf(fragment, profiles)),
    chains: Object.fromEntries(models.map(([alias, linked]) => [alias, chainOf(linked)])),
    contextWindow: windowsOf(models, aliases, chains),
    groups: Object.entries(groups?.value.groups ?? {})
      .flatMap(([name, group]) => (group === undefined ? [] : [groupOf(name, group, aliases)]))
      .sort((a, b) => byText(a.name, b.name)),
    ...(groups?.value.direct === undefined ? {} : { direct: directOf(groups.value.direct) }),
    ...(modelMap === undefined ? {} : { modelMap: mapOf(modelMap.value.map) }),
    ...policiesOf(policies?.value.policies ?? {}),
  };
}

function groupOf(
  name: string,
  { weights, own_models: ownModels, ...group }: NonNullable<Groups["groups"][string]>,
  aliases: Workspace["aliases"],
): CatalogGroup {
  return {
    name,
    ...group,
    members: livingOf(group.members, aliases),
    ...(ownModels === undefined ? {} : { ownModels }),
    ...(weights === undefined ? {} : { weights: weightsOf(definite(weights), aliases) }),
  };
}

/** What replaces a retired member has its share, unless it has one of its own. */
const weightsOf = (
  weights: Readonly<Record<string, number>>,
  aliases: Workspace["aliases"],
): Record<string, number> => ({
  ...Object.fromEntries(
    Object.entries(weights).flatMap(([alias, weight]) => {
      const linked = aliases.get(alias);
      const living = linked === undefined ? undefined : replacementOf(linked, aliases);
      return living === undefined ? [] : [[living.model.alias, weight] as const];
    }),
  ),
  ...Object.fromEntries(
    Object.entries(weights).filter(([alias]) => {
      const linked = aliases.get(alias);
      return linked === undefined || !isRetired(linked);
    }),
  ),
});

/** Of a retired alias: those of what replaces it. */
function windowsOf(
  models: readonly (readonly [string, LinkedModel])[],
  aliases: Workspace["aliases"],
  chains: Workspace["chains"],
): Record<string, readonly string[]> {
  const { contextWindow: written = {}, anyWindow = [] } = chains ?? {};
  return Object.fromEntries(
    models.flatMap(([alias, linked]) => {
      const living = replacementOf(linked, aliases) ?? linked;
      const own = Object.hasOwn(written, living.model.alias) ? written[living.model.alias] : undefined;
      const targets = livingOf(own ?? largerOf(anyWindow, living, aliases), aliases, living.model.alias);
      return targets.length === 0 ? [] : [[alias, targets] as const];
    }),
  );
}

/** Those whose window is known to be larger. What is local stays on the operator's own hardware. */
function largerOf(
  targets: readonly string[],
  linked: LinkedModel,
  aliases: Workspace["aliases"],
): readonly string[] {
  const { operation, context_tokens: tokens } = linked.model;
  if (operation !== "chat" || tokens === undefined || tierOf(linked) === "local") return [];
  return targets.filter((alias) => (aliases.get(alias)?.model.context_tokens ?? 0) > tokens);
}

const directOf = (direct: NonNullable<Groups["direct"]>): CatalogDirect[] =>
  Object.entries(direct)
    .flatMap(([name, entry]) => (entry === undefined ? [] : [{ name, ...entry }]))
    .sort((a, b) => byText(a.name, b.name));

const mapOf = (map: ModelMap["map"]): ModelMapEntry[] =>
  Object.entries(map)
    .flatMap(([pattern, targets]) => (targets === undefined ? [] : [{ pattern, targets }]))
    .sort((a, b) => comparePatterns(a.pattern, b.pattern));

function policiesOf(policies: Policies["policies"]): Pick<Catalog, "policies"> {
  const entries = Object.entries(policies).flatMap(([name, policy]): [string, RoutePolicy][] =>
    policy === undefined
      ? []
      : [
          [
            name,
            present({
              firstTokenMs: policy.first_token_ms,
              hedgeAfterMs: policy.hedge_after_ms,
              midstream: policy.midstream,
              localWaitMs: policy.local_wait_ms,
              cache: policy.cache === undefined ? undefined : parseCacheRule(policy.cache),
            }),
          ],
        ],
  );
  if (entries.length === 0) return {};
  return { policies: Object.fromEntries(entries.sort(([a], [b]) => byText(a, b))) };
}

function providerOf(fragment: LinkedFragment, profiles: Profiles): CatalogProvider {
  const fields = fragment.fields as FullFields;
  const { auth, base_url: baseUrl, timeouts, model_dialects: modelDialects = [] } = fields;
  const dialect = combineDialects([fields.dialect], profiles);
  return {
    id: fragment.id,
    name: fields.name,
    summary: fields.summary,
    flag: fields.flag,
    ...present({ status: fields.status }),
    tier: fields.tier,
    adapter: fields.adapter,
    ...present({
      baseUrl,
      modelsEnv: fields.models_env,
      signup: fields.signup,
      limitsPage: fields.limits_page,
    }),
    ...(auth === undefined
      ? {}
      : {
          auth: {
            scheme: auth.scheme,
            ...present({ header: auth.header }),
            env: auth.env,
            optional: auth.optional ?? false,
            mistaken: auth.mistaken ?? [],
          },
        }),
    ...(fields.instances === undefined
      ? {}
      : {
          instances: {
            prefix: fields.instances.prefix,
            capabilities: [...(fields.instances.capabilities ?? [])].sort(byText),
          },
        }),
    ...(fields.local === undefined ? {} : { local: localOf(fields.local) }),
    headers: definite(fields.headers),
    dialect,
    ...(modelDialects.length === 0 ? {} : { modelDialects: withoutProfiles(modelDialects, profiles) }),
    ...(fields.web_search === undefined
      ? {}
      : { webSearch: { set: (fields.web_search.set ?? {}) as JsonObject } }),
    timeouts: present({
      connectMs: timeouts?.connect_ms,
      firstTokenMs: timeouts?.first_token_ms,
      streamIdleMs: timeouts?.stream_idle_ms,
      requestMs: timeouts?.request_ms,
      why: timeouts?.why,
    }),
    limits: fields.limits ?? [],
    ...(fields.plans === undefined ? {} : { plans: plansOf(fields.flag, fields.plans) }),
    errors: fields.errors ?? [],
    ...present({ notes: fields.notes?.trim() }),
    sources: fields.sources,
    ...present({ data: fields.data }),
    models: fragment.models.map((model) => modelOf(model, profiles)).sort((a, b) => byText(a.alias, b.alias)),
  };
}

const plansOf = (flag: string, plans: NonNullable<ProviderFragment["plans"]>): CatalogPlans => ({
  env: `${flag}_PLAN`,
  choices: Object.fromEntries(
    Object.entries(plans)
      .flatMap(([name, plan]): [string, CatalogPlan][] =>
        plan === undefined
          ? []
          : [
              [
                name,
                {
                  description: plan.description,
                  ...present({ limits: plan.limits, data: plan.data }),
                  models: present(plan.models ?? {}) as CatalogPlan["models"],
                },
              ],
            ],
      )
      .sort(([a], [b]) => byText(a, b)),
  ),
});

function capabilitiesOf({ model, fragment }: LinkedModel): Capability[] {
  const own = new Set(model.capabilities ?? []);
  const searching = fragment.fields.web_search?.models ?? [];
  if (searching.some((pattern) => matchesPattern(pattern, model.upstream))) own.add("search");
  return [...own].sort(byText);
}

function modelOf(linked: LinkedModel, profiles: Profiles): CatalogModel {
  const { model, fragment } = linked;
  return {
    alias: model.alias,
    upstream: model.upstream,
    operation: model.operation,
    tier: model.tier ?? (fragment.fields as FullFields).tier,
    served: isServed(linked),
    ...present({ off: linked.off }),
    capabilities: capabilitiesOf(linked),
    ...present({
      contextTokens: model.context_tokens,
      maxOutputTokens: model.max_output_tokens,
      vectorSpace: model.vector_space,
      dimensions: model.dimensions,
      price: priceOf(model.price),
      priceUnknown: model.price_unknown,
      reasoningEfforts: model.reasoning_efforts,
      released: model.released,
      retires: model.retires,
      deprecated: model.deprecated?.date,
      retired: model.retired?.date,
      replacedBy: successorOf(linked),
      intelligence: model.intelligence,
      notes: model.notes,
    }),
    ...(model.memory === undefined ? {} : { memory: memoryOf(model.memory, fragment.fields.local?.driver) }),
    ...present({ dialect: dialectOf(linked, profiles) }),
    limits: model.limits ?? [],
    unverified: model.unverified ?? [],
  };
}

const ratesOf = (rates: Omit<PriceTierFields, "above_tokens"> | Price): Partial<TokenRates> =>
  present({
    input: rates.input,
    output: rates.output,
    reasoning: rates.reasoning,
    cacheRead: rates.cache_read,
    cacheWrite: rates.cache_write,
    inputAudio: rates.input_audio,
    inputImage: rates.input_image,
  });

const priceOf = (price: Price | undefined): CatalogPrice | undefined =>
  price === undefined
    ? undefined
    : {
        ...ratesOf(price),
        ...present({
          tiers: price.tiers?.map(({ above_tokens: aboveTokens, ...rates }) => ({
            aboveTokens,
            ...ratesOf(rates),
            input: rates.input,
            output: rates.output,
          })),
          outputAudio: price.output_audio,
          outputImage: price.output_image,
          image: price.image,
          imageByQuality: price.image_by_quality === undefined ? undefined : definite(price.image_by_quality),
          minute: price.minute,
          millionCharacters: price.million_characters,
          query: price.query,
        }),
        date: price.date,
        source: price.source,
      };

/** Undefined where no rule is for this model alone. */
function dialectOf({ model, fragment }: LinkedModel, profiles: Profiles): Dialect | undefined {
  const { dialect, model_dialects: entries = [] } = fragment.fields;
  const own = [...rulesFor(entries, model.upstream), ...(model.dialect === undefined ? [] : [model.dialect])];
  return own.length === 0 ? undefined : combineDialects([dialect, ...own], profiles);
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;

const definite = <T>(record: { readonly [key: string]: T | undefined } | undefined): Record<string, T> =>
  present(record ?? {}) as Record<string, T>;
