import { describe, expect, it } from "vitest";
import { CHECKS, FINGERPRINT } from "../generated/validators.ts";
import { plainOf } from "../load/tree.ts";
import { parseYaml } from "../load/yaml-tree.ts";
import { FIXTURE, GROQ, INSTALLATION } from "../testing/fixture.ts";
import { compileSchemas } from "./ajv.ts";
import { SCHEMA_NAMES } from "./check.ts";
import { readSchemas, schemaFingerprint } from "./schemas.ts";

const texts = readSchemas(INSTALLATION.schemasDir);
const { root } = parseYaml(FIXTURE[GROQ]);
if (root === undefined) throw new Error("the fixture does not parse");
const groq = plainOf(root) as Record<string, unknown>;

describe("the generated validators", () => {
  it("are made from the schemas as they are", () => {
    expect(FINGERPRINT).toBe(schemaFingerprint(texts));
  });

  it.each<[string, unknown]>([
    ["a sound fragment", groq],
    ["nothing", null],
    ["a list", []],
    ["an empty mapping", {}],
    ["an unknown key", { ...groq, toString: 1 }],
    ["a text that is too short, in characters", { ...groq, name: "" }],
    ["a text of many astral characters", { ...groq, name: "\u{1f6aa}".repeat(500) }],
    ["doubled entries", { ...groq, dialect: { drop: ["a", "a"] } }],
    ["models of every kind", { ...groq, models: [1, {}, { alias: "a b", upstream: "", operation: "x" }] }],
    ["limits", { ...groq, limits: [{ unit: "concurrency", window: "day" }, { amount: -1 }] }],
  ])("find in %s what Ajv finds", (_, value) => {
    const live = compileSchemas(texts);
    for (const name of SCHEMA_NAMES) {
      expect([CHECKS[name](value), CHECKS[name].errors]).toEqual([live[name](value), live[name].errors]);
    }
  });
});
