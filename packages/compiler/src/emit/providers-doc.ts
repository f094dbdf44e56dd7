/** `docs/providers.md`: what each provider offers, within which limits, and the sources. */
import {
  bringUpWays,
  type Catalog,
  type CatalogModel,
  type CatalogPrice,
  type CatalogProvider,
  type DataPolicy,
  dailyOf,
  instanceVariables,
} from "@headgate/contract";
import {
  code,
  fact,
  limitSentence,
  memoryNeed,
  number,
  operationCounts,
  plural,
  quotas,
  shortLimit,
  TIERS,
} from "./words.ts";

interface ProviderView {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** Short facts, each one line of Markdown. */
  readonly facts: readonly string[];
  readonly limits: readonly string[];
  readonly notes: string;
  readonly columns: readonly string[];
  /** One row per model, as many cells as there are columns. */
  readonly rows: readonly (readonly string[])[];
  readonly unserved: string;
  readonly retired: readonly { readonly alias: string; readonly since: string; readonly instead: string }[];
  readonly chains: readonly ChainView[];
  readonly sources: readonly string[];
}

interface ChainView {
  readonly alias: string;
  readonly targets: string;
}

export interface ProvidersView {
  readonly providerCount: string;
  readonly modelCount: string;
  readonly freeTokens: string;
  readonly freeRequests: string;
  readonly overview: readonly (readonly string[])[];
  readonly tiers: readonly {
    readonly title: string;
    readonly meaning: string;
    readonly providers: readonly ProviderView[];
  }[];
  readonly groups: readonly {
    readonly name: string;
    readonly description: string;
    readonly members: string;
  }[];
  readonly direct: readonly {
    readonly name: string;
    readonly alias: string;
    readonly description: string;
  }[];
  readonly modelMap: readonly { readonly pattern: string; readonly targets: string }[];
  readonly contextWindow: readonly ChainView[];
}

export function providersView(catalog: Catalog): ProvidersView {
  const tiers = TIERS.map((tier) => ({
    ...tier,
    all: catalog.providers.filter((provider) => provider.tier === tier.tier),
  })).filter(({ all }) => all.length > 0);
  const free = dailyOf(catalog);
  return {
    providerCount: plural(catalog.providers.length, "provider"),
    modelCount: plural(
      catalog.providers.reduce((sum, { models }) => sum + models.filter(isLiving).length, 0),
      "model",
    ),
    freeTokens: number(free.tokens),
    freeRequests: number(free.requests),
    overview: tiers.flatMap(({ all }) => all.map(overviewRow)),
    tiers: tiers.map(({ title, meaning, all }) => ({
      title,
      meaning,
      providers: all.map((provider) => providerView(provider, catalog)),
    })),
    groups: catalog.groups.map(({ name, description, members, fallback }) => ({
      name,
      description,
      members: [arrows(members), ...(fallback ?? []).map((group) => `then ${code(group)}`)].join(", "),
    })),
    direct: (catalog.direct ?? []).map(({ name, alias, description }) => ({
      name: code(name),
      alias: code(alias),
      description: description ?? "",
    })),
    modelMap: (catalog.modelMap ?? []).map(({ pattern, targets }) => ({
      pattern: code(pattern),
      targets: targets.map(code).join(", else "),
    })),
    contextWindow: chainsOf(Object.keys(catalog.contextWindow), catalog.contextWindow),
  };
}

function overviewRow(provider: CatalogProvider): string[] {
  const { id, name, flag, tier, limits, limitsPage, status } = provider;
  const models = provider.models.filter(isLiving);
  const stated = limits.map(shortLimit);
  if (models.some((model) => model.limits.length > 0)) stated.push("per model, see below");
  return [
    `[${name}](#${id})`,
    status?.state === "unusable" ? "unusable" : code(`${flag}=1`),
    tier,
    operationCounts(models) || "yours",
    stated.join(" · ") || (tier === "local" ? "your hardware" : "none stated"),
    limitsPage === undefined ? "" : `[page](${limitsPage})`,
  ];
}

const isLiving = ({ retired }: CatalogModel): boolean => retired === undefined;

