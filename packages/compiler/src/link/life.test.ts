/** Retired and deprecated models: where their names lead, what chains make of them, and what is reported. */
import { describe, expect, it } from "vitest";
import { CEREBRAS, compiled, edited, FIXTURE, type Files, GROQ } from "../testing/fixture.ts";

const RETIRED = "providers/groq/retired.yaml";
const retiredYaml = (replacedBy: string | undefined, more = ""): string =>
  `models:
  - alias: groq-old
    upstream: old-llama
    operation: chat
    retired: { date: 2026-08-30, source: its list${replacedBy === undefined ? "" : `, replaced_by: ${replacedBy}`} }
${more}`;
const withRetired = (replacedBy: string | undefined, more?: string): Files => ({
  ...FIXTURE,
  [RETIRED]: retiredYaml(replacedBy, more),
});
const CHAINS = "fallbacks/fallbacks.json";
const GROUPS = "fallbacks/groups.json";

async function catalogOf(files: Files) {
  const { catalog, diagnostics } = await compiled(files);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (catalog === undefined) throw new Error("it does not compile");
  return catalog;
}
const findingsOf = async (files: Files): Promise<string[]> =>
  (await compiled(files)).diagnostics.map(({ code, file, message }) => `${code} ${file}: ${message}`);

describe("a retired model", () => {
  it("stands in the catalogue with its day, and its name has the chain of what replaces it", async () => {
    const catalog = await catalogOf(withRetired("groq-llama"));
    const models = catalog.providers.find(({ id }) => id === "groq")?.models;
    expect(models?.find(({ alias }) => alias === "groq-old")).toMatchObject({
      upstream: "old-llama",
      retired: "2026-08-30",
      replacedBy: "groq-llama",
    });
    expect(catalog.chains["groq-old"]).toEqual(["groq-llama", "cerebras-llama"]);
  });

  it("is replaced in chains and groups by what has its tier, once, and is told of once", async () => {
    const files = edited(
      GROUPS,
      '"operation": "chat", "members": ["groq-llama", "cerebras-llama"]',
      '"operation": "chat", "members": ["groq-old", "cerebras-llama"]',
      edited(
        CHAINS,
        '"cerebras-llama": ["groq-llama"]',
        '"cerebras-llama": ["groq-old", "groq-llama"], "local-minilm": []',
        withRetired("groq-llama"),
      ),
    );
    const catalog = await catalogOf(files);
    expect(catalog.chains["cerebras-llama"]).toEqual(["groq-llama"]);
    expect(catalog.groups.find(({ name }) => name === "fast-mode")?.members).toEqual([
      "groq-llama",
      "cerebras-llama",
    ]);
    expect(await findingsOf(files)).toEqual([
      `HG356 ${CHAINS}: \`groq-old\` is retired since 2026-08-30; \`groq-llama\` stands in its place. 2 chains and groups name it.`,
    ]);
  });

  it("is left out where what replaces it costs more", async () => {
    const files = edited(
      CHAINS,
      '"groq-llama": ["cerebras-llama"]',
      '"groq-llama": ["groq-old", "cerebras-llama"]',
      withRetired("local-llama"),
    );
    expect((await catalogOf(files)).chains["groq-llama"]).toEqual(["cerebras-llama"]);
  });

  it("leads over several retirements to what is alive", async () => {
    const more =
      "  - { alias: groq-older, upstream: older, operation: chat, " +
      "retired: { date: 2026-01-30, source: its list, replaced_by: groq-old } }\n";
    const { chains, contextWindow } = await catalogOf(withRetired("local-llama", more));
    expect(chains["groq-older"]).toEqual(["local-llama"]);
    expect(contextWindow["groq-older"]).toEqual(["groq-llama"]);
  });

  it("without a replacement is an error with a proposal; of one's own overlay a warning", async () => {
    const fix = "Write `replaced_by: groq-llama`, if that is true.";
    expect((await compiled(withRetired(undefined))).diagnostics).toMatchObject([
      { code: "HG353", severity: "error", file: RETIRED, message: "Nothing replaces `groq-old`.", fix },
    ]);
    const own = { ...FIXTURE, [`overlay/${RETIRED}`]: retiredYaml(undefined) };
    expect((await compiled(own)).diagnostics).toMatchObject([
      { code: "HG354", severity: "warning", file: `overlay/${RETIRED}`, fix },
    ]);
  });

  it("needs its day where it stands among the retired ones", async () => {
    const files = { ...FIXTURE, [RETIRED]: "models: [{ alias: groq-old, upstream: o, operation: chat }]\n" };
    expect(await findingsOf(files)).toContain(
      `HG355 ${RETIRED}: \`groq-old\` has neither \`retired\` nor \`deprecated\`.`,
    );
  });

  it.each([
    ["groq-lama", "HG350", "No model has the alias `groq-lama`."],
    ["local-bge", "HG351", "`local-bge` does embedding, and `groq-old` does chat."],
    ["groq-old", "HG352", "The successors of `groq-old` lead back to it."],
  ])("replaced by %s is %s", async (replacedBy, code, message) => {
    expect(await findingsOf(withRetired(replacedBy))).toContain(`${code} ${RETIRED}: ${message}`);
  });

  it("of one vector space is not replaced by one of another", async () => {
    const files = {
      ...FIXTURE,
      [RETIRED]:
        "models: [{ alias: groq-e, upstream: e, operation: embedding, vector_space: bge-m3, " +
        "retired: { date: 2026-01-30, source: its list, replaced_by: local-minilm } }]\n",
    };
    expect(await findingsOf(files)).toEqual([
      `HG351 ${RETIRED}: \`local-minilm\` makes vectors of \`all-minilm-l6-v2\`, \`groq-e\` of \`bge-m3\`.`,
    ]);
  });

  it("has no day that is still to come", async () => {
    const files = edited(RETIRED, "2026-08-30", "2036-08-30", withRetired("groq-llama"));
    expect((await compiled(files)).diagnostics).toMatchObject([
      { code: "HG345", fix: "Write `retires: <date>` for what is announced." },
    ]);
  });
});

