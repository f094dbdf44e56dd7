import { describe, expect, it } from "vitest";
import { isNearHost } from "./address.ts";
import type { Catalog, CatalogProvider } from "./catalog.ts";
import { present } from "./present.ts";
import { resolve } from "./resolve.ts";
import { ROUTING_FORMAT } from "./routing.ts";
import { sampleModel as model, sampleCatalog, sampleProvider } from "./testing/catalog.ts";

const provider = (id: string, extra: Partial<CatalogProvider> = {}): CatalogProvider =>
  sampleProvider(id, {
    baseUrl: { default: `https://${id}.example/v1`, env: `${id.toUpperCase()}_BASE_URL` },
    auth: { scheme: "bearer", env: `${id.toUpperCase()}_API_KEY`, optional: false, mistaken: [] },
    models: [model(`${id}-m`)],
    ...extra,
  });

const catalog = (providers: readonly CatalogProvider[], chains: Catalog["chains"] = {}): Catalog =>
  sampleCatalog(providers, { chains });

describe("resolve", () => {
  it("tells what the free chat models of a provider that is off would allow, and nothing of others", () => {
    const limits = [{ scope: "model", unit: "requests", window: "day", amount: 50 }] as const;
    const models = [
      model("free", { tier: "free", limits }),
      model("paid", { tier: "paid", limits }),
      model("gone", { tier: "free", limits, retired: "2026-10-01" }),
      model("vectors", { tier: "free", limits, operation: "embedding" }),
    ];
    const { inactive } = resolve(catalog([provider("groq", { models, limits: [...limits] })]), {}).table;
    const upstream = models[0]?.upstream;
    expect(inactive.flatMap(({ alias, free }) => (free ? [[alias, free]] : []))).toEqual([
      ["free", { upstream, operation: "chat", limits, providerLimits: limits }],
    ]);
  });

  it("switches nothing on with a key alone, and reports it", () => {
    const { table, issues, providers } = resolve(catalog([provider("groq")]), { GROQ_API_KEY: "k" });
    expect(table.deployments).toEqual([]);
    expect(table.inactive).toEqual([{ alias: "groq-m", provider: "groq", fix: "set GROQ=1 in .env" }]);
    expect(providers).toMatchObject([{ active: false, keys: 1 }]);
    expect(issues).toContainEqual({
      kind: "key-without-flag",
      provider: "groq",
      flag: "GROQ",
      variable: "GROQ_API_KEY",
    });
  });

  it("leaves out keys without the account that the address requires, and the provider when no key remains", () => {
    const auth = { scheme: "account-token", env: "EDGE_TOKEN", optional: false, mistaken: [] } as const;
    const baseUrl = { default: "https://edge.example/{account}/v1", env: "EDGE_BASE_URL" };
    const edge = catalog([provider("edge", { auth, baseUrl })]);
    const some = resolve(edge, { EDGE: "1", EDGE_TOKEN: "token", EDGE_TOKEN_2: "acc:token" });
    expect(some.table.providers).toMatchObject([{ baseUrl: baseUrl.default, keyVars: ["EDGE_TOKEN_2"] }]);
    const issue = { kind: "key-without-account", provider: "edge", variable: "EDGE_TOKEN" };
    expect(some.issues).toContainEqual(issue);
    for (const key of ["token", ":token", "acc:"]) {
      const none = resolve(edge, { EDGE: "1", EDGE_TOKEN: key });
      expect(none.issues).toContainEqual(issue);
      expect(none.providers).toMatchObject([
        { active: false, reason: "write EDGE_TOKEN in .env as account:token" },
      ]);
    }
    // Where the address includes the account, the key needs none.
    const own = resolve(edge, {
      EDGE: "1",
      EDGE_TOKEN: "token",
      EDGE_BASE_URL: "https://edge.example/me/v1",
    });
    expect(own.table.providers).toMatchObject([{ keyVars: ["EDGE_TOKEN"] }]);
    expect(own.issues.filter(({ kind }) => kind === "key-without-account")).toEqual([]);
  });

  it("tries a group's members, then those of its fallbacks, each once and one step deep", () => {
    const group = (name: string, members: string[], fallback?: string[]) => ({
      name,
      description: name,
      operation: "chat" as const,
      members,
      ...present({ fallback }),
    });
    const keyless = (id: string) => {
      const { auth, ...rest } = provider(id);
      return rest;
    };
    const both: Catalog = {
      ...catalog([keyless("a"), keyless("b"), keyless("c")]),
      groups: [
        group("first", ["a-m", "off-m"], ["second"]),
        group("second", ["b-m", "a-m"], ["third"]),
        group("third", ["c-m"], ["first"]),
      ],
      direct: [
        { name: "a-alone", alias: "a-m", description: "A." },
        { name: "c-alone", alias: "c-m" },
      ],
      chains: { "a-m": ["b-m"] },
    };
    const { table } = resolve(both, { A: "1", B: "1" });
    const tried = (name: string) =>
      table.routes
        .find((route) => route.name === name)
        ?.chain.map((index) => table.deployments[index]?.alias);
    expect(tried("first")).toEqual(["a-m", "b-m"]);
    expect(tried("second")).toEqual(["b-m", "a-m"]);
    expect(tried("third")).toEqual(["a-m"]);
    expect(table.routes.find(({ name }) => name === "a-alone")).toMatchObject({
      kind: "single",
      description: "A.",
      chain: [0],
      contextChain: [],
    });
    expect(table.inactive).toContainEqual({
      alias: "c-alone",
      provider: "c",
      alone: true,
      fix: "set C=1 in .env",
    });
  });

  it("maps patterns to the first target that is active, .env before the catalogue", () => {
    const mapped: Catalog = {
      ...catalog([provider("a"), provider("b")], { "a-m": [], "b-m": [] }),
      groups: [{ name: "all", description: "All.", operation: "chat", members: ["b-m", "a-m"] }],
      modelMap: [
        { pattern: "a-m", targets: ["all"] },
        { pattern: "claude-*", targets: ["b-m", "all"] },
        { pattern: "gone-*", targets: ["b-m"] },
      ],
    };
    const env = { A: "1", A_API_KEY: "k" };
    const mapOf = (over: Record<string, string>) =>
      resolve(mapped, { ...env, ...over })
        .table.routes.filter(({ kind }) => kind === "map")
        .map(({ name, target, chain }) => [name, target, chain]);
    expect(mapOf({})).toEqual([["claude-*", "all", [0]]]);
    expect(mapOf({ HEADGATE_MODEL_MAP: "claude-*:b-m|a-m,gpt-4o:all" })).toEqual([
      ["claude-*", "a-m", [0]],
      ["gpt-4o", "all", [0]],
    ]);
    const { issues } = resolve(mapped, { ...env, HEADGATE_MODEL_MAP: "x:unknown,y,z:b-m" });
    expect(issues.filter(({ kind }) => kind === "model-map")).toEqual([
      { kind: "model-map", variable: "HEADGATE_MODEL_MAP", entry: "y" },
      { kind: "model-map", variable: "HEADGATE_MODEL_MAP", entry: "x", target: "unknown" },
    ]);
  });

  it("never switches an unusable provider on, and reports the reason", () => {
    const gone = provider("gone", {
      status: { state: "unusable", reason: "it was retired", since: "2026-07-30" },
    });
    const env = { GONE: "1", GONE_API_KEY: "k" };
    const { table, issues, providers } = resolve(catalog([gone]), env);
    expect(table.providers).toEqual([]);
    expect(table.inactive).toEqual([
      { alias: "gone-m", provider: "gone", fix: "cannot be used: it was retired" },
    ]);
    expect(issues).toContainEqual({
      kind: "unusable",
      provider: "gone",
      flag: "GONE",
      reason: "it was retired",
    });
    expect(providers).toMatchObject([{ active: false, condition: { state: "unusable" } }]);
    expect(resolve(catalog([gone]), { GONE: "maybe" }).issues[0]).toMatchObject({ kind: "unusable" });
    expect(resolve(catalog([gone]), {}).issues.map(({ kind }) => kind)).toEqual(["nothing-active"]);
  });

  it("uses a limited provider, and keeps its condition beside it", () => {
    const status = { state: "limited", reason: "credits run out", since: "2026-05-25" } as const;
    const { table, providers } = resolve(catalog([provider("poor", { status })]), {
      POOR: "1",
      POOR_API_KEY: "k",
    });
    expect(table.providers).toMatchObject([{ id: "poor", status }]);
    expect(providers).toMatchObject([{ active: true, condition: status }]);
  });

  it("switches nothing on with a flag alone, and names the key to fill in", () => {
    const { table, issues } = resolve(catalog([provider("groq")]), { GROQ: "1" });
    expect(table.providers).toEqual([]);
    expect(table.inactive[0]?.fix).toBe("fill in GROQ_API_KEY in .env");
    expect(issues).toContainEqual({
      kind: "flag-without-key",
      provider: "groq",
      flag: "GROQ",
      variable: "GROQ_API_KEY",
    });
  });

  it("diagnoses a well-known wrong name instead of a missing key", () => {
    const nvidia = provider("nvidia", {
      auth: { scheme: "bearer", env: "NVIDIA_NIM_API_KEY", optional: false, mistaken: ["NVIDIA_API_KEY"] },
    });
    const { issues } = resolve(catalog([nvidia]), { NVIDIA: "1", NVIDIA_API_KEY: "k" });
    expect(issues.map((issue) => issue.kind)).toEqual(["mistaken-variable", "nothing-active"]);
  });

  it("lets keys of one account share its limits, and names no account in the table", () => {
    const keys = { GROQ: "1", GROQ_API_KEY: "a", GROQ_API_KEY_2: "b", GROQ_API_KEY_4: "c" };
    const accountsOf = (values: Record<string, string>) =>
      resolve(catalog([provider("groq")]), { ...keys, ...values }).table.providers[0]?.accounts;
    expect(accountsOf({})).toBeUndefined();
    expect(accountsOf({ GROQ_API_KEY_ACCOUNT: "x", GROQ_API_KEY_2_ACCOUNT: "y" })).toBeUndefined();
    expect(accountsOf({ GROQ_API_KEY_2_ACCOUNT: "x", GROQ_API_KEY_4_ACCOUNT: "x" })).toEqual([0, 1, 1]);
    expect(accountsOf({ GROQ_API_KEY_ACCOUNT: "x", GROQ_API_KEY_4_ACCOUNT: "x" })).toEqual([0, 1, 0]);
  });

  it("takes the limits of the plan that .env chooses, and reports one that is unknown", () => {
    const limit = (amount: number) =>
      ({ scope: "account", unit: "requests", window: "day", amount }) as const;
    const plans = {
      env: "GROQ_PLAN",
      choices: {
        credits: { description: "with credit", limits: [limit(1000)], models: { "groq-m": [limit(9)] } },
        card: { description: "with a card", models: {} },
      },
    };
    const planned = catalog([provider("groq", { limits: [limit(50)], plans })]);
    const amountsWith = (plan: string | undefined) => {
      const { table, issues } = resolve(planned, {
        GROQ: "1",
        GROQ_API_KEY: "k",
        ...present({ GROQ_PLAN: plan }),
      });
      const amounts = [table.providers[0]?.limits, table.deployments[0]?.limits].map((limits) =>
        limits?.map(({ amount }) => amount),
      );
      return { amounts, issues: issues.filter(({ kind }) => kind === "plan") };
    };
    expect(amountsWith(undefined)).toEqual({ amounts: [[50], []], issues: [] });
    expect(amountsWith("credits")).toEqual({ amounts: [[1000], [9]], issues: [] });
    expect(amountsWith("card")).toEqual({ amounts: [[50], []], issues: [] });
    const issue = { kind: "plan", provider: "groq", variable: "GROQ_PLAN", choices: ["credits", "card"] };
    expect(amountsWith("constructor")).toEqual({ amounts: [[50], []], issues: [issue] });
  });

  it("leaves out a model that the overlay switches off, and names the file", () => {
    const { table } = resolve(
      catalog([provider("groq", { models: [model("a"), model("b", { off: "overlay/x.yaml" })] })]),
      { GROQ: "1", GROQ_API_KEY: "k" },
    );
    expect(table.deployments.map(({ alias }) => alias)).toEqual(["a"]);
    expect(table.inactive).toEqual([
      { alias: "b", provider: "groq", fix: "delete its line in overlay/x.yaml, which switches it off" },
    ]);
  });

  it("maps names to a group with a strategy, and to a provider's own id with a colon in it", () => {
    const own = provider("box", { models: [model("box-hermes", { upstream: "hermes3:8b" })] });
    const group = { name: "auto", description: "All.", operation: "chat" as const, members: ["box-hermes"] };
    const { table, issues } = resolve(
      { ...catalog([own]), groups: [group] },
      {
        BOX: "1",
        BOX_API_KEY: "k",
        HEADGATE_MODEL_MAP: "gpt-4o=auto:fastest,claude-*=box/hermes3:8b,x=auto:fastets,y=box/hermes4:8b",
      },
    );
    const mapped = table.routes.filter(({ kind }) => kind === "map");
    expect(mapped.map(({ name, target, strategy }) => [name, target, strategy])).toEqual([
      ["claude-*", "box/hermes3:8b", undefined],
      ["gpt-4o", "auto:fastest", "fastest"],
    ]);
    expect(issues.flatMap((issue) => (issue.kind === "model-map" ? [issue.target] : []))).toEqual([
      "auto:fastets",
      "box/hermes4:8b",
    ]);
  });

  it("puts names of keys into the table, never values", () => {
    const { table } = resolve(catalog([provider("groq")]), {
      GROQ: "1",
      GROQ_API_KEY: "secret-1",
      GROQ_API_KEY_2: "secret-2",
    });
    expect(table.providers[0]?.keyVars).toEqual(["GROQ_API_KEY", "GROQ_API_KEY_2"]);
    expect(JSON.stringify(table)).not.toContain("secret");
  });

  it("leaves inactive members out of a chain and reports when none remains", () => {
    const chains = { "groq-m": ["mistral-m"], "mistral-m": ["groq-m"] };
    const both = catalog([provider("groq"), provider("mistral")], chains);
    const one = resolve(both, { GROQ: "1", GROQ_API_KEY: "k" });
    expect(one.table.routes.map((route) => route.chain)).toEqual([[0]]);
    expect(one.issues).toContainEqual({ kind: "chain-empty", alias: "groq-m" });
    const two = resolve(both, { GROQ: "1", GROQ_API_KEY: "k", MISTRAL: "1", MISTRAL_API_KEY: "k" });
    expect(two.table.routes.map((route) => route.chain)).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(two.issues).toEqual([]);
  });

  it("sends a key over plain http to a near host only", () => {
    const at = (url: string) =>
      resolve(catalog([provider("groq")]), { GROQ: "1", GROQ_API_KEY: "k", GROQ_BASE_URL: url });
    expect(at("http://127.0.0.1:9000/v1/").table.providers[0]?.baseUrl).toBe("http://127.0.0.1:9000/v1");
    expect(at("http://groq.example/v1").issues).toContainEqual({
      kind: "base-url",
      provider: "groq",
      variable: "GROQ_BASE_URL",
      why: "not-https",
    });
    for (const bad of ["groq.example", "ftp://x/v1", "https://user:pass@x/v1", "https://x/v1?key=1"]) {
      expect(at(bad).issues).toContainEqual({
        kind: "base-url",
        provider: "groq",
        variable: "GROQ_BASE_URL",
        why: "not-a-url",
      });
      expect(at(bad).table.deployments).toEqual([]);
    }
  });

  it("distinguishes near hosts from far ones", () => {
    const near = [
      "localhost",
      "127.0.0.1",
      "127.9.9.9",
      "[::1]",
      "10.0.0.2",
      "192.168.1.9",
      "172.16.0.1",
      "ollama",
      "gpu.local",
    ];
    const far = [
      "8.8.8.8",
      "172.32.0.1",
      "api.groq.com",
      "127.0.0.1.evil.example",
      "10.evil.example.com",
      "[2606:4700::1]",
    ];
    expect(near.filter((host) => !isNearHost(host))).toEqual([]);
    expect(far.filter(isNearHost)).toEqual([]);
  });

  it("restricts a provider to the models its list names, and reports unknown names", () => {
    const pibox = provider("pibox", { modelsEnv: "PIBOX_MODELS", models: [model("a"), model("b")] });
    const { table, issues } = resolve(catalog([pibox]), {
      PIBOX: "1",
      PIBOX_API_KEY: "k",
      PIBOX_MODELS: "b-up, zzz",
    });
    expect(table.deployments.map((deployment) => deployment.alias)).toEqual(["b"]);
    expect(issues).toEqual([
      { kind: "unknown-model", provider: "pibox", variable: "PIBOX_MODELS", model: "zzz" },
    ]);
  });

  it("carries everything that is known of a model and its provider into the table", () => {
    const memory = {
      device: "cuda",
      bytes: 5,
      transientBytes: 1,
      loadMs: 2,
      concurrency: 1,
      options: {},
      pinned: false,
    } as const;
    const limit = { scope: "model", unit: "requests", window: "day", amount: 5 } as const;
    const known = {
      capabilities: ["vision"],
      contextTokens: 8_000,
      maxOutputTokens: 900,
      vectorSpace: "space",
      dimensions: 768,
      price: { input: 1, output: 2 },
      intelligence: 4,
      memory,
      limits: [limit],
    } as const;
    const price = { ...known.price, date: "2026-11-20", source: "its page" };
    const groq = provider("groq", {
      name: "Groq Inc.",
      headers: { "x-a": "b" },
      dialect: { drop: ["seed"], rename: { a: "b" }, stripToolSchema: ["format"] },
      timeouts: { firstTokenMs: 5 },
      errors: [{ status: 401, class: "rate_limit", why: "seen" }],
      limits: [limit],
      auth: { scheme: "header", header: "x-key", env: "GROQ_API_KEY", optional: false, mistaken: [] },
      models: [model("all", { ...known, price }), model("least")],
    });
    const { table } = resolve(catalog([groq]), { GROQ: "1", GROQ_API_KEY: "k" });
    expect(table).toStrictEqual({
      format: ROUTING_FORMAT,
      fingerprint: "",
      providers: [
        {
          id: "groq",
          name: "Groq Inc.",
          adapter: "openai-compatible",
          tier: "free",
          baseUrl: "https://groq.example/v1",
          auth: { scheme: "header", header: "x-key" },
          keyVars: ["GROQ_API_KEY"],
          headers: groq.headers,
          dialect: groq.dialect,
          timeouts: groq.timeouts,
          errors: groq.errors,
          limits: groq.limits,
        },
      ],
      deployments: [
        {
          provider: 0,
          alias: "all",
          upstream: "all-up",
          operation: "chat",
          tier: "free",
          served: true,
          ...known,
        },
        {
          provider: 0,
          alias: "least",
          upstream: "least-up",
          operation: "chat",
          tier: "free",
          served: true,
          capabilities: [],
          limits: [],
        },
      ],
      routes: [
        { name: "all", kind: "alias", operation: "chat", chain: [0], contextChain: [] },
        { name: "least", kind: "alias", operation: "chat", chain: [1], contextChain: [] },
      ],
      inactive: [],
    });
  });

  it("needs neither an address nor a key where a provider has none", () => {
    const { auth, baseUrl, ...inProcess } = provider("demo");
    const { table, providers, issues } = resolve(catalog([inProcess]), { DEMO: "1" });
    expect(issues).toEqual([]);
    expect(providers).toStrictEqual([
      { id: "demo", flag: "DEMO", active: true, keys: 0, reason: "", models: 1 },
    ]);
    expect(table.providers[0]).not.toHaveProperty("auth");
    expect(table.providers[0]).not.toHaveProperty("baseUrl");
    expect(table.providers[0]).not.toHaveProperty("status");
    expect(table.providers[0]).not.toHaveProperty("local");
    expect(resolve(catalog([inProcess]), {}).table.inactive[0]?.fix).toBe("set DEMO=1 in .env");
  });

  it("says how each model that is off is switched on", () => {
    const fixOf = (more: Partial<CatalogProvider>, values: Record<string, string>) =>
      resolve(catalog([provider("groq", more)]), values).table.inactive.map(({ fix }) => fix);
    const optional = { scheme: "bearer", env: "GROQ_API_KEY", optional: true, mistaken: [] } as const;
    expect(fixOf({}, {})).toEqual(["set GROQ=1 in .env and fill in GROQ_API_KEY"]);
    expect(fixOf({}, { GROQ_API_KEY: "k" })).toEqual(["set GROQ=1 in .env"]);
    expect(fixOf({ auth: optional }, {})).toEqual(["set GROQ=1 in .env"]);
    expect(fixOf({ auth: optional }, { GROQ: "1" })).toEqual([]);
    expect(fixOf({}, { GROQ: "maybe" })).toEqual(["set GROQ to 1 or 0 in .env"]);
    expect(fixOf({ baseUrl: { env: "GROQ_BASE_URL" } }, { GROQ: "1", GROQ_API_KEY: "k" })).toEqual([
      "set GROQ_BASE_URL in .env to the address of the server",
    ]);
    expect(fixOf({}, { GROQ: "1", GROQ_API_KEY: "k", GROQ_BASE_URL: "http://far.example" })).toEqual([
      "set GROQ_BASE_URL in .env to an https:// address",
    ]);
    expect(
      fixOf({ modelsEnv: "GROQ_MODELS" }, { GROQ: "1", GROQ_API_KEY: "k", GROQ_MODELS: "other" }),
    ).toEqual(["add groq-m-up to GROQ_MODELS in .env"]);
  });

  it("takes a list of models from .env, without the spaces and gaps in it", () => {
    const groq = provider("groq", { modelsEnv: "GROQ_MODELS", models: [model("a"), model("b"), model("c")] });
    const { table, issues, providers } = resolve(catalog([groq]), {
      GROQ: "1",
      GROQ_API_KEY: "k",
      GROQ_MODELS: " c-up ,, a-up,zzz,zzz ",
    });
    expect(table.deployments.map(({ alias }) => alias)).toEqual(["a", "c"]);
    expect(issues).toHaveLength(1);
    expect(providers).toMatchObject([{ models: 2 }]);
    expect(resolve(catalog([groq]), { GROQ: "1", GROQ_API_KEY: "k" }).table.deployments).toHaveLength(3);
  });

  it("says nothing of a wrong name for a key where the right one is there, nor of one that is not set", () => {
    const auth = { scheme: "bearer", env: "GROQ_API_KEY", optional: false, mistaken: ["GROK_KEY"] } as const;
    const kinds = (values: Record<string, string>) =>
      resolve(catalog([provider("groq", { auth })]), values).issues.map(({ kind }) => kind);
    expect(kinds({ GROQ: "1", GROQ_API_KEY: "k", GROK_KEY: "k" })).toEqual([]);
    expect(kinds({ GROQ: "1" })).toEqual(["flag-without-key", "nothing-active"]);
    expect(kinds({ GROK_KEY: "k" })).toEqual(["mistaken-variable", "nothing-active"]);
    expect(kinds({ GROQ: "0" })).toEqual(["nothing-active"]);
  });

  it("plain http to any host is a local provider's alone", () => {
    const at = (tier: "local" | "free") =>
      resolve(catalog([provider("box", { tier })]), {
        BOX: "1",
        BOX_API_KEY: "k",
        BOX_BASE_URL: "http://far.example/v1",
      }).table.providers.map(({ baseUrl }) => baseUrl);
    expect(at("local")).toEqual(["http://far.example/v1"]);
    expect(at("free")).toEqual([]);
  });

  it("gives a group its strategy, and its shares where they count", () => {
    const group = { description: "d", operation: "chat", members: ["a-m", "b-m", "off-m"] } as const;
    const groups: Catalog["groups"] = [
      { ...group, name: "off", members: ["off-m"] },
      { ...group, name: "empty", members: ["a-left-out"] },
      { ...group, name: "fast", strategy: "fastest", weights: { "a-m": 5 } },
      { ...group, name: "plain", weights: { "a-m": 5 } },
      { ...group, name: "shares", strategy: "weighted", weights: { "b-m": 3 } },
      { ...group, name: "equal", strategy: "weighted" },
    ];
    const a = provider("a", { models: [model("a-m"), model("a-left-out")], modelsEnv: "A_MODELS" });
    const both = { ...catalog([a, provider("b")]), groups };
    const values = { A: "1", A_API_KEY: "k", A_MODELS: "a-m-up", B: "1", B_API_KEY: "k" };
    const { table, issues } = resolve(both, values);
    const found = Object.fromEntries(
      table.routes.flatMap(({ kind, name, ...rest }) => (kind === "group" ? [[name, rest]] : [])),
    );
    const base = { operation: "chat", description: "d", chain: [0, 1], contextChain: [] };
    expect(found).toStrictEqual({
      fast: { ...base, strategy: "fastest" },
      plain: base,
      shares: { ...base, strategy: "weighted", weights: [1, 3] },
      equal: { ...base, strategy: "weighted", weights: [1, 1] },
    });
    // No provider of the other empty group's member is on.
    expect(issues).toEqual([{ kind: "group-empty", group: "empty" }]);
  });

  it("sends what is too large along the chain for large prompts", () => {
    const both: Catalog = {
      ...catalog([provider("a"), provider("b")]),
      contextWindow: { "a-m": ["b-m", "off-m"] },
    };
    const { table } = resolve(both, { A: "1", A_API_KEY: "k", B: "1", B_API_KEY: "k" });
    expect(table.routes.map(({ contextChain }) => contextChain)).toEqual([[1], []]);
  });

  it("sorts routes and what is off by name, whatever the order of the catalogue", () => {
    const { table } = resolve(catalog([provider("z"), provider("b"), provider("y"), provider("a")]), {
      Z: "1",
      Z_API_KEY: "k",
      B: "1",
      B_API_KEY: "k",
    });
    expect(table.routes.map(({ name }) => name)).toEqual(["b-m", "z-m"]);
    expect(table.inactive.map(({ alias }) => alias)).toEqual(["a-m", "y-m"]);
  });

  it("says of a direct name only what it has, and nothing of one whose alias is unknown", () => {
    const one: Catalog = {
      ...catalog([provider("a")]),
      direct: [
        { name: "alone", alias: "a-m" },
        { name: "lost", alias: "unknown" },
      ],
    };
    const { table } = resolve(one, { A: "1", A_API_KEY: "k" });
    expect(table.routes.find(({ name }) => name === "alone")).toStrictEqual({
      name: "alone",
      kind: "single",
      operation: "chat",
      chain: [0],
      contextChain: [],
    });
    expect(table.inactive).toEqual([]);
  });

  it("takes an alias that is called like a part of every object for what it is", () => {
    const odd = catalog([provider("a", { models: [model("constructor")] })]);
    const { table, issues } = resolve(odd, { A: "1", A_API_KEY: "k" });
    expect(table.routes[0]).toMatchObject({ name: "constructor", chain: [0], contextChain: [] });
    expect(issues).toEqual([]);
  });

  it("maps no pattern whose targets are all off, and keeps what the target has", () => {
    const mapped: Catalog = {
      ...catalog([provider("a")]),
      groups: [
        {
          name: "g",
          description: "words",
          operation: "chat",
          members: ["a-m"],
          strategy: "fastest",
        },
      ],
      direct: [{ name: "alone", alias: "a-m" }],
    };
    const { table, issues } = resolve(mapped, {
      A: "1",
      A_API_KEY: "k",
      HEADGATE_MODEL_MAP: "x:g,y:alone,z:unknown",
    });
    const maps = table.routes.filter(({ kind }) => kind === "map");
    expect(maps).toStrictEqual([
      {
        name: "x",
        kind: "map",
        target: "g",
        operation: "chat",
        chain: [0],
        contextChain: [],
        strategy: "fastest",
      },
      { name: "y", kind: "map", target: "alone", operation: "chat", chain: [0], contextChain: [] },
    ]);
    expect(issues).toEqual([
      { kind: "model-map", variable: "HEADGATE_MODEL_MAP", entry: "z", target: "unknown" },
    ]);
  });
});

