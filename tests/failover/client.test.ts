/** How the client reads what a gateway sends. */
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { type Answer, callChat } from "./client.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function callAt(
  reply: (response: ServerResponse) => void,
  { limitS = 5, stream = true, signal = new AbortController().signal } = {},
): Promise<Answer> {
  server = createServer((_request, response) => reply(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return callChat({ url: `http://127.0.0.1:${port}`, key: "test-key", body: { stream }, limitS, signal });
}

const word = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`;
const ERROR = 'data: {"error":{"message":"cut off"}}\n\n';

it("takes an error event in a stream for the error that it is, and keeps what came before", async () => {
  expect(await callAt((response) => response.end(`${word("half")}${ERROR}data: [DONE]\n\n`))).toMatchObject({
    ok: false,
    hung: false,
    text: "half",
    error: "an error event in the stream: cut off",
  });
});

it("takes an error in a whole answer for the error that it is", async () => {
  const reply = (response: ServerResponse) => response.end('{"error":{"message":"cut off"}}');
  expect(await callAt(reply, { stream: false })).toMatchObject({
    ok: false,
    error: "HTTP 200 with an error: cut off",
  });
});

it("takes a status other than 200 for an error, with its message or its text", async () => {
  const reply = (body: string) => (response: ServerResponse) => response.writeHead(503).end(body);
  expect((await callAt(reply('{"error":{"message":"all down"}}'))).error).toBe("HTTP 503: all down");
  expect((await callAt(reply("<html>"))).error).toBe("HTTP 503: <html>");
});

it("reads an event that comes in many parts", async () => {
  // Longer than a single read of a socket.
  const text = "é".repeat(200_000);
  expect(await callAt((response) => response.end(word(text)))).toMatchObject({ ok: true, text });
});

it("takes a stream of bytes that brings no end for a hang, and silence for an error", async () => {
  let beat: NodeJS.Timeout | undefined;
  const trickle = (response: ServerResponse): void => {
    response.flushHeaders();
    beat = setInterval(() => response.write(": beat\n\n"), 20);
  };
  expect(await callAt(trickle, { limitS: 0.5 })).toMatchObject({ ok: false, hung: true });
  clearInterval(beat);
  const silent = (response: ServerResponse): void => response.flushHeaders();
  expect(await callAt(silent, { limitS: 0.1 })).toMatchObject({ ok: false, hung: false });
});

it("ends with the run that it belongs to", async () => {
  const ending = new AbortController();
  const call = callAt(() => ending.abort(new Error("the run ends")), { signal: ending.signal });
  await expect(call).rejects.toThrow("the run ends");
});
