/** The lab: fake providers on loopback, one behaviour per upstream model. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as timer } from "node:timers/promises";
import { healthy } from "./behaviours/healthy.ts";
import { status } from "./behaviours/status.ts";
import { handleControl } from "./control.ts";
import { documentAt } from "./documents.ts";
import { createGate, type Gate } from "./gate.ts";
import { asObject } from "./json.ts";
import { type LabRequest, parseJson, readLabRequest, wireOf } from "./lab-request.ts";
import { listingAt } from "./listing.ts";
import { perform } from "./perform.ts";
import { readBody } from "./read-body.ts";
import { Conditions, type OpenRecord, type RecordedRequest } from "./record.ts";
import type { Behaviour } from "./step.ts";
import { blackHole, closedPort, type Trap, unreachable } from "./traps.ts";

export interface LabOptions {
  /** Default 0: a free port of 127.0.0.1. */
  readonly port?: number;
  /** Ids in `/v1/models` and `/api/tags`, besides those with a behaviour. */
  readonly models?: readonly string[];
  /** Serve the `/lab` control routes; for a lab in a process of its own. */
  readonly control?: boolean;
  /** Epoch milliseconds; default a monotonic clock of this process. */
  readonly nowMs?: () => number;
  /** How `pause` steps wait; default real time. */
  readonly pause?: (ms: number, gone: AbortSignal) => Promise<void>;
}

