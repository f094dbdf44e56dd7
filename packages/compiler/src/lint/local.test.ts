import { describe, expect, it } from "vitest";
import { diagnosticsAfter, GROQ, LOCAL } from "../testing/fixture.ts";

const UP = "bring_up: { default: external, env: LOCAL_BRING_UP, health: /api/version }";

const messagesAfter = async (...edits: Parameters<typeof diagnosticsAfter>) =>
  (await diagnosticsAfter(...edits)).map(({ code, message, fix }) => `${code} ${message} ${fix}`);

describe("a local model's memory", () => {
  it("is missed at each model that does not state it", async () => {
    expect(
      await messagesAfter(
        [LOCAL, "\n    memory: { device: cpu, bytes: 570 MB }", ""],
        [LOCAL, "\n    memory: { device: cpu, bytes: 90 MB }", ""],
      ),
    ).toEqual([
      expect.stringMatching(/^HG330 `local-bge` has no `memory`/),
      expect.stringMatching(/^HG330 `local-minilm`/),
    ]);
  });

  it("is reported once for a provider without local", async () => {
    expect(await messagesAfter([LOCAL, `local: { driver: ollama, ${UP} }\n`, ""])).toEqual([
      expect.stringMatching(
        /^HG331 `local-llama` has `memory`, and `local` has no `local` that names the driver/,
      ),
    ]);
  });

  it("takes only load options that its driver knows, and says which was meant", async () => {
    expect(await messagesAfter([LOCAL, "num_ctx: 8192", "num_ctxt: 8192"])).toEqual([
      expect.stringMatching(
        /^HG332 .*`ollama` does not know the load option `num_ctxt`.*Did you mean `num_ctx`/,
      ),
    ]);
    expect(await messagesAfter([LOCAL, "driver: ollama", "driver: llamacpp"])).toEqual([
      expect.stringMatching(/^HG332 .*Delete it: `llamacpp` has no load options/),
    ]);
  });

  it.each([
    ["true", "a whole number from 1 to 2147483647, not `true`"],
    ["0", "not `0`"],
    ["4294967296", "not `4294967296`"],
    ["8192, use_mmap: 1", "`use_mmap` of `local-llama` must be true or false, not `1`"],
  ])("takes only values that a copy can be loaded with: num_ctx %s", async (value, said) => {
    expect(await messagesAfter([LOCAL, "num_ctx: 8192", `num_ctx: ${value}`])).toEqual([
      expect.stringMatching(/^HG338 The load option/),
    ]);
    expect((await messagesAfter([LOCAL, "num_ctx: 8192", `num_ctx: ${value}`]))[0]).toContain(said);
  });

  it("says what a context costs only where a client may choose one", async () => {
    const cost = "bytes: 5 GB, context_token: 128 KiB, options";
    expect(await messagesAfter([LOCAL, "bytes: 5 GB, options", cost])).toEqual([
      expect.stringMatching(/^HG337 `local-llama` is loaded with the `num_ctx` of its options and no other/),
    ]);
    const free = [LOCAL, "bytes: 90 MB }", "bytes: 90 MB, context_token: 6.5 kB }"] as const;
    expect(await messagesAfter(free)).toEqual([]);
    const fixed = [LOCAL, ", options: { num_ctx: 8192 }", ""] as const;
    expect(await messagesAfter(free, fixed, [LOCAL, "driver: ollama", "driver: llamacpp"])).toEqual([
      expect.stringMatching(/^HG337 The driver `llamacpp` has no load option for the context/),
    ]);
    expect(await messagesAfter([LOCAL, "bytes: 90 MB }", "bytes: 90 MB, context_token: 1 GB }"])).toEqual([
      expect.stringMatching(/^HG205 .*a number with a unit: kB, MB, KiB or MiB/),
    ]);
  });

  it("cannot be said in other words than numbers with units", async () => {
    expect(await messagesAfter([LOCAL, "bytes: 90 MB }", "bytes: 90 MB, load: soon }"])).toEqual([
      expect.stringMatching(/^HG205 .*a duration: a number with ms, s, m or h/),
    ]);
  });
});

describe("a backend", () => {
  it("keeps the slots that its kind does not fix", async () => {
    expect(await messagesAfter([LOCAL, "{ driver: ollama,", "{ driver: ollama, slots: 3,"])).toEqual([]);
  });

  it("belongs to the local tier", async () => {
    expect(await messagesAfter([GROQ, "tier: free", "tier: free\nlocal: { driver: ollama }"])).toEqual([
      expect.stringMatching(/^HG334 `groq` is of the tier `free`/),
    ]);
  });

  it.each([
    ["default: compose, env: LOCAL_BRING_UP, health: /x", "comes up by `compose`"],
    ["default: process, env: LOCAL_BRING_UP, health: /x", "comes up by `process`"],
    [
      "default: external, env: LOCAL_BRING_UP, health: /x, compose: { port: 1 }",
      "neither `image` nor `build`",
    ],
    [
      "default: external, env: LOCAL_BRING_UP, health: /x, process: { install: do }",
      "neither `command` nor `builtin`",
    ],
    [
      "default: external, env: LOCAL_BRING_UP, health: /x, process: { command: a, builtin: espeak, install: do }",
      "both `command` and `builtin`",
    ],
  ])("that comes up by { %s } is told that it %s", async (fields, message) => {
    const found = await diagnosticsAfter([LOCAL, UP, `bring_up: { ${fields} }`]);
    expect(found).toMatchObject([{ code: "HG335", message: expect.stringContaining(message) }]);
  });

  it("hands no secret to a program, and everything else", async () => {
    const inherit = async (names: string) =>
      (
        await diagnosticsAfter([
          LOCAL,
          UP,
          `bring_up: { default: external, env: LOCAL_BRING_UP, health: /x, process: { command: a, install: do, inherit: [${names}] } }`,
        ])
      ).map(({ code }) => code);
    expect(await inherit("HF_TOKEN")).toEqual(["HG336"]);
    expect(await inherit("OLLAMA_API_KEY_2, OLLAMA_KEEP_ALIVE, DB_PASSWORD")).toEqual(["HG336", "HG336"]);
    expect(await inherit("OLLAMA_KEEP_ALIVE, OLLAMA_MODELS, KEYBOARD")).toEqual([]);
  });

  it("does not share the variable of its way with anything", async () => {
    expect(await diagnosticsAfter([LOCAL, "env: LOCAL_BRING_UP", "env: GROQ_BRING_UP"])).toEqual([]);
    expect(
      (await diagnosticsAfter([LOCAL, "LOCAL_MODELS", "LOCAL_BRING_UP"])).map(({ code }) => code),
    ).toEqual(["HG307"]);
  });
});
