/** Slow candidates: cancelled at a name's own deadline, or hedged by the next one. Gates, no sleeping. */
import { present, type RoutePolicy } from "@headgate/contract";
import {
  type Behaviour,
  behaviour,
  cut,
  endless,
  type Gate,
  healthy,
  type Lab,
  silence,
  slowFirstToken,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readStream, startGateway, type TestGateway } from "./support/gateway.ts";
import { withoutLastComment } from "./support/stream.ts";

const ONE = "one-model";
const TWO = "two-model";
const THREE = "three-model";

let lab: Lab;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
afterEach(async () => {
  await lab.idle();
  const health = (await (await gateway.fetch("/health")).json()) as { in_flight: number };
  await gateway.close();
  lab.reset();
  expect(health.in_flight).toBe(0);
});

async function start(policy: RoutePolicy, one: Behaviour, two: Behaviour, operation?: "embedding") {
  const kind = present({ operation });
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [
        { alias: "alias", upstream: ONE, chain: ["again", "second", "third"], policy, ...kind },
        // The same provider, key and model under another name.
        { alias: "again", upstream: ONE, ...kind },
      ],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "second", upstream: TWO, ...kind }] },
    { id: "third", baseUrl: lab.baseUrl, models: [{ alias: "third", upstream: THREE, ...kind }] },
  ]);
  lab.behave(ONE, one);
  lab.behave(TWO, two);
  lab.behave(THREE, healthy({ text: ["three"] }));
}

const upstreams = (): string[] => lab.requests.map(({ model }) => model);

/** The settlement of each provider. */
async function settled() {
  const { providers } = (await (await gateway.fetch("/health")).json()) as {
    providers: {
      id: string;
      attempts: number;
      failures: number;
      last_success_at: string | null;
      cooling: unknown[];
    }[];
  };
  return Object.fromEntries(
    providers.map(({ id, attempts, failures, last_success_at, cooling }) => [
      id,
      { attempts, failures, succeeded: last_success_at !== null, cooling: cooling.length },
    ]),
  );
}
/** Resolves once the gateway has recorded a failure there. */
async function failedAt(provider: string): Promise<void> {
  while (((await settled())[provider]?.failures ?? 0) === 0);
}
const CANCELLED = { attempts: 1, failures: 0, succeeded: false, cooling: 0 };
const ANSWERED = { attempts: 1, failures: 0, succeeded: true, cooling: 0 };
const UNASKED = { attempts: 0, failures: 0, succeeded: false, cooling: 0 };

const answers = (text: string): Behaviour => healthy({ text: [text] });

async function ask(stream: boolean, init: RequestInit = {}) {
  const response = await gateway.chat({ model: "alias", stream }, init);
  if (stream && response.ok) return { response, ...(await readStream(response)) };
  const body = (await response.json()) as {
    choices?: { message: { content: string } }[];
    error?: { code: string };
  };
  return { response, text: body.choices?.[0]?.message.content ?? "", done: true, error: body.error };
}

