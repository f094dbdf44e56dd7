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

describe("one environment out of two", () => {
  it("has no space around its values, and differs in nothing else than words", () => {
    const env = mergeEnvironment({ A: " x ", B: "y" }, { B: " y ", C: " z ", D: undefined });
    expect(env).toEqual({ values: { A: "x", B: "y", C: "z" }, conflicts: [] });
  });

  it("lists conflicts by name, whatever the order of the file", () => {
    const file = { C: "1", A: "1", B: "1" };
    const shell = { B: "2", C: "2", A: "2" };
    expect(mergeEnvironment(file, shell).conflicts.map(({ name }) => name)).toEqual(["A", "B", "C"]);
    expect(
      mergeEnvironment(Object.fromEntries(Object.entries(file).reverse()), shell).conflicts.map(
        ({ name }) => name,
      ),
    ).toEqual(["A", "B", "C"]);
  });

  it("takes a flag that only resembles an option from the file", () => {
    expect(mergeEnvironment({ MY_HEADGATE_PORT: "1" }, { MY_HEADGATE_PORT: "2" }).values).toEqual({
      MY_HEADGATE_PORT: "1",
    });
  });

  it("takes what the shell says of a variable that matters, and nothing of any other", () => {
    expect(mergeEnvironment({}, { A: "1", B: "2" }, (name) => name === "B").values).toEqual({ B: "2" });
    expect(mergeEnvironment({ A: "file" }, { A: "shell" }, () => false)).toEqual({
      values: { A: "file" },
      conflicts: [],
    });
  });
});

describe("numbered keys", () => {
  it("have the numbers 1 to 99, and nothing else in their names", () => {
    const names = ["K_1", "K_99", "K_100", "K_2x", "K_x2", "K__2", "KX_2", "K2", "XK_2"];
    expect(keyVariables("K", Object.fromEntries(names.map((name) => [name, "x"])))).toEqual(["K_1", "K_99"]);
  });
});
