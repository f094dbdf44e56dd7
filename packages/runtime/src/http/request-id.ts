import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

const PREFIX = randomBytes(6).toString("base64url").replaceAll(/[-_]/g, "x");
let counter = 0;

/** Unique over processes and restarts. */
export function uniqueId(): string {
  counter += 1;
  return `${PREFIX}${counter.toString(36).padStart(6, "0")}`;
}

/** The client's X-Request-Id where it is a short token, else a new one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  if (typeof given === "string" && /^[A-Za-z0-9._-]{1,128}$/.test(given)) return given;
  return uniqueId();
}
