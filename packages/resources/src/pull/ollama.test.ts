import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { listOllama, PullError, type PullProgress, pullOllama } from "./ollama.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that answers everything alike and keeps the requests. */
async function ollama(answer: (response: ServerResponse) => void) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      requests.push(`${request.method} ${request.url} ${body}`);
      answer(response);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, server };
}

const lines =
  (...events: unknown[]) =>
  (response: ServerResponse) => {
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    // Cut anywhere: a line may come in two pieces.
    response.write(text.slice(0, 25));
    setImmediate(() => response.end(text.slice(25)));
  };

const PULL = [
  { status: "pulling manifest" },
  { status: "pulling aa", digest: "sha256:aa", total: 1000 },
  { status: "pulling aa", digest: "sha256:aa", total: 1000, completed: 400 },
  { status: "pulling bb", digest: "sha256:bb", total: 50, completed: 50 },
  { status: "pulling aa", digest: "sha256:aa", total: 1000, completed: 1000 },
  { status: "verifying sha256 digest" },
  { status: "success" },
];

describe("a pull", () => {
  it("adds up its parts, and ends with what the model takes", async () => {
    const { baseUrl, requests } = await ollama(lines(...PULL));
    const seen: PullProgress[] = [];
    expect(await pullOllama({ baseUrl, model: "m:1b", onProgress: (one) => seen.push(one) })).toBe(1050);
    expect(requests).toEqual(['POST /api/pull {"model":"m:1b","stream":true}']);
    expect(seen.map(({ doneBytes, totalBytes }) => `${doneBytes}/${totalBytes}`)).toEqual([
      "0/0",
      "0/1000",
      "400/1000",
      "450/1050",
      "1050/1050",
      "1050/1050",
      "1050/1050",
    ]);
  });

  it.each([
    [
      "an error among its lines",
      lines(PULL[0], { error: "pull model manifest: file does not exist" }),
      /file does not exist/,
    ],
    ["an answer that is cut", lines(...PULL.slice(0, 3)), /cut at "pulling aa"/],
    ["another server", lines("hello"), /not Ollama/],
    [
      "a refusal",
      (response: ServerResponse) => response.writeHead(400).end('{"error":"invalid model name"}'),
      /invalid model name/,
    ],
    [
      "a refusal without words",
      (response: ServerResponse) => response.writeHead(502).end("<html>"),
      /HTTP 502/,
    ],
    ["a line without end", (response: ServerResponse) => response.end("x".repeat(200_000)), /not Ollama/],
    [
      "a broken connection",
      (response: ServerResponse) => {
        response.write('{"status":"pulling manifest"}\n', () => response.destroy());
      },
      /connection broke|cut/,
    ],
  ])("fails on %s", async (_, answer, words) => {
    const { baseUrl } = await ollama(answer);
    await expect(pullOllama({ baseUrl, model: "m" })).rejects.toThrow(words);
  });

  it("is given up when nothing comes any more, and when it is interrupted", async () => {
    const { baseUrl, server } = await ollama(
      (response) => void response.write('{"status":"pulling manifest"}\n'),
    );
    await expect(pullOllama({ baseUrl, model: "m", idleMs: 50 })).rejects.toThrow(/sent nothing for 0.05 s/);
    const stop = new AbortController();
    const closed = new Promise<void>((gone) =>
      server.once("connection", (socket) => socket.once("close", () => gone())),
    );
    await expect(
      pullOllama({ baseUrl, model: "m", signal: stop.signal, onProgress: () => stop.abort() }),
    ).rejects.toThrow(/interrupted/);
    // Ollama stops downloading when its client is gone.
    server.closeIdleConnections();
    await closed;
  });
});

describe("the list", () => {
  it("has every model with its tag", async () => {
    const { baseUrl } = await ollama((response) => {
      response.end(JSON.stringify({ models: [{ name: "bge-m3:latest" }, { name: "qwen3:4b" }, 7] }));
    });
    expect([...(await listOllama(baseUrl))]).toEqual(["bge-m3:latest", "qwen3:4b"]);
  });

  it("of an unknown name is reported as such", async () => {
    const { baseUrl, server } = await ollama(() => {});
    await new Promise((closed) => server.close(closed));
    await expect(listOllama(baseUrl)).rejects.toEqual(
      expect.objectContaining({
        name: "PullError",
        unreachable: true,
        message: "it cannot be reached (ECONNREFUSED)",
      }),
    );
    expect(new PullError("x").unreachable).toBe(false);
  });
});
