/** What clients need of HTTP itself: compressed bodies, large events, keep-alives, proxies, CORS, and paths of every spelling. */
import { once } from "node:events";
import { createServer, request as toLab } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type Behaviour, behaviour, type Lab, silence, startLab, status } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readStream, startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const start = async (
  options: Parameters<typeof startGateway>[1] = {},
  baseUrl = lab.baseUrl,
): Promise<void> => {
  gateway = await startGateway(
    [
      {
        id: "first",
        baseUrl,
        models: [{ alias: "alpha" }, { alias: "vectors", operation: "embedding" }],
      },
      { id: "third", adapter: "anthropic", baseUrl: lab.url, models: [{ alias: "claude" }] },
      {
        id: "fifth",
        adapter: "cohere",
        baseUrl: `${lab.url}/v2`,
        models: [{ alias: "ranker", operation: "rerank" }],
      },
      { id: "fourth", adapter: "gemini", baseUrl: `${lab.url}/v1beta`, models: [{ alias: "flash" }] },
    ],
    options,
  );
};

const question = { model: "alpha", messages: [{ role: "user", content: "Hello" }] };

describe("a compressed body", () => {
  const ENCODINGS: readonly (readonly [string, (text: string) => Buffer])[] = [
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ];
  const ROUTES: readonly (readonly [path: string, body: object])[] = [
    ["/v1/chat/completions", question],
    ["/v1/responses", { model: "alpha", input: "Hello" }],
    ["/v1/messages?beta=true", { ...question, max_tokens: 9 }],
    ["/v1/embeddings", { model: "vectors", input: "x" }],
    ["/v1/messages/count_tokens", question],
  ];
  const post = (path: string, body: Buffer, encoding: string) =>
    gateway.fetch(path, { method: "POST", body, headers: { "content-encoding": encoding } });

  it.each(ENCODINGS)("%s is read on every route", async (encoding, compress) => {
    await start();
    for (const [path, body] of ROUTES) {
      const response = await post(path, compress(JSON.stringify(body)), encoding);
      expect([path, response.status]).toEqual([path, 200]);
      await response.text();
    }
  });

  it("gets 415 in any other encoding, and 413 beyond the bound", async () => {
    await start({ options: { maxBodyBytes: 10_000 } });
    const bomb = gzipSync(JSON.stringify({ ...question, padding: "x".repeat(20_000) }));
    for (const [path] of ROUTES) {
      const unknown = await post(path, Buffer.from("{}"), "compress");
      expect([path, unknown.status, await unknown.text()]).toEqual([
        path,
        415,
        expect.stringContaining("zstd"),
      ]);
      const large = await post(path, bomb, "gzip");
      expect([path, large.status]).toEqual([path, 413]);
      await large.text();
    }
    expect(lab.requests).toEqual([]);
  });
});

it("passes one event of 12 MB: an image in a stream", async () => {
  const image = "x".repeat(12 * 1024 * 1024);
  const chunk = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const drawing: Behaviour = behaviour("drawing", function* () {
    yield { kind: "head", status: 200, headers: { "content-type": "text/event-stream" } };
    yield {
      kind: "bytes",
      bytes: Buffer.from(chunk({ content: "", images: [{ image_url: { url: image } }] })),
    };
    yield { kind: "bytes", bytes: Buffer.from(`${chunk({}, "stop")}data: [DONE]\n\n`) };
  });
  lab.behave("alpha", drawing);
  await start();
  const { raw, done, error } = await readStream(await gateway.chat({ model: "alpha", stream: true }));
  expect(error).toBeUndefined();
  expect(done).toBe(true);
  expect(raw.length).toBeGreaterThan(image.length);
});

