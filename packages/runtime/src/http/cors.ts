/**
 * Cross-origin requests of web pages, off by default: HEADGATE_CORS_ORIGINS. The admin routes are never opened.
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import type { IncomingMessage, ServerResponse } from "node:http";

const ANY = "*";
const METHODS = "GET, POST, DELETE, OPTIONS";
const MAX_AGE_S = "600";

/** True when the request was a preflight, and is answered. */
export type Cors = (request: IncomingMessage, response: ServerResponse) => boolean;

/** @param origins absent or empty: no page may send requests */
export function corsFor(origins: readonly string[] | undefined): Cors | undefined {
  if (origins === undefined || origins.length === 0) return undefined;
  const allowed = new Set(origins);
  const any = allowed.has(ANY);
  return ({ headers, method, url = "" }, response) => {
    const { origin } = headers;
    if (origin === undefined || isAdmin(url)) return false;
    // Caches must not give one origin's answer to another.
    if (!any) response.setHeader("vary", "Origin");
    if (!any && !allowed.has(origin)) return false;
    response.setHeader("access-control-allow-origin", any ? ANY : origin);
    // No credentials are allowed, so this covers every header.
    response.setHeader("access-control-expose-headers", "*");
    if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return false;
    response.setHeader("access-control-allow-methods", METHODS);
    response.setHeader("access-control-max-age", MAX_AGE_S);
    const wanted = headers["access-control-request-headers"];
    if (wanted !== undefined) response.setHeader("access-control-allow-headers", wanted);
    response.writeHead(204).end();
    return true;
  };
}

const isAdmin = (url: string): boolean => /^\/admin(?:[/?]|$)/.test(url);
