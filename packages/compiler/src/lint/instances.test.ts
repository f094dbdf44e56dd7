/** What a fragment with instances may not say, since .env says it of each. */
import { describe, expect, it } from "vitest";
import { diagnosticsAfter, type Edit, GROQ, OWN } from "../testing/fixture.ts";

const said = async (...edits: Edit[]): Promise<(string | undefined)[][]> =>
  (await diagnosticsAfter(...edits)).map(({ code, message }) => [code, message]);

describe("a fragment with instances", () => {
  it("has no address, key or models of its own", async () => {
    const more = `base_url: { default: https://own.example/v1, env: MINE_BASE_URL }
auth: { scheme: bearer, env: MINE_API_KEY }
models_env: MINE_MODELS
sources:`;
    expect(await said([OWN, "sources:", more])).toEqual([
      ["HG207", "`own` has instances, and each has its own `base_url`."],
      ["HG207", "`own` has instances, and each has its own `auth`."],
      ["HG207", "`own` has instances, and each has its own `models_env`."],
    ]);
  });

  it("claims only what its adapter carries", async () => {
    expect(await said([OWN, "[tools]", "[tools, agent]"], [OWN, "openai-compatible", "demo"])).toContainEqual(
      ["HG302", "The adapter `demo` cannot carry `agent`."],
    );
  });

  it("is the only kind of fragment without models", async () => {
    expect(await said([OWN, "instances: { prefix: OWN, capabilities: [tools] }\n", ""])).toContainEqual([
      "HG203",
      "The file has no `models`.",
    ]);
    expect(await said([GROQ, "models:\n", "instances: { prefix: G }\nmodels:\n"])).toContainEqual([
      "HG207",
      "`groq` has instances, and each has its own `models`.",
    ]);
  });
});
