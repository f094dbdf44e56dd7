/** Takes names out of the files under fallbacks/; what is left keeps its formatting. */
import { CHAINS_FILE, GROUPS_FILE, MODEL_MAP_FILE, POLICIES_FILE } from "../load/find.ts";
import { parseJson } from "../load/json-tree.ts";
import type { ListNode, MapNode, TreeNode } from "../load/tree.ts";
import { Cuts } from "./cuts.ts";

/** One mention of a name that was taken out. */
export interface Pruned {
  readonly file: string;
  /** `chains`, `default`, `ladders`, `context_window`, `groups`, `weights`, `direct`, `map` or `policies`. */
  readonly section: string;
  /** The list that held it. */
  readonly entry: string;
  /** Equal to `entry` where the whole entry went. */
  readonly name: string;
}

export interface PrunedFallbacks {
  /** The files that change. */
  readonly texts: ReadonlyMap<string, string>;
  readonly pruned: readonly Pruned[];
}

/**
 * Chains keep an emptied list, which means: no fallback. Where a list must name something (groups, larger
 * windows, patterns of the model map), it goes with its last name, and so does what names it.
 * @param texts by path: fallbacks/fallbacks.json, groups.json, model-map.json, policies.json, as far as they exist
 * @param gone aliases
 * @returns undefined where a file is not what it should be
 */
export function pruneFallbacks(
  texts: ReadonlyMap<string, string>,
  gone: ReadonlySet<string>,
): PrunedFallbacks | undefined {
  const pruned: Pruned[] = [];
  const changed = new Map<string, string>();
  const names = new Set(gone);
  const prunes: readonly (readonly [string, (root: MapNode, pruner: Pruner) => void])[] = [
    [CHAINS_FILE, (root, pruner) => pruneChains(root, pruner, names)],
    [GROUPS_FILE, (root, pruner) => pruneGroups(root, pruner, names)],
    [MODEL_MAP_FILE, (root, pruner) => pruner.lists("map", mapAt(root, "map"), names)],
    [POLICIES_FILE, (root, pruner) => prunePolicies(root, pruner, names)],
  ];
  for (const [file, prune] of prunes) {
    const text = texts.get(file);
    if (text === undefined) continue;
    const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
    const body = text.slice(mark.length);
    const { root, problems } = parseJson(body);
    if (root?.kind !== "map" || problems.length > 0) return undefined;
    const pruner = new Pruner(file, pruned);
    prune(root, pruner);
    const edited = mark + pruner.cuts.apply(body);
    if (edited !== text) changed.set(file, edited);
  }
  return { texts: changed, pruned };
}

function pruneChains(root: MapNode, pruner: Pruner, gone: ReadonlySet<string>): void {
  pruner.lists("chains", mapAt(root, "chains"), gone, { keys: true, keepEmpty: true });
  const defaults = mapAt(root, "default");
  pruner.lists("default", defaults, gone, { keepEmpty: true });
  for (const { node } of defaults?.entries ?? [])
    pruner.lists("default", asMap(node), gone, { keepEmpty: true });
  pruner.lists("ladders", mapAt(root, "ladders"), gone, { keepEmpty: true });
  pruner.lists("context_window", mapAt(root, "context_window"), gone, { keys: true });
}

