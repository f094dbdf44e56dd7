/** Words of clients and upstreams that mean something to JavaScript, and requests that no parser takes. */
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

const WORDS = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"];

let upstream: Server;
let good: Server;
let answer: { status: number; body: string };
let gateway: TestGateway;

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
};
let addresses: readonly [string, string];

const completion = (finish: string, content = "good"): string =>
  JSON.stringify({
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: finish }],
  });

beforeAll(async () => {
  upstream = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
    });
  });
  good = createServer((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "application/json" }).end(completion("stop"));
    });
  });
  addresses = [await listen(upstream), await listen(good)];
});
beforeEach(async () => {
  answer = { status: 200, body: completion("stop") };
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: addresses[0],
      models: [
        { alias: "alpha", chain: ["beta"] },
        { alias: "alone" },
        { alias: "scribe", operation: "transcription" },
      ],
    },
    { id: "claude", adapter: "anthropic", baseUrl: addresses[0], models: [{ alias: "claude" }] },
    { id: "second", baseUrl: addresses[1], models: [{ alias: "beta" }] },
  ]);
});
afterEach(() => gateway.close());
afterAll(() => {
  for (const server of [upstream, good]) {
    server.closeAllConnections();
    server.close();
  }
});

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  gateway.fetch(path, { method: "POST", body, headers });
const HELLO = '"messages":[{"role":"user","content":"x"}]';

describe.each(WORDS)("the word %s", (word) => {
  it("is an unknown field of completions", async () => {
    const response = await post("/v1/completions", `{"model":"alone","prompt":"x","${word}":1}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: word, code: "unknown_parameter" } });
  });

  it("is a model that is not there", async () => {
    for (const path of ["/v1/chat/completions", "/v1/messages"])
      expect((await post(path, `{"model":"${word}","max_tokens":9,${HELLO}}`)).status).toBe(404);
  });

  it("is a field of a form like any other", async () => {
    answer.body = '{"text":"words"}';
    const form =
      `--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nscribe\r\n` +
      `--b\r\nContent-Disposition: form-data; name="${word}"\r\n\r\n1\r\n` +
      `--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc\r\n--b--\r\n`;
    const response = await post("/v1/audio/transcriptions", form, {
      "content-type": "multipart/form-data; boundary=b",
    });
    expect(response.status).toBe(200);
  });

  it("is no reasoning effort that an Anthropic model has", async () => {
    const response = await post(
      "/v1/chat/completions",
      `{"model":"claude","reasoning_effort":"${word}",${HELLO}}`,
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: "reasoning_effort" } });
  });

  it("of an upstream's finish reason means stop", async () => {
    answer.body = completion(word);
    const response = await post("/v1/messages", `{"model":"alone","max_tokens":9,${HELLO}}`);
    expect(await response.json()).toMatchObject({ stop_reason: "end_turn" });
  });
});

describe("a whole answer of the client's own wire", () => {
  it.each([
    ["is no JSON inside a choice", '{"choices":[{oops}]}'],
    ["is JSON with something behind it", `${completion("stop")} oops`],
    ["has a choice that is no object", '{"choices":["text"]}'],
    ["has a choice without a message", '{"choices":[{"index":0,"finish_reason":"stop"}]}'],
    ["has no choice", '{"choices":[]}'],
    ["is cut", completion("stop").slice(0, -3)],
  ])("that %s is malformed: the next candidate answers", async (_, body) => {
    answer.body = body;
    const response = await post("/v1/chat/completions", `{"model":"alpha",${HELLO}}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-fallback-attempts")).toBe("1");
    expect(await response.text()).toContain("good");
  });
});

it("an upstream's error code is redacted as its message is", async () => {
  const key = "sk-abcdefghijklmnop1234567890";
  answer = { status: 400, body: JSON.stringify({ error: { message: "no", type: "x", code: key } }) };
  const text = await (await post("/v1/chat/completions", `{"model":"alone",${HELLO}}`)).text();
  expect(text).not.toContain(key);
  answer.body = JSON.stringify({ error: { message: "no", code: "test-upstream-key-FIRST_API_KEY" } });
  const second = await (await post("/v1/chat/completions", `{"model":"alone",${HELLO}}`)).text();
  expect(second).not.toContain("test-upstream-key");
  expect(gateway.logged.join("\n")).not.toMatch(/sk-abc|test-upstream-key/);
});

describe("a request that no parser takes", () => {
  const send = (text: string): Promise<string> =>
    new Promise((done, failed) => {
      let received = "";
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.write(text));
      socket.on("data", (data) => {
        received += data.toString();
      });
      socket.once("close", () => done(received));
      socket.once("error", failed);
    });
  const bodyOf = (received: string): unknown => JSON.parse(received.slice(received.indexOf("\r\n\r\n")));

  it.each([
    ["/v1/chat/completions", { error: { code: "headers_too_large", param: null } }],
    ["/v1/messages", { type: "error", error: { type: "invalid_request_error" } }],
    ["/v1beta/models/m:generateContent", { error: { code: 431 } }],
  ])("because of large headers gets 431 in the envelope of %s", async (path, expected) => {
    const received = await send(`POST ${path} HTTP/1.1\r\nHost: x\r\nX-Large: ${"a".repeat(40_000)}\r\n\r\n`);
    expect(received).toMatch(/^HTTP\/1.1 431 Request Header Fields Too Large\r\n/);
    expect(bodyOf(received)).toMatchObject(expected);
  });

  it.each([
    ["/v1/models/%zz", { error: { type: "invalid_request_error", param: null } }],
    ["/v1/messages/%zz", { type: "error", error: { type: "invalid_request_error" } }],
    ["/v1beta/models/%zz", { error: { code: 400, status: "INVALID_ARGUMENT" } }],
  ])("because of its address gets 400 in the envelope of %s", async (path, expected) => {
    const received = await send(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${CLIENT_KEY}\r\nConnection: close\r\n\r\n`,
    );
    expect(received).toMatch(/^HTTP\/1.1 400 /);
    expect(received).toMatch(/x-request-id: /i);
    const body = received.slice(received.indexOf("\r\n\r\n") + 4);
    expect(JSON.parse(body)).toMatchObject(expected);
  });
});
