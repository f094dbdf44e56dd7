import type { Schemas } from "../validate/schemas.ts";
import { plainOf } from "./tree.ts";
import { parseYaml } from "./yaml-tree.ts";

/** A fragment's value as JSON; undefined where the parser or the schema finds anything wrong. */
export function soundJson(text: string, schemas: Schemas): string | undefined {
  const { root, problems } = parseYaml(text);
  if (root?.kind !== "map" || problems.length > 0) return undefined;
  const value = plainOf(root);
  return schemas.check("provider", value).length === 0 ? JSON.stringify(value) : undefined;
}
