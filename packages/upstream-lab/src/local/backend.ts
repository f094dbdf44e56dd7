/** What all fake backends are: an HTTP server over models in memory, that can be killed and started again. */
import { createSocket, type Socket as Place } from "node:dgram";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { threadId } from "node:worker_threads";
import { parseJson } from "../ask.ts";
import { createGate, type Gate } from "../gate.ts";
import { asObject, type JsonObject, type JsonValue } from "../json.ts";
import { readBody } from "../read-body.ts";
import type { FakeDevice, FakeMachine } from "./machine.ts";
import { Died, type FakeModel, type Lies, OutOfMemory, Residents } from "./residents.ts";

export interface LocalReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes go out as they are, anything else as JSON. */
  readonly body?: Buffer | JsonValue;
  /** Instead of `body`: one write each. */
  readonly chunks?: readonly Buffer[];
}

export interface LocalCall {
  /** 1 for the first. */
  readonly seq: number;
  readonly method: string;
  /** Without the query, percent-encoding kept. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: Buffer;
  /** Empty when the body is no JSON object. */
  readonly body: JsonObject;
  readonly nowMs: number;
  /** Fires when the client goes away or the backend dies. */
  readonly gone: AbortSignal;
  /** Sends the answer and resolves when it is out, or its reader gone. */
  send(reply: LocalReply): Promise<void>;
}

/** What became of a call, for tests to look at; the objects are live. */
export interface LocalRecord {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly body: JsonObject;
  readonly authorization: string | undefined;
  status: number | undefined;
  /** `aborted`: the client left first. `killed`: the backend died first. */
  outcome: "open" | "finished" | "aborted" | "killed";
}

/** A refusal, thrown by a route. */
export class Refusal extends Error {
  readonly reply: LocalReply;
  constructor(status: number, body: JsonValue, headers?: Readonly<Record<string, string>>) {
    super(`${status}`);
    this.reply = { status, body, ...(headers === undefined ? {} : { headers }) };
  }
}

export interface LocalBackendOptions {
  readonly machine: FakeMachine;
  /** In the machine's records; default the kind of backend. */
  readonly name?: string;
  /** Default `cuda:0` where the machine has one, else `cpu`. */
  readonly device?: FakeDevice;
  readonly models: Readonly<Record<string, FakeModel>>;
  /** A model that does not fit on its GPU is put into RAM for the rest. Default false: it is out of memory. */
  readonly spills?: boolean;
  /** A model that no GPU alone has room for is put on all of them, in proportion to what they have free. Default false. */
  readonly splits?: boolean;
}