export interface Lab {
  /** `http://127.0.0.1:41234` */
  readonly url: string;
  /** For OpenAI-compatible adapters: `url` and `/v1`. Ollama's adapter takes `url`. */
  readonly baseUrl: string;
  /** All requests so far, in order of arrival; the objects are live. */
  readonly requests: readonly RecordedRequest[];
  /** Requests in progress. */
  readonly open: number;
  /** Sockets open, idle ones included. */
  readonly connections: number;
  /** Sets the behaviour of `model`; by default every model is healthy. A listing is named by its path, `*` is the rest. */
  behave(model: string, behaviour: Behaviour): void;
  /** One behaviour per request; the last one is repeated. */
  script(model: string, behaviours: readonly Behaviour[]): void;
  /** A gate to hold behaviours at; the same name gives the same gate. */
  gate(name?: string): Gate;
  /** The `count`-th request for the model (default the first), once it has arrived whole. */
  received(model: string, count?: number): Promise<RecordedRequest>;
  /** When the client broke off its `count`-th request for the model (default the first), epoch milliseconds. */
  aborted(model: string, count?: number): Promise<number>;
  /** Resolves when no request is in progress. */
  idle(): Promise<void>;
  /** Base URL of a port that refuses connections. */
  closedPort(): Promise<string>;
  /** Base URL of a server that accepts connections and never answers. */
  blackHole(): Promise<string>;
  /** Base URL of a server to which connecting never completes (Linux). */
  unreachable(): Promise<string>;
  /** Deletes behaviours, gates and requests. Call it when idle. */
  reset(): void;
  /** Breaks off open requests. @throws the error of a plan, so that a wrong behaviour fails its test. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const nowMs = options.nowMs ?? (() => performance.timeOrigin + performance.now());
  const pause =
    options.pause ??
    (async (ms: number, signal: AbortSignal): Promise<void> => {
      await timer(ms, undefined, { signal }).catch(() => undefined);
    });

  const scripts = new Map<string, Behaviour[]>();
  const gates = new Map<string, Gate>();
  const requests: OpenRecord[] = [];
  const sockets = new Map<Socket, { readonly id: number; served: number }>();
  const running = new Map<Promise<void>, () => void>();
  const traps: Trap[] = [];
  const failures: unknown[] = [];
  const conditions = new Conditions();
  let seq = 0;
  let connectionIds = 0;

  const behaviourFor = (labRequest: LabRequest): Behaviour => {
    const script =
      scripts.get(labRequest.model) ?? (labRequest.wire === "listing" ? undefined : scripts.get("*"));
    const next = script !== undefined && script.length > 1 ? script.shift() : script?.[0];
    return next ?? healthy();
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedAtMs = nowMs();
    const connection = sockets.get(request.socket) ?? { id: 0, served: 0 };
    connection.served += 1;
    const nthOnConnection = connection.served;
    const { method = "GET", url: path = "/", headers } = request;
    const [route = "/", query = ""] = path.split(/\?(.*)/s, 2);
    const rawBody = await readBody(request);
    const body = rawBody.length === 0 ? undefined : parseJson(rawBody);
    const listing = listingAt(method, route, [...(options.models ?? []), ...scripts.keys()]);
    seq += 1;
    const document = documentAt(method, route, seq, asObject(body));
    const wire = document?.wire ?? wireOf(method, route) ?? "listing";
    const labRequest = readLabRequest({
      wire,
      method,
      path: route,
      query,
      headers,
      body,
      seq,
      nthOnConnection,
      nowMs: startedAtMs,
      ...(listing === undefined ? {} : { listing }),
      ...(document === undefined ? {} : { document: document.value }),
    });
    const behaviour =
      wire === "listing" && listing === undefined
        ? status(404, { message: "Not found" })
        : behaviourFor(labRequest);
    const record: OpenRecord = {
      seq,
      method,
      path,
      headers,
      rawBody,
      body,
      model: labRequest.model,
      stream: labRequest.stream,
      behaviour: behaviour.name,
      connection: connection.id,
      startedAtMs,
      status: undefined,
      bytesWritten: 0,
      abortedAtMs: undefined,
      finishedAtMs: undefined,
      outcome: "open",
    };
    requests.push(record);

    const gone = new AbortController();
    const settled = Promise.withResolvers<void>();
    const breakOff = (outcome: "aborted" | "cut"): void => {
      if (record.outcome === "open") {
        record.outcome = outcome;
        record[outcome === "aborted" ? "abortedAtMs" : "finishedAtMs"] = nowMs();
      }
      gone.abort();
      conditions.changed();
    };
    running.set(settled.promise, () => breakOff("cut"));
    response.on("close", () => breakOff("aborted"));
    response.on("error", () => undefined);
    // For a client that left before its body was read whole, the event above does not fire.
    if (request.socket.destroyed) breakOff("aborted");
    conditions.changed();
    try {
      await perform(behaviour, labRequest, { request, response, record, gone: gone.signal, nowMs, pause });
    } catch (error) {
      failures.push(error);
      breakOff("cut");
      request.socket.destroy();
    } finally {
      running.delete(settled.promise);
      settled.resolve();
      conditions.changed();
    }
  };

  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
  server.on("connection", (socket) => {
    connectionIds += 1;
    sockets.set(socket, { id: connectionIds, served: 0 });
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("request", (request, response) => {
    if (options.control === true && request.url?.startsWith("/lab/") === true) {
      handleControl(lab, request, response).catch((error: unknown) => failures.push(error));
    } else {
      serve(request, response).catch((error: unknown) => failures.push(error));
    }
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the lab has no TCP port");
  const url = `http://127.0.0.1:${address.port}`;

  const of = (model: string): OpenRecord[] => requests.filter((record) => record.model === model);
  const addTrap = async (trap: Promise<Trap>): Promise<string> => {
    const set = await trap;
    traps.push(set);
    return `${set.url}/v1`;
  };
  const nth = async (list: () => OpenRecord[], count: number): Promise<OpenRecord> => {
    await conditions.when(() => list().length >= count);
    const record = list()[count - 1];
    if (record === undefined) throw new Error(`there is no request ${count}`);
    return record;
  };
  const close = async (): Promise<void> => {
    for (const breakOff of running.values()) breakOff();
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets.keys()) socket.destroy();
    await Promise.all([...running.keys(), ...traps.splice(0).map((trap) => trap.close()), closed]);
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  };

  const lab: Lab = {
    url,
    baseUrl: `${url}/v1`,
    requests,
    get open() {
      return running.size;
    },
    get connections() {
      return sockets.size;
    },
    behave: (model, behaviour) => void scripts.set(model, [behaviour]),
    script(model, behaviours) {
      if (behaviours.length === 0) throw new Error("a script needs at least one behaviour");
      scripts.set(model, [...behaviours]);
    },
    gate(name) {
      const gate = (name === undefined ? undefined : gates.get(name)) ?? createGate();
      if (name !== undefined) gates.set(name, gate);
      return gate;
    },
    received: (model, count = 1) => nth(() => of(model), count),
    async aborted(model, count = 1) {
      const broken = await nth(() => of(model).filter((record) => record.outcome === "aborted"), count);
      return broken.abortedAtMs ?? broken.startedAtMs;
    },
    idle: () => conditions.when(() => running.size === 0),
    closedPort: () => addTrap(closedPort()),
    blackHole: () => addTrap(blackHole()),
    unreachable: () => addTrap(unreachable()),
    reset() {
      scripts.clear();
      gates.clear();
      requests.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return lab;
}