describe.each([false, true])("a hedged call (stream: %s)", (stream) => {
  it("answers when the first is silent; the first is cancelled at once, and no failure is recorded", async () => {
    await start({ hedgeAfterMs: 1 }, silence(), answers("two"));
    const { response, text, done } = await ask(stream);
    expect({ text, done }).toEqual({ text: "two", done: true });
    expect(response.headers.get("x-routed-via")).toBe(`second/${TWO}`);
    expect(response.headers.get("x-headgate-hedged")).toBe("1");
    expect(response.headers.get("x-fallback-attempts")).toBeNull();
    await lab.aborted(ONE);
    expect(upstreams()).toEqual([ONE, TWO]);
    expect(await settled()).toEqual({ first: CANCELLED, second: ANSWERED, third: UNASKED });
  });

  it("is cancelled when the first is faster", async () => {
    const gate = lab.gate();
    await start({ hedgeAfterMs: 1 }, silence({ gate }, answers("one")), opening(gate));
    const { response, text } = await ask(stream);
    expect(text).toBe("one");
    expect(response.headers.get("x-routed-via")).toBe(`first/${ONE}`);
    expect(response.headers.get("x-headgate-hedged")).toBe("1");
    await lab.aborted(TWO);
    expect(await settled()).toEqual({ first: ANSWERED, second: CANCELLED, third: UNASKED });
  });

  it("goes on alone when the first fails", async () => {
    const [one, two] = [lab.gate(), lab.gate()];
    await start(
      { hedgeAfterMs: 1 },
      silence({ gate: one }, status(500)),
      silence({ gate: two }, answers("two")),
    );
    const pending = ask(stream);
    await two.reached();
    one.open();
    await failedAt("first");
    two.open();
    const { response, text } = await pending;
    expect(text).toBe("two");
    expect(response.headers.get("x-routed-via")).toBe(`second/${TWO}`);
    expect(await settled()).toMatchObject({ first: { attempts: 1, failures: 1 }, second: ANSWERED });
  });

  it("lets the first go on alone when it fails itself", async () => {
    const gate = lab.gate();
    await start({ hedgeAfterMs: 1 }, silence({ gate }, answers("one")), status(500));
    const pending = ask(stream);
    await failedAt("second");
    gate.open();
    const { response, text } = await pending;
    expect(text).toBe("one");
    expect(response.headers.get("x-routed-via")).toBe(`first/${ONE}`);
    expect(upstreams()).toEqual([ONE, TWO]);
    expect(await settled()).toMatchObject({ first: ANSWERED, second: { attempts: 1, failures: 1 } });
  });

  it("when both fail, the next candidate is tried, without a second hedge", async () => {
    const gate = lab.gate();
    await start({ hedgeAfterMs: 1 }, silence({ gate }, status(503)), status(503));
    const pending = ask(stream);
    await failedAt("second");
    gate.open();
    const { response, text } = await pending;
    // The same model under its other name comes before the third.
    expect(upstreams()).toEqual([ONE, TWO, ONE, THREE]);
    expect(text).toBe("three");
    expect(response.headers.get("x-routed-via")).toBe(`third/${THREE}`);
    expect(response.headers.get("x-fallback-attempts")).toBe("3");
  });

  it("is not made when the first fails before it is time", async () => {
    await start({ hedgeAfterMs: 60_000 }, status(429), answers("two"));
    const { response } = await ask(stream);
    expect(response.headers.get("x-headgate-hedged")).toBeNull();
    expect(upstreams().filter((model) => model === TWO)).toHaveLength(1);
  });

  it("is not made when the first has answered, nor without a policy", async () => {
    for (const policy of [{ hedgeAfterMs: 60_000 }, {}, { hedgeAfterMs: 0 }]) {
      await start(policy, answers("one"), answers("two"));
      const { response, text } = await ask(stream);
      expect(text).toBe("one");
      expect(response.headers.get("x-headgate-hedged")).toBeNull();
      expect(upstreams()).toEqual([ONE]);
      await gateway.close();
      lab.reset();
    }
    await start({}, answers("one"), answers("two"));
  });

  it("ends with its client: both upstream calls are cancelled, and each is settled once", async () => {
    await start({ hedgeAfterMs: 1 }, silence(), silence());
    const leaving = new AbortController();
    const pending = ask(stream, { signal: leaving.signal });
    await Promise.all([lab.received(ONE), lab.received(TWO)]);
    leaving.abort();
    await expect(pending).rejects.toThrow(/abort/i);
    await Promise.all([lab.aborted(ONE), lab.aborted(TWO)]);
    await lab.idle();
    expect(await settled()).toEqual({ first: CANCELLED, second: CANCELLED, third: UNASKED });
  });
});

it("a candidate without room is skipped, and the one after it hedges", async () => {
  const limits = [{ scope: "model", unit: "requests", amount: 1, window: "day" }] as const;
  gateway = await startGateway([
    {
      id: "first",
      baseUrl: lab.baseUrl,
      models: [{ alias: "alias", upstream: ONE, chain: ["second", "third"], policy: { hedgeAfterMs: 1 } }],
    },
    { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "second", upstream: TWO, limits }] },
    { id: "third", baseUrl: lab.baseUrl, models: [{ alias: "third", upstream: THREE }] },
  ]);
  lab.behave(ONE, silence());
  lab.behave(THREE, answers("three"));
  await (await gateway.chat({ model: "second" })).text();
  const { response, text } = await ask(false);
  expect(text).toBe("three");
  expect(response.headers.get("x-headgate-hedged")).toBe("1");
  expect(upstreams()).toEqual([TWO, ONE, THREE]);
});

it("the race goes to another key of the same model, and never to the same key again", async () => {
  const silentUnder = (...variables: readonly string[]): Behaviour =>
    behaviour("by key", (request) =>
      (variables.some((variable) => request.key.endsWith(variable)) ? silence() : answers(request.key)).plan(
        request,
      ),
    );
  for (const [silent, answering] of [
    ["KEY_A", "KEY_B"],
    ["KEY_B", "KEY_A"],
  ] as const) {
    gateway = await startGateway([
      {
        id: "first",
        baseUrl: lab.baseUrl,
        keys: ["KEY_A", "KEY_B"],
        models: [
          { alias: "alias", upstream: ONE, chain: ["again"], policy: { hedgeAfterMs: 1 } },
          { alias: "again", upstream: ONE },
        ],
      },
    ]);
    lab.behave(ONE, silentUnder(silent));
    // Keys take turns: of two requests one begins with the key that is silent.
    const both = [await ask(false), await ask(false)];
    for (const { text } of both) expect(text.endsWith(answering)).toBe(true);
    expect(both.map(({ response }) => response.headers.get("x-headgate-hedged"))).toContain("1");
    await gateway.close();
    await lab.idle();
    lab.reset();
  }
  await start({}, answers("one"), answers("two"));
});

