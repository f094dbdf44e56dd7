/** The gateway's promises to its clients, over HTTP. */
import { connect } from "node:net";
import {
  closeOnReuse,
  contextTooLong,
  endless,
  healthy,
  type Lab,
  silence,
  stall,
  startLab,
  status,
  withLimits,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, readStream, startGateway, type TestGateway, UPSTREAM_KEY } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;

const providers = (extra: Partial<Parameters<typeof startGateway>[0][number]> = {}) => [
  {
    id: "first",
    baseUrl: lab.baseUrl,
    models: [
      { alias: "alpha", upstream: "up/alpha", chain: ["beta"], contextTokens: 8_000, contextChain: ["wide"] },
      { alias: "alone", upstream: "up-alone" },
      { alias: "plain", upstream: "up-plain", capabilities: [] },
      { alias: "vectors", operation: "embedding" as const, served: false },
    ],
    ...extra,
  },
  {
    id: "second",
    baseUrl: lab.baseUrl,
    models: [
      { alias: "beta", upstream: "up-beta", contextTokens: 8_000 },
      { alias: "wide", upstream: "up-wide", contextTokens: 200_000 },
    ],
  },
];

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  gateway = await startGateway(providers());
});
afterEach(async () => {
  await gateway.close();
  await lab.idle();
  lab.reset();
});

const errorOf = async (response: Response) =>
  (
    (await response.json()) as {
      error: { message: string; type: string; code: string | null; param: string | null };
    }
  ).error;

describe("the client's key", () => {
  it.each([
    ["none", {}],
    ["a wrong one", { authorization: "Bearer nope" }],
    ["another scheme", { authorization: `Basic ${CLIENT_KEY}` }],
    ["a prefix of it", { authorization: `Bearer ${CLIENT_KEY.slice(0, -1)}` }],
  ])("%s is refused with 401 in OpenAI's envelope, and nothing goes upstream", async (_, headers) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: headers as Record<string, string>,
      body: JSON.stringify({ model: "alpha", messages: [{ role: "user", content: "x" }] }),
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("x-request-id")).toBeTruthy();
    expect((await errorOf(response)).type).toBe("authentication_error");
    expect(lab.requests).toHaveLength(0);
  });

  it.each([
    { authorization: `Bearer ${CLIENT_KEY}` },
    { authorization: `bearer ${CLIENT_KEY}` },
    { "x-api-key": CLIENT_KEY },
  ])("is accepted as %j", async (headers) => {
    expect(
      (await fetch(`${gateway.url}/v1/models`, { headers: headers as Record<string, string> })).status,
    ).toBe(200);
  });

  it("is never sent upstream; the provider's own key is, and no other header of the client", async () => {
    await gateway.chat(
      { model: "alpha" },
      { headers: { cookie: "session=1", "x-secret": "mine", "openai-organization": "org" } },
    );
    const sent = lab.requests[0]?.headers ?? {};
    expect(sent.authorization).toBe(`Bearer ${UPSTREAM_KEY}-FIRST_API_KEY`);
    expect(JSON.stringify(sent)).not.toContain(CLIENT_KEY);
    expect(Object.keys(sent).sort()).toEqual(
      [
        "accept",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
      ].filter((name) => name in sent),
    );
  });

  it("is not needed for the liveness and readiness routes", async () => {
    expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(401);
  });
});

