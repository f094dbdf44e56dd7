/** One call to a local backend: a bounded answer in bounded time, or a DriverError. */
import { present } from "@headgate/contract";
import { Agent, type Dispatcher, request } from "undici";
import { DriverError } from "../driver.ts";

/** Hundreds of models are listed in less; more is not an answer that a backend gives. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Calls are few, and backends are restarted between them: a kept connection would be found closed only by the call that
 * uses it, which would then look like a backend that is down.
 */
const FRESH = new Agent({ pipelining: 0 });

export interface Target {
  readonly backend: string;
  readonly baseUrl: string;
  readonly token?: string | undefined;
  readonly dispatcher?: Dispatcher | undefined;
}

export interface Question {
  readonly method: "GET" | "POST" | "DELETE";
  /** With the query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Silence, and an answer that does not end, are cut off after this. */
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  /** In pieces, as they come; reading on is bounded by the same time. */
  readonly body: AsyncIterable<Buffer>;
}

export interface Reply {
  readonly status: number;
  /** `undefined`: not JSON. */
  readonly json: unknown;
  readonly text: string;
}

/**
 * Sends a request, and passes the open answer to `read`. Redirects are not followed.
 *
 * @throws {DriverError} `unreachable` for silence and transport errors, and whatever `read` throws.
 * @throws the signal's reason, when it fires.
 */
export async function ask<T>(
  target: Target,
  question: Question,
  signal: AbortSignal,
  read: (answer: Answer, stillThere: () => void) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  let silent = false;
  const expire = (): void => {
    silent = true;
    stop.abort();
  };
  let timer = setTimeout(expire, question.timeoutMs);
  const stillThere = (): void => {
    clearTimeout(timer);
    timer = setTimeout(expire, question.timeoutMs);
  };
  const leave = (): void => stop.abort();
  signal.addEventListener("abort", leave, { once: true });
  try {
    const { statusCode, body } = await request(`${root(target.baseUrl)}${question.path}`, {
      method: question.method,
      headers: {
        accept: "application/json",
        ...present({
          "content-type": question.body === undefined ? undefined : "application/json",
          authorization: target.token === undefined ? undefined : `Bearer ${target.token}`,
        }),
      },
      body: question.body === undefined ? null : JSON.stringify(question.body),
      signal: stop.signal,
      // Time is kept here: a load may be silent for longer than undici's own limits.
      headersTimeout: 0,
      bodyTimeout: 0,
      dispatcher: target.dispatcher ?? FRESH,
    });
    return await read({ status: statusCode, body }, stillThere);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DriverError) throw error;
    const why = silent ? `no answer within ${question.timeoutMs} ms` : transportWords(error);
    throw new DriverError("unreachable", `${target.backend}: ${question.method} ${question.path}: ${why}`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    // An answer that was not read to its end holds its connection.
    stop.abort();
  }
}

/** @throws {DriverError} as `ask`; `failed` when the answer is longer than any real one. */
export function askWhole(target: Target, question: Question, signal: AbortSignal): Promise<Reply> {
  return ask(target, question, signal, async ({ status, body }) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) {
        const what = `${target.backend}: ${question.method} ${question.path}`;
        throw new DriverError("failed", `${what}: its answer is longer than ${MAX_ANSWER_BYTES} bytes`);
      }
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString("utf8");
    return { status, text, json: parsed(text) };
  });
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Management routes are beside `/v1`, and a provider's base URL often ends in it. */
const root = (baseUrl: string): string => baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "");

function transportWords(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name does not resolve";
  if (code === "UND_ERR_CONNECT_TIMEOUT") return "no connection within the connect timeout";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET" || code === "EPIPE")
    return "the connection was reset";
  if (code.startsWith("HPE_")) return `not valid HTTP (${code})`;
  return code === "" ? "the connection failed" : `the connection failed (${code})`;
}
