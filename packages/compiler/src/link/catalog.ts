/** From a sound workspace to the catalogue: normalised, defaults applied, sorted. */
import {
  type Capability,
  type Catalog,
  type CatalogDirect,
  type CatalogGroup,
  type CatalogModel,
  type CatalogPlan,
  type CatalogPlans,
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
  type Profiles,
  type ProviderFragment,
  type RoutePolicy,
  rulesFor,
  withoutProfiles,
} from "@headgate/contract";
import type { FullFields } from "./complete.ts";
import { fallbacksOf } from "./fallbacks.ts";
import { localOf, memoryOf } from "./local.ts";
import { isServed, type LinkedFragment, type LinkedModel, type Workspace } from "./workspace.ts";

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** @param workspace without errors, so that every fragment has all of its required fields. */
export function buildCatalog(workspace: Workspace): Catalog {
  const { fragments, aliases, chains, groups, modelMap, policies } = workspace;
  const profiles = workspace.dialects?.value.profiles ?? {};
  const chainOf = (alias: string): readonly string[] => {
    const linked = aliases.get(alias);
    return (
      (chains === undefined || linked === undefined ? undefined : fallbacksOf(linked, chains)?.targets) ?? []
    );
  };
  const names = [...aliases.keys()].sort(byText);
  return {
    providers: fragments.map((fragment) => providerOf(fragment, profiles)),
    chains: Object.fromEntries(names.map((alias) => [alias, chainOf(alias)])),
    contextWindow: sortedRecord(chains?.contextWindow ?? {}),
    groups: Object.entries(groups?.value.groups ?? {})
      .flatMap(([name, group]) => (group === undefined ? [] : [groupOf(name, group)]))
      .sort((a, b) => byText(a.name, b.name)),
    ...(groups?.value.direct === undefined ? {} : { direct: directOf(groups.value.direct) }),
    ...(modelMap === undefined ? {} : { modelMap: mapOf(modelMap.value.map) }),
    ...policiesOf(policies?.value.policies ?? {}),
  };
}

const groupOf = (
  name: string,
  { weights, own_models: ownModels, ...group }: NonNullable<Groups["groups"][string]>,
): CatalogGroup => ({
  name,
  ...group,
  ...(ownModels === undefined ? {} : { ownModels }),
  ...(weights === undefined ? {} : { weights: present(weights) as Record<string, number> }),
});

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
            }),
          ],
        ],
  );
  if (entries.length === 0) return {};
  return { policies: Object.fromEntries(entries.sort(([a], [b]) => byText(a, b))) };
}

const sortedRecord = (record: {
  readonly [key: string]: readonly string[] | undefined;
}): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(record)
      .flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
      .sort(([a], [b]) => byText(a, b)),
  );

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
    models: fragment.models.map((model) => modelOf(model, profiles)).sort((a, b) => byText(a.alias, b.alias)),
    ...present({ retired: fragment.retired?.value.models }),
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
                  ...present({ limits: plan.limits }),
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
      price: model.price,
      reasoningEfforts: model.reasoning_efforts,
      released: model.released,
      retires: model.retires,
      intelligence: model.intelligence,
      notes: model.notes,
    }),
    ...(model.memory === undefined ? {} : { memory: memoryOf(model.memory, fragment.fields.local?.driver) }),
    ...present({ dialect: dialectOf(linked, profiles) }),
    limits: model.limits ?? [],
    unverified: model.unverified ?? [],
  };
}

/** Undefined where no rule is for this model alone. */
function dialectOf({ model, fragment }: LinkedModel, profiles: Profiles): Dialect | undefined {
  const { dialect, model_dialects: entries = [] } = fragment.fields;
  const own = [...rulesFor(entries, model.upstream), ...(model.dialect === undefined ? [] : [model.dialect])];
  return own.length === 0 ? undefined : combineDialects([dialect, ...own], profiles);
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;

const definite = (
  record: { readonly [key: string]: string | undefined } | undefined,
): Record<string, string> => present(record ?? {}) as Record<string, string>;