describe("a retired model", () => {
  const old = (extra = {}) => model("old", { retired: "2026-08-30", replacedBy: "new", ...extra });
  const keyless = (id: string, extra: Partial<CatalogProvider>): CatalogProvider => sampleProvider(id, extra);
  const chains = { old: ["new", "spare"], new: ["spare"], spare: [] };
  const acme = keyless("acme", { models: [old(), model("new")] });
  const other = keyless("other", { models: [model("spare")] });
  const routeOf = (catalogue: Catalog, values: Record<string, string>, name = "old") => {
    const { table } = resolve(catalogue, values);
    const route = table.routes.find((one) => one.name === name);
    return route && { ...route, chain: route.chain.map((index) => table.deployments[index]?.alias) };
  };

  it("has the chain of what replaces it under its alias, and itself where nothing of that is on", () => {
    const both = catalog([acme, other], chains);
    expect(routeOf(both, { ACME: "1", OTHER: "1" })).toMatchObject({
      chain: ["new", "spare"],
      retired: "2026-08-30",
    });
    const alone = catalog([keyless("acme", { models: [old()] }), other], { old: ["new"] });
    expect(routeOf(alone, { ACME: "1" })).toMatchObject({ chain: ["old"], retired: "2026-08-30" });
  });

  it("keeps its direct name for itself", () => {
    const direct = { ...catalog([acme], chains), direct: [{ name: "old-alone", alias: "old" }] };
    expect(routeOf(direct, { ACME: "1" }, "old-alone")).toMatchObject({
      kind: "single",
      chain: ["old"],
      retired: "2026-08-30",
    });
  });

  it("of a provider that cannot be used is answered by its replacement, if that is on", () => {
    const status = { state: "unusable", reason: "it closed", since: "2026-07-30" } as const;
    const gone = keyless("gone", { status, models: [old()] });
    const kept = catalog([gone, keyless("other", { models: [model("new")] })], { old: ["new"] });
    expect(routeOf(kept, { GONE: "1", OTHER: "1" })).toMatchObject({ chain: ["new"], retired: "2026-08-30" });
    expect(resolve(kept, { GONE: "1", OTHER: "1" }).table.inactive).toEqual([]);
    const off = resolve(kept, { GONE: "1" }).table;
    expect(off.routes).toEqual([]);
    expect(off.inactive.map(({ alias }) => alias)).toEqual(["new", "old"]);
  });
});
