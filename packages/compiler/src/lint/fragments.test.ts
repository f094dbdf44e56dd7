/** Beyond the one example of each code (`examples.test.ts`): what the lints of fragments must and must not say. */
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import {
  CEREBRAS,
  DEMO,
  diagnosticsAfter,
  type Edit,
  FIXTURE,
  findingsAfter,
  GROQ,
  INSTALLATION,
  LOCAL,
  withRoot,
} from "../testing/fixture.ts";

const only = async (...edits: Edit[]) => {
  const [found, ...rest] = await diagnosticsAfter(...edits);
  expect(rest).toEqual([]);
  if (found === undefined) throw new Error("nothing was found");
  return found;
};

describe("adapters", () => {
  it("names the adapter that was probably meant, else all that there are", async () => {
    expect((await only([GROQ, "adapter: openai-compatible", "adapter: openai-compatibel"])).fix).toBe(
      "Did you mean `openai-compatible`?",
    );
    expect((await only([GROQ, "adapter: openai-compatible", "adapter: bedrock"])).fix).toMatch(
      /demo, .*\bollama\b.* openai-compatible/,
    );
  });

  it("lets models of operations that no adapter serves yet claim what they like", async () => {
    expect(
      await findingsAfter([
        LOCAL,
        "operation: embedding\n    vector_space: bge-m3",
        "operation: embedding\n    capabilities: [diarization]\n    vector_space: bge-m3",
      ]),
    ).toEqual([]);
  });

  it("lets chat models of an adapter that has no chat yet claim what they like", async () => {
    const headgate = { adapter: "ollama", transport: "http", operations: ["embedding"], capabilities: [] };
    const files = {
      [LOCAL]: FIXTURE[LOCAL].replace("memory:", "capabilities: [tools]\n    memory:"),
      "adapters/ollama/package.json": JSON.stringify({ name: "ollama", headgate }),
    };
    const found = await withRoot(files, (root) =>
      compile({ root, installation: { ...INSTALLATION, adaptersDir: `${root}/adapters` } }),
    );
    expect(found.modelCount).toBe(3);
    expect(found.diagnostics.map(({ code }) => code)).toEqual(["HG124"]);
  });

  it("does not miss a base_url that is there and broken", async () => {
    expect(await findingsAfter([GROQ, "env: GROQ_BASE_URL", "env: GROQ_URL"])).toEqual([
      `HG205 ${GROQ}:6:59`,
    ]);
  });

  it("suggests a name for the variable of a missing base_url", async () => {
    expect(
      (await only([GROQ, "base_url: { default: https://api.groq.com/openai/v1, env: GROQ_BASE_URL }\n", ""]))
        .fix,
    ).toContain("env: GROQ_BASE_URL");
  });
});

describe("aliases", () => {
  it("shows a clash in the newcomer's file, whichever is read first, with the other place beside it", async () => {
    const found = await only([
      CEREBRAS,
      "models:\n",
      "models:\n  - { alias: groq-llama, upstream: other, operation: chat }\n",
    ]);
    expect(found).toMatchObject({ code: "HG305", file: CEREBRAS, related: [{ file: GROQ }] });
    expect(found.fix).toBe("Rename it, for example to `cerebras-groq-llama`.");
  });

  it("finds a clash within one provider", async () => {
    expect(await findingsAfter([LOCAL, "alias: local-minilm", "alias: local-bge"])).toEqual([
      `HG305 ${LOCAL}:23:12`,
    ]);
  });

  it("lets an alias be the upstream id of its own model", async () => {
    expect(await findingsAfter([LOCAL, "upstream: all-minilm", "upstream: local-minilm"])).toEqual([]);
  });

  it("warns of an upstream id that reads as another provider's", async () => {
    expect(
      await findingsAfter([CEREBRAS, "upstream: llama-3.3-70b", "upstream: groq/llama-3.3-70b-versatile"]),
    ).toEqual([`HG315 ${CEREBRAS}:12:15`]);
  });
});