describe("a stream that is silent before its first token", () => {
  /** Calls the gateway's tick by hand. */
  const hand = () => {
    let ticks: () => void = () => {};
    return {
      ticker: (tick: () => void) => {
        ticks = tick;
        return () => {};
      },
      tick: () => ticks(),
    };
  };
  const SURFACES: readonly (readonly [name: string, path: string, body: object, comment: string])[] = [
    ["chat", "/v1/chat/completions", { ...question, stream: true }, ": keep-alive\n\n"],
    ["responses", "/v1/responses", { model: "alpha", input: "Hello", stream: true }, ": keep-alive\n\n"],
    [
      "messages",
      "/v1/messages",
      { ...question, max_tokens: 9, stream: true },
      'event: ping\ndata: {"type":"ping"}\n\n',
    ],
    [
      "gemini",
      "/v1beta/models/alpha:streamGenerateContent?alt=sse",
      { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
      "\n",
    ],
  ];
  const read = async (
    response: Response,
    comment: string,
  ): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Error("no body");
    let got = "";
    while (got.length < comment.length) got += Buffer.from((await reader.read()).value ?? []).toString();
    expect(got).toBe(comment);
    return reader;
  };
  const rest = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> => {
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read())
      text += Buffer.from(part.value).toString();
    return text;
  };

  it.each(SURFACES)("is kept alive on %s, and then goes on", async (surface, path, body, comment) => {
    const gate = lab.gate("slow");
    lab.behave("alpha", silence({ gate }));
    const { ticker, tick } = hand();
    await start({ ticker });
    const answering = gateway.fetch(path, { method: "POST", body: JSON.stringify(body) });
    await lab.received("alpha");
    tick();
    tick();
    const response = await answering;
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = await read(response, comment);
    gate.open();
    const text = await rest(reader);
    tick();
    expect(text).not.toMatch(/"error":[{"]/);
    expect(text).toMatch(/data: /);
    // Google's Python SDK takes each line for JSON.
    if (surface === "gemini") return expect(text).not.toMatch(/^:/m);
    // The head was sent before a candidate answered: which one did follows the answer.
    expect(text).toMatch(/\n: x-routed-via: first\/alpha\n/);
    expect(text).toMatch(/\n: x-headgate-duration-ms: [\d.]+\n/);
  });

  it.each(SURFACES)("ends with an error frame on %s where it then fails", async (_, path, body, comment) => {
    const gate = lab.gate("slow");
    lab.behave("alpha", silence({ gate }, status(400, { message: "no such field" })));
    const { ticker, tick } = hand();
    await start({ ticker });
    const answering = gateway.fetch(path, { method: "POST", body: JSON.stringify(body) });
    await lab.received("alpha");
    tick();
    tick();
    const reader = await read(await answering, comment);
    gate.open();
    const text = await rest(reader);
    expect(text).toContain("no such field");
    expect(text.trimStart()).toMatch(/^(event: [a-z.]+\n)?data: /);
  });

  it("sends nothing on a surface of lines, where each line is an answer", async () => {
    const gate = lab.gate("slow");
    lab.behave("alpha", silence({ gate }));
    const { ticker, tick } = hand();
    await start({ ticker });
    const answering = gateway.fetch("/api/chat", { method: "POST", body: JSON.stringify(question) });
    await lab.received("alpha");
    tick();
    tick();
    gate.open();
    const lines = (await (await answering).text()).trim().split("\n");
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ model: expect.any(String) });
  });
});

