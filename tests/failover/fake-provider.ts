/**
 * An OpenAI-compatible provider that fails on purpose, written from FailoverBench's description of its own (methodology v0.1):
 * the model's name selects the fault. It writes HTTP/1.1 onto bare sockets, because an HTTP library resets no connection
 * before the headers and leaves no chunked body without its end.
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import {
  actionOf,
  CUT_AFTER_TOKENS,
  faultOf,
  MALFORMED_AT_TOKEN,
  MODELS,
  PREFILL_REFUSED,
  PUBLISHED_TIMINGS,
  type Reaction,
  type Refusal,
  type Shape,
  STALL_AFTER_TOKENS,
  type Timings,
} from "./faults.ts";
import { type HttpRequest, parseRequest } from "./http-request.ts";

/** Sixty words, no two alike, so that a part is never taken for the whole. */
const ANSWER_WORDS =
  "River barges climb hills through locks: iron gates close, water rises, and heavy hulls float upward without engines. Keepers watch painted gauges, note each passage, then drain the chamber for traffic going down. When one basin cracks, boats queue beside its twin until masons finish repairs, so grain, coal, bricks with letters reach towns before winter freezes every canal solid.".split(
    " ",
  );
export const ANSWER = ANSWER_WORDS.join(" ");

/** One request as it reached the provider. */
export interface Attempt {
  readonly model: string;
  /** Since the last reset. */
  readonly atMs: number;
  readonly action: string;
  /** Four a message, and one a word. */
  readonly promptTokens: number;
  readonly key: string;
  readonly prefillRefused: boolean;
}

