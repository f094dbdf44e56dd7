/** HTTP/1.1 requests, from what a bare socket received. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly keepAlive: boolean;
}

/** The first whole request of what was received, and its length; undefined until it is whole. */
export function parseRequest(received: Buffer): { request: HttpRequest; bytes: number } | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [requestLine = "", ...headerLines] = received.toString("latin1", 0, headEnd).split("\r\n");
  const [method = "", target = "", version = ""] = requestLine.split(" ");
  const headers = new Map(
    headerLines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const body = parseBody(received.subarray(headEnd + 4), headers);
  if (body === undefined) return undefined;
  const connection = (headers.get("connection") ?? "").toLowerCase();
  return {
    request: {
      method,
      path: target.replace(/\?.*/, ""),
      headers,
      body: body.text,
      keepAlive: version === "HTTP/1.0" ? connection.includes("keep-alive") : !connection.includes("close"),
    },
    bytes: headEnd + 4 + body.bytes,
  };
}

function parseBody(
  received: Buffer,
  headers: ReadonlyMap<string, string>,
): { text: string; bytes: number } | undefined {
  if ((headers.get("transfer-encoding") ?? "").toLowerCase().includes("chunked"))
    return parseChunks(received);
  const bytes = Number(headers.get("content-length") ?? 0);
  return received.length < bytes ? undefined : { text: received.toString("utf8", 0, bytes), bytes };
}

function parseChunks(received: Buffer): { text: string; bytes: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = received.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(received.toString("latin1", at, lineEnd), 16);
    const start = lineEnd + 2;
    if (received.length < start + size + 2) return undefined;
    if (size === 0) return { text: Buffer.concat(parts).toString("utf8"), bytes: start + 2 };
    parts.push(received.subarray(start, start + size));
    at = start + size + 2;
  }
}
