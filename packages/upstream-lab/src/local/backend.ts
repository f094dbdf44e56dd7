/** The base of all fake backends: an HTTP server over models in memory, which can be killed and restarted. */
import { createSocket, type Socket as PortHold } from "node:dgram";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { threadId } from "node:worker_threads";
import { createGate, type Gate } from "../gate.ts";
import { asObject, type JsonObject, type JsonValue } from "../json.ts";
import { parseJson } from "../lab-request.ts";
import { readBody } from "../read-body.ts";
import type { FakeDevice, FakeMachine } from "./machine.ts";
import { BackendKilled, type FakeModel, type Lies, OutOfMemory, Residents } from "./residents.ts";

export interface LocalReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes are sent unchanged, anything else as JSON. */
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
  /** Fires when the client leaves or the backend is killed. */
  readonly gone: AbortSignal;
  /** Sends the answer and resolves when it is sent, or the client has left. */
  send(reply: LocalReply): Promise<void>;
}

/** The record of a call, for tests; the objects are live. */
export interface LocalRecord {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly body: JsonObject;
  readonly authorization: string | undefined;
  status: number | undefined;
  /** `aborted`: the client left first. `killed`: the backend was killed first. */
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
  /** The part of a model that does not fit on its GPU is put into RAM. Default false: out of memory. */
  readonly spills?: boolean;
  /** A model that fits on no single GPU is put on all of them, in proportion to their free memory. Default false. */
  readonly splits?: boolean;
}

export interface LocalBackend {
  /** `http://127.0.0.1:20123`; it stays the same over a restart. */
  readonly url: string;
  readonly residents: Residents;
  readonly calls: readonly LocalRecord[];
  /** Calls in progress. */
  readonly open: number;
  /** Sets the lies from now on; earlier ones that are not named again end. */
  lie(lies: Lies): void;
  /** Replaces answers from now on, where it returns something. */
  interfere(answer: ((call: LocalCall) => LocalReply | undefined) | undefined): void;
  /** Jobs of the model stop at the gate, with their memory claimed. */
  hold(model: string): Gate;
  /** From now on streams stop at the gate after a number of chunks (default 1). */
  holdStreams(afterChunks?: number): Gate;
  /** Kills the process: connections break, memory is freed, the port refuses. */
  kill(): Promise<void>;
  /** Starts it again, with nothing loaded. */
  restart(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

type Route = (call: LocalCall) => Promise<LocalReply | undefined>;

interface Program {
  readonly kind: string;
  /** Called for each start of the process, so that its closure holds the state of one run. */
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
    const lifetime = residents.lifetime;
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
    const gone = AbortSignal.any([left.signal, lifetime]);
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
      else if (!(error instanceof BackendKilled)) failures.push(error);
      if (!response.writableEnded) request.socket.destroy();
    } finally {
      open -= 1;
      if (record.outcome === "open") record.outcome = lifetime.aborted ? "killed" : "aborted";
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
  const { port, hold } = await listenAnywhere(server);

  const kill = async (): Promise<void> => {
    residents.crash();
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    // As in the kernel: written bytes still arrive.
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  let placed = true;
  const close = async (): Promise<void> => {
    await kill();
    if (placed) hold.close();
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

/** Below the kernel's ephemeral ports: while a fake is down, no connection gets its port. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;
let tried = (process.pid * 31 + threadId * 977) % PORTS;

/** `hold` is a UDP socket of the same number, kept while the fake is down, so that no other fake takes its port. */
async function listenAnywhere(
  server: HttpServer,
): Promise<{ readonly port: number; readonly hold: PortHold }> {
  for (let attempt = 0; attempt < PORTS; attempt += 1) {
    tried = (tried + 1) % PORTS;
    const port = FIRST_PORT + tried;
    const hold = createSocket("udp4");
    try {
      hold.bind({ port, address: "127.0.0.1", exclusive: true });
      await once(hold, "listening");
      hold.unref();
      await listen(server, port);
      return { port, hold };
    } catch (error) {
      hold.close();
      if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    }
  }
  throw new Error("no port is free");
}
