/** The path that a request is routed by: clients leave `/v1` out, or add it to a base URL that ends with it. */

const PREFIX = "/v1";
/** First segments of OpenAI's and Anthropic's routes. */
const FIRST: ReadonlySet<string> = new Set([
  "audio",
  "chat",
  "completions",
  "embeddings",
  "images",
  "messages",
  "model",
  "models",
  "moderations",
  "rerank",
  "responses",
]);

/** @param url a path with its query */
export function routePath(url: string): string {
  if (url.startsWith(`${PREFIX}/`)) {
    const path = url.slice(PREFIX.length);
    return path.startsWith(`${PREFIX}/`) || path.startsWith("/v1beta/") ? routePath(path) : url;
  }
  // Cohere's newer clients call the same route by this path.
  if (/^\/v2\/rerank(?:\?|$)/.test(url)) return PREFIX + url.slice(PREFIX.length);
  const first = /^\/([a-z]+)(?=[/?]|$)/.exec(url)?.[1];
  return first !== undefined && FIRST.has(first) ? PREFIX + url : url;
}

/** The paths that mean the same as this one, itself included: what a map of exact paths must hold. */
export const spellings = (path: string): readonly string[] =>
  path.startsWith(`${PREFIX}/`) ? [path, path.slice(PREFIX.length), PREFIX + path] : [path];