/** Adds the groups and direct names that go to `names`: the model map may name them. */
function pruneGroups(root: MapNode, pruner: Pruner, names: Set<string>): void {
  const groups = mapAt(root, "groups");
  const bodies = (groups?.entries ?? []).map(({ key, node }) => ({ key, node: asMap(node) }));
  const emptied = bodies.filter(({ node }) => {
    const members = textsOf(node && listAt(node, "members"));
    return members.length > 0 && members.every((member) => names.has(member));
  });
  const goneGroups = new Set(emptied.map(({ key }) => key));
  for (const { key, node } of bodies) {
    if (node === undefined || goneGroups.has(key)) continue;
    const members = listAt(node, "members");
    if (members !== undefined) pruner.items("groups", key, members, names);
    const weights = mapAt(node, "weights");
    if (weights !== undefined) pruner.entries("weights", weights, (alias) => names.has(alias));
    const fallback = node.entries.find((entry) => entry.key === "fallback");
    if (fallback?.node.kind !== "list") continue;
    if (textsOf(fallback.node).every((name) => goneGroups.has(name))) {
      pruner.cuts.take(node, new Set([node.entries.indexOf(fallback)]));
    } else pruner.items("groups", key, fallback.node, goneGroups);
  }
  if (groups !== undefined) pruner.entries("groups", groups, (key) => goneGroups.has(key));
  const direct = mapAt(root, "direct");
  const goneDirect = new Set(
    (direct?.entries ?? []).flatMap(({ key, node }) => {
      const alias = asMap(node)?.entries.find((entry) => entry.key === "alias")?.node;
      return alias?.kind === "scalar" && names.has(String(alias.value)) ? [key] : [];
    }),
  );
  if (direct !== undefined) pruner.entries("direct", direct, (key) => goneDirect.has(key));
  for (const name of [...goneGroups, ...goneDirect]) names.add(name);
}

function prunePolicies(root: MapNode, pruner: Pruner, gone: ReadonlySet<string>): void {
  const policies = mapAt(root, "policies");
  if (policies !== undefined) pruner.entries("policies", policies, (name) => gone.has(name));
}

class Pruner {
  readonly cuts = new Cuts();
  readonly #file: string;
  readonly #pruned: Pruned[];

  constructor(file: string, pruned: Pruned[]) {
    this.#file = file;
    this.#pruned = pruned;
  }

  /** A section of lists of names. `keys`: an entry goes with the name that it is for. */
  lists(
    section: string,
    map: MapNode | undefined,
    gone: ReadonlySet<string>,
    { keys = false, keepEmpty = false }: { readonly keys?: boolean; readonly keepEmpty?: boolean } = {},
  ): void {
    if (map === undefined) return;
    const goes = new Set(
      map.entries.flatMap(({ key, node }) => {
        const names = node.kind === "list" ? textsOf(node) : [];
        const emptied = names.length > 0 && names.every((name) => gone.has(name));
        return (keys && gone.has(key)) || (emptied && !keepEmpty) ? [key] : [];
      }),
    );
    for (const { key, node } of map.entries) {
      if (!goes.has(key) && node.kind === "list") this.items(section, key, node, gone);
    }
    this.entries(section, map, (key) => goes.has(key));
  }

  items(section: string, entry: string, list: ListNode, gone: ReadonlySet<string>): void {
    const found = indexesOf(list.items, (item) => item.kind === "scalar" && gone.has(String(item.value)));
    for (const index of found) {
      const item = list.items[index];
      const name = item?.kind === "scalar" ? String(item.value) : "";
      this.#pruned.push({ file: this.#file, section, entry, name });
    }
    this.cuts.take(list, found);
  }

  entries(section: string, map: MapNode, isGone: (key: string) => boolean): void {
    const found = indexesOf(map.entries, ({ key }) => isGone(key));
    for (const index of found) {
      const entry = map.entries[index]?.key ?? "";
      this.#pruned.push({ file: this.#file, section, entry, name: entry });
    }
    this.cuts.take(map, found);
  }
}

const indexesOf = <T>(values: readonly T[], holds: (value: T) => boolean): Set<number> =>
  new Set(values.flatMap((value, index) => (holds(value) ? [index] : [])));

const asMap = (node: TreeNode): MapNode | undefined => (node.kind === "map" ? node : undefined);

const nodeAt = (map: MapNode, key: string): TreeNode | undefined =>
  map.entries.find((entry) => entry.key === key)?.node;

function mapAt(root: MapNode, key: string): MapNode | undefined {
  const node = nodeAt(root, key);
  return node?.kind === "map" ? node : undefined;
}

function listAt(root: MapNode, key: string): ListNode | undefined {
  const node = nodeAt(root, key);
  return node?.kind === "list" ? node : undefined;
}

const textsOf = (list: ListNode | undefined): string[] =>
  (list?.items ?? []).map((item) => (item.kind === "scalar" ? String(item.value) : ""));
