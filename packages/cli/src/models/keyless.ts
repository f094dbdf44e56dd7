/** Providers that are off, as far as their list of models needs no key. */
import { type Catalog, type RoutingTable, resolve } from "@headgate/contract";

export interface Keyless {
  /** With every hosted provider in it. */
  readonly table: RoutingTable;
  /** Those of it that have no key: only their list is read. */
  readonly ids: ReadonlySet<string>;
  /** In place of keys; nothing sends them. */
  readonly secrets: Readonly<Record<string, string>>;
}

const NO_KEY = "no-key";

/** @param table what is on */
export function withKeyless(
  catalog: Catalog,
  table: RoutingTable,
  values: Readonly<Record<string, string>>,
): Keyless {
  const on = new Set(table.providers.map(({ id }) => id));
  const secrets: Record<string, string> = {};
  const all: Record<string, string> = { ...values };
  for (const { id, flag, tier, auth, instances, local } of catalog.providers) {
    if (on.has(id) || tier === "local" || local !== undefined || instances !== undefined) continue;
    all[flag] = "1";
    if (auth === undefined || auth.optional) continue;
    all[auth.env] = NO_KEY;
    secrets[auth.env] = NO_KEY;
  }
  const { table: whole } = resolve(catalog, all);
  const ids = whole.providers.flatMap(({ id }) => (on.has(id) ? [] : [id]));
  return { table: whole, ids: new Set(ids), secrets };
}
