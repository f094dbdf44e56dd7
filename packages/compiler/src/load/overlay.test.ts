/** The user's own files over the fixture's catalogue, from the file to the finding. */
import { resolve } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { CHAINS, compiled, FIXTURE, GROQ, GROUPS } from "../testing/fixture.ts";

const over = (files: Readonly<Record<string, string>>) =>
  compiled({
    ...FIXTURE,
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`overlay/${path}`, text])),
  });

async function catalogOf(files: Readonly<Record<string, string>>) {
  const { catalog, diagnostics } = await over(files);
  expect(diagnostics).toEqual([]);
  if (catalog === undefined) throw new Error("the overlay does not compile");
  return catalog;
}

const findingsOf = async (files: Readonly<Record<string, string>>): Promise<string[]> =>
  (await over(files)).diagnostics.map(
    ({ code, file, span, fix }) => `${code} ${file}:${span?.start.line ?? "-"} ${fix}`,
  );

const ACME = `name: Acme
summary: My own.
flag: ACME
tier: paid
adapter: openai-compatible
base_url: { default: https://acme.example/v1, env: ACME_BASE_URL }
auth: { scheme: bearer, env: ACME_API_KEY }
sources: [{ what: everything, from: me, date: 2026-11-21 }]
models:
  - { alias: acme-one, upstream: one, operation: chat, capabilities: [tools] }
`;

