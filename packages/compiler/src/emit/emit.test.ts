import { stripTypeScriptTypes } from "node:module";
import { type RoutingTable, resolve } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { ADAPTERS, CATALOG } from "../testing/catalog.ts";
import { emitActive } from "./active.ts";
import { emitCatalog } from "./index.ts";

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}

/** What an emitted module exports when Node runs it without its types. */
async function run(source: string): Promise<Record<string, unknown>> {
  const script = stripTypeScriptTypes(source.replace(/^import type .*$/m, ""));
  return { ...(await import(`data:text/javascript,${encodeURIComponent(script)}`)) };
}

async function emitted(path: string): Promise<string> {
  const text = (await emitCatalog({ catalog: CATALOG, adapters: ADAPTERS })).get(path);
  if (text === undefined) throw new Error(`nothing was emitted at ${path}`);
  return text;
}

describe("emitCatalog", () => {
  it("writes the same bytes every time, whatever order the adapters are found in, and changes nothing it is given", async () => {
    const first = await emitCatalog(freeze({ catalog: CATALOG, adapters: ADAPTERS }));
    const second = await emitCatalog({ catalog: structuredClone(CATALOG), adapters: ADAPTERS.toReversed() });
    expect([...second]).toEqual([...first]);
  });

  it("ends every file in one newline and writes no carriage return and no trailing space", async () => {
    const files = await emitCatalog({ catalog: CATALOG, adapters: ADAPTERS });
    expect([...files.keys()]).toEqual([...files.keys()].toSorted());
    for (const [path, text] of files) {
      expect(text, path).toMatch(/[^\n]\n$/);
      expect(text, path).not.toMatch(/\r|[ \t]\n/);
    }
  });

  it("writes the whole catalogue as JSON", async () => {
    expect(JSON.parse(await emitted("generated/catalog.json"))).toEqual(CATALOG);
  });

  it("writes a typed table of names and models, sorted", async () => {
    expect(await run(await emitted("generated/catalog.ts"))).toEqual({
      providerIds: ["acme", "box", "demo"],
      modelAliases: ["acme-large", "acme-voice", "box-bge", "demo"],
      groupNames: ["fast-mode", "slow-mode"],
      directNames: ["acme-alone"],
      models: {
        "acme-large": {
          provider: "acme",
          upstream: "vendor/acme-large",
          operation: "chat",
          tier: "free",
          flag: "ACME",
          contextTokens: 131_072,
        },
        "acme-voice": {
          provider: "acme",
          upstream: "vendor/acme-voice",
          operation: "speech",
          tier: "paid",
          flag: "ACME",
        },
        "box-bge": {
          provider: "box",
          upstream: "vendor/box-bge",
          operation: "embedding",
          tier: "local",
          flag: "BOX",
        },
        demo: { provider: "demo", upstream: "vendor/demo", operation: "chat", tier: "local", flag: "DEMO" },
      },
      chains: CATALOG.chains,
      contextWindow: CATALOG.contextWindow,
    });
  });

  it("registers every adapter under its name by a lazy import of its package", async () => {
    expect((await emitted("generated/adapters.ts")).match(/^ {2}.*$/gm)).toEqual([
      '  demo: () => import("@headgate/adapter-demo"),',
      '  ollama: () => import("@headgate/adapter-ollama"),',
      '  "openai-compatible": () => import("@headgate/adapter-openai-compatible"),',
    ]);
  });
});

describe("emitActive", () => {
  it("writes the routing table as JSON, without a key's value", () => {
    const { table } = resolve(CATALOG, { ACME: "1", ACME_API_KEY: "test-key" });
    const files = emitActive(table);
    expect([...files.keys()]).toEqual(["routing.json"]);
    const text = files.get("routing.json") ?? "";
    expect(JSON.parse(text) as RoutingTable).toEqual(table);
    expect(text).not.toContain("test-key");
  });
});
