/** HEADGATE_MEMORY_BUDGET: what finds no room waits for it, and gets a 503 where none comes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

const MB = 1024 * 1024;

let upstream: Server;
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let gateway: TestGateway;

const start = (options: Record<string, unknown> = {}, memoryWaitMs = 300): Promise<TestGateway> =>
  startGateway(
    [
      {
        id: "first",
        baseUrl: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`,
        models: [{ alias: "alpha" }],
      },
    ],
    { memoryWaitMs, options: { memoryBudget: 5 * MB, ...options } },
  );

beforeEach(async () => {
  upstream = createServer((request, response) => serve(request, response));
  await new Promise<void>((done) => upstream.listen(0, "127.0.0.1", done));
  gateway = await start();
});
afterEach(async () => {
  await gateway.close();
  upstream.closeAllConnections();
  upstream.close();
});

const answer = (content: string): string =>
  JSON.stringify({
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  });

const answered = (request: IncomingMessage, response: ServerResponse, body: string | Buffer): void => {
  request.resume().on("end", () => {
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
};

const bodyOf = (bytes: number, more: object = {}): string =>
  JSON.stringify({ model: "alpha", messages: [{ role: "user", content: "x".repeat(bytes) }], ...more });

describe("bodies", () => {
  it("that do not fit together are answered one after the other", async () => {
    await gateway.close();
    gateway = await start({}, 15_000);
    serve = (request, response) => answered(request, response, answer("ok"));
    const statuses = await Promise.all(
      Array.from(
        { length: 12 },
        async () =>
          (await gateway.fetch("/v1/chat/completions", { method: "POST", body: bodyOf(MB) })).status,
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it.each(["/v1/chat/completions", "/v1/chat/completions?x=1"])(
    "that find no room in time get 503 with Retry-After, and room is free again after it (%s)",
    async (path) => {
      let release = (): void => {};
      const first = new Promise<void>((done) => {
        serve = (request, response) => {
          release = () => answered(request, response, answer("ok"));
          done();
        };
      });
      const held = gateway.fetch(path, { method: "POST", body: bodyOf(MB) });
      await first;
      for (const body of [
        bodyOf(MB),
        new ReadableStream({
          start(controller) {
            controller.enqueue(Buffer.from(bodyOf(MB)));
            controller.close();
          },
        }),
      ]) {
        const refused = await gateway.fetch(path, { method: "POST", body, duplex: "half" } as RequestInit);
        expect(refused.status).toBe(503);
        expect(refused.headers.get("retry-after")).toBe("5");
        expect(await refused.json()).toMatchObject({ error: { code: "memory_budget" } });
      }
      release();
      expect((await held).status).toBe(200);
      serve = (request, response) => answered(request, response, answer("ok"));
      expect((await gateway.fetch(path, { method: "POST", body: bodyOf(MB) })).status).toBe(200);
    },
  );
});

describe("answers", () => {
  it("that are larger than the budget together come one after the other, and none is lost", async () => {
    const large = answer("y".repeat(5 * MB));
    serve = (request, response) => answered(request, response, large);
    const statuses = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const response = await gateway.chat({ model: "alpha" });
        const text = await response.text();
        if (response.status === 200) expect(text).toHaveLength(large.length);
        return response.status;
      }),
    );
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses).toContain(200);
    expect((await gateway.chat({ model: "alpha" })).status).toBe(200);
  });
});

describe("a stream", () => {
  const frame = (content: string): string =>
    `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`;

  it.each(["/v1/chat/completions", "/v1/messages"])(
    "that is compressed is decoded no faster than its client reads (%s)",
    async (path) => {
      const member = gzipSync(frame("a".repeat(1000)).repeat(1000));
      serve = (request, response) => {
        request.resume().on("end", () => {
          response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
          for (let count = 0; count < 300; count += 1) response.write(member);
        });
      };
      const before = process.memoryUsage.rss();
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
      const body = JSON.stringify({
        model: "alpha",
        max_tokens: 9,
        stream: true,
        messages: [{ role: "user", content: "x" }],
      });
      const head = new Promise((done) => socket.once("data", done));
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${CLIENT_KEY}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await head;
      socket.pause();
      // 300 MB are decoded within this time where nothing holds them back.
      for (let look = 0; look < 60; look += 1) {
        expect(process.memoryUsage.rss() - before).toBeLessThan(120 * MB);
        await new Promise((done) => setTimeout(done, 15));
      }
      socket.destroy();
    },
  );

  it.each(["/v1/chat/completions", "/v1/messages"])("of comments alone is silent: %s", async (path) => {
    await gateway.close();
    gateway = await start({ streamIdleTimeoutMs: 200 });
    serve = (request, response) => {
      request.resume().on("end", () => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(frame("a"));
        const timer = setInterval(() => response.write(": still here\n\n"), 20);
        response.once("close", () => clearInterval(timer));
      });
    };
    const response = await gateway.fetch(path, {
      method: "POST",
      body: bodyOf(1, { stream: true, max_tokens: 9 }),
    });
    expect(await response.text()).toContain("nothing more for 200 ms in mid-stream");
  });
});
