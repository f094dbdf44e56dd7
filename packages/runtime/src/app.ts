/** The HTTP side: surfaces, the client key, health, and errors in the client's envelope. */
import type { IncomingHttpHeaders } from "node:http";
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { LineSender } from "./batches/line-sender.ts";
import type { LineRun } from "./batches/pace.ts";
import type { ActiveClient } from "./clients/active-client.ts";
import { afterDelay, type KeyChecker } from "./http/auth.ts";
import { bodyRoom } from "./http/body-room.ts";
import { ClientError } from "./http/client-error.ts";
import { corsFor } from "./http/cors.ts";
import { isFromHere } from "./http/keyless.ts";
import { plainBody } from "./http/plain-body.ts";
import { requestId, uniqueId } from "./http/request-id.ts";
import { routePath } from "./http/route-path.ts";
import { discardUnread } from "./http/unread-body.ts";
import { type AdminInput, adminRoutes } from "./ops/admin.ts";
import { batchForecastRoute } from "./ops/batch-forecast.ts";
import { type ClientsInput, clientRoutes } from "./ops/clients.ts";
import { type HealthInput, healthRoutes } from "./ops/health.ts";
import { type MetricsInput, metricsRoute } from "./ops/metrics.ts";
import { type ModelsInput, modelRoutes } from "./ops/models.ts";
import { makeDoor, type PageInput, pageRoutes } from "./ops/page/index.ts";
import { type QuotaInput, quotaRoute } from "./ops/quota.ts";
import { type RecordsInput, recordRoutes } from "./ops/records.ts";
import { type StatusInput, statusRoutes } from "./ops/status.ts";
import { ANTHROPIC_ENVELOPE } from "./surfaces/anthropic/envelope.ts";
import { type HostInput, surfaceHost, toClientError } from "./surfaces/client-answer.ts";
import { FastPath } from "./surfaces/fast-path.ts";
import { GEMINI_ENVELOPE } from "./surfaces/gemini/envelope.ts";
import { SURFACES } from "./surfaces/index.ts";
import { OLLAMA_ENVELOPE } from "./surfaces/ollama/envelope.ts";
import { OPENAI_ENVELOPE } from "./surfaces/openai/envelope.ts";
import type { Envelope } from "./surfaces/surface.ts";

// An import of `node:http` reads all its names, and two of them load Node's own undici: 40 ms and some megabytes.
const { createServer, maxHeaderSize, STATUS_CODES } = process.getBuiltinModule("node:http");

/** Longer than most proxies keep connections, so that the gateway never closes a connection just as it is reused. */
const KEEP_ALIVE_MS = 75_000;

export type AppInput = HostInput &
  AdminInput &
  ClientsInput &
  HealthInput &
  MetricsInput &
  ModelsInput &
  PageInput &
  QuotaInput &
  RecordsInput &
  StatusInput & {
    readonly keys: Pick<KeyChecker<ActiveClient>, "check">;
    /** Undefined where there are no batches. */
    readonly ticketOf: LineSender["ticketOf"] | undefined;
  };

export function createApp(input: AppInput): FastifyInstance {
  const { options, draining, keys } = input;
  const fastPath = new FastPath({
    maxBodyBytes: options.maxBodyBytes,
    identify: (headers, address) => keys.check(headers, address),
    memory: input.memory,
    draining,
  });
  const cors = corsFor(options.corsOrigins);
  /** @throws {ClientError} unless the headers carry the operator's key */
  const operatorKey = (headers: IncomingHttpHeaders, address: string | undefined): void => {
    const client = keys.check(headers, address);
    if (client !== undefined) throw operatorOnly(client);
  };
  const door = makeDoor(input, operatorKey);
  const app = fastify({
    serverFactory(handler) {
      return createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
        if (cors?.(request, response) === true) return;
        if (fastPath.take(request, response) || door.forward(request, response, pass)) return;
        handler(request, response);

        function pass(...forwarded: Parameters<typeof handler>): void {
          if (!fastPath.take(...forwarded)) handler(...forwarded);
        }
      });
    },
    logger: false,
    bodyLimit: options.maxBodyBytes,
    genReqId: requestId,
    requestIdHeader: false,
    rewriteUrl: ({ url = "/" }) => routePath(url),
    forceCloseConnections: "idle",
    // No route has a schema. Without this, Fastify loads Ajv and fast-json-stringify all the same.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // A model's id may contain slashes, which a client may send encoded.
    routerOptions: { maxParamLength: 512 },
    clientErrorHandler: notHttp,
    frameworkErrors(error, request, reply) {
      reply.header("x-request-id", request.id);
      sendError(request, reply, toClientError(error, request, input.log));
    },
  });

  app.removeAllContentTypeParsers();
  // Forms contain files: their surface reads them from the stream.
  app.addContentTypeParser("multipart/form-data", (_, body, done) => done(null, body));
  app.addContentTypeParser("*", { parseAs: "buffer" }, async ({ headers }: FastifyRequest, body: Buffer) =>
    plainBody(body, headers["content-encoding"], options.maxBodyBytes),
  );

  app.decorateRequest("client");
  app.decorateRequest("line");
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    try {
      const { open, queryKey, keyless, operator, access } = request.routeOptions.config;
      if (isAdmin(request.url)) {
        const refused = (error: unknown): void => afterDelay(error, () => done(error as ClientError));
        return void door.admit(request, access ?? "admin").then(() => done(), refused);
      }
      const { headers, socket } = request;
      const ticket = input.ticketOf?.(headers);
      if (ticket !== undefined) {
        request.client = ticket.client;
        request.line = ticket.line;
        return void done();
      }
      const free = keyless && options.ollamaNoKey === "1" && isFromHere(socket.remoteAddress, headers);
      if (!open && !free) {
        const inQuery = queryKey ? (request.query as { key?: unknown }).key : undefined;
        request.client = keys.check(headers, socket.remoteAddress, inQuery);
        if (operator === true && request.client !== undefined) throw operatorOnly(request.client);
      }
      done();
    } catch (error) {
      afterDelay(error, () => done(error as ClientError));
    }
  });
  app.addHook("preParsing", (request, reply, payload, done) => {
    // A form counts its own files.
    const isForm = request.headers["content-type"]?.startsWith("multipart/") === true;
    const onNone = (error: Error): void => void payload.emit("error", error);
    const room = isForm ? undefined : bodyRoom(request.raw, input.memory, onNone);
    if (room !== undefined) reply.raw.once("close", () => room.hold.release());
    if (room?.wait === undefined) done(null, payload);
    else room.wait.then(() => done(null, payload), done);
  });
  app.setErrorHandler((error: FastifyError, request, reply) =>
    sendError(request, reply, toClientError(error, request, input.log)),
  );
  app.setNotFoundHandler((request, reply) => sendError(request, reply, noRoute(request, app)));

  const host = surfaceHost(input, fastPath);
  for (const surface of SURFACES) surface(app, host);
  healthRoutes(app, input);
  adminRoutes(app, input);
  clientRoutes(app, input);
  metricsRoute(app, input);
  recordRoutes(app, input);
  quotaRoute(app, input);
  batchForecastRoute(app, input);
  statusRoutes(app, input);
  modelRoutes(app, input);
  pageRoutes(app, input, door, operatorKey);
  return app;
}

