/** GET /v1beta/models as Google lists them, in pages. https://ai.google.dev/api/models */
import { type JsonObject, present } from "@headgate/contract";
import type { IndexedRoute, RouteIndex } from "@headgate/router";
import { unknownModel } from "../../exchange/lookup.ts";
import { badRequest } from "../../http/client-error.ts";

const DEFAULT_PAGE = 50;
const MAX_PAGE = 1000;
const PREFIX = "models/";

const METHODS = {
  chat: ["generateContent", "streamGenerateContent", "countTokens"],
  embedding: ["embedContent", "batchEmbedContents", "countTokens"],
} as const;

export interface PageQuery {
  readonly pageSize?: string;
  readonly pageToken?: string;
}

/** Removes what Google's clients add to a name, unless the whole name is known. */
export const plainName = (index: RouteIndex, name: string): string =>
  name.startsWith(PREFIX) && index.find(name) === undefined ? name.slice(PREFIX.length) : name;

export function modelPage(index: RouteIndex, { pageSize = "0", pageToken }: PageQuery): JsonObject {
  const wanted = Number(pageSize);
  if (!Number.isInteger(wanted) || wanted < 0) throw badRequest("It must be a whole number.", "pageSize");
  const size = wanted === 0 ? DEFAULT_PAGE : Math.min(wanted, MAX_PAGE);
  const all = index.table.routes.flatMap(({ name }) => {
    const route = index.find(name);
    const model = route === undefined ? undefined : describe(route, name);
    return model === undefined ? [] : [model];
  });
  const last = pageToken === undefined ? "" : Buffer.from(pageToken, "base64url").toString("utf8");
  const start = last === "" ? 0 : all.findIndex(({ name }) => name === last) + 1;
  if (last !== "" && start === 0) throw badRequest("It is of no page that was listed.", "pageToken");
  const models = all.slice(start, start + size);
  const end = models.at(-1)?.name;
  const more = start + size < all.length && typeof end === "string";
  return { models, ...(more ? { nextPageToken: Buffer.from(end).toString("base64url") } : {}) };
}

/** @throws {ClientError} 404 */
export function modelInfo(index: RouteIndex, given: string): JsonObject {
  const name = plainName(index, given);
  const route = index.find(name);
  const model = route === undefined ? undefined : describe(route, name);
  if (model === undefined) throw unknownModel(index, name);
  return model;
}

/** Undefined for what this API has no methods for. */
function describe({ chain, operation, kind }: IndexedRoute, name: string): JsonObject | undefined {
  const [first] = chain;
  if (first === undefined || (operation !== "chat" && operation !== "embedding")) return undefined;
  const { deployment, provider } = first;
  const ours = kind === "group" || kind === "map";
  return {
    name: PREFIX + name,
    baseModelId: name,
    version: "001",
    displayName: ours ? name : `${provider.name}: ${deployment.upstream}`,
    ...present({ inputTokenLimit: deployment.contextTokens, outputTokenLimit: deployment.maxOutputTokens }),
    supportedGenerationMethods: METHODS[operation],
    ...(deployment.capabilities.includes("reasoning") ? { thinking: true } : {}),
  };
}