describe("a deprecated model", () => {
  it("is still tried, as the last of each chain", async () => {
    const files = edited(
      CHAINS,
      '"oldie": "@spare"',
      '"oldie": ["groq-llama", "cerebras-llama"]',
      edited(
        GROQ,
        "    max_output_tokens: 32768\n",
        "    max_output_tokens: 32768\n    deprecated: { date: 2026-11-20, source: its list, replaced_by: cerebras-llama }\n",
      ),
    );
    const { chains, providers } = await catalogOf(
      edited(CHAINS, ',\n  "ladders": { "spare": ["oldie", "cerebras-llama"] }', "", files),
    );
    expect(chains.oldie).toEqual(["cerebras-llama", "groq-llama"]);
    expect(chains["groq-llama"]).toEqual(["cerebras-llama"]);
    expect(providers.find(({ id }) => id === "groq")?.models[0]).toMatchObject({
      deprecated: "2026-11-20",
      replacedBy: "cerebras-llama",
    });
  });
});

describe("a price", () => {
  const priced = (price: string, file: string = CEREBRAS): Files =>
    edited(file, "models_env:", `    price: ${price}\nmodels_env:`);

  it("stands in the catalogue with its day and its source", async () => {
    const price = "{ input: 0.6, output: 1.2, cache_read: 0.1, date: 2026-11-20, source: its page }";
    const { providers } = await catalogOf(priced(price));
    expect(providers.find(({ id }) => id === "cerebras")?.models[0]?.price).toEqual({
      input: 0.6,
      output: 1.2,
      cacheRead: 0.1,
      date: "2026-11-20",
      source: "its page",
    });
  });

  it("keeps its tiers for long prompts, which rise and are dearer", async () => {
    const withTiers = (tiers: string) =>
      priced(`{ input: 1, output: 2, tiers: [${tiers}], date: 2026-11-20, source: its page }`);
    const first = "{ above_tokens: 200000, input: 2, output: 3, cache_read: 0.2 }";
    const { providers } = await catalogOf(withTiers(first));
    expect(providers.find(({ id }) => id === "cerebras")?.models[0]?.price?.tiers).toEqual([
      { aboveTokens: 200_000, input: 2, output: 3, cacheRead: 0.2 },
    ]);
    const wrong = /^HG362 .*has a tier that is not above the one before it, or is cheaper/;
    for (const second of [
      "{ above_tokens: 200000, input: 4, output: 6 }",
      "{ above_tokens: 1000000, input: 0.5, output: 6 }",
    ])
      expect(await findingsOf(withTiers(`${first}, ${second}`))).toEqual([expect.stringMatching(wrong)]);
  });

  it("in cents is told by what another provider of the same model asks", async () => {
    const day = "date: 2026-11-20, source: its page";
    const files = edited(
      GROQ,
      "    upstream: llama-3.3-70b-versatile\n    operation: chat\n    context_tokens: 131072\n    max_output_tokens: 32768\n    capabilities: [tools]\n",
      `    upstream: llama-3.3-70b-versatile\n    base: llama-70b\n    context_tokens: 131072\n    departs: its own window\n    price: { input: 60, output: 120, ${day} }\n`,
      priced(`{ input: 0.6, output: 1.2, ${day} }`),
    );
    expect(await findingsOf(files)).toEqual([
      `HG362 ${GROQ}: The price of \`groq-llama\` differs from another provider's by a factor of 100.`,
    ]);
  });
});