describe("variables", () => {
  it.each([
    [
      "another provider's address",
      CEREBRAS,
      "env: CEREBRAS_BASE_URL",
      "env: GROQ_BASE_URL",
      `HG307 ${CEREBRAS}:6:55`,
    ],
    [
      "another provider's flag as a key",
      CEREBRAS,
      "env: CEREBRAS_API_KEY",
      "env: GROQ",
      `HG307 ${CEREBRAS}:7:30`,
    ],
    ["its own flag as a key", GROQ, "env: GROQ_API_KEY", "env: GROQ", `HG307 ${GROQ}:7:30`],
    [
      "another provider's second key",
      CEREBRAS,
      "env: CEREBRAS_API_KEY",
      "env: GROQ_API_KEY_2",
      `HG307 ${CEREBRAS}:7:30`,
    ],
    [
      "another provider's list of models",
      CEREBRAS,
      "flag: CEREBRAS",
      "flag: LOCAL_MODELS",
      `HG307 ${CEREBRAS}:3:7`,
    ],
    [
      "a mistaken name that is someone's real one",
      GROQ,
      "mistaken: [GROQ_KEY]",
      "mistaken: [CEREBRAS_API_KEY]",
      `HG307 ${GROQ}:7:55`,
    ],
    [
      "the gateway's own options",
      LOCAL,
      "env: LOCAL_BASE_URL",
      "env: HEADGATE_BASE_URL",
      `HG308 ${LOCAL}:6:51`,
    ],
  ])("refuses %s", async (_, file, was, shows, expected) => {
    expect(await findingsAfter([file, was, shows])).toEqual([expected]);
  });

  it("lets two providers have the same mistaken name, and names that merely begin alike", async () => {
    expect(
      await findingsAfter(
        [GROQ, "mistaken: [GROQ_KEY]", "mistaken: [LLM_KEY]"],
        [CEREBRAS, "env: CEREBRAS_API_KEY", "env: GROQ_API_KEY_EU, mistaken: [LLM_KEY]"],
      ),
    ).toEqual([]);
  });

  it("shows both places", async () => {
    const found = await only([CEREBRAS, "flag: CEREBRAS", "flag: GROQ"]);
    expect(found).toMatchObject({
      code: "HG306",
      file: CEREBRAS,
      related: [{ file: GROQ, span: { start: { line: 3 } } }],
    });
  });
});

describe("addresses", () => {
  it.each([
    ["http://127.0.0.1:8080/v1", []],
    ["http://claudebox:8080/v1", []],
    ["http://192.168.1.20:8080/v1", []],
    ["http://api.groq.com/v1", ["HG309"]],
    ["http://8.8.8.8/v1", ["HG309"]],
    ["https://user:secret@api.groq.com/v1", ["HG205"]],
    ["https://[::1/v1", ["HG205"]],
  ])("%s as the address of a far provider: %j", async (address, codes) => {
    const found = await diagnosticsAfter([
      GROQ,
      "default: https://api.groq.com/openai/v1",
      `default: "${address}"`,
    ]);
    expect(found.map(({ code }) => code)).toEqual(codes);
  });

  it("lets a local provider stand anywhere", async () => {
    expect(await findingsAfter([LOCAL, "http://127.0.0.1:11434", "http://gpu.example.com:11434"])).toEqual(
      [],
    );
  });
});

describe("secrets", () => {
  // Put together here, so that no scanner takes this file for a leak.
  const KEY = `gsk_${"a1B2c3D4".repeat(4)}`;

  it.each([
    ["a note", "name: Groq", `name: Groq\nnotes: use ${KEY}`, `HG310 ${GROQ}:2:12`],
    ["a comment", "name: Groq", `name: Groq # ${KEY}`, `HG310 ${GROQ}:1:14`],
    ["a header", "name: Groq", `name: Groq\nheaders: { authorization: Bearer ${KEY} }`, `HG310 ${GROQ}:2:27`],
  ])("are found in %s", async (_, was, shows, expected) => {
    expect(await findingsAfter([GROQ, was, shows])).toEqual([expected]);
  });

  it("are found in a file that does not parse, and never repeated", async () => {
    const found = await diagnosticsAfter([GROQ, "name: Groq", `name: "Groq\nkey: ${KEY}`]);
    expect(found.map(({ code }) => code)).toContain("HG310");
    expect(JSON.stringify(found)).not.toContain(KEY);
  });

  it("are not repeated by other findings on the same value", async () => {
    const found = await diagnosticsAfter([GROQ, "env: GROQ_API_KEY", `env: ${KEY}`]);
    expect(found.map(({ code }) => code)).toEqual(["HG205", "HG310"]);
    expect(JSON.stringify(found)).not.toContain(KEY);
  });
});