function sendError(request: FastifyRequest, reply: FastifyReply, error: ClientError): FastifyReply {
  const envelope = request.routeOptions.config.envelope ?? envelopeAt(request.url);
  discardUnread(request.raw, reply.raw);
  return reply
    .code(error.status)
    .headers(envelope.headers(error, request.id))
    .send(envelope.body(error, request.id));
}

/** Of a path that no route has: that of the surface whose prefix it has. */
const ENVELOPES: readonly (readonly [prefix: RegExp, envelope: Envelope])[] = [
  [/^\/v1\/messages(?:[/?]|$)/, ANTHROPIC_ENVELOPE],
  [/^\/v1(?:alpha|beta)/, GEMINI_ENVELOPE],
  [/^\/api\//, OLLAMA_ENVELOPE],
];

const envelopeAt = (url: string): Envelope =>
  ENVELOPES.find(([prefix]) => prefix.test(url))?.[1] ?? OPENAI_ENVELOPE;

const operatorOnly = ({ name }: ActiveClient): ClientError =>
  new ClientError({
    status: 403,
    type: "permission_error",
    code: "operator_only",
    message: `This route takes the operator's key only, and the request came with the key of the client ${name}.`,
  });
const isAdmin = (url: string): boolean => /^\/admin(?:[/?]|$)/.test(url);

function noSchemas(): never {
  throw new Error("routes have no schemas: bodies are checked by their surface");
}

/** What cannot be read as a request, in the envelope of the surface whose path it begins with. */
function notHttp(
  error: Error & { readonly code?: string | undefined; readonly rawPacket?: unknown },
  socket: { readonly writable: boolean; end(text: string): unknown },
): void {
  if (!socket.writable) return;
  const refusal = unreadable(error.code);
  const packet = Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString("latin1", 0, 2_048) : "";
  const path = /^[A-Z]+ (\S+)/.exec(packet)?.[1];
  const envelope = envelopeAt(path ?? "");
  const body = envelope.body(refusal, uniqueId());
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function unreadable(code: string | undefined): ClientError {
  const type = "invalid_request_error";
  if (code === "HPE_HEADER_OVERFLOW")
    return new ClientError({
      status: 431,
      type,
      code: "headers_too_large",
      message: `The request's headers are larger than ${maxHeaderSize} bytes.`,
    });
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new ClientError({
      status: 408,
      type,
      code: "timeout",
      message: "The request did not come in time.",
    });
  return new ClientError({ status: 400, type, message: "The request is not valid HTTP." });
}

function noRoute(request: FastifyRequest, app: FastifyInstance): ClientError {
  const path = request.url.split("?")[0] ?? "";
  const shown = request.originalUrl.split("?")[0]?.slice(0, 200) ?? "";
  const allowed = (["GET", "POST"] as const).filter((method) => app.hasRoute({ method, url: path }));
  if (allowed.length > 0) {
    return new ClientError({
      status: 405,
      type: "invalid_request_error",
      code: "method_not_allowed",
      message: `${request.method} ${shown} is not there; use ${allowed.join(" or ")}.`,
    });
  }
  return new ClientError({
    status: 404,
    type: "invalid_request_error",
    code: "unknown_url",
    message: `There is no ${request.method} ${shown} here. See GET /v1/models and POST /v1/chat/completions.`,
  });
}

declare module "fastify" {
  interface FastifyRequest {
    /** Whose key the request has; undefined: the operator's. */
    client: ActiveClient | undefined;
    /** Of a batch's line. */
    line: LineRun | undefined;
  }
  interface FastifyContextConfig {
    /** True for routes that need no key. */
    open?: boolean;
    /** True for routes that take the operator's key only; so does everything under /admin. */
    operator?: boolean;
    /** Of an admin route that needs no session. */
    access?: "sign-in";
    /** True for routes that HEADGATE_OLLAMA_NOKEY opens to programs on this machine. */
    keyless?: boolean;
    /** True for routes whose clients may send the key as `?key=`. */
    queryKey?: boolean;
    /** The error envelope of this route; absent: OpenAI's. */
    envelope?: Envelope;
  }
}
