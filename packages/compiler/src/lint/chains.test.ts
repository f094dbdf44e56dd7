/** Beyond the one example of each code (`examples.test.ts`): what the lints of chains and groups must and must not say. */
import { describe, expect, it } from "vitest";
import { MAX_ALIKE } from "../report.ts";
import {
  CEREBRAS,
  CHAINS,
  diagnosticsAfter,
  type Edit,
  findingsAfter,
  GROQ,
  GROUPS,
  LOCAL,
} from "../testing/fixture.ts";

/** The models that these tests add to a local provider say nothing of their memory, which is another finding. */
const codesAfter = async (...edits: Edit[]): Promise<string[]> =>
  (await diagnosticsAfter(...edits)).flatMap(({ code }) => (code === "HG330" ? [] : [code]));

const GROQ_CHAIN = '"groq-llama": ["cerebras-llama"]';
const DEFAULT = '"default": { "embedding": [] }';

/** The chain of groq-llama, with one more model that it may lead to. */
const withModel = (fields: string, chain: string): Edit[] => [
  [LOCAL, "models:\n", `models:\n  - { alias: more, upstream: more, ${fields} }\n`],
  [CHAINS, '"demo": []', '"demo": [], "more": []'],
  [CHAINS, GROQ_CHAIN, `"groq-llama": ${chain}`],
];

describe("unknown names", () => {
  it("are looked for in every list, with the name that was probably meant", async () => {
    const found = await diagnosticsAfter(
      [CHAINS, GROQ_CHAIN, '"groq-llama": ["cerebras-lama"]'],
      [CHAINS, DEFAULT, '"default": { "embedding": [], "chat": ["grok-llama"] }'],
      [
        CHAINS,
        '"context_window": { "local-llama": ["groq-llama"] }',
        '"context_window": { "lokal-llama": ["qroq-llama"] }',
      ],
    );
    expect(found.map(({ code, fix }) => [code, fix])).toEqual([
      ["HG402", "Did you mean `cerebras-llama`?"],
      ["HG402", "Did you mean `groq-llama`?"],
      ["HG401", "Did you mean `local-llama`?"],
      ["HG402", "Did you mean `groq-llama`?"],
    ]);
  });

  it("suggest nothing that is not near", async () => {
    const [found] = await diagnosticsAfter([CHAINS, GROQ_CHAIN, '"groq-llama": ["something-else-entirely"]']);
    expect(found?.fix).toBe("Correct the alias, or remove it from the chain.");
  });

  it("say that a group is no alias", async () => {
    const [found] = await diagnosticsAfter([CHAINS, GROQ_CHAIN, '"groq-llama": ["fast-mode"]']);
    expect(found).toMatchObject({ code: "HG402", fix: "It is a group; name its members one by one." });
  });

  it("are not reported while the fragment that may hold them cannot be read", async () => {
    expect(await codesAfter([GROQ, "name: Groq", 'name: "Groq'])).toEqual(["HG101"]);
    expect(await codesAfter([GROQ, "*", ""])).toEqual(["HG110"]);
    expect(await codesAfter([GROQ, "*", "models: ["])).toEqual(["HG101"]);
  });

  it("are reported though another fragment is broken", async () => {
    expect(
      await codesAfter(
        [GROQ, "name: Groq", 'name: "Groq'],
        [CHAINS, GROQ_CHAIN, '"groq-llama": ["cerebras-lama"]'],
      ),
    ).toEqual(["HG402", "HG101"]);
  });

  it("are not reported for a model that the schema refuses", async () => {
    expect(await codesAfter([GROQ, "operation: chat", "operation: chatt"])).toEqual(["HG204"]);
  });

  it("are compared with the known ones only as often as is quick", async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `"unknown-alias-number-${index}"`).join(", ");
    const startMs = performance.now();
    const found = await diagnosticsAfter([CHAINS, GROQ_CHAIN, `"groq-llama": [${many}]`]);
    expect(found).toHaveLength(MAX_ALIKE + 1);
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  it("may be names that every object has", async () => {
    expect(await codesAfter([CHAINS, GROQ_CHAIN, '"groq-llama": ["constructor"], "toString": []'])).toEqual([
      "HG402",
      "HG401",
    ]);
    expect(await codesAfter([CHAINS, GROQ_CHAIN, `${GROQ_CHAIN}, "__proto__": []`])).toEqual(["HG401"]);
  });
});

