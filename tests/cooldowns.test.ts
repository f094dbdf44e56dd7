/** What a client gets when nothing is left, what an operator sees of it, and how it is cleared: over HTTP and by commands. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateStore } from "@headgate/contract";
import { memoryStore, SharedMemory } from "@headgate/state";
import {
  type Behaviour,
  healthy,
  type Lab,
  silence,
  startLab,
  status,
  withLimits,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  CLIENT_KEY,
  type GatewayTestOptions,
  type ProviderSketch,
  startGateway,
  type TestGateway,
} from "./support/gateway.ts";
import { runHeadgate } from "./support/serve.ts";

const DAY_S = 86_400;
/** After one or two troubles of a server, with jitter. */
const SOON = expect.stringMatching(/^[12]$/);
const NOON_MS = Date.UTC(2026, 10, 21, 12);

let lab: Lab;
let gateway: TestGateway;
const others: TestGateway[] = [];

/** `a` of the first provider, with `b` of the second as its only fallback; `alone` has none. */
const providers = (): ProviderSketch[] => [
  {
    id: "first",
    baseUrl: lab.baseUrl,
    models: [{ alias: "a", upstream: "org/a", chain: ["b"] }, { alias: "alone" }],
  },
  { id: "second", baseUrl: lab.baseUrl, models: [{ alias: "b" }] },
];
const start = (more: GatewayTestOptions = {}) => startGateway(providers(), more);

beforeEach(async () => {
  lab = await startLab({ nowMs: () => NOON_MS });
  gateway = await start();
});
afterEach(async () => {
  await Promise.all([gateway, ...others].map((one) => one.close()));
  others.length = 0;
  await lab.close();
});

