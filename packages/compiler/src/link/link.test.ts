/** Defaults, bases and ladders: what the files leave out, and where what comes of it was written. */
import { describe, expect, it } from "vitest";
import {
  BASE,
  CEREBRAS,
  CHAINS,
  compiled,
  diagnosticsAfter,
  edited,
  FIXTURE,
  type Files,
} from "../testing/fixture.ts";

async function catalogOf(files: Files) {
  const { catalog, diagnostics } = await compiled(files);
  expect(diagnostics).toEqual([]);
  if (catalog === undefined) throw new Error("the fixture does not compile");
  return catalog;
}
const modelOf = async (files: Files, alias: string) =>
  (await catalogOf(files)).providers.flatMap(({ models }) => models).find((model) => model.alias === alias);
const providerOf = async (files: Files, id: string) =>
  (await catalogOf(files)).providers.find((provider) => provider.id === id);

const ACME = `name: Acme
summary: Mine.
tier: paid
base_url: https://acme.example/v1
sources: [{ what: all, url: "https://acme.example", date: 2026-11-21 }]
models: [{ alias: acme-one, base: llama-70b, price_unknown: it is not published }]
`;
const withAcme = (more = "", files: Files = FIXTURE): Files => ({
  ...edited(CHAINS, '"demo": []', '"demo": [], "acme-one": ["groq-llama"]', files),
  "providers/acme-one/provider.yaml": ACME + more,
});

describe("a fragment", () => {
  it("takes flag, variables, adapter and scheme from its folder's name where it writes none", async () => {
    expect(await providerOf(withAcme(), "acme-one")).toMatchObject({
      flag: "ACME_ONE",
      adapter: "openai-compatible",
      baseUrl: { default: "https://acme.example/v1", env: "ACME_ONE_BASE_URL" },
      auth: { scheme: "bearer", env: "ACME_ONE_API_KEY", optional: false, mistaken: [] },
    });
  });

  it("keeps what it writes, and has no key where it says so or is local", async () => {
    const some = await providerOf(withAcme("auth: { mistaken: [ACME_KEY] }\nflag: ACME\n"), "acme-one");
    expect(some).toMatchObject({
      flag: "ACME",
      auth: { scheme: "bearer", env: "ACME_ONE_API_KEY", mistaken: ["ACME_KEY"] },
    });
    expect(await providerOf(withAcme("auth: { scheme: none }\n"), "acme-one")).not.toHaveProperty("auth");
    expect(await providerOf(FIXTURE, "local")).not.toHaveProperty("auth");
    expect(await providerOf(FIXTURE, "demo")).not.toHaveProperty("auth");
  });
});

describe("a model with a base", () => {
  it("has what the base states, and its own figures in place of it", async () => {
    expect(await modelOf(FIXTURE, "cerebras-llama")).toMatchObject({
      upstream: "llama-3.3-70b",
      operation: "chat",
      contextTokens: 65_536,
      capabilities: ["tools"],
      unverified: [],
    });
  });

  it("is called like its base upstream where it names no other id", async () => {
    expect(await modelOf(withAcme(), "acme-one")).toMatchObject({
      upstream: "llama-70b",
      contextTokens: 200_000,
    });
  });

  it("is unverified in what the base is unverified in, and in what it says so of itself", async () => {
    const files = edited(
      BASE,
      "capabilities: [tools]",
      "capabilities: [tools]\nunverified: [capabilities, context_tokens]",
    );
    // The window is its own, and verified.
    expect((await modelOf(files, "cerebras-llama"))?.unverified).toEqual(["capabilities"]);
    const both = edited(
      CEREBRAS,
      "departs: the free tier has a smaller window",
      "unverified: [upstream, context_tokens]",
      files,
    );
    expect((await modelOf(both, "cerebras-llama"))?.unverified).toEqual([
      "upstream",
      "context_tokens",
      "capabilities",
    ]);
  });

  it("leaves out what is not known to hold there, and takes the price of its maker alone", async () => {
    const priced = edited(
      BASE,
      "operation: chat",
      "operation: chat\nmaker: acme-one\nprice: { input: 1, output: 2, date: 2026-11-21, source: its page }\nmax_output_tokens: 4096",
    );
    const files = edited(
      "providers/acme-one/provider.yaml",
      ", price_unknown: it is not published",
      "",
      withAcme(
        "",
        edited(CEREBRAS, "base: llama-70b", "base: llama-70b\n    lacks: [max_output_tokens]", priced),
      ),
    );
    expect(await modelOf(files, "acme-one")).toMatchObject({
      price: { input: 1, output: 2 },
      maxOutputTokens: 4096,
    });
    const cerebras = await modelOf(files, "cerebras-llama");
    expect(cerebras).not.toHaveProperty("price");
    expect(cerebras).not.toHaveProperty("maxOutputTokens");
  });

  it("has findings about inherited values in the base's file", async () => {
    const found = await diagnosticsAfter(
      [BASE, "context_tokens: 200000", "context_tokens: 200000\nmax_output_tokens: 100000"],
      [
        CEREBRAS,
        "context_tokens: 65536\n    departs: the free tier has a smaller window",
        "context_tokens: 65536\n    unverified: [context_tokens]",
      ],
    );
    expect(found.map(({ code, file, span }) => `${code} ${file}:${span?.start.line}`)).toEqual([
      `HG313 ${BASE}:4`,
    ]);
  });

  it("is changed by the overlay through its base, and needs no reason to depart there", async () => {
    const files = {
      ...FIXTURE,
      [`overlay/${BASE}`]: "max_output_tokens: 512\n",
      [`overlay/${CEREBRAS}`]: "models: { cerebras-llama: { context_tokens: 4096, departs: null } }\n",
    };
    expect(await modelOf(files, "cerebras-llama")).toMatchObject({
      contextTokens: 4096,
      maxOutputTokens: 512,
    });
    const { diagnostics } = await compiled({
      ...FIXTURE,
      "overlay/models/lama-70b.yaml": "max_output_tokens: 5\n",
    });
    expect(diagnostics.map(({ code, fix }) => `${code} ${fix}`)).toEqual(["HG601 Did you mean `llama-70b`?"]);
  });

  it("is told of a repeated line only where base and fragment are equally sure", async () => {
    const repeated = edited(CEREBRAS, "base: llama-70b", "base: llama-70b\n    capabilities: [tools]");
    expect((await compiled(repeated)).diagnostics.map(({ code }) => code)).toEqual(["HG323"]);
    const surer = edited(
      BASE,
      "capabilities: [tools]",
      "capabilities: [tools]\nunverified: [capabilities]",
      repeated,
    );
    expect((await compiled(surer)).diagnostics).toEqual([]);
  });
});

