/** Second tries, attempts per request, overflowing prompts and empty answers, over HTTP. docs/routing.md states the rules. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Behaviour,
  contextTooLong,
  emptyAnswer,
  errorFrame,
  geminiMalformedCall,
  healthy,
  type Lab,
  resetBeforeHeaders,
  stall,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type GatewayTestOptions,
  type ProviderSketch,
  readStream,
  startGateway,
  type TestGateway,
} from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;
beforeEach(async () => {
  lab = await startLab();
});
afterEach(async () => {
  await gateway.close();
  await lab.close();
});

const FIRST = "first-model";
const SECOND = "second-model";

/** Waits of the gateway are real, so its clock is too. */
async function start(providers: readonly ProviderSketch[], options: GatewayTestOptions = {}): Promise<void> {
  gateway = await startGateway(providers, options);
  Object.defineProperty(gateway.clock, "nowMs", { get: Date.now });
}

const alone = (): ProviderSketch[] => [
  { id: "first", baseUrl: lab.baseUrl, models: [{ alias: "alias", upstream: FIRST }] },
];
const withFallback = (more: Partial<ProviderSketch> = {}): ProviderSketch[] => [
  {
    id: "first",
    baseUrl: lab.baseUrl,
    models: [{ alias: "alias", upstream: FIRST, chain: ["spare"] }],
    ...more,
  },
  { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "spare", upstream: SECOND }] },
];

const upstreams = (): string[] => lab.requests.map(({ model }) => model);
const gapMs = (): number => (lab.requests[1]?.startedAtMs ?? 0) - (lab.requests[0]?.startedAtMs ?? 0);
const asked = async (model = "alias", body: Record<string, unknown> = {}) => {
  const response = await gateway.chat({ model, ...body });
  await response.text();
  return response;
};

