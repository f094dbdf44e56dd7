/** The model map's part of a routing table. */
import type { Catalog } from "./catalog.ts";
import { MODEL_MAP_VARIABLE, mergeModelMap, parseModelMap } from "./model-map.ts";
import type { ResolveIssue } from "./resolution.ts";
import type { Route } from "./routing.ts";

/** One route per pattern with an active target. */
export function mapRoutes(
  catalog: Catalog,
  values: Readonly<Record<string, string>>,
  routes: readonly Route[],
  issues: ResolveIssue[],
): Route[] {
  const byName = new Map(routes.map((route) => [route.name, route]));
  const { entries, unreadable } = parseModelMap(values[MODEL_MAP_VARIABLE] ?? "");
  const variable = MODEL_MAP_VARIABLE;
  for (const entry of unreadable) issues.push({ kind: "model-map", variable, entry });
  if (entries.length > 0) {
    const known = namesOf(catalog);
    for (const { pattern, targets } of entries) {
      for (const target of targets) {
        if (!known.has(target) && !byName.has(target))
          issues.push({ kind: "model-map", variable, entry: pattern, target });
      }
    }
  }
  return mergeModelMap(catalog.modelMap ?? [], entries).flatMap(({ pattern, targets }): Route[] => {
    // The map never replaces a name of the catalogue.
    if (byName.has(pattern)) return [];
    const route = targets.map((target) => byName.get(target)).find((found) => found !== undefined);
    if (route === undefined) return [];
    const { name: target, kind: _, description: __, ...rest } = route;
    return [{ ...rest, name: pattern, kind: "map", target }];
  });
}

/** Every alias, group and direct name, active or not. */
function namesOf({ providers, groups, direct }: Catalog): ReadonlySet<string> {
  return new Set([
    ...providers.flatMap(({ models }) => models.map(({ alias }) => alias)),
    ...groups.map(({ name }) => name),
    ...(direct ?? []).map(({ name }) => name),
  ]);
}
