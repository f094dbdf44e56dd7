import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ClientError } from "./client-error.ts";

const LENGTH_BYTES = 4;
/** Longer than any usual key. */
const MIN_COMPARED_BYTES = 512;

/**
 * Checks the one client key. It may come as `Authorization: Bearer`, `x-api-key`, `api-key` or `x-goog-api-key`, and on
 * some routes in the query. URLs are logged without their query.
 * Both keys are compared with their lengths, in buffers of one size, so that the timing shows neither bytes nor length.
 */
export function keyChecker(key: string): (headers: IncomingHttpHeaders, queryKey?: unknown) => void {
  const size = LENGTH_BYTES + Math.max(MIN_COMPARED_BYTES, Buffer.byteLength(key));
  const padded = (text: string, buffer: Buffer): Buffer => {
    buffer.fill(0);
    buffer.writeUInt32LE(Buffer.byteLength(text), 0);
    buffer.write(text, LENGTH_BYTES);
    return buffer;
  };
  const expected = padded(key, Buffer.alloc(size));
  // One buffer for all requests: a comparison ends before the next begins.
  const sent = Buffer.alloc(size);
  return (headers, queryKey) => {
    const given = clientKey(headers) ?? (typeof queryKey === "string" ? queryKey : undefined);
    if (given === undefined) {
      throw new ClientError({
        status: 401,
        type: "authentication_error",
        code: "missing_api_key",
        message: "No API key was sent. Send `Authorization: Bearer <key>`; `headgate key` prints the key.",
      });
    }
    if (!timingSafeEqual(padded(given, sent), expected)) {
      throw new ClientError({
        status: 401,
        type: "authentication_error",
        code: "invalid_api_key",
        message: "The API key is not this gateway's. `headgate key` prints the right one.",
      });
    }
  };
}

function clientKey(headers: IncomingHttpHeaders): string | undefined {
  const authorization = headers.authorization;
  if (authorization !== undefined) {
    return authorization.slice(0, 7).toLowerCase() === "bearer " ? authorization.slice(7).trim() : undefined;
  }
  const plain = headers["x-api-key"] ?? headers["api-key"] ?? headers["x-goog-api-key"];
  return typeof plain === "string" ? plain : undefined;
}
