import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyVariables, mergeEnvironment, readFlag } from "./environment.ts";

describe("mergeEnvironment", () => {
  it("lets the file win over a stale shell for flags and keys, and reports that they differ", () => {
    const env = mergeEnvironment({ GROQ: "1", GROQ_API_KEY: "new" }, { GROQ: "0", GROQ_API_KEY: "old" });
    expect(env.values).toEqual({ GROQ: "1", GROQ_API_KEY: "new" });
    expect(env.conflicts).toEqual([
      { name: "GROQ", winner: "file" },
      { name: "GROQ_API_KEY", winner: "file" },
    ]);
  });

  it("lets the shell win for HEADGATE_ options", () => {
    const env = mergeEnvironment({ HEADGATE_PORT: "4000" }, { HEADGATE_PORT: "5000" });
    expect(env.values.HEADGATE_PORT).toBe("5000");
    expect(env.conflicts).toEqual([{ name: "HEADGATE_PORT", winner: "shell" }]);
  });

  it("counts an empty value as absent, on either side", () => {
    expect(mergeEnvironment({ A: " " }, { A: "shell", B: "" }).values).toEqual({ A: "shell" });
  });

  it("reports nothing where both agree, and keeps irrelevant shell variables out", () => {
    const env = mergeEnvironment({ A: "1" }, { A: "1", HOME: "/home/x" }, (name) => name === "A");
    expect(env).toMatchObject({ values: { A: "1" }, conflicts: [] });
    expect(env.values.HOME).toBeUndefined();
  });

  it("never puts a value into a conflict", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string({ minLength: 8 }), (a, b) => {
        const { conflicts } = mergeEnvironment({ K: a }, { K: b });
        for (const conflict of conflicts) expect(Object.keys(conflict).sort()).toEqual(["name", "winner"]);
      }),
    );
  });

  it("holds variables named like parts of an object", () => {
    expect(mergeEnvironment({ constructor: "1" }, {}).values.constructor).toBe("1");
    expect(mergeEnvironment({}, {}).values.toString).toBeUndefined();
  });
});

describe("readFlag", () => {
  it("reads the usual words for on and off and nothing else", () => {
    expect(["1", "true", "YES", "on"].map(readFlag)).toEqual([true, true, true, true]);
    expect(["0", "false", "No", "off", "", undefined].map(readFlag)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(["2", "enabled", "sk-123"].map(readFlag)).toEqual([undefined, undefined, undefined]);
  });
});

describe("keyVariables", () => {
  it("orders numbered keys by number, allows gaps, and ignores look-alikes", () => {
    const values = { K_10: "x", K: "x", K_2: "x", K_0: "x", K_X: "x", K_03: "x", OTHER_2: "x" };
    expect(keyVariables("K", values)).toEqual(["K", "K_2", "K_10"]);
    expect(keyVariables("K", { K_3: "x" })).toEqual(["K_3"]);
  });
});
