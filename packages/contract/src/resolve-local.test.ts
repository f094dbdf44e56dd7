import { describe, expect, it } from "vitest";
import type { Catalog, CatalogProvider } from "./catalog.ts";
import type { CatalogBringUp } from "./local.ts";
import { resolve } from "./resolve.ts";
import { sampleCatalog, sampleModel, sampleProvider } from "./testing/catalog.ts";

const bringUp: CatalogBringUp = {
  default: "compose",
  env: "BOX_BRING_UP",
  health: "/healthz",
  readyMs: 1000,
  compose: { image: "box:1", port: 80, environment: {}, startPeriodMs: 1, capabilities: [] },
};

const memory = {
  device: "cpu",
  bytes: 5,
  transientBytes: 1,
  loadMs: 2,
  concurrency: 1,
  options: {},
  pinned: false,
} as const;

const box = (over: Partial<CatalogBringUp> = {}): CatalogProvider =>
  sampleProvider("box", {
    tier: "local",
    baseUrl: { default: "http://127.0.0.1:80/v1", env: "BOX_BASE_URL" },
    local: { driver: "talkies", slots: 1, bringUp: { ...bringUp, ...over } },
    models: [sampleModel("box-a", { operation: "speech", tier: "local", memory })],
  });

const resolved = (values: Record<string, string>, provider = box()) => {
  const { table, issues } = resolve(sampleCatalog([provider]), { BOX: "1", ...values });
  return { table, local: table.providers[0]?.local, issues: issues.map(({ kind }) => kind) };
};

describe("a local backend", () => {
  it("is started as its fragment states, and its models' memory is in the table", () => {
    const { table, local } = resolved({});
    expect(local).toEqual({
      driver: "talkies",
      slots: 1,
      bringUp: { way: "compose", service: "box", health: "/healthz", readyMs: 1000, env: "BOX_BRING_UP" },
    });
    expect(table.deployments[0]?.memory?.bytes).toBe(5);
  });

  it("is external where .env sets its address, unless .env also sets how it is started", () => {
    expect(resolved({ BOX_BASE_URL: "http://10.0.0.7/v1" }).local?.bringUp).toEqual({ way: "external" });
    expect(
      resolved({ BOX_BASE_URL: "http://127.0.0.1:81/v1", BOX_BRING_UP: "Compose" }).local?.bringUp.way,
    ).toBe("compose");
    expect(resolved({ BOX_BRING_UP: "external" }).local?.bringUp.way).toBe("external");
  });

  it("is not started, with an issue, when .env names a way that it does not have", () => {
    for (const way of ["process", "docker"]) {
      const { local, issues } = resolved({ BOX_BRING_UP: way });
      expect(local?.bringUp).toEqual({ way: "external" });
      expect(issues).toContain("bring-up");
    }
  });

  it("has its program in the table only where Headgate starts it", () => {
    const process = { command: "box", needs: [], args: [], environment: {}, inherit: [], install: "get it" };
    const provider = box({ process });
    expect(resolved({ BOX_BRING_UP: "process" }, provider).local?.bringUp).toMatchObject({ process });
    expect(JSON.stringify(resolved({}, provider).table)).not.toContain("get it");
  });

  it("says of its bring-up no more than its fragment does", () => {
    const { local: _, ...far } = box();
    expect(resolved({}, far).local).toBeUndefined();
    expect(resolved({}, { ...far, local: { driver: "ollama" } }).local).toStrictEqual({
      driver: "ollama",
      bringUp: { way: "external" },
    });
    expect(resolved({}, box({ default: "external" })).local?.bringUp).toEqual({ way: "external" });
  });

  it("names the variable and the ways that it may be set to", () => {
    const catalog: Catalog = { providers: [box()], chains: {}, contextWindow: {}, groups: [] };
    expect(resolve(catalog, { BOX: "1", BOX_BRING_UP: "docker" }).issues).toEqual([
      { kind: "bring-up", provider: "box", variable: "BOX_BRING_UP", ways: ["external", "compose"] },
    ]);
    expect(resolve(catalog, { BOX: "1", BOX_BRING_UP: "compose" }).issues).toEqual([]);
  });

  it("is started as a program with all that the fragment says of it", () => {
    const process = { command: "box", needs: [], args: [], environment: {}, inherit: [], install: "get it" };
    expect(resolved({}, box({ default: "process", process })).local?.bringUp).toStrictEqual({
      way: "process",
      health: "/healthz",
      readyMs: 1000,
      env: "BOX_BRING_UP",
      process,
    });
  });

  it("that lacks what a way needs is external, whatever its fragment has for the default", () => {
    const { compose: _, ...without } = bringUp;
    const provider = box();
    const bare = {
      ...provider,
      local: { driver: "talkies" as const, bringUp: { ...without, default: "process" as const } },
    };
    expect(resolved({}, bare).local?.bringUp).toEqual({ way: "external" });
    const process = { command: "box", needs: [], args: [], environment: {}, inherit: [], install: "get it" };
    expect(resolved({ BOX_BRING_UP: "external" }, box({ process })).local?.bringUp).toEqual({
      way: "external",
    });
  });
});
