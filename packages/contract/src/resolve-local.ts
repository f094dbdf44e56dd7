/** How a local backend is started in one environment. */
import type { CatalogProvider } from "./catalog.ts";
import type { BringUpWay } from "./fragment.ts";
import { type BringUp, bringUpWays, type RoutedLocal } from "./local.ts";
import { present } from "./present.ts";
import type { ResolveIssue } from "./resolution.ts";

/** @param elsewhere true when the environment sets the backend's address, which means that it already runs */
export function resolveLocal(
  { id, local }: CatalogProvider,
  values: Readonly<Record<string, string>>,
  elsewhere: boolean,
  issues: ResolveIssue[],
): RoutedLocal | undefined {
  if (local === undefined) return undefined;
  const { driver, slots, bringUp } = local;
  return {
    driver,
    ...present({ slots }),
    bringUp: bringUp === undefined ? { way: "external" } : resolveBringUp(),
  };

  function resolveBringUp(): BringUp {
    if (bringUp === undefined) return { way: "external" };
    const { env, health, readyMs } = bringUp;
    const ways = bringUpWays(bringUp);
    const named = values[env]?.toLowerCase();
    if (named !== undefined && !ways.includes(named as BringUpWay)) {
      issues.push({ kind: "bring-up", provider: id, variable: env, ways });
      return { way: "external" };
    }
    const way = (named as BringUpWay | undefined) ?? (elsewhere ? "external" : bringUp.default);
    if (way === "compose") return { way, service: id, health, readyMs, env };
    if (way === "process" && bringUp.process !== undefined)
      return { way, health, readyMs, env, process: bringUp.process };
    return { way: "external" };
  }
}
