/** The model map's part of a routing table. */
import type { Catalog } from "./catalog.ts";
import type { Strategy } from "./fragment.ts";
import { MODEL_MAP_VARIABLE, mergeModelMap, parseModelMap } from "./model-map.ts";
import type { ResolveIssue } from "./resolution.ts";
import type { Route, RoutingTable } from "./routing.ts";

/** One route per pattern with an active target. */
export function mapRoutes(
  catalog: Catalog,
  values: Readonly<Record<string, string>>,
  table: Pick<RoutingTable, "providers" | "deployments"> & { readonly routes: readonly Route[] },
  issues: ResolveIssue[],
): Route[] {
  const { routes } = table;
  const byName = new Map(routes.map((route) => [route.name, route]));
  const find = (target: string): Route | undefined =>
    byName.get(target) ?? withStrategy(target, byName) ?? ofUpstream(target, table, byName);
  const { entries, unreadable } = parseModelMap(values[MODEL_MAP_VARIABLE] ?? "");
  const variable = MODEL_MAP_VARIABLE;
  for (const entry of unreadable) issues.push({ kind: "model-map", variable, entry });
  if (entries.length > 0) {
    const known = namesOf(catalog);
    for (const { pattern, targets } of entries) {
      for (const target of targets) {
        if (!known.has(target) && !known.has(withoutStrategy(target)) && find(target) === undefined)
          issues.push({ kind: "model-map", variable, entry: pattern, target });
      }
    }
  }
  return mergeModelMap(catalog.modelMap ?? [], entries).flatMap(({ pattern, targets }): Route[] => {
    // The map never replaces a name of the catalogue.
    if (byName.has(pattern)) return [];
    const route = targets.map(find).find((found) => found !== undefined);
    if (route === undefined) return [];
    const { name: target, kind: _, description: __, ...rest } = route;
    return [{ ...rest, name: pattern, kind: "map", target }];
  });
}

const STRATEGIES: ReadonlySet<string> = new Set<Strategy>([
  "balanced",
  "fastest",
  "smartest",
  "cheapest",
  "reliable",
]);

/** `auto:fastest` is the group `auto`, ordered otherwise. */
function withStrategy(name: string, byName: ReadonlyMap<string, Route>): Route | undefined {
  const base = withoutStrategy(name);
  const route = base === name ? undefined : byName.get(base);
  if (route === undefined) return undefined;
  const { weights: _, ...unweighted } = route;
  return { ...unweighted, name, strategy: name.slice(base.length + 1) as Strategy };
}

function withoutStrategy(name: string): string {
  const colon = name.lastIndexOf(":");
  return colon > 0 && STRATEGIES.has(name.slice(colon + 1)) ? name.slice(0, colon) : name;
}

/** `custom-1/hermes3:8b`: a provider and the id that it knows the model by. */
function ofUpstream(
  name: string,
  { providers, deployments }: Pick<RoutingTable, "providers" | "deployments">,
  byName: ReadonlyMap<string, Route>,
): Route | undefined {
  const found = deployments.find(
    ({ provider, upstream }) => name === `${providers[provider]?.id}/${upstream}`,
  );
  const route = found === undefined ? undefined : byName.get(found.alias);
  return route === undefined ? undefined : { ...route, name };
}

/** Every alias, group and direct name, active or not. */
function namesOf({ providers, groups, direct }: Catalog): ReadonlySet<string> {
  return new Set([
    ...providers.flatMap(({ models }) => models.map(({ alias }) => alias)),
    ...groups.map(({ name }) => name),
    ...(direct ?? []).map(({ name }) => name),
  ]);
}
