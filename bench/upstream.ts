/**
 * The single upstream of a run: answers chat completions as cheaply as Node can, so that the subject in front of it is
 * measured. It reads framed HTTP/1.1 requests straight from the socket (Content-Length, keep-alive,
 * pipelining); it is no general server.
 *
 * Run as a process it picks a free port, sends it to the parent over the IPC channel, and ends with its parent.
 */
import { createServer, type Server, type Socket } from "node:net";
import { ANSWERS } from "./bodies-wire.ts";
import { COMPLETION, contentFrame, DONE_FRAME, LAST_FRAME, nowUs, ROLE_FRAME, USAGE_FRAME } from "./wire.ts";

const jsonAnswer = (body: string): Buffer =>
  Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_bench\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    "latin1",
  );
const JSON_ANSWER = jsonAnswer(COMPLETION);
const OTHERS = new Map(Object.entries(ANSWERS).map(([path, body]) => [path, jsonAnswer(body)]));
const MODELS = '{"object":"list","data":[]}';
const GET_ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${MODELS.length}\r\n\r\n${MODELS}`,
);
const LENGTH_REQUIRED = "HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const STREAM_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\nx-request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n";

const HEAD_END = Buffer.from("\r\n\r\n");
const STREAM_FLAG = Buffer.from('"stream":true');
const USAGE_FLAG = Buffer.from('"include_usage":true');
const ORDER = /chunks=(\d+) paceMs=(\d+)/;

/** An HTTP chunk around an SSE frame; frames are ASCII, so length is bytes. */
const framed = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

interface Stream {
  readonly socket: Socket;
  readonly chunks: number;
  readonly paceMs: number;
  readonly usage: boolean;
  sent: number;
}

const TICK_MS = 5;

/** One timer for all paced streams: each waits in the slot of its next chunk. */
class Wheel {
  #slots = new Map<number, Stream[]>();
  #timer: NodeJS.Timeout | undefined;
  #tick = 0;
  #startedUs = 0;

  add(stream: Stream): void {
    if (this.#timer === undefined) {
      this.#tick = 0;
      this.#startedUs = nowUs();
      this.#timer = setInterval(() => this.#turn(), TICK_MS);
    }
    const slot = this.#tick + Math.max(1, Math.round(stream.paceMs / TICK_MS));
    const waiting = this.#slots.get(slot);
    if (waiting === undefined) this.#slots.set(slot, [stream]);
    else waiting.push(stream);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#slots.clear();
  }

  #turn(): void {
    // By the clock, not by the count of timer calls: a late timer catches up and the pace holds.
    const due = Math.floor((nowUs() - this.#startedUs) / 1000 / TICK_MS);
    while (this.#tick < due) {
      this.#tick += 1;
      const slot = this.#slots.get(this.#tick) ?? [];
      this.#slots.delete(this.#tick);
      for (const stream of slot) if (!stream.socket.destroyed && advance(stream)) this.add(stream);
    }
    if (this.#slots.size === 0) this.stop();
  }
}

const ending = (stream: Stream): string =>
  `${framed(LAST_FRAME) + (stream.usage ? framed(USAGE_FRAME) : "") + framed(DONE_FRAME)}0\r\n\r\n`;

/** Sends the next chunk; false when it was the last. */
function advance(stream: Stream): boolean {
  stream.sent += 1;
  const last = stream.sent >= stream.chunks;
  stream.socket.write(framed(contentFrame(nowUs())) + (last ? ending(stream) : ""), "latin1");
  return !last;
}

/** A server that is not listening yet. */
export function createUpstream(): Server {
  const wheel = new Wheel();

  const answer = (socket: Socket, request: Buffer, isPost: boolean, path: string): void => {
    if (!isPost) {
      socket.write(GET_ANSWER);
    } else if (OTHERS.has(path)) {
      socket.write(OTHERS.get(path) ?? JSON_ANSWER);
    } else if (request.includes(STREAM_FLAG)) {
      const order = ORDER.exec(request.toString("latin1"));
      const stream = {
        socket,
        chunks: Number(order?.[1] ?? 1),
        paceMs: Number(order?.[2] ?? 0),
        usage: request.includes(USAGE_FLAG),
        sent: 1,
      };
      let first = STREAM_HEAD + framed(ROLE_FRAME) + framed(contentFrame(nowUs()));
      if (stream.paceMs === 0)
        for (; stream.sent < stream.chunks; stream.sent++) first += framed(contentFrame(nowUs()));
      const over = stream.sent >= stream.chunks;
      socket.write(over ? first + ending(stream) : first, "latin1");
      if (!over) wheel.add(stream);
    } else {
      socket.write(JSON_ANSWER);
    }
  };

  const server = createServer({ noDelay: true }, (socket) => {
    let pending: Buffer | undefined;
    socket.on("error", () => socket.destroy());
    socket.on("data", (data: Buffer) => {
      let input = pending === undefined ? data : Buffer.concat([pending, data]);
      pending = undefined;
      while (input.length > 0) {
        const headEnd = input.indexOf(HEAD_END);
        if (headEnd === -1) break;
        const head = input.toString("latin1", 0, headEnd);
        const isPost = head.startsWith("POST ");
        const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
        if (isPost && length === undefined) {
          socket.end(LENGTH_REQUIRED);
          return;
        }
        const path = head.slice(5, head.indexOf(" ", 5));
        const total = headEnd + HEAD_END.length + Number(length ?? 0);
        if (input.length < total) break;
        answer(socket, input.subarray(headEnd + HEAD_END.length, total), isPost, path);
        input = input.subarray(total);
      }
      if (input.length > 0) pending = input;
    });
  });
  server.on("close", () => wheel.stop());
  return server;
}

if (import.meta.main) {
  const server = createUpstream();
  server.listen(0, "127.0.0.1", 1024, () => {
    const address = server.address();
    if (address !== null && typeof address === "object") process.send?.({ port: address.port });
  });
  process.on("disconnect", () => process.exit(0));
}