function providerView(provider: CatalogProvider, catalog: Catalog): ProviderView {
  const { id, name, summary, limits, notes, sources } = provider;
  const models = provider.models.filter(isLiving);
  const unserved = [...new Set(models.filter(({ served }) => !served).map(({ operation }) => operation))];
  const columns = COLUMNS.filter(
    ({ always, cell }) => always || models.some((model) => cell(model, provider) !== ""),
  );
  return {
    id,
    name,
    summary,
    facts: factsOf(provider),
    limits: limits.map(limitSentence),
    notes: notes ?? "",
    columns: columns.map(({ title }) => title),
    rows: models.map((model) => columns.map(({ cell }) => cell(model, provider))),
    unserved: unserved.sort().join(", "),
    retired: provider.models.flatMap(({ alias, retired, replacedBy }) =>
      retired === undefined
        ? []
        : [{ alias: code(alias), since: retired, instead: replacedBy === undefined ? "" : code(replacedBy) }],
    ),
    chains: chainsOf(
      models.map(({ alias }) => alias),
      catalog.chains,
    ),
    sources: sources.map(
      ({ what, url, from, date }) => `${what}: ${url === undefined ? (from ?? "") : `<${url}>`}, ${date}`,
    ),
  };
}

const CONDITIONS = { limited: "Limited", unusable: "Cannot be used" } as const;

function factsOf(provider: CatalogProvider): string[] {
  const { flag, auth, baseUrl, modelsEnv, instances, adapter, signup, limitsPage, status } = provider;
  const facts =
    status === undefined ? [] : [`**${CONDITIONS[status.state]}** since ${status.since}: ${status.reason}.`];
  if (status?.state !== "unusable") facts.push(`Switch it on: ${code(`${flag}=1`)}`);
  if (instances !== undefined) {
    const first = instanceVariables(instances.prefix, 1);
    facts.push(
      `Each server: ${code(first.baseUrl)}, ${code(first.models)} (comma-separated) and, if it asks for one, a key in ${code(first.apiKey)}; the next is ${code(instanceVariables(instances.prefix, 2).baseUrl)}`,
      `Every model is taken to be capable of: ${instances.capabilities.join(", ") || "plain text"}`,
    );
  } else if (auth === undefined) facts.push("Key: none");
  else {
    const optional = auth.optional ? ", only if the server asks for one" : "";
    facts.push(
      `Key: ${code(auth.env)} (further ones: ${code(`${auth.env}_2`)}, …)${optional}${signup === undefined ? "" : `; from <${signup}>`}`,
    );
  }
  if (baseUrl !== undefined) {
    facts.push(
      baseUrl.default === undefined
        ? `Address: set ${code(baseUrl.env)}`
        : `Address: ${code(baseUrl.default)}; another one: ${code(baseUrl.env)}`,
    );
  }
  if (modelsEnv !== undefined) facts.push(`Offer only some of its models: ${code(modelsEnv)}`);
  facts.push(...localFacts(provider));
  facts.push(`Adapter: ${code(adapter)}`, ...dataFacts(provider), ...freeFacts(provider));
  if (limitsPage !== undefined) facts.push(`Official limits: <${limitsPage}>`);
  return facts;
}

/** What it does with prompts, by itself and under each plan that differs. */
function dataFacts({ tier, data, plans }: CatalogProvider): string[] {
  if (data === undefined && tier === "local") return [];
  const own = data === undefined ? "what it does with them is not known" : policyText(data);
  const others = Object.entries(plans?.choices ?? {}).flatMap(([name, plan]) =>
    plan.data === undefined ? [] : [`with the plan ${code(name)} ${policyText(plan.data)}`],
  );
  return [`Prompts: ${[own, ...others].join("; ")}`];
}

function policyText({ trains, keeps, region, note, date, source }: DataPolicy): string {
  const parts = [
    trains ? "**may be used for training**" : "not used for training",
    ...(keeps === undefined ? [] : [`kept: ${keeps}`]),
    ...(region === undefined ? [] : [`processed in ${region}`]),
    ...(note === undefined ? [] : [note]),
  ];
  return `${parts.join(", ")} (<${source}>, ${date})`;
}

/** What its free models allow in a day together, as far as limits are stated. */
function freeFacts(provider: CatalogProvider): string[] {
  const { requests, tokens } = dailyOf({ providers: [provider], chains: {}, contextWindow: {}, groups: [] });
  const parts = [
    ...(requests > 0 ? [`${number(requests)} requests`] : []),
    ...(tokens > 0 ? [`${number(tokens)} tokens`] : []),
  ];
  return parts.length === 0 ? [] : [`Free in a day, under one key: ${parts.join(", ")}`];
}

