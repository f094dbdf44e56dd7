/** The meaning of `--provider`. */
import { type Catalog, type CatalogProvider, closest } from "@headgate/contract";
import { Failure } from "./cli.ts";

/** The catalogue's entry; `custom-2` is an instance of `custom`. */
export const entryOf = (catalog: Catalog, id: string): CatalogProvider | undefined =>
  catalog.providers.find((provider) => provider.id === id) ??
  catalog.providers.find(({ id: whole, instances }) => instances !== undefined && id.startsWith(`${whole}-`));

/** @throws {Failure} for an unknown provider */
export function chosen(catalog: Catalog, wanted: string | undefined): (id: string) => boolean {
  if (wanted === undefined) return () => true;
  if (entryOf(catalog, wanted) === undefined) {
    const near = closest(
      wanted,
      catalog.providers.map(({ id }) => id),
    );
    throw new Failure(
      `no provider is called ${wanted}${near === undefined ? "" : `; did you mean ${near}?`}`,
    );
  }
  return (id) => id === wanted || entryOf(catalog, id)?.id === wanted;
}

export function nothingToDo(
  wanted: string | undefined,
  { providers }: { readonly providers: readonly { readonly id: string; readonly reason: string }[] },
): string {
  const status = providers.find(({ id }) => id === wanted);
  if (status !== undefined) return `${status.id} is not active: ${status.reason}`;
  return "no provider is active; set a flag to 1 in .env and fill in its key";
}
