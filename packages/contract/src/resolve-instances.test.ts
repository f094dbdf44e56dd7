import { describe, expect, it } from "vitest";
import type { Catalog, CatalogProvider } from "./catalog.ts";
import { instanceAlias, instanceModels, instanceNumber, instanceNumbers } from "./instances.ts";
import { resolve } from "./resolve.ts";
import { sampleCatalog, sampleProvider } from "./testing/catalog.ts";

const CUSTOM = sampleProvider("custom", {
  tier: "local",
  instances: { prefix: "CUSTOM", capabilities: ["tools"] },
});
const CATALOG = sampleCatalog([CUSTOM]);
const ONE = {
  CUSTOM: "1",
  CUSTOM_1_BASE_URL: "http://127.0.0.1:8000/v1/",
  CUSTOM_1_MODELS: "org/big, small:7b",
};

describe("servers that are named only in .env", () => {
  it("each become a provider, with an alias for each of their models", () => {
    const { table, providers, issues } = resolve(CATALOG, {
      ...ONE,
      CUSTOM_1_API_KEY: "test-key",
      CUSTOM_1_API_KEY_2: "test-key-2",
      CUSTOM_3_BASE_URL: "https://far.example/v1",
      CUSTOM_3_MODELS: "big",
    });
    expect(issues).toEqual([]);
    expect(providers).toEqual([
      { id: "custom", flag: "CUSTOM", active: true, keys: 2, reason: "", models: 3 },
    ]);
    expect(table.providers.map(({ id, baseUrl, keyVars }) => [id, baseUrl, keyVars])).toEqual([
      ["custom-1", "http://127.0.0.1:8000/v1", ["CUSTOM_1_API_KEY", "CUSTOM_1_API_KEY_2"]],
      ["custom-3", "https://far.example/v1", []],
    ]);
    expect(table.deployments).toMatchObject([
      { provider: 0, alias: "custom-1-org-big", upstream: "org/big", capabilities: ["tools"], tier: "local" },
      { provider: 0, alias: "custom-1-small-7b", upstream: "small:7b" },
      { provider: 1, alias: "custom-3-big", upstream: "big" },
    ]);
    expect(table.routes.map(({ name, chain }) => [name, chain])).toEqual([
      ["custom-1-org-big", [0]],
      ["custom-1-small-7b", [1]],
      ["custom-3-big", [2]],
    ]);
    expect(JSON.stringify(table)).not.toContain("test-key");
  });

  it.each([
    ["http://127.0.0.1:8000/v1", true],
    ["http://192.168.1.4/v1", true],
    ["http://box.local/v1", true],
    ["https://far.example/v1", false],
    ["https://8.8.8.8/v1", false],
  ])("at %s have the fragment's timeouts: %s; at a public address a remote provider's", (address, near) => {
    const timeouts = { firstTokenMs: 300_000 };
    const { table } = resolve(sampleCatalog([{ ...CUSTOM, timeouts }]), {
      ...ONE,
      CUSTOM_1_BASE_URL: address,
    });
    expect(table.providers[0]?.timeouts).toEqual(near ? timeouts : {});
  });

  it("stay off one by one when a variable is missing, and it is named", () => {
    const { table, issues } = resolve(CATALOG, {
      ...ONE,
      CUSTOM_2_BASE_URL: "http://127.0.0.1:1/v1",
      CUSTOM_4_MODELS: " , ",
    });
    expect(table.providers.map(({ id }) => id)).toEqual(["custom-1"]);
    expect(issues).toEqual([
      { kind: "instance", provider: "custom-2", variable: "CUSTOM_2_BASE_URL", missing: ["CUSTOM_2_MODELS"] },
      {
        kind: "instance",
        provider: "custom-4",
        variable: "CUSTOM_4_MODELS",
        missing: ["CUSTOM_4_BASE_URL", "CUSTOM_4_MODELS"],
      },
    ]);
  });

  it("send a key over plain http to near hosts only, and are off without a valid address", () => {
    const at = (address: string, key: Record<string, string> = {}) =>
      resolve(CATALOG, { ...ONE, CUSTOM_1_BASE_URL: address, ...key }).issues[0];
    expect(at("http://far.example/v1")).toBeUndefined();
    expect(at("http://far.example/v1", { CUSTOM_1_API_KEY: "test-key" })).toEqual({
      kind: "base-url",
      provider: "custom-1",
      variable: "CUSTOM_1_BASE_URL",
      why: "not-https",
    });
    expect(at("far.example")).toMatchObject({ kind: "base-url", why: "not-a-url" });
  });

  it("are off without the flag, and the flag has no effect without them", () => {
    const off = resolve(CATALOG, { ...ONE, CUSTOM: "0" });
    expect(off.table.providers).toEqual([]);
    expect(off.issues[0]).toEqual({
      kind: "key-without-flag",
      provider: "custom",
      flag: "CUSTOM",
      variable: "CUSTOM_1_BASE_URL",
    });
    const bare = resolve(CATALOG, { CUSTOM: "1" });
    expect(bare.issues[0]).toEqual({
      kind: "instance",
      provider: "custom",
      variable: "CUSTOM",
      missing: ["CUSTOM_1_BASE_URL", "CUSTOM_1_MODELS"],
    });
    expect(bare.providers).toMatchObject([
      { active: false, reason: "fill in CUSTOM_1_BASE_URL and CUSTOM_1_MODELS in .env" },
    ]);
    expect(resolve(CATALOG, { CUSTOM: "maybe" }).issues[0]).toMatchObject({ kind: "flag-value" });
  });

  it("may be targets of the model map", () => {
    const { table, issues } = resolve(CATALOG, { ...ONE, HEADGATE_MODEL_MAP: "claude-*:custom-1-org-big" });
    expect(issues).toEqual([]);
    expect(table.routes).toContainEqual(
      expect.objectContaining({ name: "claude-*", kind: "map", target: "custom-1-org-big", chain: [0] }),
    );
  });
});

