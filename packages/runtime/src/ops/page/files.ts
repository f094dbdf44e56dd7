/** The page's files: index.html, which is never cached, and hashed assets, which are cached for ever. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ClientError } from "../../http/client-error.ts";

/** Everything is from the gateway itself; nothing is inline, and no script makes markup out of text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  // `no-referrer` would turn the Origin of the page's own requests into "null".
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
} as const;

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Compressed beside the file when the page is built; the best first. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Headgate</title><meta http-equiv="refresh" content="2"></head>
<body><main><h1>The page is being built</h1><p>It opens by itself within some seconds. If it does not, see the gateway's log.</p></main></body></html>
`;

export async function sendIndex(directory: string, reply: FastifyReply): Promise<FastifyReply> {
  const html = await readFile(join(directory, "index.html")).catch(absent);
  reply.headers({ ...HEADERS, "cache-control": "no-store" }).type("text/html; charset=utf-8");
  return html === undefined ? reply.code(503).send(NOT_BUILT) : reply.send(html);
}

export async function sendAsset(
  directory: string,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const type = TYPES[extname(name)];
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(name) || type === undefined) throw noFile(name);
  const accepted = String(request.headers["accept-encoding"] ?? "");
  const path = join(directory, "assets", name);
  reply.headers({
    ...HEADERS,
    "cache-control": "public, max-age=31536000, immutable",
    vary: "Accept-Encoding",
  });
  for (const [encoding, ending] of ENCODINGS) {
    if (!new RegExp(`\\b${encoding}\\b(?!;q=0(?:\\.0*)?(?:,|$))`).test(accepted)) continue;
    const bytes = await readFile(path + ending).catch(absent);
    if (bytes !== undefined) return reply.type(type).header("content-encoding", encoding).send(bytes);
  }
  const bytes = await readFile(path).catch(absent);
  if (bytes === undefined) throw noFile(name);
  return reply.type(type).send(bytes);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}

const noFile = (name: string): ClientError =>
  new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "unknown_url",
    message: `The page has no file ${name.slice(0, 100)}; reload the page.`,
  });
