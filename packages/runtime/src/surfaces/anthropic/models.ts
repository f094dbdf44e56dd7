/** GET /v1/models as Anthropic lists them, in pages. https://platform.claude.com/docs/en/api/models/list */
import type { JsonObject } from "@headgate/contract";
import type { IndexedRoute, RouteIndex } from "@headgate/router";
import { wrong } from "./check.ts";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;

export interface PageQuery {
  readonly limit?: string;
  readonly after_id?: string;
  readonly before_id?: string;
}

/** @throws {ClientError} 400 for an invalid limit */
export function modelPage(index: RouteIndex, query: PageQuery): JsonObject {
  const limit = query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw wrong("limit", `must be a whole number from 1 to ${MAX_LIMIT}`);
  const all = index.table.routes.flatMap(({ name }) => {
    const model = modelInfo(index.find(name), name);
    return model === undefined ? [] : [model];
  });
  const at = (id: string | undefined): number => all.findIndex((model) => model.id === id);
  const before = at(query.before_id);
  const start = before === -1 ? at(query.after_id) + 1 : Math.max(0, before - limit);
  const end = before === -1 ? Math.min(all.length, start + limit) : before;
  const data = all.slice(start, end);
  return {
    data,
    has_more: before === -1 ? end < all.length : start > 0,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/**
 * @param name as the client sent it: a pattern of the model map covers many names
 * @returns undefined for what cannot answer messages
 */
export function modelInfo(route: IndexedRoute | undefined, name: string): JsonObject | undefined {
  const first = route?.chain[0];
  if (route?.operation !== "chat" || first === undefined) return undefined;
  const { deployment, provider } = first;
  const upstream = `${provider.name}: ${deployment.upstream}`;
  const displayNames: Readonly<Record<string, string>> = {
    group: name,
    map: `${name} (${route.target ?? upstream})`,
  };
  return {
    id: name,
    type: "model",
    display_name: displayNames[route.kind] ?? upstream,
    // The catalogue knows no release dates. The API documents an epoch value for that.
    created_at: "1970-01-01T00:00:00Z",
    lifecycle: "active",
    deprecated_at: null,
    retires_at: null,
    line: null,
    capabilities: null,
    max_input_tokens: deployment.contextTokens ?? null,
    max_tokens: deployment.maxOutputTokens ?? null,
  };
}