describe("a request passes through", () => {
  it("except for the model's name: unknown fields, odd spacing and big numbers stay byte for byte", async () => {
    const body = `{ "x_new" : [1e400, 12345678901234567890, "\\u00e9"],\n"model":"alpha", "messages":[{"role":"user","content":"hi"}] }`;
    const response = await gateway.fetch("/v1/chat/completions", { method: "POST", body });
    expect(response.status).toBe(200);
    expect(lab.requests[0]?.rawBody.toString()).toBe(body.replace('"alpha"', '"up/alpha"'));
  });

  it("and a header names the candidate that answered", async () => {
    const response = await gateway.chat({ model: "alpha" });
    expect(response.headers.get("x-routed-via")).toBe("first/up/alpha");
    expect(response.headers.get("x-fallback-attempts")).toBeNull();
    expect(((await response.json()) as { model: string }).model).toBe("up/alpha");
  });

  it("keeps a valid X-Request-Id of the client and replaces an invalid one", async () => {
    expect(
      (await gateway.chat({ model: "alpha" }, { headers: { "x-request-id": "mine-1" } })).headers.get(
        "x-request-id",
      ),
    ).toBe("mine-1");
    const replaced = (
      await gateway.chat({ model: "alpha" }, { headers: { "x-request-id": 'a"b c' } })
    ).headers.get("x-request-id");
    expect(replaced).toMatch(/^[A-Za-z0-9]+$/);
  });

  it("passes the upstream's x-ratelimit headers", async () => {
    lab.behave("up/alpha", withLimits({ style: "groq" }, healthy()));
    for (const stream of [false, true]) {
      const response = await gateway.chat({ model: "alpha", stream });
      expect(response.headers.get("x-ratelimit-limit-requests")).toBeTruthy();
      await response.text();
    }
  });

  it.each(["alpha", "first/up/alpha", "up/alpha"])("finds the model by the name %s", async (model) => {
    expect((await gateway.chat({ model })).headers.get("x-routed-via")).toBe("first/up/alpha");
  });

  it("includes a usage chunk exactly when the client requests one", async () => {
    const plain = await readStream(await gateway.chat({ model: "alpha", stream: true }));
    expect(plain.raw).not.toContain('"usage":{');
    const withUsage = await readStream(
      await gateway.chat({ model: "alpha", stream: true, stream_options: { include_usage: true } }),
    );
    expect(withUsage.frames.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: expect.any(Number) },
    });
  });
});

