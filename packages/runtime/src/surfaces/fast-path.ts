/**
 * The fast path: the busiest routes skip Fastify. They are POSTs with a JSON body and a key, whose answer is written to the
 * socket directly. Routing, hooks and body parsing are one map look-up and one list of chunks here. Each of these routes is
 * also registered with Fastify, which answers the other methods.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { ActiveClient } from "../clients/active-client.ts";
import { afterDelay } from "../http/auth.ts";
import { bodyRoom } from "../http/body-room.ts";
import { bodyTooLarge, type ClientError } from "../http/client-error.ts";
import { ClientSink } from "../http/client-sink.ts";
import type { MemoryBudget } from "../http/memory-budget.ts";
import { requestId } from "../http/request-id.ts";
import { spellings } from "../http/route-path.ts";
import { discardUnread } from "../http/unread-body.ts";
import type { Envelope, Incoming } from "./surface.ts";

type Handle = (body: Buffer, incoming: Incoming, response: ServerResponse) => Promise<void>;

interface FastRoute {
  readonly envelope: Envelope;
  readonly handle: Handle;
}

export interface FastPathInput {
  readonly maxBodyBytes: number;
  /** Whose request it is; undefined: the operator's. @throws {ClientError} 401 */
  readonly identify: (headers: IncomingHttpHeaders, address: string | undefined) => ActiveClient | undefined;
  readonly memory: MemoryBudget;
  /** True once connections must close after their answer. */
  readonly draining: () => boolean;
}

export class FastPath {
  readonly #input: FastPathInput;
  readonly #routes = new Map<string, FastRoute>();

  constructor(input: FastPathInput) {
    this.#input = input;
  }

  add(path: string, envelope: Envelope, handle: Handle): void {
    for (const spelling of spellings(path)) this.#routes.set(spelling, { envelope, handle });
  }

  /** Takes the request if its route is on the fast path. False: Fastify takes it. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = "", method, headers } = request;
    const route = method === "POST" ? this.#routes.get(url) : undefined;
    if (route === undefined) return false;
    let incoming: Incoming = { id: requestId(request), url, headers };
    if (this.#input.draining()) response.setHeader("connection", "close");
    try {
      const client = this.#input.identify(headers, request.socket.remoteAddress);
      if (client !== undefined) incoming = { ...incoming, client };
      if (Number(request.headers["content-length"] ?? 0) > this.#input.maxBodyBytes) throw bodyTooLarge();
    } catch (error) {
      const refuse = (): void =>
        this.#refuse(request, response, route.envelope, incoming, error as ClientError);
      afterDelay(error, refuse);
      return true;
    }
    this.#read(request, response, route, incoming);
    return true;
  }

  #read(
    request: IncomingMessage,
    response: ServerResponse,
    { envelope, handle }: FastRoute,
    incoming: Incoming,
  ): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const none = (error: unknown): void => {
      bytes = Number.POSITIVE_INFINITY;
      room?.hold.release();
      this.#refuse(request, response, envelope, incoming, error as ClientError);
    };
    const room = bodyRoom(request, this.#input.memory, none);
    if (room?.wait !== undefined) {
      request.pause();
      room.wait.then(() => request.resume(), none);
    }
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= this.#input.maxBodyBytes) chunks.push(chunk);
      else if (!response.headersSent) this.#refuse(request, response, envelope, incoming, bodyTooLarge());
    });
    request.on("end", () => {
      const [only] = chunks;
      if (bytes > this.#input.maxBodyBytes) return;
      const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
      void handle(body, room === undefined ? incoming : { ...incoming, memory: room.hold }, response);
    });
    // A client that disconnects while it sends gets no answer.
    request.on("error", () => response.destroy());
  }

  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    envelope: Envelope,
    { id }: Incoming,
    error: ClientError,
  ): void {
    discardUnread(request, response);
    new ClientSink(response, id).send(error.status, envelope.headers(error, id), envelope.body(error, id));
  }
}