describe("names of instances", () => {
  it("are distinct from variables with the same beginning", () => {
    expect(instanceNumber("CUSTOM", "CUSTOM_12_BASE_URL")).toBe(12);
    expect(instanceNumber("CUSTOM", "CUSTOM_1_API_KEY_2")).toBe(1);
    for (const name of [
      "CUSTOM",
      "CUSTOM_BASE_URL",
      "CUSTOM_0_MODELS",
      "CUSTOM_1_MODEL",
      "MY_CUSTOM_1_MODELS",
    ])
      expect(instanceNumber("CUSTOM", name), name).toBeUndefined();
    expect(
      instanceNumbers("C", { C_10_MODELS: "", C_2_API_KEY: "", C_2_MODELS: "", D_1_MODELS: "" }),
    ).toEqual([2, 10]);
  });

  it("give each upstream id an alias of its own", () => {
    expect(instanceAlias("custom-1", "/models/My Model.gguf")).toBe("custom-1-models-My-Model.gguf");
    expect(instanceAlias("custom-1", "::")).toBe("custom-1-model");
    expect(instanceAlias("custom-1", "x".repeat(300))).toHaveLength(120);
    const { table } = resolve(CATALOG, { ...ONE, CUSTOM_1_MODELS: "a/b,a:b,a-b,a/b" });
    expect(table.deployments.map(({ alias, upstream }) => [alias, upstream])).toEqual([
      ["custom-1-a-b", "a/b"],
      ["custom-1-a-b-2", "a:b"],
      ["custom-1-a-b-3", "a-b"],
    ]);
  });

  it("state the size of their largest model, where its memory is managed", () => {
    const managed: Catalog = { ...CATALOG, providers: [{ ...CUSTOM, local: { driver: "llamacpp" } }] };
    const memoryOf = (catalog: Catalog, text: string) => {
      const { table, issues } = resolve(catalog, { ...ONE, CUSTOM_1_MEMORY: text });
      return [table.deployments.map(({ memory }) => memory?.bytes), issues.map(({ kind }) => kind)];
    };
    expect(memoryOf(managed, "CUDA 6 GB")).toEqual([[6e9, 6e9], []]);
    expect(resolve(managed, { ...ONE, CUSTOM_1_MEMORY: "cpu 1GiB" }).table.deployments[0]?.memory).toEqual({
      device: "cpu",
      bytes: 2 ** 30,
      transientBytes: 0,
      loadMs: 4147,
      concurrency: 4,
      options: {},
      pinned: false,
    });
    for (const text of ["lots", "6 GB", "gpu 6 GB", "cuda 6"])
      expect(memoryOf(managed, text)).toEqual([[undefined, undefined], ["instance-memory"]]);
    expect(memoryOf(CATALOG, "cuda 6 GB")).toEqual([[undefined, undefined], []]);
  });
});

