import { Command } from "commander";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Cli } from "./cli.ts";
import { registerValidate } from "./commands/validate.ts";
import { readValidateOptions, type ValidateOptions } from "./validate.ts";

/** What Commander makes of the same arguments; undefined where it refuses them or prints help. */
function byCommander(args: readonly string[]): ValidateOptions | undefined {
  let seen: ValidateOptions | undefined;
  const program = new Command("headgate").option("--no-color").exitOverride();
  const run = () => (options: ValidateOptions) => {
    seen = options;
    return Promise.resolve();
  };
  registerValidate(program, { run } as unknown as Cli);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  }
  try {
    program.parse(["validate", ...args], { from: "user" });
  } catch {
    return undefined;
  }
  return seen;
}

it("reads options as Commander does, and leaves what it does not know to Commander", () => {
  const word = fc.constantFrom(
    "--strict",
    "--no-color",
    "--root",
    "--format",
    "--root=x",
    "--help",
    "-h",
    "--frmat",
    "--",
    "json",
    "pretty",
    "nonsense",
    "dir",
    "",
    "-x",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (args) => {
      const quick = readValidateOptions(args);
      if (quick !== undefined) expect(quick).toEqual(byCommander(args));
    }),
    { numRuns: 1_000 },
  );
  for (const args of [
    [],
    ["--strict"],
    ["--root", "x", "--format", "json"],
    ["--no-color", "--format", "github"],
  ])
    expect(readValidateOptions(args)).toEqual(byCommander(args));
});
