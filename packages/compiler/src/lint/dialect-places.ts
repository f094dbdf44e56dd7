/** Every place of the catalogue where a dialect is written. */
import type { DialectRules } from "@headgate/contract";
import type { Workspace } from "../link/workspace.ts";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";

interface WrittenDialect {
  readonly source: Source;
  readonly path: Path;
  readonly dialect: DialectRules;
}

export function dialectsIn({ fragments, dialects }: Workspace): WrittenDialect[] {
  const found: WrittenDialect[] = [];
  const put = (source: Source, path: Path, dialect: DialectRules | undefined): void => {
    if (dialect !== undefined) found.push({ source, path, dialect });
  };
  for (const { source, fields, models } of fragments) {
    put(source, ["dialect"], fields.dialect);
    for (const [at, entry] of (fields.model_dialects ?? []).entries())
      put(source, ["model_dialects", at, "dialect"], entry.dialect);
    for (const { model, path } of models) put(source, [...path, "dialect"], model.dialect);
  }
  if (dialects !== undefined)
    for (const [name, profile] of Object.entries(dialects.value.profiles))
      put(dialects.source, ["profiles", name], profile);
  return found;
}