describe("limits", () => {
  const MINUTE = "{ scope: model, unit: requests, window: minute, amount: 30 }";
  const withLimit = async (limit: string): Promise<string[]> =>
    (await findingsAfter([GROQ, MINUTE, `${MINUTE}\n  - { ${limit} }`])).map(
      (found) => found.split(" ")[0] ?? "",
    );

  it.each([
    ["of another scope", "scope: account, unit: requests, window: hour, amount: 5"],
    ["of another unit", "scope: model, unit: tokens, window: month, amount: 5"],
    ["for some models only", "scope: model, unit: requests, window: hour, amount: 5, models: [llama-*]"],
    ["for one operation only", "scope: model, unit: requests, window: hour, amount: 5, operations: [chat]"],
    ["that is equal over a longer window", "scope: model, unit: requests, window: hour, amount: 30"],
    ["of requests in flight", "scope: model, unit: concurrency, amount: 5"],
  ])("are not compared with one %s", async (_, limit) => {
    expect(await withLimit(limit)).toEqual([]);
  });

  it("of an hour are compared with those of a minute and of a day", async () => {
    expect(await withLimit("scope: model, unit: requests, window: hour, amount: 29")).toEqual(["HG311"]);
    expect(
      await withLimit(
        'scope: account, unit: tokens, window: day, amount: 9, reset: "00:00 America/Los_Angeles"',
      ),
    ).toEqual([]);
    expect(
      await withLimit(
        'scope: account, unit: tokens, window: day, amount: 9, reset: "00:00 America/Los_Diablos"',
      ),
    ).toEqual(["HG311"]);
    expect(
      await withLimit('scope: account, unit: tokens, window: hour, amount: 9, reset: "00:00 UTC"'),
    ).toEqual(["HG311"]);
    expect(await withLimit("scope: model, unit: requests, window: hour, amount: 1001")).toEqual(["HG311"]);
  });

  it("are the same quota in whatever order they list their models", async () => {
    const twice = (order: string) =>
      `scope: account, unit: tokens, window: day, amount: 9, models: [${order}]`;
    expect(
      await withLimit(`${twice('"llama-*", "*-versatile"')} }\n  - { ${twice('"*-versatile", "llama-*"')}`),
    ).toEqual(["HG312"]);
  });

  it("of one model are checked like those of the provider", async () => {
    const limits =
      "limits: [{ scope: model, unit: images, window: day, amount: 9 }, { scope: model, unit: images, window: day, amount: 8 }]";
    expect(
      await findingsAfter([CEREBRAS, "    base: llama-70b", `    base: llama-70b\n    ${limits}`]),
    ).toEqual([`HG312 ${CEREBRAS}:14:121`]);
  });

  it.each([
    ["llama-3.3-70b-versatile", []],
    ["llama-*", []],
    ["*-versatile", []],
    ["*", []],
    ["qwen-*", ["HG318"]],
    ["*-instant", ["HG318"]],
    ["llama-3.3-70b", ["HG318"]],
  ])("that name %s match by whole names and stars", async (pattern, codes) => {
    expect(
      await withLimit(`scope: model, unit: requests, window: hour, amount: 500, models: ["${pattern}"]`),
    ).toEqual(codes);
  });

  it("may name a model that the schema refuses", async () => {
    const codes = (
      await findingsAfter(
        [GROQ, "operation: chat", "operation: chatt"],
        [GROQ, MINUTE, `${MINUTE.slice(0, -2)}, models: [llama-3.3-70b-versatile] }`],
      )
    ).map((found) => found.split(" ")[0]);
    expect(codes).toEqual(["HG204"]);
  });
});

describe("models", () => {
  it("may answer with as many tokens as their window holds", async () => {
    expect(await findingsAfter([GROQ, "max_output_tokens: 32768", "max_output_tokens: 131072"])).toEqual([]);
  });

  it("need memory only where they run on this machine; a model's own tier decides", async () => {
    const memory = "memory: { device: cuda, bytes: 40 GB }";
    expect(
      await findingsAfter([GROQ, "capabilities: [tools]", `capabilities: [tools]\n    ${memory}`]),
    ).toEqual([`HG317 ${GROQ}:23:5`]);
    expect(
      await findingsAfter([
        GROQ,
        "capabilities: [tools]",
        `capabilities: [tools]\n    tier: local\n    ${memory}`,
      ]),
    ).toEqual([]);
  });
});

describe("dates", () => {
  it.each([
    ["2024-02-29", []],
    ["2026-02-29", ["HG316"]],
    ["2026-04-31", ["HG316"]],
    ["2026-13-01", ["HG316"]],
    ["2026-00-10", ["HG316"]],
    ["2026-12-31", []],
  ])("%s: %j", async (date, codes) => {
    expect(
      (await diagnosticsAfter([DEMO, "date: 2026-11-21", `date: ${date}`])).map(({ code }) => code),
    ).toEqual(codes);
  });
});
