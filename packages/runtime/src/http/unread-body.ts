/** The part of a request's body that comes after its answer: it is read and thrown away, within bounds. */
import type { IncomingMessage, ServerResponse } from "node:http";

/** Closing at once would reset the connection, and many clients would lose the answer. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 16 * 1024 * 1024;

/** To be called before the answer is sent. The connection is closed where the rest does not end soon. */
export function discardUnread(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  response.once("finish", () => {
    if (request.complete) return;
    let bytes = 0;
    const close = (): void => void request.socket.destroy();
    const timer = setTimeout(close, LINGER_MS);
    request.once("close", () => clearTimeout(timer));
    request.once("end", () => clearTimeout(timer));
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > LINGER_BYTES) close();
    });
    request.resume();
  });
}
