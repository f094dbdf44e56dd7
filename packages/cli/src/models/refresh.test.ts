import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { present } from "@headgate/contract";
import {
  type Behaviour,
  behaviour,
  byKey,
  cloudflareBlock,
  healthy,
  type Lab,
  modelMissing,
  openRouterDailyCap,
  silence,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../main.ts";
import { runMain } from "../testing/run-main.ts";
import type { Outcome } from "./outcome.ts";

const KEY = "test-key-good";
const BIN = fileURLToPath(new URL("../../bin/headgate.js", import.meta.url));

interface Report {
  readonly ok: boolean;
  readonly providers: readonly Outcome[];
  readonly skipped: readonly { readonly provider: string; readonly reason: string }[];
  readonly changes: readonly { readonly path: string; readonly diff: string }[];
  readonly pruned: readonly unknown[];
  readonly written: boolean;
  readonly backup?: string;
}

/** Answers with a document that depends on the query, as a list with pages does. */
const document = (answer: (query: URLSearchParams) => unknown): Behaviour =>
  behaviour("document", ({ query }) => {
    const value = answer(new URLSearchParams(query));
    const bytes = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
    return [
      { kind: "head", status: 200, headers: { "content-type": "application/json" } },
      { kind: "bytes", bytes },
    ];
  });
const list = (...models: readonly unknown[]): Behaviour =>
  document(() => ({ data: models.map((model) => (typeof model === "string" ? { id: model } : model)) }));
const failing = (code: number, message: string): Behaviour => status(code, { message });

describe("headgate models refresh", () => {
  let root = "";
  let lab: Lab;
  const env: Record<string, string> = {};

  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const fragmentOf = (id: string): string => read(`providers/${id}/provider.yaml`);
  const chains = () =>
    JSON.parse(read("fallbacks/fallbacks.json")) as Record<string, Record<string, string[]>>;
  const model = (alias: string, upstream: string, operation = "chat"): string =>
    `  # about ${alias}\n  - alias: ${alias}\n    upstream: ${upstream}\n    operation: ${operation}\n`;
  /** A provider with the given models, whose base URL is in the lab, below its own id. */
  const add = (
    id: string,
    models: readonly string[],
    more: { adapter?: string; tier?: string; yaml?: string; auth?: string } = {},
  ): void => {
    const flag = id.toUpperCase().replaceAll("-", "_");
    const { adapter = "openai-compatible", tier = "free", yaml = "", auth } = more;
    const key = tier === "local" ? "" : `auth: ${auth ?? `{ scheme: bearer, env: ${flag}_API_KEY }`}\n`;
    put(
      `providers/${id}/provider.yaml`,
      `# ${id}, by hand\nname: ${id}   # as people write it\nsummary: For tests.\nflag: ${flag}\ntier: ${tier}\n` +
        `adapter: ${adapter}\nbase_url: { default: "${tier === "local" ? "http" : "https"}://${id}.example/v1", env: ${flag}_BASE_URL }\n${key}${yaml}` +
        `sources:\n  - { what: all, from: this repository, date: "2026-01-02" }\n\nmodels:\n${models.join("\n")}`,
    );
    env[flag] = "1";
    if (tier !== "local") env[`${flag}_API_KEY`] = KEY;
    env[`${flag}_BASE_URL`] = `${lab.url}/${id}/v1`;
  };
  const lists = (id: string, listing: Behaviour): void => lab.behave(`/${id}/v1/models`, listing);
  const run = (args = "") => runMain(`models refresh ${args}`.trim().split(" "), { cwd: root, env });
  const refresh = async (args = ""): Promise<Report & { code: number; first: Outcome }> => {
    const ran = await run(`--json ${args}`.trim());
    expect(ran.stdout + ran.stderr).not.toMatch(/test-key/);
    const report = JSON.parse(ran.stdout) as Report;
    const [first] = report.providers;
    if (first === undefined) throw new Error(ran.stdout + ran.stderr);
    return { ...report, code: ran.code, first };
  };
  const chats = (): string[] =>
    lab.requests.flatMap(({ method, model: requested }) => (method === "POST" ? [requested] : []));
  /** Every file of the catalogue, with its date. */
  const tree = (): string[] =>
    ["providers", "fallbacks"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .map((path) => join(folder, path))
        .filter((path) => statSync(join(root, path)).isFile())
        .map((path) => `${path} ${statSync(join(root, path)).mtimeMs} ${read(path)}`)
        .toSorted(),
    );

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "headgate-models-"));
    for (const name of Object.keys(env)) delete env[name];
    put(
      "fallbacks/fallbacks.json",
      '{ "chains": { "acme-a": ["acme-b"],\n   "acme-b": ["acme-a"] },\n  "default": { "chat": ["acme-a", "acme-b"] } }\n',
    );
    lab = await startLab();
    add("acme", [model("acme-a", "a"), model("acme-b", "b")]);
    lists("acme", list("a", "b"));
  });
  afterEach(async () => {
    await lab.close();
    rmSync(root, { recursive: true });
  });

  it("requests only the list when nothing is new, and changes nothing", async () => {
    const before = tree();
    const { ok, first, changes } = await refresh("--catalogue --yes");
    expect({ ok, changes }).toEqual({ ok: true, changes: [] });
    expect(first).toMatchObject({ state: "ok", listed: 2, unchanged: 2 });
    expect(lab.requests.map(({ method }) => method)).toEqual(["GET"]);
    expect(tree()).toEqual(before);
  });

  it("sends its user agent, so Cloudflare lets it pass", async () => {
    lists("acme", cloudflareBlock(list("a", "b")));
    expect((await refresh()).ok).toBe(true);
  });

  it("adds new models that answer, retires others, and keeps every other byte", async () => {
    lists("acme", list("a", { id: "org/New-1:free", context_length: 8192, max_completion_tokens: 1024 }));
    lab.behave("b", modelMissing());
    const old = fragmentOf("acme");
    const dry = await refresh();
    expect(dry).toMatchObject({ ok: true, written: false });
    expect(dry.first.added).toEqual([{ alias: "acme-new-1", upstream: "org/New-1:free" }]);
    expect(dry.first.gone).toMatchObject([
      { alias: "acme-b", reason: expect.stringContaining("does not exist") },
    ]);
    expect(dry.changes.map(({ path }) => path)).toEqual(["overlay/providers/acme/provider.yaml"]);
    expect(fragmentOf("acme")).toBe(old);

    const before = read("fallbacks/fallbacks.json");
    const { written, changes, backup = "" } = await refresh("--catalogue --yes");
    expect(written).toBe(true);
    expect(changes.map(({ path }) => path)).toEqual([
      "providers/acme/provider.yaml",
      "providers/acme/retired.yaml",
    ]);
    expect(changes[0]?.diff).toMatch(/^--- a\/providers\/acme\/provider\.yaml\n\+\+\+ b\/.*\n@@ /);
    const day = new Date().toISOString().slice(0, 10);
    expect(fragmentOf("acme")).toBe(
      `${old.slice(0, old.indexOf("\n  # about acme-b"))}
  # listed, and answered, on ${day} (headgate models refresh)
  - alias: acme-new-1
    upstream: org/New-1:free
    operation: chat
    context_tokens: 8192
    max_output_tokens: 1024
    unverified: [capabilities, tier]
`,
    );
    expect(read("providers/acme/retired.yaml")).toBe(
      `# yaml-language-server: $schema=../../schemas/retired.schema.json
models:
  - alias: acme-b
    upstream: b
    operation: chat
    retired: { date: ${day}, source: "the list of acme, by headgate models refresh", replaced_by: acme-a }
`,
    );
    // Chains stay as they are written.
    expect(read("fallbacks/fallbacks.json")).toBe(before);
    expect(readFileSync(join(backup, "providers/acme/provider.yaml.bak"), "utf8")).toBe(old);
    expect((await runMain(["validate"], { cwd: root })).code).toBe(0);
    expect((await refresh("--catalogue --yes")).changes).toEqual([]);
  });

  it("writes to the overlay, where a model goes on answering under its name by what replaces it", async () => {
    lists("acme", list("a", "c"));
    lab.behave("b", modelMissing());
    const before = tree();
    put(
      "overlay/providers/acme/provider.yaml",
      "# mine\nmodels:\n  acme-a: { context_tokens: 4096 } # less\n",
    );
    const { written, changes } = await refresh("--update --yes");
    expect(written).toBe(true);
    expect(changes.map(({ path }) => path)).toEqual(["overlay/providers/acme/provider.yaml"]);
    expect(tree()).toEqual(before);
    const text = read("overlay/providers/acme/provider.yaml");
    expect(text).toMatch(/^# mine\nmodels:\n {2}acme-a: \{ context_tokens: 4096 \} # less\n/);
    expect(text).toMatch(/ {2}acme-b:\n {4}retired: \{ date: .+, replaced_by: acme-a \}\n/);
    const explained = await runMain(["explain", "acme-b", "--json"], { cwd: root, env });
    expect(JSON.parse(explained.stdout)).toMatchObject({
      retired: new Date().toISOString().slice(0, 10),
      replacedBy: "acme-a",
      candidates: [{ alias: "acme-a" }],
    });
    expect((await runMain(["explain", "acme-c"], { cwd: root, env })).code).toBe(0);
    expect((await refresh("--update --yes")).changes).toEqual([]);
  });

  it("retires at most a fifth of a provider's models at once, unless --force is given", async () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    add(
      "acme",
      ids.map((id) => model(`acme-${id}`, id)),
    );
    lists("acme", list(...ids.slice(3)));
    for (const id of ids.slice(0, 3)) lab.behave(id, modelMissing());
    const { first, changes } = await refresh();
    expect(changes).toEqual([]);
    expect(first.kept).toMatchObject([
      { alias: "acme-a", reason: expect.stringContaining("3 of 10 models would be retired at once") },
      { alias: "acme-b" },
      { alias: "acme-c" },
    ]);
    expect((await refresh("--force")).first.gone).toHaveLength(3);
    lists("acme", list(...ids.slice(2)));
    expect((await refresh()).first.gone).toHaveLength(2);
  });

  it("takes retired models out of chains with --prune, and tells them with --show; no request is sent", async () => {
    lists("acme", list("a"));
    lab.behave("b", modelMissing());
    await refresh("--catalogue --yes");
    const sent = lab.requests.length;
    const ran = await run("--prune --catalogue --yes");
    expect(ran.code).toBe(0);
    expect(read("fallbacks/fallbacks.json")).toBe(
      '{ "chains": { "acme-a": [] },\n  "default": { "chat": ["acme-a"] } }\n',
    );
    expect((await run("--show")).stdout).toMatch(/acme-b +retired +20\d\d-\d\d-\d\d +acme-a/);
    expect((await run("--unused")).stdout).toBe("Every model is in a chain or a group.\n");
    expect(lab.requests).toHaveLength(sent);
  });

  it("gives a new model an empty chain where the catalogue has no default chain", async () => {
    put("fallbacks/fallbacks.json", '{\n  "chains": {\n    "acme-a": [],\n    "acme-b": []\n  }\n}\n');
    lists("acme", list("a", "b", "c"));
    await refresh("--catalogue --yes");
    expect(chains()).toEqual({ chains: { "acme-a": [], "acme-b": [], "acme-c": [] } });
  });

  it("keeps unlisted models that answer, or whose test proves nothing", async () => {
    lists("acme", list("x"));
    lab.behave("b", failing(503, "busy"));
    const { first, changes } = await refresh();
    expect(first.gone).toEqual([]);
    expect(first.kept).toMatchObject([
      { alias: "acme-a", reason: "it is not listed, but it answers" },
      { alias: "acme-b", reason: expect.stringContaining("the test proved nothing") },
    ]);
    expect(changes[0]?.diff).not.toMatch(/^-[^-]/m);
  });

  it("tests unlisted embedding models, and never a costly operation", async () => {
    put(
      "fallbacks/fallbacks.json",
      '{ "chains": {}, "default": { "chat": [], "embedding": [], "image": [] } }\n',
    );
    const embedding = model("acme-e", "e", "embedding").replace(
      "embedding\n",
      "embedding\n    vector_space: e\n",
    );
    add("acme", [model("acme-a", "a"), embedding, model("acme-i", "i", "image")]);
    lists("acme", list("a"));
    const { first } = await refresh();
    expect(first.kept).toMatchObject([
      { alias: "acme-i", reason: expect.stringContaining("image is not tested") },
      { alias: "acme-e", reason: "it is not listed, but it answers" },
    ]);
    expect(lab.requests.map(({ path }) => path)).toEqual(["/acme/v1/models", "/acme/v1/embeddings"]);
    lab.behave("e", modelMissing());
    expect((await refresh()).first.gone).toMatchObject([{ alias: "acme-e" }]);
  });

  it("does not remove every model", async () => {
    lists("acme", list("x"));
    for (const id of ["a", "b", "x"]) lab.behave(id, modelMissing());
    const before = tree();
    const { first, code } = await refresh("--catalogue --yes");
    expect(first).toMatchObject({
      state: "failed",
      gone: [],
      trouble: expect.stringContaining("none of its models"),
    });
    expect(code).toBe(1);
    expect(tree()).toEqual(before);
  });

  describe("its filter", () => {
    const priced = (id: string, prompt: unknown, completion: unknown, more: object = {}) => ({
      id,
      pricing: { prompt, completion },
      ...more,
    });

    it("counts a model as free where prompt and completion cost 0, and reports what it leaves out", async () => {
      lists(
        "acme",
        list(
          priced("a", "0", "0"),
          priced("b", "0.1", "0"),
          priced("free", "0", "0.000", {
            context_length: 4096,
            architecture: { input_modalities: ["text", "image"], output_modalities: ["text"] },
            supported_parameters: ["tools", "response_format"],
            top_provider: { max_completion_tokens: 9999 },
          }),
          priced("half", "0", "0.2"),
          priced("router", "-1", "-1"),
          priced("odd", "", "0"),
          "unpriced",
        ),
      );
      const { first, changes } = await refresh();
      expect(first.added.map(({ upstream }) => upstream)).toEqual(["free"]);
      expect(first.gone).toMatchObject([{ alias: "acme-b", reason: "it costs money now" }]);
      expect(first.leftOut).toEqual([
        { upstream: "half", reason: "it costs money" },
        { upstream: "router", reason: "it costs money" },
        { upstream: "odd", reason: "its price is not stated" },
        { upstream: "unpriced", reason: "its price is not stated" },
      ]);
      const entry = changes[0]?.diff.match(/^\+ .*/gm)?.join("\n");
      expect(entry).toContain("capabilities: [ vision, tools, json ]");
      expect(entry).toContain("context_tokens: 4096");
      // A longer answer than the window, and everything else is stated.
      expect(entry).not.toMatch(/max_output_tokens|unverified/);
      expect(chats()).toEqual(["free"]);
    });

    it("removes no model for its price where the fragment's free models all have one, and adds none", async () => {
      lists(
        "acme",
        list(priced("a", "1", "1"), priced("b", "1", "1"), priced("c", "1", "1"), priced("d", "0", "0")),
      );
      const { first } = await refresh();
      expect(first).toMatchObject({ unchanged: 2, gone: [], leftOut: [{ upstream: "c" }] });
      expect(first.leftOut[0]?.reason).toContain("as the fragment's free models have too");
      expect(first.added).toMatchObject([{ upstream: "d" }]);
    });

    it("adds a paid provider's models with a price", async () => {
      add("acme", [model("acme-a", "a"), model("acme-b", "b")], { tier: "paid" });
      lists("acme", list("a", "b", priced("c", "1", "2")));
      expect((await refresh()).first.added.map(({ upstream }) => upstream)).toEqual(["c"]);
    });

    it("uses the operations that the list states, and the name only to leave a model out", async () => {
      lists(
        "acme",
        list(
          "a",
          "b",
          { id: "chatty-guard", type: "chat" },
          { id: "vectors", type: "embedding" },
          { id: "painter", type: "image" },
          { id: "films", type: "video" },
          { id: "mistral-ocr-1", capabilities: { completion_chat: false } },
          {
            id: "mistral-chat",
            capabilities: { completion_chat: true, vision: true, function_calling: true },
          },
          { id: "twin-latest", aliases: ["twin-1"] },
          { id: "twin-1", aliases: ["twin-latest"] },
          { id: "a-latest", aliases: ["a"] },
          { id: "retired", active: false },
          "whisper-large-v3",
          "llama-guard-4",
          "text-embedding-3",
        ),
      );
      const { first } = await refresh();
      expect(first.added.map(({ upstream }) => upstream)).toEqual([
        "chatty-guard",
        "mistral-chat",
        "twin-latest",
      ]);
      expect(Object.fromEntries(first.leftOut.map(({ upstream, reason }) => [upstream, reason]))).toEqual({
        vectors: "embedding: add it by hand, with its vector space",
        painter: "image: add it by hand",
        films: "it has none of the supported operations",
        "mistral-ocr-1": "it has none of the supported operations",
        "twin-1": "it is twin-latest under another name",
        "whisper-large-v3": expect.stringContaining("suggests transcription"),
        "llama-guard-4": expect.stringContaining("suggests moderation"),
        "text-embedding-3": expect.stringContaining("suggests embedding"),
      });
      expect(chats().toSorted()).toEqual(["chatty-guard", "mistral-chat", "twin-latest"]);
    });
  });

  it("reads every page of every wire's list", async () => {
    env.ACME = "0";
    put("fallbacks/fallbacks.json", '{ "chains": {}, "default": { "chat": [] } }\n');
    const second = (query: URLSearchParams, name: string): boolean => query.get(name) === "p 2";
    const wires: Record<string, { path: string; auth?: string; yaml?: string; pages: Behaviour }> = {
      "openai-compatible": {
        path: "models",
        pages: document((query) =>
          second(query, "after") ? { data: [{ id: "two" }] } : { data: [{ id: "p 2" }], has_more: true },
        ),
      },
      anthropic: {
        path: "models",
        auth: "{ scheme: header, header: x-api-key, env: ANTHROPIC_API_KEY }",
        pages: document((query) =>
          second(query, "after_id")
            ? { data: [{ id: "two", max_input_tokens: 200000 }], has_more: false }
            : { data: [{ id: "old" }], has_more: true, last_id: "p 2" },
        ),
      },
      gemini: {
        path: "models",
        auth: "{ scheme: header, header: x-goog-api-key, env: GEMINI_API_KEY }",
        pages: document((query) =>
          second(query, "pageToken")
            ? {
                models: [
                  { name: "models/two", supportedGenerationMethods: ["generateContent"], inputTokenLimit: 7 },
                ],
              }
            : { models: [{ name: "models/old" }], nextPageToken: "p 2" },
        ),
      },
      cohere: {
        path: "models",
        pages: document((query) =>
          second(query, "page_token")
            ? {
                models: [
                  { name: "two", endpoints: ["chat"] },
                  { name: "past", is_deprecated: true },
                ],
              }
            : { models: [{ name: "old" }], next_page_token: "p 2" },
        ),
      },
      ollama: {
        path: "api/tags",
        pages: document(() => ({
          models: [{ name: "old:latest" }, { model: "two", capabilities: ["completion"] }],
        })),
      },
    };
    for (const [adapter, { path, auth, pages }] of Object.entries(wires)) {
      add(adapter, [model(`${adapter}-old`, "old")], { adapter, ...present({ auth }) });
      // Cohere's list is still in version 1, outside of its base URL.
      env[`${adapter.toUpperCase().replaceAll("-", "_")}_BASE_URL`] =
        `${lab.url}/${adapter}/${adapter === "cohere" ? "v2" : "v1"}`;
      lab.behave(`/${adapter}/v1/${path}`, pages);
    }
    const { providers } = await refresh();
    expect(providers.map(({ provider, state }) => `${provider} ${state}`)).toEqual([
      "anthropic ok",
      "cohere ok",
      "gemini ok",
      "ollama ok",
      "openai-compatible ok",
    ]);
    for (const { provider, added, unchanged } of providers) {
      expect(
        added.map(({ upstream }) => upstream),
        provider,
      ).toContain("two");
      expect(unchanged, provider).toBe(provider === "openai-compatible" ? 0 : 1);
    }
    const anthropic = lab.requests.find(({ path }) => path.startsWith("/anthropic"));
    expect(anthropic?.path).toBe("/anthropic/v1/models?limit=1000");
    expect(anthropic?.headers["anthropic-version"]).toBe("2023-06-01");
  });

  const hostile: [string, () => Behaviour, RegExp][] = [
    [
      "pages in a circle",
      () => document(() => ({ data: [{ id: "x" }], has_more: true, last_id: "x" })),
      /circle/,
    ],
    [
      "pages without an end",
      () => {
        let page = 0;
        return document(() => {
          page += 1;
          return { data: [], has_more: true, last_id: `p${page}` };
        });
      },
      /more than 100 pages/,
    ],
    ["too much", () => document(() => `{"data":[],"x":"${"x".repeat(9_000_000)}"}`), /too large/],
    [
      "too many",
      () => document(() => ({ data: Array.from({ length: 20_001 }, (_, at) => ({ id: `m${at}` })) })),
      /more than 20000 models/,
    ],
    ["nothing", () => list(), /no model at all/],
    [
      "entries of wrong types",
      () => document(() => ({ data: [1, null, "a", [], { id: 5 }, {}] })),
      /no model/,
    ],
    ["another document", () => document(() => ({ data: { a: 1 } })), /no list of models/],
    ["no JSON", () => document(() => "<html>"), /no list of models/],
    ["a failing second page", () => failsLater(), /later/],
    ["not there", () => status(404), /no list of models here \(HTTP 404\)/],
    ["an outage", () => failing(503, "down"), /down/],
    ["a refusal", () => byKey({ other: healthy() }), /Incorrect API key/],
    ["silence", () => silence(), /no answer within 1500 ms/],
  ];
  const failsLater = (): Behaviour => {
    const first = document(() => ({ data: [{ id: "x" }], has_more: true, last_id: "x" }));
    const then = failing(500, "later");
    return behaviour("failsLater", (ask) => (ask.query === "" ? first : then).plan(ask));
  };
  it.each(hostile)("exits 1 and changes nothing when the list is %s", async (_, listing, words) => {
    lists("acme", listing());
    const before = tree();
    const { ok, code, first, written } = await refresh("--catalogue --yes --timeout-ms 1500");
    expect({ ok, code, written }).toEqual({ ok: false, code: 1, written: false });
    expect(first).toMatchObject({ state: "failed", trouble: expect.stringMatching(words), gone: [] });
    expect(tree()).toEqual(before);
    expect(chats()).toEqual([]);
  });

  it("adds from a list of odd ids only those that a fragment can hold, each once", async () => {
    const odd = [
      "ctl\u0007",
      "new\nline",
      "esc\u001b[31m",
      "spa ce",
      "ünï",
      "\ud800",
      "x".repeat(300),
      "__proto__",
      "@cf/a: b".replace(" ", ""),
      "#hash",
      "*star",
      'quote"d\\',
      "- dash".replace(" ", ""),
      "{brace}",
      "true",
      "dup",
      "dup",
    ];
    lists("acme", list("a", "b", ...odd, 7, null));
    const { stdout } = await run();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be printed.
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const { first, written } = await refresh("--catalogue --yes");
    expect(written).toBe(true);
    expect(first.unreadable).toBe(2);
    expect(first.leftOut.map(({ reason }) => reason)).toEqual(
      Array(7).fill("its id is longer than 256 characters, or not all of them are visible ASCII"),
    );
    expect(first.added.map(({ upstream }) => upstream)).toEqual([
      "__proto__",
      "@cf/a:b",
      "#hash",
      "*star",
      'quote"d\\',
      "-dash",
      "{brace}",
      "true",
      "dup",
    ]);
    expect((await runMain(["validate"], { cwd: root })).code).toBe(0);
    expect((await refresh()).first).toMatchObject({ unchanged: 11, added: [] });
  });

  it("makes aliases that differ from every other name, with the prefix of the fragment", async () => {
    put(
      "fallbacks/groups.json",
      '{ "groups": { "ac-x": { "description": "g", "operation": "chat", "members": ["ac-a"] } }, "direct": { "ac-one-y": { "alias": "ac-a" } } }\n',
    );
    put("fallbacks/fallbacks.json", '{ "chains": {}, "default": { "chat": [] } }\n');
    add("acme", [model("ac-a", "a"), model("ac-b", "b")]);
    add("bolt", [model("bolt-ac-z", "ac-z")]);
    lists("bolt", list("ac-z"));
    lists("acme", list("a", "b", "one/a", "two/a", "one/x", "two/y", "one/y", "z", "ac-own"));
    const { providers } = await refresh("--provider acme");
    expect(providers[0]?.added.map(({ alias }) => alias)).toEqual([
      "ac-one-a",
      "ac-two-a",
      "ac-one-x",
      "ac-y",
      "ac-y-2",
      "ac-z-2",
      "ac-own",
    ]);
  });

  describe("what it remembers", () => {
    const cache = () =>
      JSON.parse(read(".headgate/models-refresh.json")) as {
        failures: Record<string, Record<string, unknown>>;
      };

    it("remembers permanent failures, and tests them again only with --retest-failed", async () => {
      lists("acme", list("a", "b", "gone", "refused", "wrong", "limited", "down", "ok"));
      lab.behave("gone", modelMissing());
      lab.behave("refused", failing(403, "not for you"));
      lab.behave("wrong", failing(400, "this is no chat model"));
      lab.behave("limited", failing(429, "slow down"));
      lab.behave("down", failing(500, "oops"));
      // A quota per model, so that a 429 of one model proves nothing about the next.
      add("acme", [model("acme-a", "a"), model("acme-b", "b")].map(withQuota));
      const before = tree();
      const { first } = await refresh();
      expect(tree()).toEqual(before);
      expect(Object.fromEntries(first.failed.map((failed) => [failed.upstream, failed.remembered]))).toEqual({
        gone: true,
        refused: true,
        wrong: true,
        limited: false,
        down: false,
      });
      expect(Object.keys(cache().failures.acme ?? {}).toSorted()).toEqual(["gone", "refused", "wrong"]);
      expect(cache().failures.acme?.refused).toEqual({
        class: "permission",
        reason: "not for you",
        date: new Date().toISOString().slice(0, 10),
      });

      lab.reset();
      lists("acme", list("a", "b", "gone", "refused", "wrong", "limited", "down"));
      const again = await refresh();
      expect(chats().toSorted()).toEqual(["down", "limited"]);
      expect(again.first.known.map(({ upstream }) => upstream)).toEqual(["gone", "refused", "wrong"]);

      const shown = await run("--show-cache");
      expect(shown.stdout).toMatch(/^PROVIDER +MODEL +SINCE +CLASS +WHY\nacme +gone +20.* model_gone/);
      const requests = lab.requests.length;
      expect(JSON.parse((await run("--show-cache --json")).stdout)).toMatchObject({
        failures: cache().failures,
      });

      await refresh("--retest-failed");
      expect(chats()).toContain("gone");
      expect(cache().failures).toEqual({});
      expect(requests).toBeLessThan(lab.requests.length);
    });
    const withQuota = (text: string): string =>
      `${text}    limits: [{ scope: model, unit: requests, window: minute, amount: 30 }]\n`;

    it("clears the failures of unlisted models, and those of --clear-cache", async () => {
      lists("acme", list("a", "b", "gone"));
      lab.behave("gone", modelMissing());
      await refresh();
      expect((await run("--clear-cache acm")).stdout).toBe(
        "no failure of acm was remembered; did you mean acme?\n",
      );
      expect(cache().failures).toHaveProperty("acme.gone");
      expect((await run("--clear-cache acme")).stdout).toMatch(/^cleared 1 failure;/);
      expect(cache().failures).toEqual({});
      await refresh();
      expect(cache().failures).toHaveProperty("acme.gone");
      lists("acme", list("a", "b"));
      await refresh();
      expect(cache().failures).toEqual({});
      expect((await run("--show-cache")).stdout).toMatch(/^no failure is remembered in /);
    });

    it.each([
      ["is no JSON", "{ broken", /is damaged/],
      ["is something else", "[]", /is damaged/],
      [
        "holds damaged entries",
        '{"format":1,"failures":{"acme":{"gone":{"class":"rate_limit"},"x":5},"bolt":7}}',
        /holds 3 damaged entries/,
      ],
    ])("replaces a file that %s, with a warning", async (_, text, words) => {
      put(".headgate/models-refresh.json", text);
      lists("acme", list("a", "b", "gone"));
      lab.behave("gone", modelMissing());
      const { code, stderr } = await run();
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(words) });
      expect(cache().failures).toHaveProperty("acme.gone");
    });

    it("does not change the file of a newer version", async () => {
      const newer = '{"format":2,"failures":{}}';
      put(".headgate/models-refresh.json", newer);
      expect((await run()).stderr).toMatch(/has format 2/);
      expect(read(".headgate/models-refresh.json")).toBe(newer);
      expect((await run("--clear-cache all")).code).toBe(1);
    });

    it("blames the account, not the models, when every model refuses", async () => {
      lists("acme", list("a", "b", "x", "y", "z"));
      for (const id of ["x", "y", "z"]) lab.behave(id, failing(403, "no plan"));
      const { first, code } = await refresh();
      expect(first.trouble).toMatch(/every model refuses this account.*no plan/);
      expect(code).toBe(1);
      expect(existsSync(join(root, ".headgate/models-refresh.json"))).toBe(false);
    });
  });

  it("tests a model that refuses so short an answer once more, without the limit", async () => {
    lists("acme", list("a", "b", "o9"));
    const refuse = failing(400, "max_tokens is too low");
    lab.behave(
      "o9",
      behaviour("picky", (ask) => (ask.body.max_tokens === undefined ? healthy() : refuse).plan(ask)),
    );
    expect((await refresh()).first.added).toMatchObject([{ upstream: "o9" }]);
    expect(chats()).toEqual(["o9", "o9"]);
  });

  it("stops when a key or an account is refused, and reports the models that it did not test", async () => {
    const fresh = Array.from({ length: 20 }, (_, at) => `m${at}`);
    lists("acme", list("a", "b", ...fresh));
    for (const id of fresh) lab.behave(id, openRouterDailyCap());
    const { first, code } = await refresh();
    expect(code).toBe(1);
    expect(first.trouble).toMatch(/no model could be tested: .*per-day/);
    // Those in flight at the same time.
    expect(chats().length).toBeLessThanOrEqual(4);
    expect(first.untried).toHaveLength(20 - chats().length);
    expect(first.stopped).toMatch(/per-day/);
  });

  it("tests a few models at a time, and one at a time on a local provider", async () => {
    const fresh = Array.from({ length: 9 }, (_, at) => `m${at}`);
    const gate = lab.gate();
    lists("acme", list("a", "b", ...fresh));
    for (const id of fresh) lab.behave(id, silence({ gate }, healthy()));
    const refreshed = refresh();
    await Promise.all(["m0", "m1", "m2", "m3"].map((id) => lab.received(id)));
    expect(lab.open).toBe(4);
    gate.open();
    expect((await refreshed).first.added).toHaveLength(9);

    add("acme", [model("acme-a", "a"), model("acme-b", "b")], { tier: "local" });
    lab.reset();
    let most = 0;
    lists("acme", list("a", ...fresh));
    for (const id of fresh) {
      lab.behave(
        id,
        behaviour("counted", (ask) => {
          most = Math.max(most, lab.open);
          return healthy().plan(ask);
        }),
      );
    }
    const { first } = await refresh();
    expect(most).toBe(1);
    // A model that is not downloaded is not retired.
    expect(first.kept).toMatchObject([
      { alias: "acme-b", reason: expect.stringContaining("not downloaded on this server") },
    ]);
  });

  it("updates one provider although another fails", async () => {
    add("bolt", [model("bolt-a", "ba")]);
    lists("bolt", failing(500, "down"));
    lists("acme", list("a", "b", "c"));
    const { ok, providers, written } = await refresh("--catalogue --yes");
    expect({ ok, written }).toEqual({ ok: true, written: true });
    expect(providers.map(({ provider, state }) => [provider, state])).toEqual([
      ["acme", "ok"],
      ["bolt", "failed"],
    ]);
  });

  it("uses the next key when the list refuses the first", async () => {
    env.ACME_API_KEY_2 = "test-key-second";
    lists("acme", byKey({ "test-key-second": list("a", "b", "c") }));
    lab.behave("c", byKey({ "test-key-second": healthy() }));
    expect((await refresh()).first.added).toMatchObject([{ alias: "acme-c" }]);
  });

  it("writes nothing that would not validate", async () => {
    const filler = "x".repeat(1024 * 1024 - Buffer.byteLength(fragmentOf("acme")) - 60);
    put("providers/acme/provider.yaml", `# ${filler}\n${fragmentOf("acme")}`);
    lists("acme", list("a", "b", "c"));
    const before = tree();
    const { code, stdout, stderr } = await run("--catalogue --yes");
    expect(code).toBe(1);
    expect(stderr).toContain("HG105");
    expect(stdout).toContain("would not validate, so nothing was written");
    expect(tree()).toEqual(before);
  });

  it("prints the new warnings, and no old ones", async () => {
    const limit =
      'limits:\n  - { scope: account, unit: requests, window: day, amount: 5, models: ["b", "z"] }\n';
    add("acme", [model("acme-a", "a"), model("acme-b", "b")], { yaml: limit });
    lists("acme", list("a"));
    lab.behave("b", modelMissing());
    const { code, stderr } = await run();
    expect(code).toBe(0);
    expect(stderr.match(/ HG\d+ /g)).toEqual([" HG356 "]);
    expect(stderr).toContain("`acme-b` is retired since");
  });

  it("fails with the file's name where a fragment cannot be edited line by line", async () => {
    put(
      "providers/acme/provider.yaml",
      fragmentOf("acme").replace(/models:.*/s, "models: [{ alias: acme-a, upstream: a, operation: chat }]\n"),
    );
    put("fallbacks/fallbacks.json", '{ "chains": { "acme-a": [] } }\n');
    lists("acme", list("a", "c"));
    expect(await run("--catalogue --yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("providers/acme/provider.yaml cannot be edited in place"),
    });
  });

  describe("its confirmation", () => {
    const onTerminal = async (args: string, typed: string | undefined) => {
      const written: string[] = [];
      const stdin = Object.assign(new PassThrough(), { isTTY: true });
      const output = { isTTY: true, write: (text: string) => written.push(text) };
      if (typed !== undefined) stdin.end(typed);
      const code = await main(`models refresh ${args}`.split(" "), {
        env: { ...env, NO_COLOR: "" },
        cwd: () => root,
        stdout: output,
        stderr: output,
        stdin,
      });
      return { code, text: written.join("") };
    };

    it.each([
      ["y\n", true],
      ["yes\n", true],
      ["n\n", false],
      ["\n", false],
      ["", false],
    ])("reads %j as the answer %s", async (typed, writes) => {
      lists("acme", list("a", "b", "c"));
      const before = tree();
      const { code, text } = await onTerminal("--update", typed);
      expect(code).toBe(0);
      expect(text).toContain("Change 1 file? [y/N] ");
      expect(text).toContain("\u001b[32m+    - alias: acme-c");
      expect(text).toContain("0 of 1 models tested");
      expect(text.includes("Nothing was written.")).toBe(!writes);
      expect(tree()).toEqual(before);
      expect(existsSync(join(root, "overlay/providers/acme/provider.yaml"))).toBe(writes);
    });

    it("refuses to write without a terminal or --yes, before any request", async () => {
      expect(await run("--update")).toEqual({
        code: 2,
        stdout: "",
        stderr:
          "headgate: --update needs a confirmation, and there is no terminal for it; add --yes to write without one\n",
      });
      expect(lab.requests).toEqual([]);
    });

    it.each([
      "--yes",
      "--show-cache --update",
      "--show-cache --clear-cache acme",
      "--clear-cache acme --catalogue --yes",
      "--clear-cache",
      "--provider",
      "--timeout-ms soon",
    ])("refuses %s as wrong usage", async (args) => {
      expect((await run(args)).code).toBe(2);
    });
  });

  it("prints a report as text, with nothing on stderr", async () => {
    lists("acme", list("a", "b", "c", "whisper-1", "bad"));
    lab.behave("bad", modelMissing());
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^PROVIDER +STATE +LISTED +SAME +NEW +GONE +CHANGED +FAILED\nacme +ok +5 +2 +1 +0 +0 +1\n/,
    );
    expect(stdout).toContain("  + acme-c (c)\n");
    expect(stdout).toMatch(/ {2}x bad: .*does not exist.* \(remembered\)\n/);
    expect(stdout).toMatch(/ {2}1 left out, its name suggests transcription.*: whisper-1\n/);
    expect(stdout).toContain("1 file to change\n");
    expect(stdout).toMatch(/\nNothing was written; --update writes it to the overlay, .+ of a clone\.\n$/);
  });

  it("skips a provider without a key, with the reason, and suggests a name for a mistyped one", async () => {
    add("bolt", [model("bolt-a", "ba")]);
    delete env.BOLT_API_KEY;
    const { skipped } = await refresh();
    expect(skipped).toEqual([{ provider: "bolt", reason: "fill in BOLT_API_KEY in .env, or set BOLT=0" }]);
    expect(await run("--provider acm")).toMatchObject({
      code: 1,
      stderr: "headgate: no provider is called acm; did you mean acme?\n",
    });
    env.ACME = "0";
    expect((await run("--provider acme")).stderr).toBe("headgate: acme is not active: set ACME=1 in .env\n");
  });

  it("stops at once at Ctrl-C, and changes no file", async () => {
    lists("acme", list("a", "c"));
    lab.behave("b", modelMissing());
    lab.behave("c", silence());
    const before = tree();
    const args = ["--conditions=@headgate/source", BIN, "models", "refresh", "--update", "--yes"];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: "ignore",
    });
    const exited = once(child, "exit");
    await lab.received("c");
    child.kill("SIGINT");
    expect(await exited).toEqual([null, "SIGINT"]);
    expect(tree()).toEqual(before);
    expect(existsSync(join(root, ".headgate", "backups"))).toBe(false);
  });
});
