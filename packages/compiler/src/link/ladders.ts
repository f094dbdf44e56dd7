/** fallbacks.json with its ladders written out: each chain as a list of aliases, each entry with its place. */
import type { Fallbacks, Operation, Tier } from "@headgate/contract";
import { type At, Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";

/** What an alias without a chain of its own falls back on. */
export interface DefaultChain {
  readonly operation: Operation;
  /** Absent: for every tier that has no list of its own. */
  readonly tier?: Tier;
  readonly path: Path;
  readonly targets: readonly string[];
}

export interface Chains {
  readonly source: Source;
  /** By alias. */
  readonly chains: Readonly<Record<string, readonly string[]>>;
  readonly defaults: readonly DefaultChain[];
  /** By alias. */
  readonly contextWindow: Readonly<Record<string, readonly string[]>>;
  /** For chat models without a list of their own; absent: none. */
  readonly anyWindow?: readonly string[];
  /** By name, without what a ladder takes from others. */
  readonly ladders: Readonly<Record<string, readonly string[]>>;
  /** Every list as it is written, by section and key, without mentions of ladders. */
  readonly written: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** Mentions of ladders that cannot be followed. */
  readonly broken: readonly BrokenMention[];
  /** Ladders that something mentions. */
  readonly mentioned: ReadonlySet<string>;
}

export interface BrokenMention {
  readonly path: Path;
  readonly name: string;
  readonly why: "unknown" | "circle";
}

const LADDER = "@";
/** In `context_window`: every alias without a list of its own. */
export const ANY = "*";

export function expandLadders(source: Source, value: Fallbacks): Chains {
  const expander = new Expander(value.ladders ?? {});
  const chains = Object.fromEntries(
    entriesOf(value.chains).map(([alias, entries]) => {
      const path: Path = ["chains", alias];
      return [alias, expander.expand(entries, path, alias)];
    }),
  );
  const defaults = entriesOf(value.default ?? {}).flatMap(([key, entries]): DefaultChain[] => {
    const operation = key as Operation;
    const path: Path = ["default", key];
    if (Array.isArray(entries)) return [{ operation, path, targets: expander.expand(entries, path) }];
    return entriesOf(entries).map(([tier, list]) => {
      const place = [...path, tier];
      return { operation, tier: tier as Tier, path: place, targets: expander.expand(list, place) };
    });
  });
  const { [ANY]: anyWindow, ...contextWindow } = Object.fromEntries(
    entriesOf(value.context_window ?? {}).map(([alias, entries]) => {
      const path: Path = ["context_window", alias];
      return [alias, expander.expand(entries, path, alias)];
    }),
  );
  const ladders = Object.fromEntries(
    entriesOf(value.ladders ?? {}).map(([name, entries]) => {
      expander.expand(entries, ["ladders", name]);
      return [name, entries.filter((entry) => !entry.startsWith(LADDER))];
    }),
  );
  return {
    source: new LadderSource(source, expander.places),
    chains,
    defaults,
    contextWindow,
    ...(anyWindow === undefined ? {} : { anyWindow }),
    ladders,
    written: {
      chains: ownEntries(value.chains),
      default: ownEntries(value.default ?? {}),
      context_window: ownEntries(value.context_window ?? {}),
      ladders,
    },
    broken: [...expander.broken.values()],
    mentioned: expander.mentioned,
  };
}

/** @param lists lists, mentions of one ladder, or lists by tier */
const ownEntries = (
  lists: Readonly<Record<string, readonly string[] | string | object | undefined>>,
): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.entries(lists).map(([key, list]) => [
      key,
      Array.isArray(list) ? list.filter((entry: string) => !entry.startsWith(LADDER)) : [],
    ]),
  );

const entriesOf = <T>(record: { readonly [key: string]: T | undefined }): [string, T][] =>
  Object.entries(record).flatMap(([key, value]): [string, T][] =>
    value === undefined ? [] : [[key, value]],
  );

interface Entry {
  readonly alias: string;
  readonly place: Path;
}

class Expander {
  /** Of each list that departs from what is written: the place of every entry. */
  readonly places = new Map<string, readonly Path[]>();
  readonly broken = new Map<string, BrokenMention>();
  readonly mentioned = new Set<string>();
  readonly #ladders: NonNullable<Fallbacks["ladders"]>;

  constructor(ladders: NonNullable<Fallbacks["ladders"]>) {
    this.#ladders = ladders;
  }

  /** @param owner the alias whose chain it is */
  expand(entries: string | readonly string[], path: Path, owner?: string): readonly string[] {
    if (typeof entries !== "string" && !entries.some((entry) => entry.startsWith(LADDER))) return entries;
    const found: Entry[] = [];
    const written = typeof entries === "string" ? [{ entry: entries, place: path }] : placed(entries, path);
    const direct = new Set(written.map(({ entry }) => entry));
    const seen = new Set(owner === undefined ? [] : [owner]);
    for (const { entry, place } of written) {
      if (!entry.startsWith(LADDER)) found.push({ alias: entry, place });
      else
        for (const one of this.#follow(entry.slice(LADDER.length), place, []))
          if (!seen.has(one.alias) && !direct.has(one.alias)) found.push(one);
      for (const { alias } of found) seen.add(alias);
    }
    this.places.set(
      JSON.stringify(path),
      found.map(({ place }) => place),
    );
    return found.map(({ alias }) => alias);
  }

  #follow(name: string, place: Path, within: readonly string[]): Entry[] {
    const entries = Object.hasOwn(this.#ladders, name) ? this.#ladders[name] : undefined;
    const circle = within.includes(name);
    if (entries === undefined || circle) {
      const why = circle ? "circle" : "unknown";
      this.broken.set(JSON.stringify(place), { path: place, name, why });
      return [];
    }
    this.mentioned.add(name);
    const seen = new Set<string>();
    return placed(entries, ["ladders", name])
      .flatMap(({ entry, place: at }) =>
        entry.startsWith(LADDER)
          ? this.#follow(entry.slice(LADDER.length), at, [...within, name])
          : [{ alias: entry, place: at }],
      )
      .filter(({ alias }) => !seen.has(alias) && seen.add(alias));
  }
}

const placed = (entries: readonly string[], path: Path): { entry: string; place: Path }[] =>
  entries.map((entry, index) => ({ entry, place: [...path, index] }));

/** Finds an entry of a list that was written out where it stands in the file. */
class LadderSource extends Source {
  readonly #base: Source;
  readonly #places: ReadonlyMap<string, readonly Path[]>;

  constructor(base: Source, places: ReadonlyMap<string, readonly Path[]>) {
    super(base.path, base.text, base.sound);
    this.#base = base;
    this.#places = places;
  }

  override trace(at: At): { readonly source: Source; readonly at: At } {
    if (!("path" in at) || this.#places.size === 0) return this.#base.trace(at);
    const index = at.path.at(-1);
    const places =
      typeof index === "number" ? this.#places.get(JSON.stringify(at.path.slice(0, -1))) : undefined;
    const place = typeof index === "number" ? places?.[index] : undefined;
    return this.#base.trace(place === undefined ? at : { ...at, path: place });
  }
}
