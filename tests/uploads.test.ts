/** Uploads that break off, are too large or come in numbers: nothing of them stays. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryStore } from "@headgate/state";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, readStream, startGateway, type TestGateway } from "./support/gateway.ts";

const MB = 1024 * 1024;
const PATH = "/v1/audio/transcriptions";

/** An upstream that reads a whole upload and counts its bytes. */
async function startScribe(): Promise<{ server: Server; url: string; received: number[] }> {
  const received: number[] = [];
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on("end", () => {
      received.push(bytes);
      response.writeHead(200, { "content-type": "application/json" }).end('{"text":"words"}');
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, received };
}

let scribe: Awaited<ReturnType<typeof startScribe>>;
let gateway: TestGateway;
let stateDir: string;

const start = async (options: Record<string, unknown> = {}, memoryWaitMs = 5_000): Promise<TestGateway> =>
  startGateway(
    [
      {
        id: "first",
        baseUrl: scribe.url,
        models: [{ alias: "scribe", operation: "transcription" }, { alias: "chatty" }],
      },
    ],
    { stateDir, memoryWaitMs, store: memoryStore(), options: { maxBodyBytes: 4 * MB, ...options } },
  );

beforeEach(async () => {
  scribe = await startScribe();
  stateDir = await mkdtemp(join(tmpdir(), "headgate-uploads-"));
  gateway = await start();
});
afterEach(async () => {
  await gateway.close();
  scribe.server.closeAllConnections();
  scribe.server.close();
  await rm(stateDir, { recursive: true, force: true });
});

const uploads = (): string[] => {
  try {
    return readdirSync(join(stateDir, "uploads"), { recursive: true }) as string[];
  } catch {
    return [];
  }
};
const files = (): string[] => uploads().filter((name) => name.includes("/"));
const descriptors = (): number => readdirSync("/proc/self/fd").length;

const HEAD =
  '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nscribe\r\n' +
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n';
const TAIL = "\r\n--b--\r\n";

const form = (bytes: number): Buffer =>
  Buffer.concat([Buffer.from(HEAD), Buffer.alloc(bytes, 7), Buffer.from(TAIL)]);

/** Sends the beginning of an upload of `bytes` and waits until the gateway has read `sent` of it. */
async function begin(bytes: number, sent: number): Promise<Socket> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.on("error", () => {});
  await new Promise((done) => socket.once("connect", done));
  socket.write(
    `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${CLIENT_KEY}\r\n` +
      `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${bytes}\r\n\r\n`,
  );
  socket.write(form(bytes).subarray(0, sent));
  return socket;
}

/** The beginning of the answer, which may have come before. */
const firstData = (socket: Socket): Promise<string> =>
  new Promise((done) => socket.once("data", (data) => done(data.toString())));

const inFlight = async (): Promise<number> => {
  const text = await (await gateway.fetch("/metrics")).text();
  return Number(/^headgate_in_flight(?:\{[^}]*\})? ([0-9.]+)$/m.exec(text)?.[1]);
};

const post = (body: RequestInit["body"], headers: Record<string, string> = {}): Promise<Response> =>
  gateway.fetch(PATH, {
    method: "POST",
    body: body as NonNullable<RequestInit["body"]>,
    headers: { "content-type": "multipart/form-data; boundary=b", ...headers },
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  } as RequestInit);

describe("an upload", () => {
  it("reaches the provider whole", async () => {
    const response = await post(form(2 * MB));
    expect(response.status).toBe(200);
    expect(scribe.received[0]).toBeGreaterThan(2 * MB);
    expect(uploads()).toEqual([]);
  });

  it.each([
    ["memory", 512 * MB],
    ["the disk", MB],
  ])("that breaks off leaves nothing in %s and no running request, 200 times", async (_, memoryBudget) => {
    await gateway.close();
    gateway = await start({ memoryBudget });
    await post(form(1_000));
    const before = descriptors();
    for (let round = 0; round < 10; round += 1) {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => begin(3 * MB, 1 * MB)));
      for (const socket of sockets) socket.resetAndDestroy();
    }
    await expect.poll(inFlight, { timeout: 10_000 }).toBe(0);
    await expect.poll(files).toEqual([]);
    await expect.poll(descriptors).toBeLessThanOrEqual(before + 2);
  });

  it("goes to the disk where memory has no room, and comes back whole for each attempt", async () => {
    await gateway.close();
    gateway = await start({ memoryBudget: MB }, 15_000);
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(form(3 * MB))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(scribe.received)).toHaveLength(1);
    expect(scribe.received[0]).toBeGreaterThan(3 * MB);
    await expect.poll(files).toEqual([]);
  });

  it("that a killed process left is deleted at the next start, and no other's", async () => {
    await gateway.close();
    const uuid = "0b5f6f0c-2f4e-4a8e-9d6b-0c1d2e3f4a5b";
    const folderOf = (pid: number): string => join(stateDir, "uploads", `${pid}-${uuid}`);
    const ended = spawnSync("true").pid;
    for (const pid of [ended, process.pid, process.ppid]) await mkdir(folderOf(pid), { recursive: true });
    await writeFile(join(folderOf(ended), "upload"), "words");
    gateway = await start();
    expect(uploads()).toEqual([`${process.ppid}-${uuid}`]);
    await rm(folderOf(process.ppid), { recursive: true });
  });

  it("of unknown length beyond the limit gets 413, and nothing of it stays", async () => {
    const parts = [Buffer.from(HEAD), ...Array.from({ length: 8 }, () => Buffer.alloc(MB, 7))];
    const response = await post(
      new ReadableStream({
        pull(controller) {
          const part = parts.shift();
          if (part === undefined) controller.close();
          else controller.enqueue(part);
        },
      }),
    );
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "request_too_large" } });
    expect(uploads()).toEqual([]);
    expect(await inFlight()).toBe(0);
  });

  it("of a stated length beyond the limit gets 413 before its body is read", async () => {
    const socket = await begin(5 * MB, 10);
    const text = await firstData(socket);
    expect(text).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  it("that hangs does not keep the gateway from closing within the drain time", async () => {
    await gateway.close();
    gateway = await start({ drainTimeoutMs: 500 });
    const socket = await begin(3 * MB, 1 * MB);
    const startedMs = performance.now();
    await gateway.close();
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect(uploads()).toEqual([]);
    socket.destroy();
    gateway = await start();
  });
});

describe("the end of the drain time", () => {
  it("gives an open stream an error frame, and a request without an answer a 503", async () => {
    const hanging = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
    });
    await new Promise<void>((done) => hanging.listen(0, "127.0.0.1", done));
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const baseUrl = (server: Server): string =>
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const stopped = await startGateway(
      [
        { id: "first", baseUrl: baseUrl(hanging), models: [{ alias: "stream" }] },
        { id: "second", baseUrl: baseUrl(silent), models: [{ alias: "whole" }] },
      ],
      { options: { drainTimeoutMs: 500 } },
    );
    const stream = await stopped.chat({ model: "stream", stream: true });
    const reading = readStream(stream);
    const whole = stopped.chat({ model: "whole" });
    await expect
      .poll(
        async () =>
          (await (await stopped.fetch("/metrics")).text()).match(/^headgate_in_flight.* (\d+)/m)?.[1],
      )
      .toBe("2");
    const startedMs = performance.now();
    await stopped.close();
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect((await reading).error).toMatchObject({ code: "gateway_stopping" });
    expect((await whole).status).toBe(503);
    for (const server of [hanging, silent]) {
      server.closeAllConnections();
      server.close();
    }
  });
});