describe("errors use OpenAI's envelope", () => {
  it.each([
    ["no body", "", 400, null],
    ["broken JSON", '{"model":', 400, null],
    ["a list", "[]", 400, null],
    ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, null],
    ["deep nesting", `{"model":"alpha","x":${"[".repeat(5000)}${"]".repeat(5000)}}`, 400, null],
    ["no model", '{"messages":[{"role":"user","content":"x"}]}', 400, "model"],
    ["an empty model", '{"model":"","messages":[{"role":"user"}]}', 400, "model"],
    ["no messages", '{"model":"alpha"}', 400, "messages"],
    ["empty messages", '{"model":"alpha","messages":[]}', 400, "messages"],
    ["a message that is text", '{"model":"alpha","messages":["x"]}', 400, "messages[0]"],
    [
      "an unknown role",
      '{"model":"alpha","messages":[{"role":"king","content":"x"}]}',
      400,
      "messages[0].role",
    ],
    [
      "content of a wrong type",
      '{"model":"alpha","messages":[{"role":"user","content":7}]}',
      400,
      "messages[0].content",
    ],
    [
      "a part without a type",
      '{"model":"alpha","messages":[{"role":"user","content":[{}]}]}',
      400,
      "messages[0].content[0]",
    ],
    [
      "a stream that is no boolean",
      '{"model":"alpha","messages":[{"role":"user","content":"x"}],"stream":"yes"}',
      400,
      "stream",
    ],
    [
      "tools of a wrong type",
      '{"model":"alpha","messages":[{"role":"user","content":"x"}],"tools":{}}',
      400,
      "tools",
    ],
    ["an unknown model", '{"model":"nope","messages":[{"role":"user","content":"x"}]}', 404, "model"],
    [
      "a model of another operation",
      '{"model":"vectors","messages":[{"role":"user","content":"x"}]}',
      400,
      "model",
    ],
  ])("%s", async (_, body, code, param) => {
    const response = await gateway.fetch("/v1/chat/completions", { method: "POST", body });
    expect(response.status).toBe(code);
    const error = await errorOf(response);
    expect(error.param).toBe(param);
    expect(error.message.length).toBeGreaterThan(10);
    expect(lab.requests).toHaveLength(0);
  });

  it("an unknown model's error suggests the nearest name", async () => {
    expect((await errorOf(await gateway.chat({ model: "alpah" }))).message).toContain("Did you mean alpha?");
  });

  it("the error of an inactive model states how to switch it on", async () => {
    expect((await errorOf(await gateway.chat({ model: "sleeping-model" }))).message).toContain(
      "set SLEEPER=1 in .env",
    );
  });

  it("a body that is too large is refused by its Content-Length, before it is read", async () => {
    await gateway.close();
    gateway = await startGateway(providers(), { options: { maxBodyBytes: 1_000 } });
    const { hostname, port } = new URL(gateway.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${CLIENT_KEY}\r\nContent-Length: 5000000\r\n\r\n`,
        );
      });
      socket.once("data", (data) => {
        resolve(data.toString());
        socket.destroy();
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"request_too_large"');
  });

  it("an operation without an adapter answers 501 and names what is missing", async () => {
    const response = await gateway.fetch("/v1/embeddings", {
      method: "POST",
      body: '{"model":"vectors","input":"x"}',
    });
    expect(response.status).toBe(501);
    expect((await errorOf(response)).message).toContain(
      "the openai-compatible adapter does not serve embedding",
    );
  });

  it("unknown paths and wrong methods are errors in the same envelope", async () => {
    expect((await gateway.fetch("/v1/nothing")).status).toBe(404);
    expect((await gateway.fetch("/v1/chat/completions")).status).toBe(405);
  });

  it("a client's own mistake is not retried, and returns the upstream's message", async () => {
    lab.behave("up/alpha", status(400, { message: "temperature is too hot", code: "hot" }));
    const response = await gateway.chat({ model: "alpha" });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({
      code: "hot",
      message: expect.stringContaining("temperature is too hot"),
    });
    expect(lab.requests).toHaveLength(1);
    expect((await gateway.chat({ model: "alpha" })).status).toBe(400);
  });

  it("a key that the upstream quotes does not reach the client", async () => {
    lab.behave(
      "up-alone",
      status(401, { message: `Incorrect API key provided: ${UPSTREAM_KEY}-FIRST_API_KEY.` }),
    );
    const response = await gateway.chat({ model: "alone" });
    expect(response.status).toBe(503);
    const health = await (await gateway.fetch("/health")).text();
    for (const shown of [await response.text(), health, gateway.logged.join("\n")])
      expect(shown).not.toContain(UPSTREAM_KEY);
  });

  it("when all fail, the client gets the first failure, and the trail names all", async () => {
    lab.behave("up/alpha", status(500, { message: "first trouble" }));
    lab.behave("up-beta", status(503, { message: "second trouble" }));
    const response = await gateway.chat({ model: "alpha" });
    expect(response.status).toBe(503);
    expect((await errorOf(response)).message).toContain("first trouble");
    expect(response.headers.get("x-headgate-trail")).toBe(
      "first/up/alpha:server_error,first/up/alpha:server_error,second/up-beta:overloaded,second/up-beta:overloaded",
    );
    expect(response.headers.get("x-should-retry")).toBe("false");
  });

  it("when all time out, it is a 503", async () => {
    await gateway.close();
    gateway = await startGateway(providers(), { options: { firstTokenTimeoutMs: 10 } });
    lab.behave("up-alone", silence());
    const response = await gateway.chat({ model: "alone" });
    expect(response.status).toBe(503);
    expect((await errorOf(response)).code).toBe("timeout");
    expect(response.headers.get("retry-after")).toBe("1");
  });

  it("the whole request has a deadline, whatever the attempts allow", async () => {
    await gateway.close();
    gateway = await startGateway(providers(), { options: { requestTimeoutMs: 60 } });
    lab.behave("up/alpha", silence());
    const response = await gateway.chat({ model: "alpha" });
    expect(response.status).toBe(504);
  });

  it("a provider's own timeouts with their reason override the operator's", async () => {
    await gateway.close();
    const why = "The test does not wait longer.";
    gateway = await startGateway(providers({ timeouts: { firstTokenMs: 30, why } }), {
      options: { firstTokenTimeoutMs: 60_000 },
    });
    lab.behave("up/alpha", silence());
    const response = await gateway.chat({ model: "alpha", stream: true });
    expect(response.headers.get("x-routed-via")).toBe("second/up-beta");
    expect((await readStream(response)).done).toBe(true);
  });
});

describe("Retry-After is honoured", () => {
  it("a single candidate with a 429 gets no request until then, and the client gets Retry-After", async () => {
    lab.script("up-alone", [status(429, { retryAfterS: 30 }), healthy()]);
    const first = await gateway.chat({ model: "alone" });
    expect(first.status).toBe(429);
    expect(first.headers.get("retry-after")).toBe("30");
    gateway.clock.nowMs += 10_000;
    const second = await gateway.chat({ model: "alone" });
    expect(second.status).toBe(429);
    expect(second.headers.get("retry-after")).toBe("20");
    expect(second.headers.get("retry-after-ms")).toBe("20000");
    expect(lab.requests).toHaveLength(1);
    gateway.clock.nowMs += 20_000;
    expect((await gateway.chat({ model: "alone" })).status).toBe(200);
  });

  it("and while it cools down, the chain goes straight to the next candidate", async () => {
    lab.script("up/alpha", [status(429, { retryAfterS: 30 }), healthy()]);
    await gateway.chat({ model: "alpha" });
    const second = await gateway.chat({ model: "alpha" });
    expect(second.headers.get("x-routed-via")).toBe("second/up-beta");
    expect(second.headers.get("x-fallback-attempts")).toBeNull();
    expect(lab.requests.filter((request) => request.model === "up/alpha")).toHaveLength(1);
  });
});

describe("candidates", () => {
  it("a request with an image goes only to models with vision, and without one it is a 422", async () => {
    const messages = [
      { role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] },
    ];
    expect((await gateway.chat({ model: "alpha", messages })).status).toBe(200);
    const refused = await gateway.chat({ model: "plain", messages });
    expect(refused.status).toBe(422);
    expect((await errorOf(refused)).message).toContain("it lacks vision");
  });

  it("a prompt that does not fit goes to a larger window, not to an equal one", async () => {
    lab.behave("up/alpha", contextTooLong());
    const response = await gateway.chat({ model: "alpha" });
    expect(response.headers.get("x-routed-via")).toBe("second/up-wide");
    expect(lab.requests.map((request) => request.model)).toEqual(["up/alpha", "up-wide"]);
  });

  it("a prompt that fits nowhere is the client's 400 with OpenAI's code", async () => {
    for (const model of ["up/alpha", "up-beta", "up-wide"]) lab.behave(model, contextTooLong());
    const response = await gateway.chat({ model: "alpha" });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).code).toBe("context_length_exceeded");
  });

  it("mock_testing_fallbacks skips the named model, runs the next for real, and stays here", async () => {
    const response = await gateway.chat({ model: "alpha", mock_testing_fallbacks: true });
    expect(response.headers.get("x-routed-via")).toBe("second/up-beta");
    expect(response.headers.get("x-fallback-attempts")).toBe("1");
    expect(lab.requests.map((request) => request.model)).toEqual(["up-beta"]);
    expect(lab.requests[0]?.rawBody.toString()).not.toContain("mock_testing");
    expect((await gateway.chat({ model: "alone", mock_testing_fallbacks: true })).status).toBe(503);
  });

  it("a kept connection that the server closed is no failure", async () => {
    lab.behave("up-alone", closeOnReuse());
    for (let call = 0; call < 4; call += 1) expect((await gateway.chat({ model: "alone" })).status).toBe(200);
  });
});

describe("a client that goes away", () => {
  it.each([false, true])("cancels its upstream call within 100 ms (stream: %s)", async (stream) => {
    lab.behave("up/alpha", stream ? endless() : silence());
    const abort = new AbortController();
    const call = gateway.chat({ model: "alpha", stream }, { signal: abort.signal });
    await lab.received("up/alpha");
    if (stream) await (await call).body?.getReader().read();
    const leftAtMs = performance.timeOrigin + performance.now();
    abort.abort();
    await call.catch(() => undefined);
    expect((await lab.aborted("up/alpha")) - leftAtMs).toBeLessThan(100);
    expect(lab.requests).toHaveLength(1);
  });
});

describe("a slow reader", () => {
  it("slows its upstream down instead of filling memory", async () => {
    lab.behave("up/alpha", endless({ pieceBytes: 16_384 }));
    const { hostname, port } = new URL(gateway.url);
    const body = JSON.stringify({ model: "alpha", stream: true, messages: [{ role: "user", content: "x" }] });
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${CLIENT_KEY}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await new Promise((resolve) => socket.once("readable", resolve));
    // Nothing is read: the sender stops once every buffer on the way is full.
    const record = await lab.received("up/alpha");
    let before = -1;
    while (record.bytesWritten !== before) {
      before = record.bytesWritten;
      for (let turn = 0; turn < 50; turn += 1) await (await gateway.fetch("/health/live")).text();
    }
    expect(record.outcome).toBe("open");
    expect(before).toBeLessThan(32 * 1024 * 1024);
    socket.destroy();
    await lab.aborted("up/alpha");
  }, 90_000);
});

describe("swapping the table", () => {
  it("does not drop a running stream, and the next request uses the new table", async () => {
    const gate = lab.gate("hold");
    lab.behave("up/alpha", stall({ after: 1, gate }));
    const running = await gateway.chat({ model: "alpha", stream: true });
    await gateway.swap([
      { id: "third", baseUrl: lab.baseUrl, models: [{ alias: "gamma", upstream: "up-gamma" }] },
    ]);
    expect((await gateway.chat({ model: "alpha" })).status).toBe(404);
    expect((await gateway.chat({ model: "gamma" })).headers.get("x-routed-via")).toBe("third/up-gamma");
    gate.open();
    const { done, error } = await readStream(running);
    expect({ done, error }).toEqual({ done: true, error: undefined });
  });

  it("refuses a table it cannot serve and keeps the old one", async () => {
    await expect(
      gateway.swap([{ id: "x", adapter: "no-such-adapter", baseUrl: lab.baseUrl, models: [{ alias: "x" }] }]),
    ).rejects.toThrow("no-such-adapter is not installed");
    expect((await gateway.chat({ model: "alpha" })).status).toBe(200);
  });
});

describe("closing", () => {
  it("lets a running stream finish, reports that it is not ready, and accepts no more requests", async () => {
    const gate = lab.gate("drain");
    lab.behave("up/alpha", stall({ after: 1, gate }));
    const running = await gateway.chat({ model: "alpha", stream: true });
    const closing = gateway.close();
    gate.open();
    expect((await readStream(running)).done).toBe(true);
    await closing;
    await expect(fetch(`${gateway.url}/health/live`)).rejects.toThrow();
  });

  it("cuts requests that do not finish in time", async () => {
    await gateway.close();
    gateway = await startGateway(providers(), { options: { drainTimeoutMs: 50 } });
    lab.behave("up/alpha", endless());
    const running = await gateway.chat({ model: "alpha", stream: true });
    await gateway.close();
    expect((await readStream(running)).error).toMatchObject({ code: "gateway_stopping" });
  });
});

describe("models and health", () => {
  it("lists every name with its window and its fallbacks", async () => {
    const list = (await (await gateway.fetch("/v1/models")).json()) as {
      object: string;
      data: { id: string }[];
    };
    expect(list.object).toBe("list");
    expect(list.data.map((model) => model.id)).toEqual([
      "alone",
      "alpha",
      "beta",
      "plain",
      "vectors",
      "wide",
    ]);
    const one = await (await gateway.fetch("/v1/models/alpha")).json();
    expect(one).toMatchObject({
      id: "alpha",
      object: "model",
      owned_by: "first",
      context_length: 8000,
      fallbacks: ["beta"],
    });
    expect(
      await (await gateway.fetch(`/v1/models/${encodeURIComponent("first/up/alpha")}`)).json(),
    ).toMatchObject({ id: "first/up/alpha" });
    expect((await gateway.fetch("/v1/models/nope")).status).toBe(404);
  });

  it("shows per provider the failures and the cooldowns with their ends", async () => {
    lab.behave("up-alone", status(429, { retryAfterS: 60, message: "slow down" }));
    await gateway.chat({ model: "alone" });
    await gateway.chat({ model: "beta" });
    const health = (await (await gateway.fetch("/health")).json()) as {
      providers: Record<string, unknown>[];
    };
    expect(health.providers).toMatchObject([
      {
        id: "first",
        status: "degraded",
        attempts: 1,
        failures: 1,
        last_failure: { class: "rate_limit", model: "alone" },
        cooling: [
          {
            model: "alone",
            key: "FIRST_API_KEY",
            category: "rate_limit",
            since: "2026-11-21T12:00:00.000Z",
            until: "2026-11-21T12:01:00.000Z",
            hits: 1,
            last_error: "slow down",
          },
        ],
      },
      { id: "second", status: "ok", attempts: 1, failures: 0, cooling: [] },
    ]);
  });
});

describe("/v1/completions", () => {
  const complete = (body: Record<string, unknown>) =>
    gateway.fetch("/v1/completions", {
      method: "POST",
      body: JSON.stringify({ model: "alpha", prompt: "Say hi", ...body }),
    });

  it("answers a prompt, whole and streamed", async () => {
    lab.behave("up/alpha", healthy({ text: ["hi ", "there"] }));
    expect(await (await complete({})).json()).toMatchObject({
      object: "text_completion",
      model: "up/alpha",
      choices: [{ index: 0, text: "hi there", finish_reason: "stop" }],
      usage: { completion_tokens: 2 },
    });
    const streamed = await readStream(
      await complete({ stream: true, stream_options: { include_usage: true } }),
    );
    expect(streamed).toMatchObject({ text: "hi there", done: true });
    expect(streamed.frames.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 2 } });
    expect(lab.requests[0]?.body).toMatchObject({
      model: "up/alpha",
      messages: [{ role: "user", content: "Say hi" }],
    });
  });

  it.each([
    ["suffix", "x"],
    ["echo", true],
    ["logprobs", 3],
    ["n", 2],
    ["best_of", 3],
    ["prompt", ["a", "b"]],
    ["prompt", [1, 2]],
    ["made_up", 1],
  ])("refuses %s = %j by name", async (name, value) => {
    const response = await complete({ [name]: value });
    expect(response.status).toBe(400);
    expect((await errorOf(response)).param).toBe(name);
  });
});