export interface LocalBackend {
  /** `http://127.0.0.1:20123`; it stays the same over a restart. */
  readonly url: string;
  readonly residents: Residents;
  readonly calls: readonly LocalRecord[];
  /** Calls in progress. */
  readonly open: number;
  /** From now on; lies told before and not named again are over. */
  lie(lies: Lies): void;
  /** Answers this instead of the truth from now on, wherever it returns something. */
  interfere(answer: ((call: LocalCall) => LocalReply | undefined) | undefined): void;
  /** Jobs of the model stop at the gate, with their memory taken. */
  hold(model: string): Gate;
  /** From now on streams stop at the gate once so many chunks are out (default 1). */
  holdStreams(afterChunks?: number): Gate;
  /** The process dies: connections break, memory comes back, the port refuses. */
  kill(): Promise<void>;
  /** It comes up again, with nothing loaded. */
  restart(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

type Route = (call: LocalCall) => Promise<LocalReply | undefined>;

interface Program {
  readonly kind: string;
  /** Called for each life of the process, so that what it keeps in its closure dies with it. */
  readonly route: (backend: LocalBackend) => Route;
  /** The answer to a lack of memory. */
  readonly outOfMemory: (error: OutOfMemory) => LocalReply;
}

export async function startBackend(options: LocalBackendOptions, program: Program): Promise<LocalBackend> {
  const { machine, models } = options;
  const device = options.device ?? machine.devices.find((one) => one.startsWith("cuda:")) ?? "cpu";
  const { name = program.kind, spills = false, splits = false } = options;
  const residents = new Residents({ machine, backend: name, device, models, spills, splits });
  const calls: LocalRecord[] = [];
  const sockets = new Set<Socket>();
  const failures: unknown[] = [];
  let interference: ((call: LocalCall) => LocalReply | undefined) | undefined;
  let pause: Pause | undefined;
  let seq = 0;
  let open = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const life = residents.alive;
    const left = new AbortController();
    response.on("close", () => {
      left.abort();
      residents.changed();
    });
    response.on("error", () => undefined);
    const { method = "GET", url = "/", headers } = request;
    const rawBody = await readBody(request);
    const body = asObject(parseJson(rawBody));
    const { authorization } = headers;
    const record: LocalRecord = { method, url, body, authorization, status: undefined, outcome: "open" };
    calls.push(record);
    seq += 1;
    const [path = "/", search = ""] = url.split("?", 2);
    const gone = AbortSignal.any([left.signal, life]);
    const call: LocalCall = {
      seq,
      method,
      path,
      query: new URLSearchParams(search),
      headers,
      rawBody,
      body,
      nowMs: machine.clock.nowMs(),
      gone,
      send: (reply) => send(response, reply, record, pause, gone),
    };
    open += 1;
    residents.changed();
    try {
      const reply = interference?.(call) ?? (await route(call));
      if (reply !== undefined) await call.send(reply);
    } catch (error) {
      if (error instanceof Refusal) await call.send(error.reply);
      else if (error instanceof OutOfMemory) await call.send(program.outOfMemory(error));
      else if (!(error instanceof Died)) failures.push(error);
      if (!response.writableEnded) request.socket.destroy();
    } finally {
      open -= 1;
      if (record.outcome === "open") record.outcome = life.aborted ? "killed" : "aborted";
      residents.changed();
    }
  };

  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("request", (request, response) => {
    serve(request, response).catch((error: unknown) => failures.push(error));
  });
  const { port, place } = await listenAnywhere(server);

  const kill = async (): Promise<void> => {
    residents.crash();
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    // As the kernel does it: what was written still arrives.
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  let placed = true;
  const close = async (): Promise<void> => {
    await kill();
    if (placed) place.close();
    placed = false;
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  };

  const backend: LocalBackend = {
    url: `http://127.0.0.1:${port}`,
    residents,
    calls,
    get open() {
      return open;
    },
    lie(lies) {
      residents.lies = lies;
    },
    interfere(answer) {
      interference = answer;
    },
    hold: (model) => residents.hold(model),
    holdStreams(afterChunks = 1) {
      pause = { afterChunks, gate: createGate() };
      return pause.gate;
    },
    kill,
    async restart() {
      if (server.listening) return;
      route = program.route(backend);
      await listen(server, port);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  let route = program.route(backend);
  return backend;
}

/** The id's model. @throws {Refusal} */
export function modelOf(residents: Residents, id: string, refusal: () => Refusal): FakeModel {
  const model = residents.models.get(id);
  if (model === undefined) throw refusal();
  return model;
}

interface Pause {
  readonly afterChunks: number;
  readonly gate: Gate;
}

async function send(
  response: ServerResponse,
  reply: LocalReply,
  record: LocalRecord,
  pause: Pause | undefined,
  left: AbortSignal,
): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  record.status = reply.status;
  const bytes = Buffer.isBuffer(reply.body);
  const body = bytes || reply.body === undefined ? reply.body : JSON.stringify(reply.body);
  const type = bytes || body === undefined ? {} : { "content-type": "application/json" };
  response.writeHead(reply.status, { ...type, ...reply.headers });
  const gone = once(response, "close").catch(() => undefined);
  for (const [index, chunk] of (reply.chunks ?? []).entries()) {
    if (index === pause?.afterChunks) await pause.gate.enter(left);
    if (response.destroyed) return;
    await Promise.race([gone, new Promise<void>((resolve) => void response.write(chunk, () => resolve()))]);
  }
  const ended = new Promise<void>((resolve) => {
    response.end(body, () => {
      record.outcome = "finished";
      resolve();
    });
  });
  await Promise.race([gone, ended]);
}

type HttpServer = ReturnType<typeof createServer>;

async function listen(server: HttpServer, port: number): Promise<void> {
  const failed = once(server, "error").then(([error]) => Promise.reject(error));
  server.listen(port, "127.0.0.1");
  const listening = new AbortController();
  failed.catch(() => undefined);
  await Promise.race([once(server, "listening", { signal: listening.signal }), failed]);
  listening.abort();
}

/** Below the ports that the kernel hands out: while a fake is down, no connection is given its port. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;
let tried = (process.pid * 31 + threadId * 977) % PORTS;

/** The place is the same number for UDP, held while the fake is down too, so that no other fake takes its port. */
async function listenAnywhere(server: HttpServer): Promise<{ readonly port: number; readonly place: Place }> {
  for (let attempt = 0; attempt < PORTS; attempt += 1) {
    tried = (tried + 1) % PORTS;
    const port = FIRST_PORT + tried;
    const place = createSocket("udp4");
    try {
      place.bind({ port, address: "127.0.0.1", exclusive: true });
      await once(place, "listening");
      place.unref();
      await listen(server, port);
      return { port, place };
    } catch (error) {
      place.close();
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    }
  }
  throw new Error("no port is free");
}
