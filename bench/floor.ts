/**
 * The floor: the least work of a proxy on Node. node:http takes the request, undici sends it on, both bodies are piped,
 * and no JSON is read. A gateway's cost is measured against this.
 *
 * Run as a process with the upstream's origin as its argument; it sends its port to the parent over the IPC channel.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Pool } from "undici";

/** A server that is not listening yet; closing it closes its connections to the upstream. */
export function createFloor(upstreamOrigin: string): Server {
  // As many sockets as clients: a queue here would be measured as latency.
  const pool = new Pool(upstreamOrigin, { connections: 512, pipelining: 1 });

  const relay = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const headers: Record<string, string> = {};
    for (const name of ["authorization", "content-type", "content-length", "accept"] as const) {
      const value = request.headers[name];
      if (value !== undefined) headers[name] = value;
    }
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    const method = request.method === "POST" ? "POST" : "GET";
    const answer = await pool.request({
      method,
      path: request.url ?? "/",
      headers,
      body: method === "POST" ? request : null,
      signal: gone.signal,
    });
    const out: Record<string, string | string[]> = {};
    for (const name of ["content-type", "content-length", "x-request-id"]) {
      const value = answer.headers[name];
      if (value !== undefined) out[name] = value;
    }
    response.writeHead(answer.statusCode, out);
    answer.body.on("error", () => response.destroy());
    answer.body.pipe(response);
  };

  const server = createServer({ noDelay: true }, (request, response) => {
    relay(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  server.on("close", () => void pool.destroy());
  return server;
}

if (import.meta.main) {
  const origin = process.argv[2];
  if (origin === undefined) throw new Error("usage: floor.ts http://127.0.0.1:PORT");
  const server = createFloor(origin);
  server.listen(0, "127.0.0.1", 1024, () => {
    const address = server.address();
    if (address !== null && typeof address === "object") process.send?.({ port: address.port });
  });
  process.on("disconnect", () => process.exit(0));
}
