import { describe, expect, it } from "vitest";
import type { Catalog, CatalogProvider } from "./catalog.ts";
import {
  type FoundModel,
  type FoundModels,
  readFoundModels,
  withoutLatest,
  withTag,
} from "./found-models.ts";
import { memoryOfSize } from "./local.ts";
import { resolve } from "./resolve.ts";
import { sampleCatalog, sampleModel, sampleProvider } from "./testing/catalog.ts";

const URL = "http://127.0.0.1:11434";
const GB = 1_000_000_000;

const bringUp = {
  default: "compose",
  env: "BOX_BRING_UP",
  health: "/api/version",
  readyMs: 1,
  compose: { port: 1, environment: {}, startPeriodMs: 1, capabilities: [] },
} as const;

const box = (extra: Partial<CatalogProvider> = {}): CatalogProvider =>
  sampleProvider("box", {
    tier: "local",
    adapter: "ollama",
    baseUrl: { default: URL, env: "BOX_BASE_URL" },
    modelsEnv: "BOX_OFFER",
    local: { driver: "ollama", bringUp },
    models: [
      sampleModel("local-qwen", { upstream: "qwen3:4b", memory: memoryOfSize("ollama", "cuda", 3 * GB) }),
      sampleModel("local-phi", { upstream: "phi4-mini" }),
    ],
    ...extra,
  });

const groups: Catalog["groups"] = [
  {
    name: "auto",
    description: "a",
    operation: "chat",
    members: ["far-m"],
    ownModels: "all",
    fallback: ["local-mode"],
  },
  { name: "local-mode", description: "l", operation: "chat", members: ["local-qwen"], ownModels: "near" },
  { name: "free-mode", description: "f", operation: "chat", members: ["far-m"], fallback: ["local-mode"] },
];
const catalog = (...providers: CatalogProvider[]): Catalog =>
  sampleCatalog([...providers, sampleProvider("far", { models: [sampleModel("far-m")] })], { groups });

const found = (upstream: string, extra: Partial<FoundModel> = {}): FoundModel => ({
  upstream,
  digest: upstream,
  operation: "chat",
  capabilities: ["tools"],
  contextTokens: 32_768,
  memory: { bytes: 5 * GB, contextTokenBytes: 100 },
  ...extra,
});
const has = (...models: FoundModel[]): FoundModels => ({ box: { baseUrl: URL, models } });

const ON = { BOX: "1" };
const EXTERNAL = { ...ON, BOX_BRING_UP: "external" };

/** What is offered, and what each group tries. */
function offered(values: Record<string, string>, models: FoundModels = {}, ...providers: CatalogProvider[]) {
  const { table, issues } = resolve(
    catalog(...(providers.length === 0 ? [box()] : providers)),
    values,
    models,
  );
  const chain = (name: string) =>
    table.routes.find((route) => route.name === name)?.chain.map((at) => table.deployments[at]?.alias);
  return {
    aliases: table.deployments.map(({ alias }) => alias),
    table,
    issues,
    chain,
    offer: table.providers[0]?.local?.offer,
    fixes: Object.fromEntries(table.inactive.map(({ alias, fix }) => [alias, fix])),
  };
}

describe("an Ollama that runs already", () => {
  it("offers what it has, by its own names, beside what the fragment knows of it", () => {
    const { aliases, table, chain, offer, fixes } = offered(
      EXTERNAL,
      has(
        found("qwen3:4b"),
        found("hermes3:8b"),
        found("mine:latest"),
        found("embed:1b", { operation: "embedding", dimensions: 768 }),
      ),
    );
    expect(offer).toBe("all");
    expect(aliases).toEqual(["local-qwen", "hermes3:8b", "mine", "embed:1b"]);
    expect(fixes["local-phi"]).toBe("run headgate models pull phi4-mini");
    // The fragment's model has its server's name too, for itself alone.
    expect(chain("qwen3:4b")).toEqual(["local-qwen"]);
    expect(table.deployments.find(({ alias }) => alias === "hermes3:8b")).toMatchObject({
      upstream: "hermes3:8b",
      operation: "chat",
      served: true,
      tier: "local",
      capabilities: ["tools"],
      contextTokens: 32_768,
      // It counts where the fragment's models do until it was measured.
      memory: { device: "cuda", bytes: 5 * GB, contextTokenBytes: 100, concurrency: 1 },
    });
    expect(table.deployments.at(-1)).toMatchObject({ operation: "embedding", dimensions: 768 });
  });

  it("joins the groups for own models with those that chat, after the members", () => {
    const { chain } = offered(
      EXTERNAL,
      has(found("qwen3:4b"), found("hermes3:8b"), found("embed:1b", { operation: "embedding" })),
    );
    expect(chain("local-mode")).toEqual(["local-qwen", "hermes3:8b"]);
    expect(chain("auto")).toEqual(["local-qwen", "hermes3:8b"]);
    // A group has what its fallbacks have.
    expect(chain("free-mode")).toEqual(["local-qwen", "hermes3:8b"]);
  });

  it("is not this machine's own where its address is far away", () => {
    const far = "https://ollama.example";
    const { chain, aliases } = offered(
      { ...ON, BOX_BASE_URL: far },
      { box: { baseUrl: far, models: [found("hermes3:8b")] } },
    );
    expect(aliases).toEqual(["hermes3:8b"]);
    expect(chain("auto")).toEqual(["hermes3:8b"]);
    expect(chain("local-mode")).toBeUndefined();
  });

  it("offers the fragment's models as long as it was not asked, or was asked at another address", () => {
    for (const models of [{}, { box: { baseUrl: "http://127.0.0.1:1", models: [found("x")] } }]) {
      const { aliases, offer } = offered(EXTERNAL, models);
      expect(aliases).toEqual(["local-qwen", "local-phi"]);
      expect(offer).toBe("all");
    }
  });

  it("gives a model a longer name where its own is taken", () => {
    const other = box({
      ...sampleProvider("two", {}),
      id: "two",
      flag: "TWO",
      models: [],
      tier: "local",
      adapter: "ollama",
      local: { driver: "ollama" },
      modelsEnv: "TWO_OFFER",
      baseUrl: { default: URL, env: "TWO_BASE_URL" },
    });
    const { aliases } = offered(
      { ...EXTERNAL, TWO: "1" },
      {
        ...has(found("auto:latest"), found("far-m"), found("same:1b")),
        two: { baseUrl: URL, models: [found("same:1b")] },
      },
      box(),
      other,
    );
    expect(aliases).toEqual(["box/auto", "box/far-m", "same:1b", "two/same:1b"]);
  });
});

