/**
 * The way of the busiest routes past Fastify's: a POST with a JSON body, a key, and an answer that is written to the
 * socket by us anyway. What Fastify does for the others (routing, hooks, body parsing, reply objects) is here one map
 * look-up and one list of chunks. Each of its routes is also registered with Fastify, which answers every other method.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { bodyTooLarge, type ClientError } from "../http/client-error.ts";
import { ClientSink } from "../http/client-sink.ts";
import { requestId } from "../http/request-id.ts";
import type { Envelope, Incoming } from "./surface.ts";

type Handle = (body: Buffer, incoming: Incoming, response: ServerResponse) => Promise<void>;

interface Stop {
  readonly envelope: Envelope;
  readonly handle: Handle;
}

export interface FastPathInput {
  readonly maxBodyBytes: number;
  /** @throws {ClientError} 401 */
  readonly checkKey: (headers: IncomingHttpHeaders) => void;
  /** True once no further request should come over the same connection. */
  readonly draining: () => boolean;
}

export class FastPath {
  readonly #input: FastPathInput;
  readonly #stops = new Map<string, Stop>();

  constructor(input: FastPathInput) {
    this.#input = input;
  }

  add(path: string, envelope: Envelope, handle: Handle): void {
    this.#stops.set(path, { envelope, handle });
  }

  /** Takes the request if its route is on the fast path. False: Fastify takes it. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = "", method, headers } = request;
    const stop = method === "POST" ? this.#stops.get(url) : undefined;
    if (stop === undefined) return false;
    const incoming = { id: requestId(request), url, headers };
    if (this.#input.draining()) response.setHeader("connection", "close");
    try {
      this.#input.checkKey(request.headers);
      if (Number(request.headers["content-length"] ?? 0) > this.#input.maxBodyBytes) throw bodyTooLarge();
    } catch (error) {
      this.#refuse(request, response, stop.envelope, incoming, error as ClientError);
      return true;
    }
    this.#read(request, response, stop, incoming);
    return true;
  }

  #read(
    request: IncomingMessage,
    response: ServerResponse,
    { envelope, handle }: Stop,
    incoming: Incoming,
  ): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= this.#input.maxBodyBytes) chunks.push(chunk);
      else if (!response.headersSent) this.#refuse(request, response, envelope, incoming, bodyTooLarge());
    });
    request.on("end", () => {
      const [only] = chunks;
      if (bytes > this.#input.maxBodyBytes) return;
      void handle(
        chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks),
        incoming,
        response,
      );
    });
    // A client that goes away while it sends has asked for nothing.
    request.on("error", () => response.destroy());
  }

  /** What is left of the body is not worth reading: the connection ends with the answer. */
  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    envelope: Envelope,
    { id }: Incoming,
    error: ClientError,
  ): void {
    if (!request.complete) response.setHeader("connection", "close");
    new ClientSink(response, id).send(error.status, envelope.headers(error, id), envelope.body(error, id));
  }
}
