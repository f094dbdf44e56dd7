/**
 * The benchmark's own HTTP/1.1 client: one keep-alive socket, one request at a time, as little code as possible between
 * the socket and the clock. Reads Content-Length and chunked bodies.
 */
import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  /** The body's first bytes, for the message on a wrong status. */
  readonly excerpt: string;
}

interface Pending {
  readonly onText: ((text: string) => void) | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

type Framing = "head" | "length" | "chunk-size" | "chunk" | "chunk-end" | "trailer";

/** The bytes of a POST, made once and sent many times. */
export function postBytes(
  port: number,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
  path = "/v1/chat/completions",
  type = "application/json",
): Buffer {
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers }).map(([k, v]) => `${k}: ${v}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\n${lines.join("")}content-type: ${type}\r\n`;
  const length = Buffer.byteLength(body);
  return Buffer.concat([Buffer.from(`${head}content-length: ${length}\r\n\r\n`), Buffer.from(body)]);
}

export class Connection {
  #socket: Socket;
  #pending: Pending | undefined;
  #input = "";
  #framing: Framing = "head";
  #left = 0;
  #status = 0;
  #excerpt = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    // latin1 keeps one character per byte, so lengths are bytes.
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#read(text));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the connection closed before the answer was whole")));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new Connection(socket));
      });
    });
  }

  /** Rejects when the connection breaks. `onText` gets the decoded body as it comes. */
  send(bytes: Buffer, onText?: (text: string) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#pending !== undefined) throw new Error("one request at a time");
      this.#pending = { onText, resolve, reject };
      this.#excerpt = "";
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#pending?.reject(error);
    this.#pending = undefined;
  }

  #body(text: string): void {
    if (this.#excerpt.length < 300) this.#excerpt = (this.#excerpt + text).slice(0, 300);
    this.#pending?.onText?.(text);
  }

  #finish(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#framing = "head";
    pending?.resolve({ status: this.#status, excerpt: this.#excerpt });
  }

  #read(text: string): void {
    this.#input += text;
    while (this.#step()) {}
  }

  /** One step through the input; false when more bytes are needed. */
  #step(): boolean {
    const input = this.#input;
    switch (this.#framing) {
      case "head": {
        const end = input.indexOf("\r\n\r\n");
        if (end === -1) return false;
        const head = input.slice(0, end);
        this.#input = input.slice(end + 4);
        this.#status = Number(head.slice(9, 12));
        if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
          this.#framing = "chunk-size";
          return true;
        }
        const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
        if (length === undefined) {
          this.#fail(new Error("the answer has neither Content-Length nor chunked framing"));
          return false;
        }
        this.#left = Number(length);
        this.#framing = "length";
        return true;
      }
      case "length":
      case "chunk": {
        if (this.#left === 0) {
          if (this.#framing === "chunk") this.#framing = "chunk-end";
          else this.#finish();
          return this.#framing === "chunk-end";
        }
        if (input === "") return false;
        const piece = input.length <= this.#left ? input : input.slice(0, this.#left);
        this.#input = input.slice(piece.length);
        this.#left -= piece.length;
        this.#body(piece);
        return true;
      }
      case "chunk-end":
        if (input.length < 2) return false;
        this.#input = input.slice(2);
        this.#framing = "chunk-size";
        return true;
      case "chunk-size": {
        const end = input.indexOf("\r\n");
        if (end === -1) return false;
        this.#left = Number.parseInt(input.slice(0, end), 16);
        this.#input = input.slice(end + 2);
        this.#framing = this.#left === 0 ? "trailer" : "chunk";
        return true;
      }
      case "trailer": {
        const end = input.indexOf("\r\n");
        if (end === -1) return false;
        this.#input = input.slice(end + 2);
        if (end === 0) this.#finish();
        return end !== 0;
      }
    }
  }
}