export interface FakeProvider extends AsyncDisposable {
  /** As far as `/v1`. */
  readonly baseUrl: string;
  /** All since the last reset, in order. */
  readonly attempts: readonly Attempt[];
  /** Forgets all attempts; an outage begins now. */
  reset(): void;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
const IDLE_MS = 75_000;

/** @returns once it listens on a free port of the loopback address */
export async function startFakeProvider(timings: Timings = PUBLISHED_TIMINGS): Promise<FakeProvider> {
  const sockets = new Set<Socket>();
  const attempts: Attempt[] = [];
  let resetAtMs = performance.now();

  const record = (request: HttpRequest, body: ChatBody, model: string): [Attempt, Reaction] => {
    const atMs = performance.now() - resetAtMs;
    const number = 1 + attempts.filter((attempt) => attempt.model === model).length;
    const lastRole = body.messages.at(-1)?.role;
    const reaction = faultOf(model)({ model, number, atMs, lastRole, timings });
    const attempt: Attempt = {
      model,
      atMs,
      action: actionOf(reaction),
      promptTokens: body.messages.reduce((sum, { content }) => sum + wordsOf(content).length + 4, 0),
      key: request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "",
      prefillRefused: actionOf(reaction) === PREFILL_REFUSED,
    };
    attempts.push(attempt);
    return [attempt, reaction];
  };

  const dispatch = async (socket: Socket, request: HttpRequest): Promise<void> => {
    if (request.method === "GET" && request.path.endsWith("/models"))
      return sendJson(socket, request, 200, {
        object: "list",
        data: MODELS.map((id) => ({ id, object: "model", created: 1_700_000_000, owned_by: "failover" })),
      });
    if (request.method !== "POST" || !request.path.endsWith("/chat/completions"))
      return sendRefusal(socket, request, {
        status: 404,
        message: `No route for ${request.method} ${request.path}`,
        type: "invalid_request_error",
        code: null,
      });
    const body = chatBody(request.body);
    if (body === undefined)
      return sendRefusal(socket, request, {
        status: 400,
        message: "Request body is not valid JSON",
        type: "invalid_request_error",
        code: null,
      });
    const [attempt, reaction] = record(request, body, body.model);
    switch (reaction.kind) {
      case "refuse":
        return sendRefusal(socket, request, reaction.refusal);
      case "reset":
        socket.resetAndDestroy();
        return;
      case "silence":
        await pause(socket, timings.silenceMs);
        socket.destroy();
        return;
      case "answer": {
        const id = `chatcmpl-${attempts.length}`;
        const reply = { ...remaining(body), id, model: body.model, promptTokens: attempt.promptTokens };
        return body.stream
          ? streamAnswer(socket, request, reply, reaction.shape, body.includeUsage, timings)
          : sendWhole(socket, request, reply);
      }
    }
  };

  const server = createServer((socket) => {
    let busy = false;
    let received = Buffer.alloc(0);
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    socket.setTimeout(IDLE_MS, () => {
      // Silence during a request is a fault, not idleness.
      if (!busy) socket.destroy();
    });
    const take = async (): Promise<void> => {
      if (busy) return;
      busy = true;
      try {
        for (;;) {
          const parsed = parseRequest(received);
          if (parsed === undefined) return;
          received = received.subarray(parsed.bytes);
          await dispatch(socket, parsed.request);
          if (!parsed.request.keepAlive) socket.destroySoon();
          if (socket.destroyed || socket.writableEnded) return;
        }
      } finally {
        busy = false;
      }
    };
    socket.on("data", (bytes) => {
      received = Buffer.concat([received, bytes]);
      void take();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fake provider has no port");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    attempts,
    reset() {
      attempts.length = 0;
      resetAtMs = performance.now();
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface ChatBody {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

function chatBody(text: string): ChatBody | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { model, stream, stream_options, messages } = body as {
    model?: unknown;
    stream?: unknown;
    stream_options?: { include_usage?: unknown };
    messages?: readonly { role?: unknown; content?: unknown }[];
  };
  return {
    model: String(model ?? ""),
    stream: stream === true,
    includeUsage: stream_options?.include_usage === true,
    messages: (messages ?? []).map(({ role, content }) => ({
      role: String(role),
      content: typeof content === "string" ? content : JSON.stringify(content ?? ""),
    })),
  };
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

interface Reply {
  readonly id: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly words: readonly string[];
  /** The words come after others that the request holds already. */
  readonly continued: boolean;
}

/** After a beginning of the answer as the assistant's last message, only what is left of it. */
function remaining({ messages }: ChatBody): Pick<Reply, "words" | "continued"> {
  const last = messages.at(-1);
  const begun = last?.role === "assistant" ? last.content.trim() : "";
  return begun !== "" && ANSWER.startsWith(begun)
    ? { words: wordsOf(ANSWER.slice(begun.length)), continued: true }
    : { words: ANSWER_WORDS, continued: false };
}

const usageOf = ({ promptTokens, words }: Reply) => ({
  prompt_tokens: promptTokens,
  completion_tokens: words.length,
  total_tokens: promptTokens + words.length,
});

function writeHead(
  socket: Socket,
  keepAlive: boolean,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  const all = {
    Date: new Date().toUTCString(),
    Server: "failover",
    Connection: keepAlive ? "keep-alive" : "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${REASONS[status] ?? "Error"}\r\n${lines.join("")}\r\n`);
}

function sendJson(
  socket: Socket,
  { keepAlive }: HttpRequest,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(value);
  writeHead(socket, keepAlive, status, {
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    ...headers,
  });
  socket.write(body);
}

const sendRefusal = (socket: Socket, request: HttpRequest, refusal: Refusal): void =>
  sendJson(
    socket,
    request,
    refusal.status,
    {
      error: {
        message: refusal.message,
        type: refusal.type,
        param: refusal.param ?? null,
        code: refusal.code,
      },
    },
    refusal.headers,
  );

function sendWhole(socket: Socket, request: HttpRequest, reply: Reply): void {
  const content = `${reply.continued ? " " : ""}${reply.words.join(" ")}`;
  sendJson(socket, request, 200, {
    id: reply.id,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model: reply.model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: usageOf(reply),
  });
}

async function streamAnswer(
  socket: Socket,
  { keepAlive }: HttpRequest,
  reply: Reply,
  shape: Shape,
  includeUsage: boolean,
  timings: Timings,
): Promise<void> {
  const head = {
    id: reply.id,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model: reply.model,
  };
  const write = (text: string): void => {
    if (socket.writable) socket.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  };
  const event = (value: object): void => write(`data: ${JSON.stringify({ ...head, ...value })}\n\n`);
  const delta = (value: object, finish: string | null = null): void =>
    event({ choices: [{ index: 0, delta: value, finish_reason: finish }] });

  writeHead(socket, keepAlive, 200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "Transfer-Encoding": "chunked",
    "X-Accel-Buffering": "no",
  });
  if (shape === "slow") await pause(socket, timings.slowFirstTokenMs);
  delta({ role: "assistant", content: "" });
  for (const [index, word] of reply.words.entries()) {
    if (socket.destroyed) return;
    if (shape === "cut" && index === CUT_AFTER_TOKENS) return socket.destroySoon();
    if (shape === "stall" && index === STALL_AFTER_TOKENS) {
      await pause(socket, timings.stallMs);
      return socket.destroySoon();
    }
    if (shape === "malformed" && index === MALFORMED_AT_TOKEN)
      write(
        `data: {"id": "${reply.id}", "object": "chat.completion.chunk", "choices": [{"delta": {"content": \n\n`,
      );
    delta({ content: index > 0 || reply.continued ? ` ${word}` : word });
    await pause(socket, timings.betweenTokensMs);
  }
  delta({}, "stop");
  if (includeUsage) event({ choices: [], usage: usageOf(reply) });
  if (shape !== "no-done") write("data: [DONE]\n\n");
  if (socket.writable) socket.write("0\r\n\r\n");
}

/** Ends early when the other side goes away. */
function pause(socket: Socket, ms: number): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((done) => {
    const finish = (): void => {
      clearTimeout(timer);
      socket.off("close", finish);
      done();
    };
    const timer = setTimeout(finish, ms);
    socket.once("close", finish);
  });
}