describe("a proxy between the gateway and its upstreams", () => {
  /** A proxy that resolves every name to the lab. */
  async function startProxy() {
    const seen: string[] = [];
    const { port } = new URL(lab.url);
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      const { pathname } = new URL(request.url ?? "");
      const { method, headers } = request;
      const onward = toLab({ port, host: "127.0.0.1", path: pathname, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    server.on("connect", ({ url = "" }, socket) => {
      seen.push(`CONNECT ${url}`);
      const upstream = connect(Number(port), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on("error", () => upstream.destroy());
      upstream.on("error", () => socket.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://user:hidden-word@127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, seen, close: () => server.close() };
  }

  it("is used for a name that only the proxy resolves, and its words never show", async () => {
    const proxy = await startProxy();
    const proxies = { http: { variable: "HTTP_PROXY", url: proxy.url }, none: "direct.invalid" };
    await start({ proxies }, "http://upstream.invalid/v1");
    const response = await gateway.chat({ model: "alpha", stream: true });
    proxy.close();
    // undici asks for a tunnel, or sends a request for the whole address.
    if (response.status !== 200) throw new Error(`${await response.text()} ${proxy.seen.join()}`);
    expect((await readStream(response)).done).toBe(true);
    expect(proxy.seen).toEqual([expect.stringContaining("upstream.invalid")]);
  });

  it("is left out for hosts of NO_PROXY and for loopback", async () => {
    const proxy = await startProxy();
    const proxies = { http: { variable: "HTTP_PROXY", url: proxy.url }, none: "direct.invalid" };
    await start({ proxies }, "http://direct.invalid/v1");
    const unresolved = await gateway.chat({ model: "alpha" });
    expect(unresolved.status).toBe(503);
    await unresolved.text();
    const local = await gateway.fetch("/v1/messages", {
      method: "POST",
      body: JSON.stringify({ ...question, model: "claude", max_tokens: 9 }),
    });
    expect(local.status).toBe(200);
    await local.text();
    proxy.close();
    expect(proxy.seen).toEqual([]);
  });

  it("is named in the error when it cannot be reached", async () => {
    const proxies = {
      http: { variable: "HTTP_PROXY", url: "http://user:hidden-word@127.0.0.1:9" },
      none: "",
    };
    await start({ proxies }, "http://upstream.invalid/v1");
    const response = await gateway.chat({ model: "alpha" });
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(text).toContain("HTTP_PROXY is set");
    expect(text + gateway.logged.join()).not.toContain("hidden-word");
  });
});

describe("CORS", () => {
  const origin = "https://chat.example.org";
  const preflight = {
    origin,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization",
  };
  const PATHS = ["/v1/chat/completions", "/v1/models", "/api/chat", "/v1beta/models"];

  it("is off by default", async () => {
    await start();
    for (const path of PATHS) {
      const response = await fetch(gateway.url + path, { method: "OPTIONS", headers: preflight });
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      await response.text();
    }
  });

  it.each([[[origin]], [["*"]]])("answers preflights and exposes headers to %j", async (corsOrigins) => {
    await start({ options: { corsOrigins } });
    const allowed = corsOrigins[0] ?? null;
    for (const path of PATHS) {
      const response = await fetch(gateway.url + path, { method: "OPTIONS", headers: preflight });
      expect([path, response.status]).toEqual([path, 204]);
      expect(response.headers.get("access-control-allow-origin")).toBe(allowed);
      expect(response.headers.get("access-control-allow-headers")).toBe("authorization");
    }
    for (const stream of [false, true]) {
      const answer = await gateway.chat({ model: "alpha", stream }, { headers: { origin } });
      expect(answer.headers.get("access-control-allow-origin")).toBe(allowed);
      expect(answer.headers.get("access-control-expose-headers")).toBe("*");
      await answer.text();
    }
    const refused = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { origin },
    });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, allowed]);
    await refused.text();
    const admin = await fetch(`${gateway.url}/admin/cooldowns`, { method: "OPTIONS", headers: preflight });
    expect(admin.headers.get("access-control-allow-origin")).toBeNull();
    await admin.text();
  });

  it("allows no origin beside the listed ones", async () => {
    await start({ options: { corsOrigins: [origin] } });
    const other = await gateway.fetch("/v1/models", { headers: { origin: "https://other.example" } });
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
    expect(other.headers.get("vary")).toBe("Origin");
    await other.text();
  });
});

describe("a path", () => {
  it.each([
    "/chat/completions",
    "/v1/v1/chat/completions",
    "/v1/chat/completions?x=1",
    "/chat/completions?x=1",
  ])("answers as %s", async (path) => {
    await start();
    const response = await gateway.fetch(path, { method: "POST", body: JSON.stringify(question) });
    expect([response.status, await response.json()]).toMatchObject([200, { object: "chat.completion" }]);
  });

  it.each(["/models", "/v1/v1/models"])("lists models as %s", async (path) => {
    await start();
    expect(await (await gateway.fetch(path)).json()).toMatchObject({ object: "list" });
    const anthropic = await gateway.fetch(path, { headers: { "anthropic-version": "2023-06-01" } });
    expect(await anthropic.json()).toMatchObject({ has_more: false });
  });

  it("reranks as /v2/rerank", async () => {
    await start();
    const body = JSON.stringify({ model: "ranker", query: "x", documents: ["a", "b"] });
    const response = await gateway.fetch("/v2/rerank", { method: "POST", body });
    expect([response.status, await response.json()]).toMatchObject([200, { results: expect.any(Array) }]);
  });

  it("that is unknown is answered in the envelope of the surface whose prefix it has", async () => {
    await start();
    const at = async (path: string) => {
      const response = await gateway.fetch(path, { method: "POST", body: "{}" });
      expect([path, response.status]).toEqual([path, 404]);
      return response.json();
    };
    expect(await at("/v1/nowhere")).toMatchObject({
      error: { type: "invalid_request_error", code: "unknown_url" },
    });
    expect(await at("/v1/messages/nowhere")).toMatchObject({
      type: "error",
      error: { type: "not_found_error" },
    });
    expect(await at("/v1beta/nowhere")).toMatchObject({ error: { status: "NOT_FOUND" } });
    expect(await at("/v1alpha/nowhere")).toMatchObject({ error: { status: "NOT_FOUND" } });
    expect(await at("/api/nowhere")).toMatchObject({ error: expect.stringContaining("/api/nowhere") });
  });
});