describe("a ladder", () => {
  const chainsOf = async (...edits: [string, string][]) => {
    const files = edits.reduce<Files>((sofar, [was, shows]) => edited(CHAINS, was, shows, sofar), FIXTURE);
    const { catalog, diagnostics } = await compiled(files);
    return { chains: catalog?.chains, windows: catalog?.contextWindow, found: diagnostics };
  };

  it("is written out in chains, without the alias itself and what the chain has already", async () => {
    const { chains, found } = await chainsOf(
      ['"groq-llama": ["cerebras-llama"]', '"groq-llama": ["@all"]'],
      ['"cerebras-llama": ["groq-llama"]', '"cerebras-llama": ["oldie", "@all"]'],
      ['"ladders": {', '"ladders": { "all": ["groq-llama", "@spare", "local-llama"],'],
    );
    expect(found).toEqual([]);
    expect(chains).toMatchObject({
      oldie: ["cerebras-llama"],
      "groq-llama": ["oldie", "cerebras-llama", "local-llama"],
      "cerebras-llama": ["oldie", "groq-llama", "local-llama"],
    });
  });

  it("may stand in a list of larger windows", async () => {
    const { found, windows } = await chainsOf(
      [
        '"context_window": { "local-llama": ["groq-llama"] }',
        '"context_window": { "local-llama": ["@wide"] }',
      ],
      ['"ladders": {', '"ladders": { "wide": ["local-llama", "groq-llama"],'],
    );
    expect(found).toEqual([]);
    expect(windows).toEqual({ "local-llama": ["groq-llama"] });
  });

  it("may be a default, for an operation or for a tier of it", async () => {
    const { chains, found } = await chainsOf(
      ['"demo": [], "oldie": "@spare"', '"demo": []'],
      [
        '"default": { "embedding": [] }',
        '"default": { "embedding": [], "chat": { "free": ["@spare"], "paid": [] } }',
      ],
    );
    expect(found).toEqual([]);
    expect(chains?.oldie).toEqual(["cerebras-llama"]);
  });

  it("has its own findings once, at its own line, however many chains use it", async () => {
    const { found } = await chainsOf(
      ['"groq-llama": ["cerebras-llama"]', '"groq-llama": "@spare"'],
      ['"spare": ["oldie", "cerebras-llama"]', '"spare":\n["oldie", "cerebras-lama"]'],
    );
    expect(found.map(({ code, span, fix }) => `${code}:${span?.start.line} ${fix}`)).toEqual([
      "HG402:11 Did you mean `cerebras-llama`?",
    ]);
  });

  it("cannot lead back to itself", async () => {
    const { found } = await chainsOf([
      '"spare": ["oldie", "cerebras-llama"]',
      '"spare": ["oldie", "@spare"]',
    ]);
    expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([
      "HG411 The ladder `spare` leads back to itself.",
    ]);
  });
});