describe("a whole instance", () => {
  it("is a provider with its own name, key and models, and what its fragment says besides", () => {
    const { table } = resolve(CATALOG, { ...ONE, CUSTOM_1_MODELS: "a" });
    expect(table.providers).toStrictEqual([
      {
        id: "custom-1",
        name: "custom 1",
        adapter: "openai-compatible",
        tier: "local",
        baseUrl: "http://127.0.0.1:8000/v1",
        auth: { scheme: "bearer" },
        keyVars: [],
        headers: {},
        dialect: CUSTOM.dialect,
        timeouts: {},
        errors: [],
        limits: [],
        trains: false,
      },
    ]);
    expect(table.deployments).toStrictEqual([
      {
        provider: 0,
        alias: "custom-1-a",
        upstream: "a",
        operation: "chat",
        tier: "local",
        served: true,
        capabilities: ["tools"],
        limits: [],
      },
    ]);
  });

  it("runs already: its address is the operator's, unless .env says how it comes up", () => {
    const local: CatalogProvider["local"] = {
      driver: "llamacpp",
      bringUp: {
        default: "compose",
        env: "CUSTOM_BRING_UP",
        health: "/health",
        readyMs: 1,
        compose: { port: 1, environment: {}, startPeriodMs: 1, capabilities: [] },
      },
    };
    const managed: Catalog = { ...CATALOG, providers: [{ ...CUSTOM, local }] };
    const wayOf = (more: Record<string, string>) =>
      resolve(managed, { ...ONE, ...more }).table.providers[0]?.local?.bringUp.way;
    expect(wayOf({})).toBe("external");
    expect(wayOf({ CUSTOM_BRING_UP: "compose" })).toBe("compose");
  });

  it("says which flag switches all of them on, and whether something waits for it", () => {
    const off = (values: Record<string, string>) => resolve(CATALOG, values);
    expect(off({}).providers).toStrictEqual([
      {
        id: "custom",
        flag: "CUSTOM",
        active: false,
        keys: 0,
        reason: "set CUSTOM=1 in .env and fill in CUSTOM_1_BASE_URL and CUSTOM_1_MODELS",
        models: 0,
      },
    ]);
    expect(off({}).issues).toEqual([{ kind: "nothing-active" }]);
    expect(off({ CUSTOM_7_MODELS: "a" }).issues[0]).toMatchObject({
      kind: "key-without-flag",
      variable: "CUSTOM_7_MODELS",
    });
    expect(off({ CUSTOM: "maybe" }).providers[0]?.reason).toBe("set CUSTOM to 1 or 0 in .env");
    expect(off({ CUSTOM: "maybe" }).issues[0]).toEqual({
      kind: "flag-value",
      provider: "custom",
      flag: "CUSTOM",
    });
  });

  it("is missing its models where only their memory or its key is stated", () => {
    const { issues } = resolve(CATALOG, { CUSTOM: "1", CUSTOM_2_MEMORY: "cpu 1 GB" });
    expect(issues[0]).toEqual({
      kind: "instance",
      provider: "custom-2",
      variable: "CUSTOM_2_MEMORY",
      missing: ["CUSTOM_2_BASE_URL", "CUSTOM_2_MODELS"],
    });
    expect(resolve(CATALOG, { CUSTOM: "1", CUSTOM_2_API_KEY_3: "k" }).issues[0]).toMatchObject({
      provider: "custom-2",
      variable: "CUSTOM_2_BASE_URL",
    });
  });
});

