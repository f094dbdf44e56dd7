/**
 * An OpenAI-compatible provider that fails on purpose, written from FailoverBench's description of its own (methodology v0.1):
 * the model's name selects the fault. It writes HTTP/1.1 onto bare sockets, because an HTTP library resets no connection
 * before the headers and leaves no chunked body without its end.
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Sixty words, no two alike, so that a part is never taken for the whole. */
const ANSWER_WORDS =
  "River barges climb hills through locks: iron gates close, water rises, and heavy hulls float upward without engines. Keepers watch painted gauges, note each passage, then drain the chamber for traffic going down. When one basin cracks, boats queue beside its twin until masons finish repairs, so grain, coal, bricks with letters reach towns before winter freezes every canal solid.".split(
    " ",
  );
export const ANSWER = ANSWER_WORDS.join(" ");

export interface Timings {
  readonly retryAfterS: number;
  readonly slowFirstTokenMs: number;
  readonly stallMs: number;
  readonly silenceMs: number;
  readonly outageMs: number;
  readonly betweenTokensMs: number;
}

/** The published profile "full". */
export const PUBLISHED_TIMINGS: Timings = {
  retryAfterS: 2,
  slowFirstTokenMs: 20_000,
  stallMs: 30_000,
  silenceMs: 120_000,
  outageMs: 60_000,
  betweenTokensMs: 15,
};
const CUT_AFTER_TOKENS = 40;
const STALL_AFTER_TOKENS = 20;
const MALFORMED_AT_TOKEN = 10;

/** A refusal, as its status, headers and error body. */
interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly code: string | null;
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In the log; the status if absent. */
  readonly action?: string;
}

type Shape = "whole" | "slow" | "cut" | "stall" | "malformed" | "no-done";

/** What becomes of one attempt. */
type Reaction =
  | { readonly kind: "refuse"; readonly refusal: Refusal }
  | { readonly kind: "reset" }
  | { readonly kind: "silence" }
  | { readonly kind: "answer"; readonly shape: Shape; readonly action: string };

interface Situation {
  readonly model: string;
  /** Of this model since the reset, from 1. */
  readonly number: number;
  /** Since the reset. */
  readonly atMs: number;
  readonly lastRole: string | undefined;
  readonly timings: Timings;
}

type Fault = (situation: Situation) => Reaction;

const answer = (shape: Shape = "whole", action = "200"): Reaction => ({ kind: "answer", shape, action });
const refuse = (refusal: Refusal): Reaction => ({ kind: "refuse", refusal });
const onceThenWell =
  (reaction: Fault): Fault =>
  (situation) =>
    situation.number === 1 ? reaction(situation) : answer();
const shaped =
  (shape: Shape, action: string): Fault =>
  () =>
    answer(shape, action);

const rateLimited =
  (stated: boolean): Fault =>
  ({ model, timings: { retryAfterS } }) =>
    refuse({
      status: 429,
      message: `Rate limit reached for ${model}.${stated ? ` Please retry after ${retryAfterS} seconds.` : ""}`,
      type: "rate_limit_error",
      code: "rate_limit_exceeded",
      ...(stated
        ? { headers: { "Retry-After": String(retryAfterS) }, action: `429 retry-after ${retryAfterS}` }
        : {}),
    });
const overloaded: Fault = () =>
  refuse({
    status: 503,
    message: "The engine is currently overloaded. Please try again later.",
    type: "server_error",
    code: "overloaded",
  });
const brokenServer: Fault = () =>
  refuse({
    status: 500,
    message: "The server had an error while processing your request.",
    type: "server_error",
    code: null,
  });
const tooLong: Fault = () =>
  refuse({
    status: 400,
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9631 tokens. Please reduce the length of the messages.",
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
    action: "400 context_length_exceeded",
  });
const filtered: Fault = () =>
  refuse({
    status: 400,
    message: "Your request was rejected as a result of our safety system.",
    type: "invalid_request_error",
    code: "content_policy_violation",
    action: "400 content_policy_violation",
  });
const PREFILL_REFUSED = "400 invalid_prefill";
const noPrefill: Fault = ({ lastRole }) =>
  lastRole === "assistant"
    ? refuse({
        status: 400,
        message:
          "This model does not support assistant message prefill. The conversation must end with a user message.",
        type: "invalid_request_error",
        code: "invalid_prefill",
        param: "messages",
        action: PREFILL_REFUSED,
      })
    : answer();

/** Each model and its fault. */
const FAULTS: Readonly<Record<string, Fault>> = {
  steady: () => answer(),
  "steady-no-prefill": noPrefill,
  "s01-rate-limit-once": onceThenWell(rateLimited(true)),
  "s02-rate-limit-always": rateLimited(false),
  "s03-error-once": onceThenWell(brokenServer),
  "s04-overload-always": overloaded,
  "s05-reset-once": onceThenWell(() => ({ kind: "reset" })),
  "s06-silent": () => ({ kind: "silence" }),
  "s07-slow-start": shaped("slow", "200 slow first token"),
  "s08-cut": shaped("cut", `200 cut after ${CUT_AFTER_TOKENS} tokens`),
  "s09-stall": shaped("stall", `200 silent after ${STALL_AFTER_TOKENS} tokens, then closed`),
  "s10-malformed-event": shaped("malformed", "200 with an event that is not JSON"),
  "s11-no-done": shaped("no-done", "200 without [DONE]"),
  "s12-window": tooLong,
  "s13-filter": filtered,
  "s14-cut": shaped("cut", `200 cut after ${CUT_AFTER_TOKENS} tokens`),
  "s15-outage": (situation) =>
    situation.atMs < situation.timings.outageMs ? overloaded(situation) : answer("whole", "200 recovered"),
  "s16-overload-always": overloaded,
};
export const MODELS = Object.keys(FAULTS);

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

interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly keepAlive: boolean;
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
    const fault = FAULTS[model] ?? unknownModel;
    const reaction = fault({ model, number, atMs, lastRole, timings });
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
        const said = { ...remaining(body), id, model: body.model, promptTokens: attempt.promptTokens };
        return body.stream
          ? streamAnswer(socket, request, said, reaction.shape, body.includeUsage, timings)
          : sendWhole(socket, request, said);
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
      // Silence is a fault of its own: only a connection without a request is idle.
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
          if (!parsed.request.keepAlive) socket.end();
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

const unknownModel: Fault = ({ model }) =>
  refuse({
    status: 404,
    message: `The model \`${model}\` does not exist`,
    type: "invalid_request_error",
    code: "model_not_found",
    param: "model",
  });

function actionOf(reaction: Reaction): string {
  switch (reaction.kind) {
    case "refuse":
      return reaction.refusal.action ?? String(reaction.refusal.status);
    case "reset":
      return "TCP reset";
    case "silence":
      return "no response";
    case "answer":
      return reaction.action;
  }
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

interface Said {
  readonly id: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly words: readonly string[];
  /** The words come after others that the request holds already. */
  readonly continued: boolean;
}

/** After a beginning of the answer as the assistant's last message, only what is left of it. */
function remaining({ messages }: ChatBody): Pick<Said, "words" | "continued"> {
  const last = messages.at(-1);
  const begun = last?.role === "assistant" ? last.content.trim() : "";
  return begun !== "" && ANSWER.startsWith(begun)
    ? { words: wordsOf(ANSWER.slice(begun.length)), continued: true }
    : { words: ANSWER_WORDS, continued: false };
}

const usageOf = ({ promptTokens, words }: Said) => ({
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

function sendWhole(socket: Socket, request: HttpRequest, said: Said): void {
  const content = `${said.continued ? " " : ""}${said.words.join(" ")}`;
  sendJson(socket, request, 200, {
    id: said.id,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1000),
    model: said.model,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: usageOf(said),
  });
}

async function streamAnswer(
  socket: Socket,
  { keepAlive }: HttpRequest,
  said: Said,
  shape: Shape,
  includeUsage: boolean,
  timings: Timings,
): Promise<void> {
  const head = {
    id: said.id,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model: said.model,
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
  for (const [index, word] of said.words.entries()) {
    if (socket.destroyed) return;
    if (shape === "cut" && index === CUT_AFTER_TOKENS) return void socket.end();
    if (shape === "stall" && index === STALL_AFTER_TOKENS) {
      await pause(socket, timings.stallMs);
      return void socket.end();
    }
    if (shape === "malformed" && index === MALFORMED_AT_TOKEN)
      write(
        `data: {"id": "${said.id}", "object": "chat.completion.chunk", "choices": [{"delta": {"content": \n\n`,
      );
    delta({ content: index > 0 || said.continued ? ` ${word}` : word });
    await pause(socket, timings.betweenTokensMs);
  }
  delta({}, "stop");
  if (includeUsage) event({ choices: [], usage: usageOf(said) });
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

/** The first whole request of what was received, and its length; undefined until it is whole. */
function parseRequest(received: Buffer): { request: HttpRequest; bytes: number } | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [requestLine = "", ...headerLines] = received.toString("latin1", 0, headEnd).split("\r\n");
  const [method = "", target = "", version = ""] = requestLine.split(" ");
  const headers = new Map(
    headerLines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const body = parseBody(received.subarray(headEnd + 4), headers);
  if (body === undefined) return undefined;
  const connection = (headers.get("connection") ?? "").toLowerCase();
  return {
    request: {
      method,
      path: target.replace(/\?.*/, ""),
      headers,
      body: body.text,
      keepAlive: version === "HTTP/1.0" ? connection.includes("keep-alive") : !connection.includes("close"),
    },
    bytes: headEnd + 4 + body.bytes,
  };
}

function parseBody(
  received: Buffer,
  headers: ReadonlyMap<string, string>,
): { text: string; bytes: number } | undefined {
  if ((headers.get("transfer-encoding") ?? "").toLowerCase().includes("chunked"))
    return parseChunks(received);
  const bytes = Number(headers.get("content-length") ?? 0);
  return received.length < bytes ? undefined : { text: received.toString("utf8", 0, bytes), bytes };
}

function parseChunks(received: Buffer): { text: string; bytes: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = received.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(received.toString("latin1", at, lineEnd), 16);
    const start = lineEnd + 2;
    if (received.length < start + size + 2) return undefined;
    if (size === 0) return { text: Buffer.concat(parts).toString("utf8"), bytes: start + 2 };
    parts.push(received.subarray(start, start + size));
    at = start + size + 2;
  }
}
