/** A small catalogue by hand, with one of everything that the outputs word. */
import type { Catalog, CatalogModel, CatalogProvider } from "@headgate/contract";
import type { InstalledAdapter } from "../load/adapters.ts";

export const model = (fields: Partial<CatalogModel> & { readonly alias: string }): CatalogModel => ({
  upstream: `vendor/${fields.alias}`,
  operation: "chat",
  tier: "free",
  served: true,
  capabilities: [],
  limits: [],
  unverified: [],
  ...fields,
});

export const provider = (fields: Partial<CatalogProvider> & { readonly id: string }): CatalogProvider => ({
  name: fields.id,
  summary: "What it is good for.",
  flag: fields.id.toUpperCase(),
  tier: "free",
  adapter: "openai-compatible",
  headers: {},
  dialect: { drop: [], rename: {}, stripToolSchema: [] },
  timeouts: {},
  limits: [],
  errors: [],
  sources: [{ what: "everything", from: "a test", date: "2026-11-21" }],
  models: [model({ alias: `${fields.id}-model` })],
  ...fields,
});

const acme = provider({
  id: "acme",
  name: "Acme",
  summary: "Fast <b>and</b> free.",
  baseUrl: { default: "https://api.acme.example/v1", env: "ACME_BASE_URL" },
  auth: { scheme: "bearer", env: "ACME_API_KEY", optional: false, mistaken: [] },
  modelsEnv: "ACME_MODELS",
  signup: "https://acme.example/keys",
  limitsPage: "https://acme.example/limits",
  notes: "First line.\n\nSecond paragraph.",
  limits: [
    { scope: "account", unit: "requests", amount: 1000, window: "day", reset: "00:00 UTC" },
    { scope: "ip", unit: "usd", amount: 0.1, window: "month", verified: false, note: "Ten cents." },
    { scope: "model", unit: "concurrency", amount: 1, operations: ["chat"], models: ["*:free"] },
  ],
  models: [
    model({
      alias: "acme-large",
      contextTokens: 131_072,
      maxOutputTokens: 8192,
      capabilities: ["json", "tools"],
      limits: [{ scope: "model", unit: "tokens", amount: 6000, window: "minute" }],
      unverified: ["context_tokens"],
      notes: "either | or",
    }),
    model({ alias: "acme-voice", operation: "speech", served: false, tier: "paid" }),
  ],
  sources: [
    { what: "models", url: "https://acme.example/models", date: "2026-11-21" },
    { what: "unverified: limits", from: "a letter", date: "2026-11-20" },
  ],
});

const box = provider({
  id: "box",
  name: "Box",
  tier: "local",
  adapter: "ollama",
  baseUrl: { env: "BOX_BASE_URL" },
  auth: { scheme: "bearer", env: "BOX_API_KEY", optional: true, mistaken: [] },
  models: [
    model({
      alias: "box-bge",
      operation: "embedding",
      tier: "local",
      vectorSpace: "bge-m3",
      dimensions: 1024,
      memory: {
        device: "cuda",
        bytes: 2_600_000_000,
        transientBytes: 0,
        loadMs: 4600,
        concurrency: 1,
        options: {},
        pinned: false,
      },
    }),
  ],
});

const demo = provider({
  id: "demo",
  name: "Demo",
  tier: "local",
  adapter: "demo",
  models: [model({ alias: "demo", tier: "local" })],
});

export const CATALOG: Catalog = {
  providers: [acme, box, demo],
  chains: { "acme-large": ["demo"], "acme-voice": [], "box-bge": [], demo: [] },
  contextWindow: { demo: ["acme-large"] },
  groups: [
    { name: "fast-mode", description: "The fast ones.", operation: "chat", members: ["acme-large", "demo"] },
    {
      name: "slow-mode",
      description: "Slow.",
      operation: "chat",
      members: ["demo"],
      fallback: ["fast-mode"],
    },
  ],
  direct: [{ name: "acme-alone", alias: "acme-large", description: "Only | Acme." }],
  modelMap: [{ pattern: "claude-*", targets: ["fast-mode", "demo"] }],
};

const installed = (adapter: string, transport: InstalledAdapter["transport"]): InstalledAdapter => ({
  adapter,
  transport,
  operations: ["chat"],
  capabilities: [],
  packageName: `@headgate/adapter-${adapter}`,
});

export const ADAPTERS: readonly InstalledAdapter[] = [
  installed("openai-compatible", "http"),
  installed("demo", "in-process"),
  installed("ollama", "http"),
];
