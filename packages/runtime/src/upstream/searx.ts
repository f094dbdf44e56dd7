/**
 * A search engine with SearXNG's API: `GET <base>/search?q=…&format=json`.
 * https://docs.searxng.org/dev/search_api.html
 */
import { asArray, asObject, asText, parseJson } from "@headgate/adapter-kit";
import { fetchReply } from "./fetch-reply.ts";
import type { Pools } from "./pools.ts";

const TIMEOUT_MS = 10_000;
const MAX_RESULTS = 8;
const MAX_SNIPPET_CHARS = 600;
const MAX_TITLE_CHARS = 200;

export interface SearchResult {
  /** http or https. */
  readonly url: string;
  readonly title: string;
  /** A piece of the page. */
  readonly snippet: string;
}

/** Rejects never: `undefined` where the engine gives no list. */
export type SearchEngine = (query: string) => Promise<readonly SearchResult[] | undefined>;

/** @param url HEADGATE_SEARCH_URL, without a trailing slash */
export function searxEngine(url: string, pools: Pools): SearchEngine {
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/+$/, "");
  return async (query) => {
    const path = `${base}/search?${new URLSearchParams({ q: query, format: "json" })}`;
    const headers = ["accept", "application/json"];
    const reply = await fetchReply(pools.get(origin, {}), { method: "GET", path, headers }, TIMEOUT_MS);
    if (!reply.ok || reply.status !== 200) return undefined;
    const results = asArray(asObject(parseJson(reply.body.toString("utf8")))?.results);
    return results?.flatMap((item) => resultOf(asObject(item)) ?? []).slice(0, MAX_RESULTS);
  };
}

function resultOf(item: ReturnType<typeof asObject>): SearchResult | undefined {
  const url = asText(item?.url);
  if (url === undefined || !/^https?:\/\//i.test(url)) return undefined;
  return {
    url,
    title: (asText(item?.title) ?? url).slice(0, MAX_TITLE_CHARS),
    snippet: (asText(item?.content) ?? "").slice(0, MAX_SNIPPET_CHARS),
  };
}