describe("with no fallback", () => {
  it.each<[string, Behaviour]>([
    ["500", status(500)],
    ["503", status(503)],
    ["reset", resetBeforeHeaders()],
    ["error that a stream reports first", errorFrame({ after: 0 })],
  ])("one %s is answered 200, after 150 to 250 ms", async (_, trouble) => {
    await start(alone());
    lab.script(FIRST, [trouble, healthy()]);
    const { text, done } = await readStream(await gateway.chat({ model: "alias", stream: true }));
    expect({ text: text === "", done }).toEqual({ text: false, done: true });
    expect(upstreams()).toEqual([FIRST, FIRST]);
    expect(gapMs()).toBeGreaterThanOrEqual(149);
  });

  it("one 429 with a short wait is answered 200, after the wait", async () => {
    await start(alone());
    lab.script(FIRST, [status(429, { retryAfterMs: 400 }), healthy()]);
    const response = await asked();
    expect(response.status).toBe(200);
    expect(response.headers.get("x-fallback-attempts")).toBe("1");
    expect(upstreams()).toEqual([FIRST, FIRST]);
    expect(gapMs()).toBeGreaterThanOrEqual(399);
  });

  it("a second failure is final: two attempts, and the client is not to retry", async () => {
    await start(alone());
    lab.behave(FIRST, status(500));
    const response = await asked();
    expect(response.status).toBe(503);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(response.headers.get("x-headgate-trail")).toBe(
      `first/${FIRST}:server_error,first/${FIRST}:server_error`,
    );
    expect(upstreams()).toEqual([FIRST, FIRST]);
  });

  it("a 429 without a wait is tried once, and the client may retry", async () => {
    await start(alone());
    lab.behave(FIRST, status(429));
    const response = await asked();
    expect([response.status, response.headers.get("x-should-retry")]).toEqual([429, null]);
    expect(upstreams()).toEqual([FIRST]);
  });

  it("a dead key is final after one attempt", async () => {
    await start(alone());
    lab.behave(FIRST, status(401));
    expect((await asked()).headers.get("x-should-retry")).toBe("false");
    expect(upstreams()).toEqual([FIRST]);
  });

  it("a client that leaves during the pause causes no second call", async () => {
    await start(alone());
    lab.behave(FIRST, status(503));
    const leaving = new AbortController();
    const pending = gateway.chat({ model: "alias" }, { signal: leaving.signal });
    await lab.received(FIRST);
    leaving.abort();
    await expect(pending).rejects.toThrow();
    await expect
      .poll(async () => ((await (await gateway.fetch("/health")).json()) as { in_flight: number }).in_flight)
      .toBe(0);
    expect(upstreams()).toEqual([FIRST]);
  });

  it.each([
    ["image", "/v1/images/generations", { prompt: "a lock" }, 1],
    ["speech", "/v1/audio/speech", { input: "a lock", voice: "x" }, 1],
    ["embedding", "/v1/embeddings", { input: "a lock" }, 2],
  ] as const)(
    "one %s at %s with %j that fails with 500 is tried %i time(s)",
    async (operation, path, body, tries) => {
      let calls = 0;
      await using server = createServer((_, response) => {
        calls += 1;
        response.writeHead(500, { "content-type": "application/json" }).end('{"error":{"message":"broken"}}');
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      await start([
        {
          id: "first",
          baseUrl: `http://127.0.0.1:${port}/v1`,
          models: [{ alias: "alias", upstream: FIRST, operation }],
        },
      ]);
      const response = await gateway.fetch(path, {
        method: "POST",
        body: JSON.stringify({ model: "alias", ...body }),
      });
      expect([response.status, calls]).toEqual([503, tries]);
      await gateway.close();
    },
  );
});

describe("with a fallback", () => {
  it("one 500 is tried again on the same candidate", async () => {
    await start(withFallback());
    lab.script(FIRST, [status(500), healthy()]);
    expect((await asked()).headers.get("x-routed-via")).toBe(`first/${FIRST}`);
    expect(upstreams()).toEqual([FIRST, FIRST]);
  });

  it.each<[string, Behaviour]>([
    ["503", status(503)],
    ["429 with a long wait", status(429, { retryAfterS: 4 })],
    ["429 without a wait", status(429)],
  ])("a %s goes to the fallback at once", async (_, trouble) => {
    await start(withFallback());
    lab.behave(FIRST, trouble);
    expect((await asked()).headers.get("x-routed-via")).toBe(`second/${SECOND}`);
    expect(upstreams()).toEqual([FIRST, SECOND]);
    expect(gapMs()).toBeLessThan(1_500);
  });

  it("a 429 with a short wait of the named model is waited for; of a group's member it is not", async () => {
    const group = { name: "either", members: ["alias", "spare"] };
    await start(withFallback(), { groups: [group] });
    lab.script(FIRST, [status(429, { retryAfterMs: 300 }), healthy(), status(429, { retryAfterMs: 300 })]);
    await asked("alias");
    expect(upstreams()).toEqual([FIRST, FIRST]);
    await asked("either");
    expect(upstreams()).toEqual([FIRST, FIRST, FIRST, SECOND]);
  });

  it("a 429 with a short wait goes to another key of the same model at once", async () => {
    await start(withFallback({ keys: ["K1", "K2"] }));
    lab.script(FIRST, [status(429, { retryAfterMs: 2_500 }), healthy()]);
    await asked();
    expect(upstreams()).toEqual([FIRST, FIRST]);
    expect(gapMs()).toBeLessThan(1_500);
    expect(lab.requests[0]?.headers.authorization).not.toBe(lab.requests[1]?.headers.authorization);
  });
});

describe("attempts of one request", () => {
  const many = (): ProviderSketch[] =>
    Array.from({ length: 30 }, (_, at) => ({
      id: `p${at}`,
      baseUrl: lab.baseUrl,
      models: [{ alias: `m${at}` }],
    }));
  const groups = [{ name: "all", members: Array.from({ length: 30 }, (_, at) => `m${at}`) }];

  it.each([
    ["the default", {}, 20],
    ["HEADGATE_MAX_ATTEMPTS=3", { maxAttempts: 3 }, 3],
  ])("end at %s, second tries included", async (_, options, attempts) => {
    await start(many(), { groups, options });
    lab.behave("*", status(500));
    const response = await asked("all");
    expect(response.status).toBe(503);
    expect(lab.requests).toHaveLength(attempts);
    expect(response.headers.get("x-headgate-trail")?.split(",")).toHaveLength(attempts);
  });
});

describe("a prompt that overflows", () => {
  const windows = (): ProviderSketch[] => [
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [{ alias: "alias", upstream: FIRST, contextTokens: 8_000 }],
    },
    {
      id: "second",
      baseUrl: lab.baseUrl,
      models: [{ alias: "larger", upstream: SECOND, contextTokens: 128_000 }],
    },
    { id: "third", baseUrl: lab.baseUrl, models: [{ alias: "smaller", contextTokens: 4_000 }] },
  ];

  it("goes to a larger window that no chain names, after the upstream's refusal and by the estimate", async () => {
    await start(windows());
    lab.behave(FIRST, contextTooLong());
    expect((await asked()).headers.get("x-routed-via")).toBe(`second/${SECOND}`);
    const long = { messages: [{ role: "user", content: "word ".repeat(20_000) }] };
    expect((await asked("alias", long)).headers.get("x-routed-via")).toBe(`second/${SECOND}`);
    expect(upstreams()).toEqual([FIRST, SECOND, SECOND]);
  });

  it("stays where the client allows no fallback", async () => {
    await start(windows());
    lab.behave(FIRST, contextTooLong());
    const response = await asked("alias", { disable_fallbacks: true });
    expect([response.status, response.headers.get("x-should-retry")]).toEqual([400, "false"]);
    expect(upstreams()).toEqual([FIRST]);
  });
});

describe("an empty answer", () => {
  const EMPTY = { text: [], usage: "never" } as const;
  const ask = async (stream: boolean) => {
    const response = await gateway.chat({ model: "alias", stream });
    if (stream) return (await readStream(response)).text;
    const body = (await response.json()) as { choices?: { message: { content: string | null } }[] };
    return body.choices?.[0]?.message.content ?? "";
  };

  it.each([true, false])("is malformed and falls over (stream: %s)", async (stream) => {
    await start(withFallback());
    lab.behave(FIRST, stream ? emptyAnswer() : healthy(EMPTY));
    lab.behave(SECOND, healthy({ text: ["words"] }));
    expect(await ask(stream)).toBe("words");
    expect(upstreams()).toEqual([FIRST, SECOND]);
  });

  it.each([true, false])("of a second model is passed on (stream: %s)", async (stream) => {
    await start(withFallback());
    for (const model of [FIRST, SECOND]) lab.behave(model, stream ? emptyAnswer() : healthy(EMPTY));
    expect(await ask(stream)).toBe("");
    expect(upstreams()).toEqual([FIRST, SECOND]);
  });

  it("falls over on another wire too", async () => {
    await start(withFallback());
    lab.behave(FIRST, emptyAnswer());
    lab.behave(SECOND, healthy({ text: ["words"] }));
    const response = await gateway.fetch("/v1/messages", {
      method: "POST",
      body: JSON.stringify({
        model: "alias",
        max_tokens: 9,
        stream: true,
        messages: [{ role: "user", content: "x" }],
      }),
    });
    expect(await response.text()).toContain("words");
    expect(upstreams()).toEqual([FIRST, SECOND]);
  });
});

describe("a malformed answer of one prompt", () => {
  it("twice in a row cools nothing for other requests", async () => {
    await start(withFallback({ adapter: "gemini", baseUrl: lab.url }));
    lab.script(FIRST, [geminiMalformedCall(), geminiMalformedCall(), healthy()]);
    for (let round = 0; round < 2; round += 1)
      expect((await asked()).headers.get("x-routed-via")).toBe(`second/${SECOND}`);
    expect((await asked()).headers.get("x-routed-via")).toBe(`first/${FIRST}`);
  });
});

describe("an operator's timeout", () => {
  const stalled = async (timeouts: NonNullable<ProviderSketch["timeouts"]>, streamIdleTimeoutMs: number) => {
    await start(withFallback({ timeouts }), { options: { streamIdleTimeoutMs } });
    lab.behave(FIRST, stall({ after: 1 }));
    const headers = { "x-headgate-midstream": "error" };
    return (await readStream(await gateway.chat({ model: "alias", stream: true }, { headers }))).error;
  };

  it("wins over the fragment's", async () => {
    expect(await stalled({ streamIdleMs: 600_000 }, 40)).toBeDefined();
  });

  it("does not win where the fragment says why", async () => {
    expect(await stalled({ streamIdleMs: 40, why: "The test does not wait longer." }, 600_000)).toBeDefined();
  });
});
