import { describe, expect, it } from "vitest";
import { compiled, FIXTURE } from "../testing/fixture.ts";

const CLIENTS = "overlay/clients.yaml";
const WARM = "overlay/local.yaml";

async function found(path: string, text: string): Promise<string[]> {
  const { diagnostics } = await compiled({ ...FIXTURE, [path]: text });
  return diagnostics.map(
    ({ code, file, span, message, fix }) => `${code} ${file}:${span?.start.line} ${message} ${fix}`,
  );
}

describe("overlay/clients.yaml", () => {
  it("may state every rule of a client", async () => {
    const rules = `clients:
  cline:
    models: [free-mode, groq-*]
    map: { claude-haiku-*: local-mode }
    rpm: 30
    rpd: 2000
    tpm: 200k
    tpd: 2m
    concurrency: 4
    spend: 2usd/day
    tier: free
    no_training: true
    priority: background
    expires: 90d
  nightly: {}
`;
    expect(await found(CLIENTS, rules)).toEqual([]);
  });

  it("is judged rule by rule, where each stands", async () => {
    expect(
      await found(
        CLIENTS,
        "clients:\n  cline:\n    spnd: 30\n    spend: 2 euros\n  master:\n    rpm: many\n",
      ),
    ).toEqual([`HG201 ${CLIENTS}:3 \`spnd\` is not a key of \`clients.cline\`. Did you mean \`spend\`?`]);
    const wrong = await found(CLIENTS, "clients:\n  cline:\n    spend: 2 euros\n  master:\n    rpm: many\n");
    expect(wrong.map((line) => line.slice(0, 55))).toEqual([
      expect.stringMatching(/^HG603 overlay\/clients\.yaml:3 `spend` must be/),
      expect.stringMatching(/^HG603 overlay\/clients\.yaml:4 `master` is the name/),
      expect.stringMatching(/^HG603 overlay\/clients\.yaml:5 `rpm` must be/),
    ]);
  });
});

describe("overlay/local.yaml", () => {
  it("keeps local models warm, and `explain` names its line", async () => {
    const { catalog, diagnostics, decisions } = await compiled({
      ...FIXTURE,
      [WARM]: "warm:\n  - local-bge\n  - local-llama\n",
    });
    expect(diagnostics).toEqual([]);
    const models = catalog?.providers.find(({ id }) => id === "local")?.models ?? [];
    expect(models.filter(({ memory }) => memory?.warm === true).map(({ alias }) => alias)).toEqual([
      "local-bge",
      "local-llama",
    ]);
    expect(decisions("local-bge")).toContainEqual({ what: "memory.warm", file: WARM, line: 2 });
  });

  it("names what is no local model", async () => {
    expect(await found(WARM, "warm: [local-lama, groq-llama, nothing-like-it]\n")).toEqual([
      `HG604 ${WARM}:1 No fragment has a model \`local-lama\`. Did you mean \`local-llama\`?`,
      `HG604 ${WARM}:1 \`groq-llama\` is a model of Groq, which is not loaded on this machine. Delete it; only models whose fragment states \`memory\` are loaded.`,
      `HG604 ${WARM}:1 No fragment has a model \`nothing-like-it\`. Write an alias of a fragment. HEADGATE_WARM in .env names models that only the server knows.`,
    ]);
  });
});