async function ask(model = "a", at = gateway) {
  const response = await at.chat({ model });
  const { error } = (await response.json()) as { error?: { message: string; code: string } };
  const { headers } = response;
  return { status: response.status, retryAfter: headers.get("retry-after"), error };
}
async function askTwo(a: Behaviour, b: Behaviour) {
  lab.behave("org/a", a);
  lab.behave("b", b);
  return ask();
}
const post = async (path: string, body: object, at = gateway) => {
  const response = await at.fetch(path, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe("when every candidate failed or cools down", () => {
  it("rate limits alone are a 429, and Retry-After is the soonest of them, the next time too", async () => {
    const first = await askTwo(status(429, { retryAfterS: 40 }), status(429, { retryAfterS: 20 }));
    expect(first).toMatchObject({ status: 429, retryAfter: "20" });
    gateway.clock.nowMs += 5_000;
    expect(await ask()).toMatchObject({ status: 429, retryAfter: "15" });
    expect(lab.requests).toHaveLength(2);
  });

  it.each([
    ["a 500", status(500), "server_error", 20_000],
    ["a 503", status(503), "overloaded", 20_000],
    ["silence", silence(), "timeout", 100],
  ])(
    "%s beside a rate limit is a 503, with the soonest moment of both, the next time too",
    async (_, trouble, code, firstTokenTimeoutMs) => {
      await gateway.close();
      gateway = await start({ options: { firstTokenTimeoutMs } });
      const limit = status(429, { retryAfterS: 300 });
      expect(await askTwo(limit, trouble)).toMatchObject({ status: 503, retryAfter: SOON, error: { code } });
      expect(await ask()).toMatchObject({ status: 503 });
      const third = await ask();
      expect(third).toMatchObject({ status: 503, error: { code } });
      expect(Number(third.retryAfter)).toBeLessThan(60);
    },
  );

  it("a dead key decides neither the status nor Retry-After", async () => {
    const first = await askTwo(status(401), status(429, { retryAfterS: 7 }));
    expect(first).toMatchObject({ status: 429, retryAfter: "7" });
    gateway.clock.nowMs += 1_000;
    expect(await ask()).toMatchObject({ status: 429, retryAfter: "6" });
    gateway.clock.nowMs += 6_000;
    lab.behave("b", status(500));
    expect(await ask()).toMatchObject({
      status: 503,
      retryAfter: SOON,
      error: { code: "server_error" },
    });
  });

  it("dead keys alone are a 503 with the remedy and no Retry-After, the next time too", async () => {
    const first = await askTwo(status(401, { message: "bad key" }), status(402, { message: "no money" }));
    for (const { status: code, retryAfter, error } of [first, await ask()]) {
      expect([code, retryAfter, error?.code]).toEqual([503, null, "dead_key"]);
      expect(error?.message).toContain(
        "Remedy: put a working key of first into FIRST_API_KEY in .env; add credit at second, then run headgate clear second.",
      );
    }
    expect(lab.requests).toHaveLength(2);
  });

  it.each(["99999999999999999999", "99999999", "Fri, 31 Dec 9999 23:59:59 GMT", String(8 * DAY_S)])(
    "an absurd Retry-After counts as unstated: %s",
    async (value) => {
      lab.behave("alone", status(429, { headers: { "retry-after": value } }));
      expect(await ask("alone")).toMatchObject({ status: 429, retryAfter: "15" });
    },
  );

  it("a bare 429 cools 15 s, doubling to 60 s", async () => {
    lab.behave("alone", status(429));
    for (const waitS of [15, 30, 60, 60]) {
      expect(await ask("alone")).toMatchObject({ status: 429, retryAfter: String(waitS) });
      gateway.clock.nowMs += waitS * 1_000;
    }
  });
});

describe("a cooldown is one value everywhere", () => {
  const VALUE = {
    category: "rate_limit",
    since: "2026-11-21T12:00:00.000Z",
    until: "2026-11-21T12:01:00.000Z",
    hits: 1,
    last_error: "slow down",
  };

  beforeEach(async () => {
    lab.behave("alone", status(429, { retryAfterS: 60, message: "slow down" }));
    await ask("alone");
  });

  it("in /admin/cooldowns, /admin/explain and /health", async () => {
    const read = async (path: string) => (await gateway.fetch(path)).json();
    expect(await read("/admin/cooldowns")).toEqual({
      cooldowns: [{ provider: "first", key: "FIRST_API_KEY", model: "alone", ...VALUE }],
    });
    expect(await read("/admin/explain?model=alone")).toMatchObject({ left_out: [{ cooldown: VALUE }] });
    const { providers: shown } = (await read("/health")) as { providers: { cooling: unknown[] }[] };
    expect(shown[0]?.cooling).toEqual([{ model: "alone", key: "FIRST_API_KEY", ...VALUE }]);
  });

  it("for a key and a provider, once for all their models", async () => {
    lab.behave("org/a", status(401, { message: "bad key" }));
    lab.behave("b", status(403, { message: "error code: 1010" }));
    await ask();
    const { cooldowns } = (await (await gateway.fetch("/admin/cooldowns")).json()) as {
      cooldowns: unknown[];
    };
    expect(cooldowns).toMatchObject([
      { provider: "first", key: "FIRST_API_KEY", model: null, category: "dead_key", last_error: "bad key" },
      { provider: "first", key: "FIRST_API_KEY", model: "alone", category: "rate_limit" },
      { provider: "second", key: null, model: null, category: "permission" },
    ]);
  });
});

describe("POST /admin/clear", () => {
  it("opens a provider at once, with its keys and models, and leaves the others", async () => {
    await askTwo(status(401), status(429, { retryAfterS: 60 }));
    const { status: code, body } = await post("/admin/clear", { name: "first" });
    expect(code).toBe(200);
    expect(body).toMatchObject({
      name: "first",
      cooldowns: [{ provider: "first", key: "FIRST_API_KEY", model: null, category: "dead_key" }],
      limits: [],
    });
    lab.behave("org/a", healthy());
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask("b")).toMatchObject({ status: 429 });
  });

  it.each(["a", "org/a", "first/org/a"])("opens the model that %s names, and its key", async (name) => {
    await askTwo(status(401), status(429, { retryAfterS: 60 }));
    await post("/admin/clear", { name });
    lab.behave("org/a", healthy());
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask("b")).toMatchObject({ status: 429 });
  });

  it("forgets learned limits, and keeps what is counted", async () => {
    lab.behave(
      "alone",
      withLimits({ style: "anthropic", requestsLimit: 50, requestsRemaining: 0, requestsResetInMs: 60_000 }),
    );
    expect(await ask("alone")).toMatchObject({ status: 200 });
    expect(await ask("alone")).toMatchObject({ status: 429 });
    const { body } = await post("/admin/clear", { name: "alone" });
    expect(body).toMatchObject({
      cooldowns: [],
      limits: [{ unit: "requests", window: "minute", amount: 50 }],
    });
    lab.behave("alone", healthy());
    expect(await ask("alone")).toMatchObject({ status: 200 });
    expect((await post("/admin/clear", { name: "alone" })).body).toMatchObject({ cooldowns: [], limits: [] });
  });

  it.each([
    [{ name: "frist" }, 404, /no active provider and no active model. Did you mean first\?/],
    [{ name: "sleeper" }, 404, /not active: set SLEEPER=1 in .env/],
    [{ name: "sleeping-model" }, 404, /not active: set SLEEPER=1/],
    [{ name: "nothing-like-it" }, 404, /`headgate providers` lists/],
    [{}, 400, /`name` must be/],
  ])("refuses %j with %i", async (body, code, message) => {
    const refused = await post("/admin/clear", body);
    expect(refused.status).toBe(code);
    expect((refused.body.error as { message: string }).message).toMatch(message);
  });

  it("names a group as one", async () => {
    others.push(await start({ groups: [{ name: "auto", members: ["a", "b"] }] }));
    const refused = await post("/admin/clear", { name: "auto" }, others[0]);
    expect(JSON.stringify(refused.body)).toContain("It is a group: name one of its models, or a provider.");
  });

  it("needs the client key", async () => {
    const response = await fetch(`${gateway.url}/admin/clear`, { method: "POST", body: '{"name":"first"}' });
    expect(response.status).toBe(401);
  });

  it("clears every gateway of one store, and the next start", async () => {
    const memory = new SharedMemory();
    const store = (): StateStore => memoryStore({ memory });
    const [one, two] = [await start({ store: store() }), await start({ store: store() })];
    others.push(one, two);
    lab.behave("alone", status(401));
    await ask("alone", one);
    expect(await ask("alone", two)).toMatchObject({ status: 503 });
    expect(lab.requests).toHaveLength(1);
    await post("/admin/clear", { name: "alone" }, two);
    lab.behave("alone", healthy());
    others.push(await start({ store: store() }));
    for (const each of others) expect(await ask("alone", each)).toMatchObject({ status: 200 });
  });
});