describe("an alias without a chain", () => {
  it("is fine where its operation has a default", async () => {
    expect(
      await codesAfter(
        [CHAINS, '"local-llama": [], ', ""],
        [CHAINS, DEFAULT, '"default": { "embedding": [], "chat": [] }'],
      ),
    ).toEqual([]);
  });

  it("is told even if it is called like what every object has", async () => {
    expect(
      await codesAfter(
        [LOCAL, "alias: local-minilm", "alias: constructor"],
        [CHAINS, DEFAULT, '"default": {}'],
      ),
    ).toEqual(["HG410"]);
  });

  it("is not told when there are no chains at all, or none that can be read", async () => {
    expect(await codesAfter([CHAINS, GROQ_CHAIN, '"groq-llama": "cerebras-llama"'])).toEqual(["HG205"]);
  });
});

describe("an alias in a chain", () => {
  it("may stand in its operation's default, which is used without it", async () => {
    expect(
      await codesAfter(
        [CHAINS, '"local-llama": [], ', ""],
        [
          CHAINS,
          DEFAULT,
          '"default": { "embedding": ["local-minilm"], "chat": ["groq-llama", "local-llama"] }',
        ],
      ),
    ).toEqual([]);
  });

  it("may not stand twice in a default or a list of larger windows, nor lead back from the latter", async () => {
    expect(
      await findingsAfter([
        CHAINS,
        DEFAULT,
        '"default": { "embedding": [], "chat": ["groq-llama", "groq-llama"] }',
      ]),
    ).toEqual([`HG404 ${CHAINS}:8:56`]);
    expect(
      await codesAfter([
        CHAINS,
        '{ "local-llama": ["groq-llama"] }',
        '{ "local-llama": ["groq-llama", "local-llama"] }',
      ]),
    ).toEqual(["HG403"]);
  });

  it("must do what the default it stands in is for", async () => {
    expect(await codesAfter([CHAINS, DEFAULT, '"default": { "embedding": ["groq-llama"] }'])).toEqual([
      "HG405",
    ]);
  });
});

describe("vector spaces", () => {
  it("are kept apart in a default too, told once at the entry that breaks them", async () => {
    const found = await diagnosticsAfter(
      [CHAINS, '"local-bge": [],', ""],
      [CHAINS, DEFAULT, '"default": { "embedding": ["local-bge"] }'],
    );
    expect(found).toMatchObject([
      { code: "HG406", file: CHAINS, span: { start: { line: 8, column: 30 } }, related: [{ file: LOCAL }] },
    ]);
  });

  it("are told once per entry, however many aliases take the default", async () => {
    const found = await codesAfter(
      [
        LOCAL,
        "models:\n",
        "models:\n  - { alias: more, upstream: more, operation: embedding, vector_space: more }\n",
      ],
      [CHAINS, DEFAULT, '"default": { "embedding": ["local-bge"] }'],
    );
    expect(found).toEqual(["HG406"]);
  });

  it("may be shared", async () => {
    expect(
      await codesAfter(
        [LOCAL, "vector_space: all-minilm-l6-v2", "vector_space: bge-m3"],
        [CHAINS, '"local-bge": []', '"local-bge": ["local-minilm"]'],
      ),
    ).toEqual([]);
  });

  it("that are not stated are told where they are missing, and nowhere else", async () => {
    expect(
      await codesAfter(
        [LOCAL, "    vector_space: all-minilm-l6-v2\n", ""],
        [CHAINS, '"local-bge": []', '"local-bge": ["local-minilm"]'],
      ),
    ).toEqual(["HG314"]);
  });
});

describe("larger windows", () => {
  it.each([
    [131_073, []],
    [131_072, ["HG407"]],
    [8_192, ["HG407"]],
  ])("of %i tokens after one of 131072: %j", async (tokens, codes) => {
    expect(
      await codesAfter(
        [CEREBRAS, "context_tokens: 65536", `context_tokens: ${tokens}`],
        [CHAINS, '{ "local-llama": ["groq-llama"] }', '{ "groq-llama": ["cerebras-llama"] }'],
      ),
    ).toEqual(codes);
  });

  it("must be known, on both sides", async () => {
    expect(await codesAfter([GROQ, "    context_tokens: 131072\n", ""])).toEqual(["HG407"]);
    const found = await diagnosticsAfter([LOCAL, "    context_tokens: 8192\n", ""]);
    expect(found).toMatchObject([
      { code: "HG407", message: expect.stringContaining("`local-llama` states no") },
    ]);
  });
});

describe("capabilities", () => {
  it("are looked for in the whole chain, the default included", async () => {
    expect(await codesAfter([CHAINS, GROQ_CHAIN, '"groq-llama": ["cerebras-llama", "local-llama"]'])).toEqual(
      [],
    );
    const found = await diagnosticsAfter(
      [CHAINS, `${GROQ_CHAIN},`, ""],
      [CHAINS, DEFAULT, '"default": { "embedding": [], "chat": ["groq-llama", "local-llama"] }'],
    );
    expect(found).toMatchObject([{ code: "HG408", file: GROQ, related: [{ file: CHAINS }] }]);
  });

  it("are told one by one", async () => {
    const found = await diagnosticsAfter([
      GROQ,
      "capabilities: [tools]",
      "capabilities: [tools, vision, json]",
    ]);
    expect(found).toMatchObject([
      { code: "HG408", message: "`groq-llama` can do vision, and nothing in its chain can." },
    ]);
  });

  it("do not matter where the chain is meant to be empty", async () => {
    expect(await codesAfter([CHAINS, GROQ_CHAIN, '"groq-llama": []'])).toEqual([]);
  });
});