it("numbers of instances are from 1 to 99, and their variables have these names alone", () => {
  const numberOf = (name: string) => instanceNumber("C", name);
  expect(
    ["C_1_BASE_URL", "C_99_MODELS", "C_10_MEMORY", "C_2_API_KEY", "C_2_API_KEY_99"].map(numberOf),
  ).toEqual([1, 99, 10, 2, 2]);
  for (const name of [
    "C_100_MODELS",
    "C_0_MODELS",
    "C_01_MODELS",
    "C_1_API_KEY_0",
    "C_1_API_KEY_100",
    "C_1_API_KEY_x",
    "C_1_BASE_URL_2",
    "C_1_MODELSX",
    "CX_1_MODELS",
    "C1_MODELS",
    "C__1_MODELS",
  ])
    expect(numberOf(name), name).toBeUndefined();
});

describe("the models of a server", () => {
  it("are for chat unless an operation follows the last colon, and anything else there belongs to the id", () => {
    expect(
      instanceModels("big, my-embed:embedding, whisper:transcription,small:7b , a:b:rerank,x:chat"),
    ).toEqual([
      { upstream: "big", operation: "chat" },
      { upstream: "my-embed", operation: "embedding" },
      { upstream: "whisper", operation: "transcription" },
      { upstream: "small:7b", operation: "chat" },
      { upstream: "a:b", operation: "rerank" },
      { upstream: "x", operation: "chat" },
    ]);
    expect(instanceModels("v:speech,p:image,v:moderation,v:CHAT")).toEqual([
      { upstream: "v", operation: "speech" },
      { upstream: "p", operation: "image" },
      { upstream: "v:moderation", operation: "chat" },
      { upstream: "v:CHAT", operation: "chat" },
    ]);
  });

  it("are each there once per operation, and an operation alone is no model", () => {
    expect(instanceModels("a,a:chat,a:embedding, :embedding, ,")).toEqual([
      { upstream: "a", operation: "chat" },
      { upstream: "a", operation: "embedding" },
    ]);
    expect(instanceModels(undefined)).toEqual([]);
    // An id that ends so keeps it with the operation behind it.
    expect(instanceModels("nomic:embedding:chat")).toEqual([
      { upstream: "nomic:embedding", operation: "chat" },
    ]);
  });

  it("of other operations have no capabilities of chat, and join no group of it", () => {
    const groups = [
      {
        name: "local-mode",
        description: "l",
        operation: "chat" as const,
        members: ["x"],
        ownModels: "near" as const,
      },
      {
        name: "auto",
        description: "a",
        operation: "chat" as const,
        members: ["x"],
        ownModels: "all" as const,
      },
    ];
    const { table, issues } = resolve(
      { ...CATALOG, groups },
      {
        ...ONE,
        CUSTOM_1_MODELS: "big, vectors:embedding",
        CUSTOM_2_BASE_URL: "https://far.example/v1",
        CUSTOM_2_MODELS: "far",
      },
    );
    expect(issues).toEqual([]);
    expect(table.deployments).toMatchObject([
      { alias: "custom-1-big", operation: "chat", capabilities: ["tools"] },
      { alias: "custom-1-vectors", operation: "embedding", capabilities: [] },
      { alias: "custom-2-far", operation: "chat" },
    ]);
    const chain = (name: string) => table.routes.find((route) => route.name === name)?.chain;
    expect(chain("local-mode")).toEqual([0]);
    expect(chain("auto")).toEqual([0, 2]);
    expect(table.routes.find(({ name }) => name === "custom-1-vectors")?.operation).toBe("embedding");
  });
});