/** How the models of a backend on one's own machine are kept, and how it comes up. */
function localFacts({ local, models }: CatalogProvider): string[] {
  if (local === undefined) return [];
  const { driver, slots, bringUp } = local;
  const idle = [...new Set(models.flatMap(({ memory }) => memory?.idleUnloadMs ?? []))];
  const parts = [`driver ${code(driver)}`];
  if (slots !== undefined) parts.push(`${plural(slots, "model")} at a time`);
  if (idle.length === 1) parts.push(`unloaded after ${number((idle[0] ?? 0) / 60_000)} min without work`);
  const facts = [`Backend: ${parts.join(", ")}`];
  if (bringUp !== undefined) {
    const ways = bringUpWays(bringUp).map((way) => (way === bringUp.default ? `**${way}**` : way));
    const from = bringUp.compose?.image;
    facts.push(
      `Comes up as: ${ways.join(", ")}; choose with ${code(bringUp.env)}${from === undefined ? "" : ` (image ${code(from)})`}`,
    );
  }
  return facts;
}

interface Column {
  readonly title: string;
  /** Shown even when every cell is empty. */
  readonly always?: boolean;
  readonly cell: (model: CatalogModel, provider: CatalogProvider) => string;
}

const tokens = (value: number | undefined): string => (value === undefined ? "" : number(value));

const COLUMNS: readonly Column[] = [
  { title: "Alias", always: true, cell: ({ alias }) => code(alias) },
  { title: "Upstream id", always: true, cell: (model) => fact(model, "upstream", code(model.upstream)) },
  { title: "Operation", always: true, cell: ({ operation, served }) => `${operation}${served ? "" : " †"}` },
  {
    title: "Tier",
    cell: (model, provider) =>
      provider.models.some(({ tier }) => tier !== provider.tier) ? fact(model, "tier", model.tier) : "",
  },
  { title: "Context", cell: (model) => fact(model, "context_tokens", tokens(model.contextTokens)) },
  {
    title: "Longest answer",
    cell: (model) => fact(model, "max_output_tokens", tokens(model.maxOutputTokens)),
  },
  { title: "Capabilities", cell: (model) => fact(model, "capabilities", model.capabilities.join(", ")) },
  { title: "Vector space", cell: ({ vectorSpace }) => vectorSpace ?? "" },
  { title: "Dimensions", cell: (model) => fact(model, "dimensions", tokens(model.dimensions)) },
  { title: "Memory", cell: (model) => fact(model, "memory", memoryNeed(model)) },
  {
    title: "List price",
    cell: ({ price, priceUnknown }) => priceText(price) ?? (priceUnknown && "unknown") ?? "",
  },
  { title: "Limits", cell: ({ limits }) => quotas(limits) },
  { title: "Notes", cell: noteOf },
];

/** In dollars, with the day on which it was read: for a million tokens in and out, where tokens are charged. */
function priceText(price: CatalogPrice | undefined): string | undefined {
  if (price === undefined) return undefined;
  const { input, output, minute, image, imageByQuality, millionCharacters, query, tiers = [], date } = price;
  const figures = Object.values(imageByQuality ?? {});
  const parts = [
    ...(input === undefined ? [] : [output === undefined ? `$${input}` : `$${input} / $${output}`]),
    ...tiers.map(
      ({ aboveTokens, ...above }) => `$${above.input} / $${above.output} above ${number(aboveTokens)} tokens`,
    ),
    ...(minute === undefined ? [] : [`$${number(minute)} a minute`]),
    ...(figures.length === 0
      ? image === undefined
        ? []
        : [`$${image} a picture`]
      : [`$${Math.min(...figures)} to $${Math.max(...figures)} a picture`]),
    ...(millionCharacters === undefined ? [] : [`$${millionCharacters} for a million characters`]),
    ...(query === undefined ? [] : [`$${query} a query`]),
  ];
  return `${parts.join(", ")} (${date})`;
}

/** A model's own note and those of its limits, each once. */
function noteOf({ notes, limits }: CatalogModel): string {
  const all = [notes, ...limits.map(({ note }) => note)].filter((note) => note !== undefined);
  return [...new Set(all)].join(". ");
}

function chainsOf(aliases: readonly string[], chains: Catalog["chains"]): ChainView[] {
  return aliases.map((alias) => {
    const targets = chains[alias] ?? [];
    return {
      alias: code(alias),
      targets: targets.length === 0 ? "no fallback" : arrows(targets),
    };
  });
}

const arrows = (aliases: readonly string[]): string => aliases.map(code).join(" → ");