describe("the list in .env", () => {
  it("is everything with a star, also where Headgate brings the server up", () => {
    expect(offered({ ...ON, BOX_OFFER: " * " }, has(found("hermes3:8b"))).aliases).toEqual(["hermes3:8b"]);
    // Without one, Headgate downloads what the fragment names.
    const { aliases, offer } = offered(ON, has(found("hermes3:8b")));
    expect(aliases).toEqual(["local-qwen", "local-phi"]);
    expect(offer).toBeUndefined();
  });

  it("may name tags that no fragment knows, which are looked for", () => {
    const values = { ...EXTERNAL, BOX_OFFER: "qwen3:4b, hermes3:8b" };
    const before = offered(values);
    expect(before.aliases).toEqual(["local-qwen"]);
    expect(before.offer).toEqual(["hermes3:8b"]);
    expect(before.fixes["hermes3:8b"]).toBe("run headgate models pull hermes3:8b");
    expect(before.issues).toEqual([]);
    const after = offered(values, has(found("hermes3:8b"), found("not-offered:1b")));
    expect(after.aliases).toEqual(["local-qwen", "hermes3:8b"]);
    expect(after.offer).toEqual(["hermes3:8b"]);
    expect(after.chain("local-mode")).toEqual(["local-qwen", "hermes3:8b"]);
  });

  it("knows a model with and without its tag", () => {
    const { aliases, offer } = offered({ ...EXTERNAL, BOX_OFFER: "phi4-mini:latest" });
    expect(aliases).toEqual(["local-phi"]);
    expect(offer).toBeUndefined();
  });

  it("names no stranger at a server that cannot be asked", () => {
    const { issues, offer } = offered(
      { ...ON, BOX_OFFER: "lama" },
      {},
      box({ local: { driver: "process" } }),
    );
    expect(issues).toContainEqual({
      kind: "unknown-model",
      provider: "box",
      variable: "BOX_OFFER",
      model: "lama",
    });
    expect(offer).toBeUndefined();
  });
});

describe("names", () => {
  it("have a tag, behind the last slash", () => {
    expect([withTag("a"), withTag("a:1b"), withTag("host:80/a")]).toEqual([
      "a:latest",
      "a:1b",
      "host:80/a:latest",
    ]);
    expect([withoutLatest("a:latest"), withoutLatest("a:1b")]).toEqual(["a", "a:1b"]);
  });
});

describe("what was found, as it is kept", () => {
  it("is read as it was written", () => {
    const models = has(
      found("a:1b", { memory: { bytes: 1, device: "cuda" } }),
      found("b", { operation: "embedding" }),
    );
    expect(readFoundModels(JSON.parse(JSON.stringify(models)))).toEqual(models);
  });

  it("is left out where it cannot be read", () => {
    for (const value of [undefined, null, [], "x", 1]) expect(readFoundModels(value)).toBeUndefined();
    expect(readFoundModels({ a: 1, b: { baseUrl: 1, models: [] }, c: { baseUrl: URL } })).toEqual({});
    const bad = [
      { upstream: "" },
      { digest: 1 },
      { operation: "speech" },
      { capabilities: [1] },
      { contextTokens: -1 },
      { dimensions: 0.5 },
      { memory: { bytes: "1" } },
      { memory: { bytes: 1, device: "tpu" } },
      { memory: { bytes: 1, contextTokenBytes: -1 } },
    ].map((part) => ({ ...found("a"), ...part }));
    expect(
      readFoundModels({ box: { baseUrl: URL, models: [...bad, found("good")] } } as never)?.box?.models,
    ).toEqual([found("good")]);
  });
});