describe("commands against the running gateway", () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), "headgate-clear-"));
    writeFileSync(join(cwd, ".env"), "GROQ=1\nGROQ_API_KEY=test-key\n");
  });
  afterEach(() => rmSync(cwd, { recursive: true }));
  const run = (args: string[], env: Record<string, string> = {}) =>
    runHeadgate([...args, "--env-file", join(cwd, ".env"), "--state-dir", cwd], cwd, {
      HEADGATE_API_KEY: CLIENT_KEY,
      HEADGATE_PORT: new URL(gateway.url).port,
      ...env,
    });

  it("clear prints what it ended, for people and as JSON", async () => {
    lab.behave("alone", status(429, { retryAfterS: 60, message: "slow down" }));
    await ask("alone");
    const { code, stdout } = await run(["clear", "alone"]);
    expect(code).toBe(0);
    expect(stdout).toContain("alone: 1 cooldown ended, 0 learned limits forgotten");
    expect(stdout).toMatch(
      /first +FIRST_API_KEY +alone +rate_limit +2026-11-21T12:00:00Z +2026-11-21T12:01:00Z +1 +slow down/,
    );
    expect(JSON.parse((await run(["clear", "alone", "--json"])).stdout)).toEqual({
      name: "alone",
      cooldowns: [],
      limits: [],
    });
  });

  it("clear fails clearly on an unknown name, and where no gateway runs", async () => {
    expect(await run(["clear", "frist"])).toMatchObject({ code: 1, stdout: "" });
    expect((await run(["clear", "frist"])).stderr).toContain("Did you mean first?");
    const { code, stderr } = await run(["clear", "first"], { HEADGATE_PORT: "1" });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^headgate: no gateway answers at http:\/\/127.0.0.1:1 .*start it with headgate serve/,
    );
    expect((await run(["clear"])).code).toBe(2);
  });

  it("providers shows the cooldowns where a gateway runs, and goes without where none does", async () => {
    const id = "groq";
    others.push(await startGateway([{ id, baseUrl: lab.baseUrl, models: [{ alias: "alone" }] }]));
    const port = new URL(others[0]?.url ?? "").port;
    expect((await run(["providers"], { HEADGATE_PORT: port })).stdout).toContain("Nothing cools down in");
    lab.behave("alone", status(429, { retryAfterS: 60, message: "slow down" }));
    await ask("alone", others[0]);
    const { stdout } = await run(["providers"], { HEADGATE_PORT: port });
    expect(stdout).toContain(`Cooling down in the gateway at http://127.0.0.1:${port}:`);
    expect(stdout).toMatch(/groq +GROQ_API_KEY +alone +rate_limit .* 1 +slow down$/m);
    const rows = JSON.parse((await run(["providers", "--json"], { HEADGATE_PORT: port })).stdout) as {
      provider: string;
      cooldowns?: unknown[];
    }[];
    expect(rows.find(({ provider }) => provider === id)?.cooldowns).toMatchObject([
      { category: "rate_limit", hits: 1, last_error: "slow down" },
    ]);
    const without = await run(["providers", "--json"], { HEADGATE_PORT: "1" });
    expect(without.code).toBe(0);
    expect(without.stdout).not.toContain("cooldowns");
    expect(
      (await run(["providers"], { HEADGATE_PORT: port, HEADGATE_API_KEY: "another-key-of-20-chars" })).stdout,
    ).not.toContain("gateway at");
    expect((await run(["providers", "--url", "http://127.0.0.1:1"])).code).toBe(1);
  });
});
