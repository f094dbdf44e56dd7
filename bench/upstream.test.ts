import { once } from "node:events";
import { connect, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Connection, postBytes } from "./client.ts";
import { createFloor } from "./floor.ts";
import { createUpstream } from "./upstream.ts";
import { COMPLETION, chatBody, MarkReader, nowUs } from "./wire.ts";

const servers: Server[] = [];
const connections: Connection[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address !== "object") throw new Error("no address");
  return address.port;
}

async function open(port: number): Promise<Connection> {
  const connection = await Connection.open(port);
  connections.push(connection);
  return connection;
}

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  for (const server of servers.splice(0).reverse()) {
    server.close();
    await once(server, "close");
  }
});

const text = async (connection: Connection, bytes: Buffer): Promise<{ status: number; body: string }> => {
  let body = "";
  const { status } = await connection.send(bytes, (piece) => {
    body += piece;
  });
  return { status, body };
};

/** Everything that a socket receives until `answers` status lines and the last body have come. */
async function raw(
  port: number,
  pieces: readonly string[],
  until: (all: string) => boolean,
): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let all = "";
  socket.setEncoding("latin1");
  const enough = new Promise<void>((resolve, reject) => {
    socket.on("data", (piece: string) => {
      all += piece;
      if (until(all)) resolve();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve());
  });
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, "latin1", resolve));
  await enough;
  socket.destroy();
  return all;
}

const count = (all: string, part: string): number => all.split(part).length - 1;

describe("the upstream", () => {
  it("answers a chat request with the canned completion and keeps the connection", async () => {
    const port = await listen(createUpstream());
    const connection = await open(port);
    for (let i = 0; i < 3; i++) {
      expect(await text(connection, postBytes(port, {}, chatBody()))).toEqual({
        status: 200,
        body: COMPLETION,
      });
    }
    expect(JSON.parse(COMPLETION)).toHaveProperty("choices.0.message.role", "assistant");
  });

  it("answers each of several pipelined requests, and one that comes in single bytes", async () => {
    const port = await listen(createUpstream());
    const request = postBytes(port, {}, chatBody()).toString("latin1");
    const both = await raw(port, [request + request], (all) => count(all, COMPLETION) === 2);
    expect(count(both, "HTTP/1.1 200 OK")).toBe(2);
    const slow = await raw(port, [...request], (all) => count(all, COMPLETION) === 1);
    expect(count(slow, "HTTP/1.1 200 OK")).toBe(1);
  });

  it("refuses a body without a stated length", async () => {
    const port = await listen(createUpstream());
    const request = "POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    expect(await raw(port, [request], () => false)).toContain("411 Length Required");
  });

  it.each([0, 5])(
    "streams the requested number of marked chunks, paced by %i ms, and ends with [DONE]",
    async (paceMs) => {
      const port = await listen(createUpstream());
      const marks: number[] = [];
      const reader = new MarkReader((sentUs) => marks.push(sentUs));
      const startUs = nowUs();
      const answer = await (await open(port)).send(
        postBytes(port, {}, chatBody({ chunks: 6, paceMs })),
        (piece) => reader.push(piece),
      );
      expect(answer.status).toBe(200);
      expect(reader.done).toBe(true);
      expect(marks).toHaveLength(6);
      expect(marks[0]).toBeGreaterThanOrEqual(startUs);
      // The wheel moves in ticks of 5 ms, and the first may be partly over.
      expect((marks[5] ?? 0) - (marks[0] ?? 0)).toBeGreaterThanOrEqual(paceMs * 4 * 1000);
    },
  );

  it("adds a usage frame only on request", async () => {
    const port = await listen(createUpstream());
    const connection = await open(port);
    const body = JSON.parse(chatBody({ chunks: 1, paceMs: 0 })) as Record<string, unknown>;
    const without = await text(connection, postBytes(port, {}, JSON.stringify(body)));
    body.stream_options = { include_usage: true };
    const asked = await text(connection, postBytes(port, {}, JSON.stringify(body)));
    expect(without.body).not.toContain('"usage"');
    expect(asked.body).toContain('"usage"');
  });
});

describe("the floor", () => {
  it("passes whole answers and streams unchanged, and forwards the key", async () => {
    const upstream = createUpstream();
    const heard: string[] = [];
    upstream.on("connection", (socket) => socket.on("data", (data) => heard.push(data.toString("latin1"))));
    const upstreamPort = await listen(upstream);
    const port = await listen(createFloor(`http://127.0.0.1:${upstreamPort}`));
    const connection = await open(port);
    const headers = { authorization: "Bearer test-key" };
    expect(await text(connection, postBytes(port, headers, chatBody()))).toEqual({
      status: 200,
      body: COMPLETION,
    });
    expect(heard.join("")).toContain("authorization: Bearer test-key");
    const marks: number[] = [];
    const reader = new MarkReader((sentUs) => marks.push(sentUs));
    await connection.send(postBytes(port, headers, chatBody({ chunks: 4, paceMs: 5 })), (piece) =>
      reader.push(piece),
    );
    expect([marks.length, reader.done]).toEqual([4, true]);
  });

  it("answers 502 when the upstream is gone", async () => {
    const upstream = createUpstream();
    const upstreamPort = await listen(upstream);
    upstream.close();
    servers.splice(servers.indexOf(upstream), 1);
    const port = await listen(createFloor(`http://127.0.0.1:${upstreamPort}`));
    const answer = await raw(port, [postBytes(port, {}, chatBody()).toString("latin1")], (all) =>
      all.includes("\r\n\r\n"),
    );
    expect(answer).toContain("502 Bad Gateway");
  });
});
