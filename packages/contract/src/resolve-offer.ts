/** Which models of an active provider are offered: its fragment's, and those that its own server was found to have. */
import type { CatalogModel, CatalogProvider } from "./catalog.ts";
import { type FoundModel, type FoundServer, OFFER_ALL, withTag } from "./found-models.ts";
import type { RoutedLocal } from "./local.ts";
import type { ResolveIssue } from "./resolution.ts";

export interface Offered {
  /** Of the fragment. */
  readonly models: ReadonlySet<CatalogModel>;
  /** Of the server alone. */
  readonly own: readonly FoundModel[];
  /** Models of the fragment that the server was asked for and does not have. */
  readonly absent: ReadonlySet<CatalogModel>;
  /** Tags in .env that neither the fragment nor the server knows. */
  readonly missing: readonly string[];
  /** What the gateway asks the server for; absent: nothing. */
  readonly lookFor?: NonNullable<RoutedLocal["offer"]>;
}

export const NOTHING_OFFERED: Offered = { models: new Set(), own: [], absent: new Set(), missing: [] };

interface Seen {
  readonly local: RoutedLocal | undefined;
  /** What the server was last found to have; absent: it was not asked, or did not answer. */
  readonly server: FoundServer | undefined;
}

export function offeredModels(
  provider: CatalogProvider,
  values: Readonly<Record<string, string>>,
  { local, server }: Seen,
  issues: ResolveIssue[],
): Offered {
  const { modelsEnv: variable } = provider;
  const models = provider.models.filter(({ off }) => off === undefined);
  const list = variable === undefined ? undefined : values[variable];
  const names = (list ?? "").split(",").flatMap((name) => name.trim() || []);
  // Headgate knows how to ask Ollama alone. One that Headgate brings up has what Headgate downloads.
  const asks = local?.driver === "ollama";
  const all = asks && (list === undefined ? local.bringUp.way === "external" : names.includes(OFFER_ALL));
  if (variable === undefined || (list === undefined && !all))
    return { ...NOTHING_OFFERED, models: new Set(models) };
  const spelled = asks ? withTag : (name: string): string => name;
  const there = new Map((server?.models ?? []).map((model) => [withTag(model.upstream), model]));
  // One that the overlay switches off is known too.
  const known = new Set(provider.models.map(({ upstream }) => spelled(upstream)));
  if (all) {
    if (server === undefined) return { ...NOTHING_OFFERED, models: new Set(models), lookFor: "all" };
    return {
      models: new Set(models.filter(({ upstream }) => there.has(withTag(upstream)))),
      own: server.models.filter(({ upstream }) => !known.has(withTag(upstream))),
      absent: new Set(models.filter(({ upstream }) => !there.has(withTag(upstream)))),
      missing: [],
      lookFor: "all",
    };
  }
  const wanted = [...new Set(names)].map((name) => ({ name, tag: spelled(name) }));
  const strange = wanted.filter(({ tag }) => !known.has(tag));
  if (!asks) {
    for (const { name: model } of strange)
      issues.push({ kind: "unknown-model", provider: provider.id, variable, model });
  }
  const tags = new Set(wanted.map(({ tag }) => tag));
  return {
    models: new Set(models.filter(({ upstream }) => tags.has(spelled(upstream)))),
    own: strange.flatMap(({ tag }) => there.get(tag) ?? []),
    absent: new Set(),
    missing: asks ? strange.flatMap(({ name, tag }) => (there.has(tag) ? [] : [name])) : [],
    ...(asks && strange.length > 0 ? { lookFor: strange.map(({ name }) => name) } : {}),
  };
}
