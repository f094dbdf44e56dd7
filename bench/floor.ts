/**
 * The floor: the least work of a correct relay on Node. node:http takes the request, undici's `dispatch` sends it on, and
 * both bodies are kept whole, as a gateway must that may try another provider. A gateway's cost is measured against this.
 * With `--translate` it also reads and writes each body as JSON once: the floor of a translation.
 *
 * Run as a process with the upstream's origin as its argument; it sends its port to the parent over the IPC channel.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Pool } from "undici";

const REQUEST_HEADERS = ["authorization", "content-type", "accept"] as const;
const ANSWER_HEADERS = ["content-type", "x-request-id"] as const;

const whole = (chunks: readonly Buffer[]): Buffer =>
  chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
const rewritten = (bytes: Buffer): Buffer => Buffer.from(JSON.stringify(JSON.parse(bytes.toString("utf8"))));

/** A server that is not listening yet; closing it closes its connections to the upstream. */
export function createFloor(upstreamOrigin: string, translate = false): Server {
  // As many sockets as clients: a queue here would be measured as latency.
  const pool = new Pool(upstreamOrigin, { connections: 512, pipelining: 1 });

  const send = (request: IncomingMessage, response: ServerResponse, body: Buffer | null): void => {
    const headers: string[] = [];
    for (const name of REQUEST_HEADERS) {
      const value = request.headers[name];
      if (value !== undefined) headers.push(name, value);
    }
    const chunks: Buffer[] = [];
    const out: string[] = [];
    let status = 200;
    let streams = false;
    const failed = (): void => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    };
    pool.dispatch(
      { method: request.method === "POST" ? "POST" : "GET", path: request.url ?? "/", headers, body },
      {
        onRequestStart(controller) {
          response.once("close", () => {
            if (!response.writableFinished) controller.abort(new Error("the client is gone"));
          });
        },
        onResponseStart(_, code, received) {
          status = code;
          for (const name of ANSWER_HEADERS) {
            const value = received[name];
            if (typeof value === "string") out.push(name, value);
          }
          streams = received["content-type"]?.includes("event-stream") === true;
          if (streams) response.writeHead(status, out);
        },
        onResponseData(controller, chunk) {
          if (!streams) chunks.push(chunk);
          else if (!response.write(chunk)) {
            controller.pause();
            response.once("drain", () => controller.resume());
          }
        },
        onResponseEnd() {
          if (streams) {
            response.end();
            return;
          }
          const received = whole(chunks);
          const answer = translate ? rewritten(received) : received;
          out.push("content-length", String(answer.length));
          response.writeHead(status, out).end(answer);
        },
        onResponseError: failed,
      },
    );
  };

  const server = createServer({ noDelay: true }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = chunks.length === 0 ? null : whole(chunks);
      send(request, response, translate && body !== null ? rewritten(body) : body);
    });
    request.on("error", () => response.destroy());
  });
  server.on("close", () => void pool.destroy());
  return server;
}

if (import.meta.main) {
  const origin = process.argv[2];
  if (origin === undefined) throw new Error("usage: floor.ts http://127.0.0.1:PORT [--translate]");
  const server = createFloor(origin, process.argv.includes("--translate"));
  server.listen(0, "127.0.0.1", 1024, () => {
    const address = server.address();
    if (address !== null && typeof address === "object") process.send?.({ port: address.port });
  });
  process.on("disconnect", () => process.exit(0));
}