it("a client that disconnects after the race cancels the winner", async () => {
  await start({ hedgeAfterMs: 1 }, silence(), endless());
  const leaving = new AbortController();
  const response = await gateway.chat({ model: "alias", stream: true }, { signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();
  await lab.aborted(TWO);
  await lab.idle();
  expect(await settled()).toEqual({ first: CANCELLED, second: CANCELLED, third: UNASKED });
});

it("the same wire still passes byte for byte through a hedge", async () => {
  await start(
    { hedgeAfterMs: 1 },
    silence(),
    behaviour("odd", (request) => healthy({ text: ["two"] }).plan(request)),
  );
  const raced = await ask(true);
  const direct = await gateway.chat({ model: "second", stream: true });
  expect(withoutIds(withoutLastComment("raw" in raced ? raced.raw : ""))).toBe(
    withoutIds(withoutLastComment(await direct.text())),
  );
});

it("a stream of the Responses API that breaks after a hedge stays one stream up to its error", async () => {
  await start(
    { hedgeAfterMs: 1, midstream: "error" },
    slowFirstToken({ roleFirst: true }),
    cut({ after: 1 }),
  );
  const response = await gateway.fetch("/v1/responses", {
    method: "POST",
    body: JSON.stringify({ model: "alias", input: "Hi", stream: true }),
  });
  const raw = await response.text();
  const numbers = [...raw.matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number));
  expect(numbers.length).toBeGreaterThan(3);
  expect(numbers).toEqual(numbers.map((_, at) => at));
  expect(raw.match(/event: response\.created/g)).toHaveLength(1);
  expect(raw).toContain("event: response.failed");
});

it("embeddings are hedged as well", async () => {
  await start({ hedgeAfterMs: 1 }, silence(), healthy(), "embedding");
  const embedded = await gateway.fetch("/v1/embeddings", {
    method: "POST",
    body: JSON.stringify({ model: "alias", input: "x" }),
  });
  expect(embedded.headers.get("x-routed-via")).toBe(`second/${TWO}`);
  expect(embedded.headers.get("x-headgate-hedged")).toBe("1");
});

describe("a name's own first-token deadline", () => {
  it.each([silence(), slowFirstToken(), slowFirstToken({ roleFirst: true })])(
    "$name is cancelled for the next candidate",
    async (slow) => {
      // Long enough for the second to answer on a busy machine.
      await start({ firstTokenMs: 250 }, slow, answers("two"));
      const { response, text } = await ask(true);
      expect(text).toBe("two");
      expect(response.headers.get("x-routed-via")).toBe(`second/${TWO}`);
      await lab.aborted(ONE);
      expect(await settled()).toMatchObject({ first: { failures: 2 }, second: ANSWERED });
    },
  );

  it("does not apply to the last candidate, which keeps its normal timeout", async () => {
    const gate = lab.gate();
    await start({ firstTokenMs: 1 }, status(500), status(500));
    lab.behave(THREE, silence({ gate }, answers("three")));
    const pending = ask(true);
    await gate.reached();
    // Its deadline is over once another request has been answered.
    await gateway.chat({ model: "none" });
    gate.open();
    expect((await pending).text).toBe("three");
  });

  it("may come from the request, and overrides the provider's", async () => {
    await start({}, silence(), answers("two"));
    const { text } = await ask(true, { headers: { "x-headgate-first-token-ms": "250" } });
    expect(text).toBe("two");
  });
});

describe("headers of one request", () => {
  it("switch a hedge on and off", async () => {
    await start({}, silence(), answers("two"));
    const { response } = await ask(false, { headers: { "x-headgate-hedge-after-ms": "1" } });
    expect(response.headers.get("x-headgate-hedged")).toBe("1");
    await gateway.close();
    lab.reset();
    const gate = lab.gate();
    await start({ hedgeAfterMs: 1 }, silence({ gate }, answers("one")), opening(gate));
    const pending = ask(false, { headers: { "x-headgate-hedge-after-ms": "0" } });
    await gate.reached();
    await gateway.chat({ model: "none" });
    expect(upstreams()).toEqual([ONE]);
    gate.open();
    expect((await pending).text).toBe("one");
  });

  it.each([
    ["x-headgate-first-token-ms", "0"],
    ["x-headgate-first-token-ms", "soon"],
    ["x-headgate-first-token-ms", "3600001"],
    ["x-headgate-hedge-after-ms", "-1"],
    ["x-headgate-hedge-after-ms", "1.5"],
    ["x-headgate-hedge-after-ms", ""],
  ])("%s: %s is refused by name", async (name, value) => {
    await start({}, answers("one"), answers("two"));
    const response = await gateway.chat({ model: "alias" }, { headers: { [name]: value } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { param: name, message: expect.stringContaining(name) },
    });
    expect(lab.requests).toHaveLength(0);
  });
});

/** Opens the gate that the other one waits at, and sends nothing itself. */
const opening = (gate: Gate): Behaviour =>
  behaviour("opening", function* () {
    gate.open();
    yield { kind: "forever" };
  });

const withoutIds = (raw: string): string =>
  raw
    .replaceAll(/"(id|created)":("[^"]*"|\d+)/g, '"$1":0')
    .replaceAll(/x-headgate-duration-ms: [\d.]+/g, "x-headgate-duration-ms: 0");
