/** The page's own address, behind the #: which page, and its filters and open row. Everything that a link should carry. */
import { useSyncExternalStore } from "react";

export interface Location {
  readonly page: string;
  readonly query: URLSearchParams;
}

export function parseHash(hash: string): Location {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { page: path === "" ? "now" : path, query: new URLSearchParams(query) };
}

export function hashOf(
  page: string,
  query: URLSearchParams | Readonly<Record<string, string | undefined>> = {},
): string {
  const entries =
    query instanceof URLSearchParams
      ? [...query]
      : Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []));
  const text = new URLSearchParams(entries as [string, string][]).toString();
  return `#/${page}${text === "" ? "" : `?${text}`}`;
}

let current = parseHash(globalThis.location?.hash ?? "");
const listeners = new Set<() => void>();
const changed = (): void => {
  current = parseHash(globalThis.location.hash);
  for (const listener of listeners) listener();
};

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) globalThis.addEventListener("hashchange", changed);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) globalThis.removeEventListener("hashchange", changed);
  };
}

export const useLocation = (): Location => useSyncExternalStore(subscribe, () => current);

/** Changes some of the query; undefined or an empty text removes a name. The back button does not step through filters. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { page, query } = parseHash(globalThis.location.hash);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  }
  globalThis.history.replaceState(null, "", hashOf(page, query));
  changed();
}