describe("an overlay", () => {
  it("may put paid models first: the order is its user's choice", async () => {
    const chains = '{ "chains": { "groq-llama": ["local-llama", "acme-one"], "acme-one": [] } }';
    const { diagnostics } = await over({ "providers/acme/provider.yaml": ACME, [CHAINS]: chains });
    expect(diagnostics.map(({ code }) => code)).not.toContain("HG409");
  });

  it("adds to the ladder that a chain names, and not to a chain that only the default gives", async () => {
    const ladders = `{ "ladders": { "big": ["cerebras-llama"] }, "default": { "chat": { "paid": ["@big"] } }, "chains": {
      "groq-llama": "@big", "cerebras-llama": ["groq-llama"], "local-llama": [], "local-bge": [], "local-minilm": [], "demo": [], "oldie": [] } }`;
    const add = (alias: string) => ({
      ...FIXTURE,
      [CHAINS]: ladders,
      "overlay/providers/acme/provider.yaml": ACME,
      [`overlay/${CHAINS}`]: `{ "chains": { "${alias}": { "append": ["local-llama"] } } }`,
    });
    const { catalog, diagnostics } = await compiled(add("groq-llama"));
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(catalog?.chains["groq-llama"]).toEqual(["cerebras-llama", "local-llama"]);
    const { diagnostics: wrong } = await compiled(add("acme-one"));
    const [finding] = wrong.filter(({ code }) => code === "HG602");
    expect(finding).toMatchObject({
      file: `overlay/${CHAINS}`,
      message: "`acme-one` has no chain of its own to add to: it takes the one of its operation and tier.",
      fix: "Write the whole list.",
    });
  });

  it("changes a limit, a window, a chain, a group, and adds a provider, an alias and a group", async () => {
    const catalog = await catalogOf({
      [GROQ]: `limits:
  - { scope: model, unit: requests, window: day, amount: 7 }
models:
  groq-llama: { context_tokens: 100000 }
  append:
    - { alias: groq-mini, upstream: mini, operation: chat }
`,
      "providers/acme/provider.yaml": ACME,
      [CHAINS]: `{ "chains": {
        "groq-llama": ["acme-one"], "acme-one": ["cerebras-llama"], "groq-mini": [], "cerebras-llama": { "append": ["acme-one"] }
      } }`,
      [GROUPS]: `{ "groups": {
        "fast-mode": { "members": { "append": ["acme-one"] } },
        "mine": { "description": "Mine.", "operation": "chat", "members": ["acme-one", "groq-llama"] }
      } }`,
    });
    const groq = catalog.providers.find(({ id }) => id === "groq");
    expect(groq?.limits.map(({ amount }) => amount)).toEqual([7]);
    expect(groq?.models.map(({ alias, contextTokens }) => [alias, contextTokens])).toEqual([
      ["groq-llama", 100_000],
      ["groq-mini", undefined],
    ]);
    expect(catalog.providers.map(({ id }) => id)).toContain("acme");
    expect(catalog.chains).toMatchObject({
      "groq-llama": ["acme-one"],
      "cerebras-llama": ["groq-llama", "acme-one"],
    });
    expect(catalog.groups.find(({ name }) => name === "fast-mode")?.members).toEqual([
      "groq-llama",
      "cerebras-llama",
      "acme-one",
    ]);
    expect(catalog.groups.map(({ name }) => name)).toContain("mine");
  });

  it("switches a model off, so that chains stay valid and the reason names the file", async () => {
    const catalog = await catalogOf({ [GROQ]: "models: { groq-llama: null }\n" });
    const { table } = resolve(catalog, {
      GROQ: "1",
      GROQ_API_KEY: "k",
      CEREBRAS: "1",
      CEREBRAS_API_KEY: "k",
    });
    expect(table.deployments.map(({ alias }) => alias)).toEqual(["cerebras-llama"]);
    expect(table.inactive.find(({ alias }) => alias === "groq-llama")?.fix).toBe(
      "delete its line in overlay/providers/groq/provider.yaml, which switches it off",
    );
  });

  it("names each decision's file and line", async () => {
    const { decisions } = await over({
      [GROQ]: "limits: []\nmodels:\n  groq-llama:\n    context_tokens: 100000\n",
      [CHAINS]: '{ "chains": {\n "groq-llama": [] } }',
    });
    expect(decisions("groq-llama").map(({ what, file, line }) => `${what} ${file}:${line}`)).toEqual([
      "model providers/groq/provider.yaml:17",
      "limits overlay/providers/groq/provider.yaml:1",
      "context_tokens overlay/providers/groq/provider.yaml:4",
      "chain overlay/fallbacks/fallbacks.json:2",
      "policy fallbacks/policies.json:4",
    ]);
    expect(decisions("fast-mode").map(({ what }) => what)).toEqual(["group", "policy"]);
    expect(decisions("nothing")).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "a provider",
      { "providers/gorq/provider.yaml": "limits: []\n" },
      "HG601 overlay/providers/gorq/provider.yaml:1 Did you mean `groq`?",
    ],
    [
      "a model",
      { [GROQ]: "\nmodels: { groq-lama: null }\n" },
      `HG601 overlay/${GROQ}:2 Did you mean \`groq-llama\`?`,
    ],
    [
      "a key to remove",
      { [CHAINS]: '{ "chains": { "gorq-llama": null } }' },
      `HG601 overlay/${CHAINS}:1 Did you mean \`groq-llama\`?`,
    ],
    [
      "a key",
      { [GROQ]: "models:\n  groq-llama:\n    contxt_tokens: 5\n" },
      `HG201 overlay/${GROQ}:3 Did you mean \`context_tokens\`?`,
    ],
    ["a value", { [GROQ]: "tier: fre\n" }, `HG204 overlay/${GROQ}:1 Did you mean \`free\`?`],
    [
      "an alias of a chain",
      { [CHAINS]: '{ "chains": { "groq-llama": ["cerebras-lama"] } }' },
      `HG402 overlay/${CHAINS}:1 Did you mean \`cerebras-llama\`?`,
    ],
    [
      "an operation on a list",
      { [GROQ]: "limits: { append: 5 }\n" },
      `HG602 overlay/${GROQ}:1 Write the items to add as a list.`,
    ],
    [
      "an entry of the folder",
      { "provider.yaml": "" },
      "HG122 overlay/provider.yaml:- An overlay holds providers, models, fallbacks, local.yaml, clients.yaml, README.md.",
    ],
  ])("is told of %s that it got wrong, at its own line", async (_, files, finding) => {
    expect(await findingsOf(files)).toEqual([finding]);
  });

  it("is searched for secrets as the catalogue is", async () => {
    const secret = `gsk_${"a1B2".repeat(10)}`;
    const [finding] = await findingsOf({ [GROQ]: `notes: ${secret}\n` });
    expect(finding).toMatch(new RegExp(`^HG3\\d\\d overlay/${GROQ}:1 `));
  });

  it("leaves a finding about the catalogue's own part in the catalogue's file", async () => {
    const files = {
      ...FIXTURE,
      [GROQ]: FIXTURE[GROQ].replace("tier: free", "tier: fre"),
      [`overlay/${GROQ}`]: "limits: []\n",
    };
    const { diagnostics } = await compiled(files);
    expect(diagnostics.map(({ code, file }) => `${code} ${file}`)).toEqual([`HG204 ${GROQ}`]);
  });
});
