/** Properties of every surface's stream, passed through and translated (see the surfaces' own tests). */
import { connect } from "node:net";
import { type Lab, oneByteAtATime, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
  gateway = await startGateway([
    { id: "first", baseUrl: lab.baseUrl, models: [{ alias: "plain", upstream: "up" }] },
    {
      id: "claude",
      adapter: "anthropic",
      baseUrl: lab.url,
      auth: { scheme: "header", header: "x-api-key" },
      models: [{ alias: "claude", upstream: "up" }],
    },
    {
      id: "near",
      adapter: "ollama",
      baseUrl: lab.url,
      keys: [],
      models: [{ alias: "local", upstream: "up" }],
    },
    {
      id: "google",
      adapter: "gemini",
      baseUrl: `${lab.url}/v1beta`,
      auth: { scheme: "header", header: "x-goog-api-key" },
      models: [{ alias: "flash", upstream: "up" }],
    },
  ]);
});
afterAll(async () => {
  await gateway.close();
  await lab.close();
});

const messages = [{ role: "user", content: "Grüße aus Köln 🦆" }];
const STREAMS = [
  ["/v1/chat/completions", "text/event-stream", "\n\n", { messages }],
  ["/v1/completions", "text/event-stream", "\n\n", { prompt: "Hi" }],
  ["/v1/responses", "text/event-stream", "\n\n", { input: "Hi" }],
  ["/v1/messages", "text/event-stream", "\n\n", { messages, max_tokens: 99 }],
  ["/api/chat", "application/x-ndjson", "\n", { messages }],
  [
    "/v1beta/models/MODEL:streamGenerateContent?alt=sse",
    "text/event-stream",
    "\n\n",
    { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
  ],
] as const;

/** The pieces of an answer as written to the socket: each is an HTTP chunk. */
function chunksOf(path: string, body: string): Promise<{ head: string; chunks: string[] }> {
  const { hostname, port } = new URL(gateway.url);
  const request = [
    `POST ${path} HTTP/1.1`,
    `host: ${hostname}`,
    `authorization: Bearer ${CLIENT_KEY}`,
    "content-type: application/json",
    // OpenAI's SDKs send this with every request, streams included.
    "accept: application/json",
    "anthropic-version: 2023-06-01",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.on("data", (data) => received.push(data));
    socket.on("error", reject);
    socket.on("end", () => {
      const raw = Buffer.concat(received).toString("latin1");
      const [head = "", ...rest] = raw.split("\r\n\r\n");
      let left = rest.join("\r\n\r\n");
      const chunks: string[] = [];
      for (;;) {
        const line = left.indexOf("\r\n");
        const size = Number.parseInt(left.slice(0, line), 16);
        if (!(size > 0)) break;
        chunks.push(left.slice(line + 2, line + 2 + size));
        left = left.slice(line + 2 + size + 2);
      }
      resolve({ head, chunks });
    });
  });
}

it.each(
  STREAMS.flatMap((stream) =>
    ["plain", "claude", "local", "flash"].map((model) => [stream[0], model, stream] as const),
  ),
)(
  "%s from %s streams whatever `accept` states, and writes each event in one piece",
  async (_, model, stream) => {
    const [path, type, end, body] = stream;
    // The worst case for a gateway that passes bytes through.
    lab.behave("up", oneByteAtATime());
    // Gemini's clients state both in the path.
    const request = path.includes("MODEL") ? body : { ...body, model, stream: true };
    const { head, chunks } = await chunksOf(path.replace("MODEL", model), JSON.stringify(request));
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(head.toLowerCase()).toContain(`content-type: ${type}`);
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.filter((chunk) => !chunk.endsWith(end))).toEqual([]);
  },
);
