import { PLAIN_DIALECT } from "@headgate/contract";
import { expect, it } from "vitest";
import { namedOf, withFieldEdits } from "./dialect.ts";

const EDITS = { set: { seed: 1, tool_choice: "auto" }, remove: ["stop"], named: ["tool_choice"] };

it("a rule's value and a rule's removal override what was written anew, under the provider's names", () => {
  const dialect = { ...PLAIN_DIALECT, rename: { seed: "random_seed" } };
  const { set, dialect: edited } = withFieldEdits(
    dialect,
    { model: '"m"', tool_choice: '"required"', stop: '["x"]' },
    EDITS,
  );
  expect(set).toEqual({ model: '"m"', random_seed: "1", tool_choice: '"auto"' });
  expect(edited.drop).toEqual(["stop"]);
  expect(withFieldEdits(dialect, set, undefined)).toEqual({ dialect, set });
});

it("names what a rule names, and not what it only removes", () => {
  expect(namedOf(["stop", "store"], EDITS)).toEqual(["store", "tool_choice"]);
  expect(namedOf(["store"], undefined)).toEqual(["store"]);
});
