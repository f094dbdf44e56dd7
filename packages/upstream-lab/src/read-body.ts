import type { IncomingMessage } from "node:http";

/** The bytes that arrived of the body, also where the client broke off in the middle. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  } catch {
    // The request's record shows that the client broke off.
  }
  return Buffer.concat(chunks);
}
