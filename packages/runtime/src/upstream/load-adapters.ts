import type { Adapter } from "@headgate/adapter-kit";
import type { RoutingTable } from "@headgate/contract";
import { adapters as registry } from "@headgate/generated/adapters";

/** Loads the adapters that a table names and `loaded` does not hold yet. @throws {Error} naming one that is not there. */
export async function loadAdapters(table: RoutingTable, loaded: Map<string, Adapter>): Promise<void> {
  for (const { id, adapter } of table.providers) {
    if (loaded.has(adapter)) continue;
    const load = Object.hasOwn(registry, adapter) ? registry[adapter as keyof typeof registry] : undefined;
    if (load === undefined) throw new Error(`${id}: the adapter ${adapter} is not installed`);
    loaded.set(adapter, (await load()).default);
  }
}
