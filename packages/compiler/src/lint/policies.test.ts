/** Beyond the one example of each code: what is and is not said about policies. */
import { describe, expect, it } from "vitest";
import { compile } from "../compile.ts";
import {
  diagnosticsAfter,
  edited,
  GROUPS,
  INSTALLATION,
  MODEL_MAP,
  POLICIES,
  withRoot,
} from "../testing/fixture.ts";

const said = async (policies: unknown): Promise<(string | undefined)[][]> =>
  (await diagnosticsAfter([POLICIES, "*", JSON.stringify({ policies })])).map(({ code, message, fix }) => [
    code,
    message,
    fix,
  ]);

describe("policies", () => {
  it("are for aliases, groups, direct names and all of them", async () => {
    const policy = { first_token_ms: 500 };
    expect(
      await said({ "*": policy, "groq-llama": policy, "fast-mode": policy, "groq-alone": policy }),
    ).toEqual([]);
  });

  it("for another name are findings, with the name that was probably meant", async () => {
    expect(
      await said({ "fast-mod": { midstream: "restart" }, constructor: { midstream: "restart" } }),
    ).toEqual([
      ["HG440", "Nothing is called `fast-mod`.", "Did you mean `fast-mode`?"],
      ["HG440", "Nothing is called `constructor`.", expect.any(String)],
    ]);
  });

  it("are not held against groups that cannot be read", async () => {
    const edits = [
      [GROUPS, "*", '{ "groups": 1 }'],
      [MODEL_MAP, "*", '{ "map": {} }'],
      [POLICIES, "*", '{ "policies": { "fast-mode": { "first_token_ms": 5 } } }'],
    ] as const;
    expect((await diagnosticsAfter(...edits)).map(({ code, file }) => [code, file])).toEqual([
      ["HG202", GROUPS],
    ]);
  });

  it.each([
    [{ first_token_ms: 0 }],
    [{ hedge_after_ms: -1 }],
    [{ hedge_after_ms: 3_600_001 }],
    [{ hedge_after_ms: 1.5 }],
    [{ midstream: "maybe" }],
    [{ midstrem: "error" }],
    [{}],
  ])("%j is refused", async (policy) => {
    const found = await said({ "groq-llama": policy });
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(([code]) => code?.startsWith("HG2"))).toBe(true);
  });

  it("compare a hedge with the deadline that is in force, be it that of all names", async () => {
    expect(await said({ "*": { first_token_ms: 900 }, "groq-llama": { hedge_after_ms: 900 } })).toEqual([
      ["HG441", "`groq-llama` is hedged after 900 ms, and given up after 900 ms.", expect.any(String)],
    ]);
    expect(await said({ "*": { first_token_ms: 900 }, "groq-llama": { hedge_after_ms: 899 } })).toEqual([]);
    expect(await said({ "*": { first_token_ms: 900 }, "groq-llama": { hedge_after_ms: 0 } })).toEqual([]);
  });

  it("say nothing of what other operations do not do, unless they are told not to", async () => {
    expect(await said({ "local-bge": { hedge_after_ms: 5, midstream: "error" } })).toEqual([]);
    expect((await said({ "local-bge": { midstream: "restart" } })).map(([code]) => code)).toEqual(["HG442"]);
  });

  it("reach the catalogue by the runtime's names", async () => {
    const text = JSON.stringify({
      policies: { "groq-llama": { hedge_after_ms: 5, midstream: "restart" }, "*": { first_token_ms: 9 } },
    });
    const { catalog } = await withRoot(edited(POLICIES, "*", text), (root) =>
      compile({ root, installation: INSTALLATION }),
    );
    expect(catalog?.policies).toEqual({
      "*": { firstTokenMs: 9 },
      "groq-llama": { hedgeAfterMs: 5, midstream: "restart" },
    });
  });
});
