/** What the catalogue knows of the life of its models; no request is sent for it. */
import type { Catalog } from "@headgate/contract";
import { alignColumns } from "../table.ts";

/** Retired and deprecated models, and announced ends. */
export function lifeText({ providers }: Catalog): string {
  const rows = providers.flatMap(({ models }) =>
    models.flatMap(({ alias, retired, deprecated, retires, replacedBy = "" }): string[][] => {
      if (retired !== undefined) return [[alias, "retired", retired, replacedBy]];
      if (deprecated !== undefined) return [[alias, "deprecated", deprecated, replacedBy]];
      return retires === undefined ? [] : [[alias, "retires", retires, replacedBy]];
    }),
  );
  return rows.length === 0
    ? "No model is retired or deprecated."
    : alignColumns([["ALIAS", "STATE", "SINCE", "REPLACED BY"], ...rows]);
}

/** Living models that no chain and no group names. */
export function unusedText({ providers, chains, contextWindow, groups }: Catalog): string {
  const named = new Set([
    ...Object.values(chains).flat(),
    ...Object.values(contextWindow).flat(),
    ...groups.flatMap(({ members }) => members),
  ]);
  const rows = providers.flatMap(({ id, models }) =>
    models
      .filter(({ alias, retired, deprecated }) => !named.has(alias) && !retired && !deprecated)
      .map(({ alias, operation, tier }) => [alias, id, operation, tier]),
  );
  return rows.length === 0
    ? "Every model is in a chain or a group."
    : alignColumns([["ALIAS", "PROVIDER", "OPERATION", "TIER"], ...rows]);
}
