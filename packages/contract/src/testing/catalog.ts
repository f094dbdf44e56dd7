import type { Catalog, CatalogModel, CatalogProvider } from "../catalog.ts";

export const sampleModel = (alias: string, extra: Partial<CatalogModel> = {}): CatalogModel => ({
  alias,
  upstream: `${alias}-up`,
  operation: "chat",
  tier: "free",
  served: true,
  capabilities: [],
  limits: [],
  unverified: [],
  ...extra,
});

/** A provider without a key, an address or models. */
export const sampleProvider = (id: string, extra: Partial<CatalogProvider> = {}): CatalogProvider => ({
  id,
  name: id,
  summary: "a provider",
  flag: id.toUpperCase(),
  tier: "free",
  adapter: "openai-compatible",
  headers: {},
  dialect: { drop: [], rename: {}, stripToolSchema: [] },
  timeouts: {},
  limits: [],
  errors: [],
  sources: [],
  models: [],
  ...extra,
});

export const sampleCatalog = (
  providers: readonly CatalogProvider[],
  extra: Partial<Catalog> = {},
): Catalog => ({ providers, chains: {}, contextWindow: {}, groups: [], ...extra });
