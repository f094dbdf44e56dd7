/** Addresses where connecting fails. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";

/** A trap stays unchanged until it is closed. */
export interface Trap {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const urlOf = (port: number): string => `http://${HOST}:${port}`;

async function listen(server: Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return address.port;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, HOST);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/**
 * A port that refuses connections: a local backend that is not running. It is the local end of a connection that
 * stays open, so that no other process gets the port meanwhile.
 */
export async function closedPort(): Promise<Trap> {
  const server = createServer((socket) => socket.on("error", () => undefined));
  const socket = await open(await listen(server));
  return {
    url: urlOf(socket.localPort ?? 0),
    async close() {
      socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Accepts connections, then neither reads nor writes: a hung process. */
export async function blackHole(): Promise<Trap> {
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => undefined);
    sockets.add(socket);
  });
  const port = await listen(server);
  return {
    url: urlOf(port),
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Listens with the shortest queue and then blocks its thread, so that nothing is ever accepted. */
const BLOCKED_LISTENER = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "${HOST}", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(workerData, 0, 0);
    process.exit();
  });
`;

/**
 * Connecting never completes (Linux): a host behind a firewall that drops packets. The queue of a listener that does
 * not accept is filled; the kernel then drops further connections.
 */
export async function unreachable(): Promise<Trap> {
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(BLOCKED_LISTENER, { eval: true, workerData: wake });
  const [port]: unknown[] = await once(worker, "message");
  if (typeof port !== "number") throw new Error("the blocked listener did not start");
  // A backlog of 1 holds two connections.
  const fillers = [await open(port), await open(port)];
  return {
    url: urlOf(port),
    async close() {
      for (const socket of fillers) socket.destroy();
      const exited = once(worker, "exit");
      Atomics.store(wake, 0, 1);
      Atomics.notify(wake, 0);
      await exited;
    },
  };
}