describe("the order of tiers", () => {
  it.each([
    ["chat", "paid", "local", []],
    ["chat", "local", "paid", ["HG409"]],
    ["chat", "free", "subscription", []],
    ["chat", "subscription", "free", ["HG409"]],
    ["rerank", "local", "paid", ["HG409"]],
    ["embedding, vector_space: s", "local", "paid", ["HG409"]],
    ["image", "local", "paid", []],
    ["image", "paid", "local", ["HG409"]],
    ["speech", "paid", "local", ["HG409"]],
    ["transcription", "local", "paid", []],
    ["transcription", "local", "subscription", ["HG409"]],
  ])("of %s: %s, then %s: %j", async (operation, first, second, codes) => {
    const model = (alias: string, tier: string) =>
      `  - { alias: ${alias}, upstream: ${alias}, tier: ${tier}, operation: ${operation}, price_unknown: it is not published }\n`;
    expect(
      await codesAfter(
        [LOCAL, "models:\n", `models:\n${model("a", "free")}${model("b", first)}${model("c", second)}`],
        [CHAINS, '"demo": []', '"demo": [], "a": ["b", "c"], "b": [], "c": []'],
      ),
    ).toEqual(codes);
  });

  it("takes a model's own tier before its provider's", async () => {
    expect(
      await codesAfter(...withModel("operation: chat, tier: free", '["more", "cerebras-llama"]')),
    ).toEqual([]);
    expect(await codesAfter(...withModel("operation: chat", '["more", "cerebras-llama"]'))).toEqual([
      "HG409",
    ]);
  });

  it("tells one slip per chain, both of its places, and the order that is meant", async () => {
    const found = await diagnosticsAfter(
      ...withModel(
        "operation: chat, tier: paid, price_unknown: it is not published",
        '["local-llama", "more", "cerebras-llama"]',
      ),
    );
    expect(found).toMatchObject([
      {
        code: "HG409",
        message: "`more` (paid) comes after `local-llama` (local).",
        fix: "Order the chain: `cerebras-llama`, `more` then `local-llama`.",
        related: [{ file: CHAINS }],
      },
    ]);
  });

  it("holds in defaults and lists of larger windows too", async () => {
    expect(
      await codesAfter([
        CHAINS,
        DEFAULT,
        '"default": { "embedding": [], "chat": ["local-llama", "groq-llama"] }',
      ]),
    ).toEqual(["HG409"]);
    expect(
      await codesAfter(
        [LOCAL, "context_tokens: 8192", "context_tokens: 262144"],
        [CHAINS, '{ "local-llama": ["groq-llama"] }', '{ "cerebras-llama": ["local-llama", "groq-llama"] }'],
      ),
    ).toEqual(["HG409"]);
  });

  it("does not bind the alias itself, which the client asked for", async () => {
    expect(await codesAfter([CHAINS, '"local-llama": []', '"local-llama": ["groq-llama"]'])).toEqual([]);
  });
});

describe("groups", () => {
  it("share one space of names with aliases, and hide upstream ids", async () => {
    expect(await findingsAfter([GROUPS, '"fast-mode": {', '"llama-3.3-70b-versatile": {'])).toEqual([
      `HG315 ${GROUPS}:3:5`,
    ]);
  });

  it("may hold members of any tier in any order", async () => {
    expect(
      await codesAfter([GROUPS, '["groq-llama", "cerebras-llama"]', '["local-llama", "groq-llama"]']),
    ).toEqual([]);
  });

  it("tell every wrong member", async () => {
    expect(
      await codesAfter([
        GROUPS,
        '["groq-llama", "cerebras-llama"]',
        '["no-such-alias", "local-bge", "groq-llama", "groq-llama"]',
      ]),
    ).toEqual(["HG420", "HG422", "HG421"]);
  });

  it("weigh only their own members", async () => {
    const members = '["groq-llama", "cerebras-llama"]';
    const weighing = (alias: string) => `${members}, "strategy": "weighted", "weights": { "${alias}": 2 }`;
    expect(await codesAfter([GROUPS, members, weighing("groq-llama")])).toEqual([]);
    expect(await codesAfter([GROUPS, members, weighing("groq-lama")])).toEqual(["HG420"]);
  });
});
