/** What a change of the catalogue means: models, prices, names that answer from elsewhere, chains, and what groups allow in a day. */
import { type Catalog, type CatalogModel, type CatalogPrice, dailyOf, groupChain } from "@headgate/contract";

/** One line each. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

interface Placed extends CatalogModel {
  readonly provider: string;
}

const modelsOf = ({ providers }: Catalog): Map<string, Placed> =>
  new Map(
    providers.flatMap(({ id, models }) =>
      models.map((model): [string, Placed] => [model.alias, { ...model, provider: id }]),
    ),
  );

/** @returns the sections with something to say */
export function diffCatalogs(before: Catalog, after: Catalog): Section[] {
  const was = modelsOf(before);
  const is = modelsOf(after);
  const both = [...is].flatMap(([alias, model]): [string, Placed, Placed][] => {
    const old = was.get(alias);
    return old === undefined ? [] : [[alias, old, model]];
  });
  const at = ({ provider, upstream, tier }: Placed): string => `${provider}/${upstream}, ${tier}`;
  const sections: Section[] = [
    {
      title: "Models added",
      lines: [...is].flatMap(([alias, model]) => (was.has(alias) ? [] : [`+ ${alias} (${at(model)})`])),
    },
    {
      title: "Models deleted",
      lines: [...was].flatMap(([alias, model]) => (is.has(alias) ? [] : [`- ${alias} (${at(model)})`])),
    },
    {
      title: "Models retired",
      lines: both.flatMap(([alias, old, { retired, replacedBy }]) =>
        retired === undefined || old.retired !== undefined
          ? []
          : [`- ${alias} since ${retired}${replacedBy === undefined ? "" : `; ${replacedBy} answers`}`],
      ),
    },
    {
      title: "Models deprecated",
      lines: both.flatMap(([alias, old, { deprecated }]) =>
        deprecated === undefined || old.deprecated !== undefined ? [] : [`~ ${alias} since ${deprecated}`],
      ),
    },
    {
      title: "Prices",
      lines: both.flatMap(([alias, old, model]) => {
        const [from, to] = [priceText(old.price), priceText(model.price)];
        return from === to || model.retired !== undefined ? [] : [`~ ${alias}: ${from} → ${to}`];
      }),
    },
    {
      title: "Windows, answers, capabilities and ids",
      lines: both.flatMap(([alias, old, model]) => {
        if (model.retired !== undefined) return [];
        const changes = factsOf(old, model);
        return changes.length === 0 ? [] : [`~ ${alias}: ${changes.join("; ")}`];
      }),
    },
    { title: "Names that answer from elsewhere", lines: movedNames(before, after, was, is) },
    { title: "Chains", lines: chainLines(before, after, is) },
    { title: "Groups", lines: groupLines(before, after) },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

const priceText = (price: CatalogPrice | undefined): string => {
  if (price === undefined) return "unknown";
  const { date: _, source: __, ...figures } = price;
  const { input, output } = figures;
  if (input !== undefined) return `$${input}${output === undefined ? "" : `/$${output}`}`;
  return JSON.stringify(figures);
};

function factsOf(old: CatalogModel, model: CatalogModel): string[] {
  const figure = (name: string, from: unknown, to: unknown): string[] =>
    from === to ? [] : [`${name} ${from ?? "unknown"} → ${to ?? "unknown"}`];
  const gained = model.capabilities.filter((one) => !old.capabilities.includes(one)).map((one) => `+${one}`);
  const lost = old.capabilities.filter((one) => !model.capabilities.includes(one)).map((one) => `-${one}`);
  return [
    ...figure("id", old.upstream, model.upstream),
    ...figure("tier", old.tier, model.tier),
    ...figure("window", old.contextTokens, model.contextTokens),
    ...figure("answer", old.maxOutputTokens, model.maxOutputTokens),
    ...[[...gained, ...lost].join(" ")].filter((text) => text !== ""),
  ];
}

/** The alias that is asked first under a name. */
const firstOf = (name: string, catalog: Catalog, models: ReadonlyMap<string, Placed>): string | undefined => {
  const model = models.get(name);
  if (model !== undefined) return model.retired === undefined ? name : catalog.chains[name]?.[0];
  const entry = catalog.modelMap?.find(({ pattern }) => pattern === name);
  return entry?.targets[0];
};

function movedNames(
  before: Catalog,
  after: Catalog,
  was: ReadonlyMap<string, Placed>,
  is: ReadonlyMap<string, Placed>,
): string[] {
  const names = [...was.keys(), ...(before.modelMap ?? []).map(({ pattern }) => pattern)];
  return names.flatMap((name) => {
    const [from, to] = [firstOf(name, before, was), firstOf(name, after, is)];
    return from === to ? [] : [`~ ${name}: ${from ?? "nothing"} → ${to ?? "nothing"}`];
  });
}

function chainLines(before: Catalog, after: Catalog, is: ReadonlyMap<string, Placed>): string[] {
  return Object.entries(after.chains).flatMap(([alias, targets]) => {
    const old = Object.hasOwn(before.chains, alias) ? before.chains[alias] : undefined;
    // What replaces a retired model has a line of its own.
    if (old === undefined || is.get(alias)?.retired !== undefined) return [];
    const change = changeOf(old, targets);
    return change === undefined ? [] : [`~ ${alias}: ${change}`];
  });
}

function changeOf(old: readonly string[], now: readonly string[]): string | undefined {
  if (old.join() === now.join()) return undefined;
  const added = now.filter((one) => !old.includes(one)).map((one) => `+${one}`);
  const left = old.filter((one) => !now.includes(one)).map((one) => `-${one}`);
  return added.length + left.length === 0 ? "another order" : [...added, ...left].join(" ");
}

function groupLines(before: Catalog, after: Catalog): string[] {
  const number = (amount: number): string => amount.toLocaleString("en-US");
  return after.groups.flatMap((group) => {
    const old = before.groups.find(({ name }) => name === group.name);
    if (old === undefined) return [`+ ${group.name}: ${group.members.join(", ")}`];
    const change = changeOf(old.members, group.members);
    const from = dailyOf(before, new Set(groupChain(old, before.groups)));
    const to = dailyOf(after, new Set(groupChain(group, after.groups)));
    const quota =
      from.requests === to.requests && from.tokens === to.tokens
        ? []
        : [
            `  a day, free: ${number(from.requests)} → ${number(to.requests)} requests, ${number(from.tokens)} → ${number(to.tokens)} tokens`,
          ];
    return change === undefined && quota.length === 0
      ? []
      : [`~ ${group.name}: ${change ?? "the same members"}`, ...quota];
  });
}

/** Lines of a section in a summary; the others are counted. */
const MOST_LINES = 6;
const MOST_CHARS = 160;

export function diffText(sections: readonly Section[], all: boolean): string {
  if (sections.length === 0) return "Nothing that a client could notice.";
  const shown = sections.flatMap(({ title, lines }) => {
    const some = all || lines.length <= MOST_LINES ? lines : lines.slice(0, MOST_LINES - 1);
    const rest = lines.length - some.length;
    return [
      `${title} (${lines.filter((line) => !line.startsWith(" ")).length})`,
      ...some.map((line) => `  ${all || line.length <= MOST_CHARS ? line : `${line.slice(0, MOST_CHARS)}…`}`),
      ...(rest === 0 ? [] : [`  and ${rest} more: --all`]),
      "",
    ];
  });
  return shown.join("\n").trimEnd();
}
