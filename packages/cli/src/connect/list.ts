/** `headgate connect list`: the clients that have a recipe, and what each recipe is worth. */
import { type Cli, EXIT } from "../cli.ts";
import { alignColumns } from "../table.ts";
import { type Recipe, readRecipe, recipeIds } from "./recipe.ts";

export const PROOFS: Readonly<Record<Recipe["proof"], string>> = {
  run: "run with the real client",
  schema: "by its documented format",
  none: "untested",
};

export function list(cli: Cli): number {
  const rows = recipeIds().map((id) => {
    const { name, version, proof, files } = readRecipe(id);
    return [id, name, version, PROOFS[proof], files.length === 0 ? "prints steps" : "writes files"];
  });
  cli.out(alignColumns([["CLIENT", "NAME", "VERSION", "PROOF", ""], ...rows]));
  return EXIT.ok;
}
