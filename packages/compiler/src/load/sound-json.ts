import { findSecrets } from "@headgate/diagnostics/text";
import type { Schemas } from "../validate/schemas.ts";
import { plainOf } from "./tree.ts";
import { parseYaml } from "./yaml-tree.ts";

/** The schemas of files that are kept one by one. */
export type SoundKind = "provider" | "base";

/** A file's value as JSON; undefined where the parser, the schema or the search for secrets finds anything. */
export function soundJson(text: string, kind: SoundKind, schemas: Schemas): string | undefined {
  if (findSecrets(text).length > 0) return undefined;
  const { root, problems } = parseYaml(text);
  if (root?.kind !== "map" || problems.length > 0) return undefined;
  const value = plainOf(root);
  return schemas.check(kind, value).length === 0 ? JSON.stringify(value) : undefined;
}
