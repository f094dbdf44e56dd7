/** A client for the lab's own tests that exposes every chunk and how the answer ended. */
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { asObject, type JsonObject, type JsonValue } from "./json.ts";

export interface Seen {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** One per HTTP chunk. */
  readonly chunks: readonly Buffer[];
  readonly text: string;
  /** `clean`, or the error code of a broken body. */
  readonly end: string;
}

export interface Call {
  readonly method?: "GET" | "POST";
  readonly path?: string;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  /** Called with each chunk as it arrives; `leave` disconnects. */
  readonly onChunk?: (chunk: Buffer, leave: () => void) => void;
  readonly signal?: AbortSignal;
}

export const chat = (fields: JsonObject = {}): JsonObject => ({
  model: "m",
  messages: [{ role: "user", content: "hi there" }],
  ...fields,
});

/** Rejects with the error's code when there is no answer at all. */
export function call(url: string, options: Call = {}): Promise<Seen> {
  const {
    method = "POST",
    path = "/v1/chat/completions",
    body = chat(),
    headers = {},
    onChunk,
    signal,
  } = options;
  const agent = options.agent ?? new Agent({ keepAlive: false });
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${path}`,
      {
        method,
        agent,
        headers: { "user-agent": "headgate-lab-test", ...headers },
        ...(signal === undefined ? {} : { signal }),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        const settle = (end: string): void =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            chunks,
            text: Buffer.concat(chunks).toString("utf8"),
            end,
          });
        answer.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          onChunk?.(chunk, () => sent.destroy());
        });
        answer.on("end", () => settle("clean"));
        answer.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
      },
    );
    sent.on("error", (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? error.message)));
    sent.end(method === "GET" ? undefined : JSON.stringify(body));
  });
}

export const get = (url: string, path: string): Promise<Seen> => call(url, { method: "GET", path });

/** Collects chunks and waits for a number of bytes, since sent bytes may still be on their way. */
export function collector() {
  const chunks: Buffer[] = [];
  let wanted = Number.POSITIVE_INFINITY;
  let arrived = Promise.withResolvers<void>();
  const length = (): number => Buffer.concat(chunks).length;
  return {
    onChunk(chunk: Buffer): void {
      chunks.push(chunk);
      if (length() >= wanted) arrived.resolve();
    },
    /** All bytes so far, once there are `count`. */
    async upTo(count: number): Promise<Buffer> {
      wanted = count;
      arrived = Promise.withResolvers<void>();
      if (length() < wanted) await arrived.promise;
      return Buffer.concat(chunks);
    },
  };
}

/** All bytes on a bare socket until the server closes, followed by the error's code unless it ended by FIN. */
export function bytesOnTheWire(port: number, body: JsonObject = chat()): Promise<string> {
  const json = JSON.stringify(body);
  return new Promise((resolve) => {
    let seen = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: lab\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
      );
    });
    socket.on("data", (chunk) => {
      seen += chunk.toString("latin1");
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      seen += `[${error.code}]`;
    });
    socket.on("close", () => resolve(seen));
  });
}

/** The JSON of each `data:` line, `[DONE]` as text. */
export function events(seen: Seen): JsonValue[] {
  return seen.text
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trim())
    .map((data) => (data === "[DONE]" ? data : (JSON.parse(data) as JsonValue)));
}

/** The delta of a chunk's only choice. */
export const deltaOf = (event: JsonValue | undefined): JsonObject => asObject(choiceOf(event).delta);

export function choiceOf(event: JsonValue | undefined): JsonObject {
  const { choices } = asObject(event);
  return asObject(Array.isArray(choices) ? choices[0] : undefined);
}

/** The text of a stream as a client shows it. */
export const shown = (seen: Seen): string =>
  events(seen)
    .map((event) => deltaOf(event).content ?? "")
    .join("");

export const json = (seen: Seen): JsonObject => asObject(JSON.parse(seen.text));
