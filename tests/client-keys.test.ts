/** Clients with keys of their own, over HTTP: names, limits, who may serve, and the admin routes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientView, IssuedKey, UsageRecord } from "@headgate/contract";
import { type OpenClients, type OpenRecords, openLiveClients, openRecords } from "@headgate/records";
import { type Lab, silence, startLab } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, type ModelSketch, startGateway, type TestGateway } from "./support/gateway.ts";
import { runHeadgate } from "./support/serve.ts";

let lab: Lab;
let gateway: TestGateway;
let folder: string;
let records: OpenRecords;
let clients: OpenClients;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-clients-"));
  records = await openRecords({
    place: { kind: "sqlite", path: join(folder, "records.db") },
    retention: { keepMs: 1e12, maxBytes: 1e9 },
    warn: (text) => expect.fail(text),
  });
  clients = await openLiveClients({
    place: { kind: "sqlite", path: join(folder, "records.db") },
    warn: (text) => expect.fail(text),
    nowMs: Date.now,
  });
  const provider = (id: string, ...models: ModelSketch[]) => ({ id, baseUrl: lab.baseUrl, models });
  gateway = await startGateway(
    [
      provider("first", { alias: "a", chain: ["paid"] }, { alias: "b" }),
      provider(
        "second",
        { alias: "paid", tier: "paid", price: { input: 1, output: 1 } },
        { alias: "claude-x" },
      ),
    ],
    {
      records,
      clients,
      groups: [{ name: "team", members: ["a", "b"] }],
    },
  );
});
afterEach(async () => {
  await lab.idle();
  await gateway.close();
  await clients.close();
  await records.close();
  rmSync(folder, { recursive: true });
  lab.reset();
});

const admin = async (method: string, path: string, body?: object) => {
  const response = await gateway.fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as never };
};
const add = async (name: string, rules: object = {}): Promise<IssuedKey> => {
  const { status, json } = await admin("POST", "/admin/clients", { name, ...rules });
  expect(status, JSON.stringify(json)).toBe(201);
  return json;
};
const as = ({ key }: IssuedKey) => ({ headers: { authorization: `Bearer ${key}` } });
const errorOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; message: string; type: string } }).error;

describe("a client's key", () => {
  it("works at once, names the client in the record, and is stored as a hash", async () => {
    const cline = await add("cline");
    expect(cline.key).toMatch(/^hgk-[0-9a-f]{12}-[\w-]{43}$/);
    const response = await gateway.chat(
      { model: "a" },
      { headers: { ...as(cline).headers, "x-request-id": "one" } },
    );
    expect(response.status).toBe(200);
    expect(await records.find("one")).toMatchObject({ record: { client: "cline" } });
    const [stored] = await clients.list();
    expect(JSON.stringify(stored)).not.toContain(cline.key.slice(20));
    expect(gateway.logged.join("\n")).not.toContain(cline.key.slice(17));
  });

  it("opens no admin route, no metrics and no health", async () => {
    const cline = await add("cline");
    for (const path of ["/admin/clients", "/admin/status", "/metrics", "/health"]) {
      const response = await gateway.fetch(path, as(cline));
      expect(response.status, path).toBe(403);
      expect((await errorOf(response)).code).toBe("operator_only");
    }
  });

  it("ends when it is revoked, expired or replaced, and each says so", async () => {
    const [a, b, c] = [await add("a1"), await add("b1", { expires: "1h" }), await add("c1")];
    await admin("POST", "/admin/clients/a1/revoke");
    const { json } = await admin("POST", "/admin/clients/c1/rotate", { grace: "30m" });
    const next = json as IssuedKey;
    for (const key of [c, next]) expect((await gateway.chat({ model: "a" }, as(key))).status).toBe(200);
    gateway.clock.nowMs = Date.now() + 2 * 3_600_000;
    for (const [key, code] of [
      [a, "client_key_revoked"],
      [b, "client_key_expired"],
      [c, "client_key_rotated"],
    ] as const) {
      const response = await gateway.chat({ model: "a" }, as(key));
      expect(response.status).toBe(401);
      expect((await errorOf(response)).code).toBe(code);
    }
    expect((await gateway.chat({ model: "a" }, as(next))).status).toBe(200);
  });

  it("of another installation is refused in words", async () => {
    const foreign = { id: "", name: "", key: `hgk-0123456789ab-${"x".repeat(43)}` };
    const response = await gateway.fetch("/v1/messages", {
      method: "POST",
      body: "{}",
      headers: { authorization: "", "x-api-key": foreign.key },
    });
    expect(response.status).toBe(401);
    const other = await gateway.chat({ model: "a" }, as(foreign));
    expect(await errorOf(other)).toMatchObject({ code: "unknown_client_key" });
  });

  it("slows wrong keys down, per address, and no right ones", async () => {
    const wrong = async () => {
      const startedAtMs = performance.now();
      await gateway.chat({ model: "a" }, { headers: { authorization: "Bearer nope" } });
      return performance.now() - startedAtMs;
    };
    const times = [];
    for (let more = 0; more < 6; more += 1) times.push(await wrong());
    expect(times[5]).toBeGreaterThan(240);
    expect(Math.min(...times.slice(0, 5))).toBeLessThan(240);
    const startedAtMs = performance.now();
    expect((await gateway.chat({ model: "a" })).status).toBe(200);
    expect(performance.now() - startedAtMs).toBeLessThan(240);
  });
});

describe("names", () => {
  it("are limited, on every surface and for fallbacks, and /v1/models lists what is left", async () => {
    const cline = await add("cline", { models: "team,b" });
    expect((await gateway.chat({ model: "team" }, as(cline))).status).toBe(200);
    expect((await gateway.chat({ model: "team:fastest" }, as(cline))).status).toBe(200);
    for (const body of [{ model: "a" }, { model: "b", fallbacks: ["a"] }]) {
      const response = await gateway.chat(body, as(cline));
      expect(response.status).toBe(403);
      expect(await errorOf(response)).toMatchObject({
        code: "model_not_allowed",
        message: 'The client cline may not use "a": its key is limited to team, b (--models).',
      });
    }
    const messages = await gateway.fetch("/v1/messages", {
      method: "POST",
      ...as(cline),
      body: JSON.stringify({ model: "a", max_tokens: 5, messages: [{ role: "user", content: "x" }] }),
    });
    expect(messages.status).toBe(403);
    expect(await messages.json()).toMatchObject({ type: "error", error: { type: "permission_error" } });
    expect((await gateway.chat({ model: "nothing" }, as(cline))).status).toBe(404);
    const listed = async (path: string) => (await (await gateway.fetch(path, as(cline))).json()) as never;
    const ids: { data: { id: string }[] } = await listed("/v1/models");
    expect(ids.data.map(({ id }) => id)).toEqual(["b", "team"]);
    const gemini: { models: { name: string }[] } = await listed("/v1beta/models");
    expect(gemini.models.map(({ name }) => name)).toEqual(["models/b", "models/team"]);
    const tags: { models: { name: string }[] } = await listed("/api/tags");
    expect(tags.models.map(({ name }) => name)).toEqual(["b", "team"]);
    expect((await gateway.fetch("/v1/models/a", as(cline))).status).toBe(403);
  });

  it("are rewritten per client, before the limit on names", async () => {
    const code = await add("code", { models: ["b"], map: { "claude-*": "team" } });
    const response = await gateway.chat(
      { model: "claude-haiku-4" },
      { headers: { ...as(code).headers, "x-request-id": "m" } },
    );
    expect(response.status).toBe(200);
    expect(await records.find("m")).toMatchObject({ record: { model: "claude-haiku-4", route: "team" } });
    const { data } = (await (await gateway.fetch("/v1/models", as(code))).json()) as {
      data: { id: string }[];
    };
    expect(data.map(({ id }) => id)).toEqual(["b", "team"]);
    // Without the map the name is another model.
    expect((await gateway.chat({ model: "claude-x" })).headers.get("x-routed-via")).toBe("second/claude-x");
    expect((await gateway.chat({ model: "claude-x" }, as(code))).headers.get("x-routed-via")).toMatch(
      /^first/,
    );
  });
});

describe("who may serve", () => {
  it("is limited by tier: a chain that ends there is a 403 that names the limit", async () => {
    const free = await add("free", { tier: "free" });
    const record = async (id: string): Promise<UsageRecord> => {
      const found = await records.find(id);
      if (found === undefined) throw new Error(`no ${id}`);
      return found.record;
    };
    const response = await gateway.chat(
      { model: "paid" },
      { headers: { ...as(free).headers, "x-request-id": "p" } },
    );
    expect(response.status).toBe(403);
    expect(await errorOf(response)).toMatchObject({
      code: "not_allowed",
      type: "permission_error",
      message: expect.stringMatching(
        /paid: it is paid, and the client free is limited to models that are free or local/,
      ),
    });
    expect((await record("p")).skipped).toMatchObject([{ model: "paid", reason: "not_allowed" }]);
    expect((await gateway.chat({ model: "paid" })).status).toBe(200);
  });

  it("is limited to providers that state that they train on nothing", async () => {
    const quiet = await add("quiet", { no_training: true });
    const response = await gateway.chat({ model: "a" }, as(quiet));
    expect(response.status).toBe(403);
    expect((await errorOf(response)).message).toMatch(
      /first is not known to train on no prompts.*--no-training/,
    );
  });
});

describe("limits", () => {
  it("on requests: 429 in the surface's envelope, with the limit and when it resets", async () => {
    const cline = await add("cline", { rpm: 2 });
    for (let more = 0; more < 2; more += 1)
      expect((await gateway.chat({ model: "a" }, as(cline))).status).toBe(200);
    const response = await gateway.chat(
      { model: "a" },
      { headers: { ...as(cline).headers, "x-request-id": "over" } },
    );
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toMatch(/^(60|61)$/);
    const { code, message } = await errorOf(response);
    expect(code).toBe("client_limit");
    expect(message).toMatch(
      /^The client cline has a limit of 2 requests a minute, which is used\. It has room again at 2026-11-21T12:01/,
    );
    expect(await records.find("over")).toMatchObject({
      record: { status: 429, error: { code: "client_limit" } },
    });
    expect((await gateway.chat({ model: "a" })).status).toBe(200);
    gateway.clock.nowMs += 61_000;
    expect((await gateway.chat({ model: "a" }, as(cline))).status).toBe(200);
  });

  it("on tokens: reserved before, settled after by what was used", async () => {
    const cline = await add("cline", { tpm: 700 });
    const used = async () => {
      const { json } = await admin("GET", "/admin/clients/cline");
      return (json as { client: { limits: { used: number }[] } }).client.limits[0]?.used ?? 0;
    };
    lab.behave("a", silence());
    const leaving = new AbortController();
    const held = gateway.chat({ model: "a" }, { ...as(cline), signal: leaving.signal });
    await lab.received("a");
    const reserved = await used();
    expect(reserved).toBeGreaterThan(350);
    const over = await gateway.chat({ model: "b" }, as(cline));
    expect(over.status).toBe(429);
    expect((await errorOf(over)).message).toMatch(/a limit of 700 tokens a minute, which is used/);
    leaving.abort();
    await held.catch(() => {});
    await lab.aborted("a");
    // What a client left early may have cost stays counted.
    expect(await used()).toBe(reserved);
    gateway.clock.nowMs += 61_000;
    const usages = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const response = await gateway.chat({ model: "b", max_tokens: 20 }, as(cline));
        expect(response.status).toBe(200);
        const { usage } = (await response.json()) as { usage: { total_tokens: number } };
        return usage.total_tokens;
      }),
    );
    expect(await used()).toBe(usages.reduce((sum, tokens) => sum + tokens, 0));
    const alone = await gateway.chat(
      { model: "b", messages: [{ role: "user", content: "word ".repeat(4_000) }] },
      as(cline),
    );
    expect(alone.status).toBe(429);
    expect((await errorOf(alone)).message).toMatch(/this request alone needs about \d+/);
  });

  it("on requests at once", async () => {
    const cline = await add("cline", { concurrency: 1 });
    const [a, b] = await Promise.all([
      gateway.chat({ model: "a" }, as(cline)),
      gateway.chat({ model: "b" }, as(cline)),
    ]);
    expect([a.status, b.status].sort()).toEqual([200, 429]);
    expect((await gateway.chat({ model: "a" }, as(cline))).status).toBe(200);
  });

  it("on money: paid models are left out, free ones go on, and the answer says why", async () => {
    const cline = await add("cline", { spend: "0.00002usd/day" });
    const ask = (model: string) => gateway.chat({ model, max_tokens: 10 }, as(cline));
    expect((await ask("paid")).status).toBe(200);
    const response = await ask("paid");
    expect(response.status).toBe(429);
    expect((await errorOf(response)).message).toMatch(/the client cline has a limit of 0\.00002 usd a day/);
    expect((await ask("a")).status).toBe(200);
    expect((await gateway.chat({ model: "paid" })).status).toBe(200);
  });

  it("are read by the client itself, per name", async () => {
    const cline = await add("cline", { models: "team,b", rpm: 3, tpd: "10k" });
    await gateway.chat({ model: "b" }, as(cline));
    const quota = (await (await gateway.fetch("/v1/quota", as(cline))).json()) as never as {
      limits: object[];
      models: { model: string; available: boolean; requests_left: number }[];
    };
    expect(quota).toMatchObject({
      client: "cline",
      limits: [
        { unit: "requests", window: "minute", amount: 3, used: 1, left: 2 },
        { unit: "tokens", window: "day", amount: 10_000, resets_at: "2026-11-22T00:00:00.000Z" },
      ],
      models: [
        { model: "b", available: true, requests_left: 2, available_at: null },
        { model: "team", available: true, requests_left: 2 },
      ],
    });
    for (let more = 0; more < 2; more += 1) await gateway.chat({ model: "b" }, as(cline));
    const one = (await (await gateway.fetch("/v1/quota?model=b", as(cline))).json()) as never;
    expect(one).toMatchObject({
      models: [
        { model: "b", available: false, requests_left: 0, available_at: expect.stringMatching(/T12:0[01]/) },
      ],
    });
    expect((await gateway.fetch("/v1/quota?model=a", as(cline))).status).toBe(403);
  });
});

describe("the admin routes", () => {
  it("list, show, edit; a wrong rule is named with what is right", async () => {
    const { id } = await add("cline", { rpm: 5, models: "team" });
    await add("other");
    const list = (await admin("GET", "/admin/clients")).json as { clients: ClientView[] };
    expect(list.clients.map(({ name, state }) => [name, state])).toEqual([
      ["cline", "active"],
      ["other", "active"],
    ]);
    const edited = await admin("PATCH", "/admin/clients/cline", {
      rpm: null,
      tpm: "1.5m",
      priority: "background",
    });
    expect(edited.json).toMatchObject({
      client: { id, rules: { models: ["team"], tpm: 1_500_000, priority: "background" } },
    });
    for (const [body, message] of [
      [{ rpm: 0 }, /`rpm` must be a whole number of at least 1/],
      [{ models: ["teem"] }, /no model or group is named "teem": did you mean team\?/],
      [{ map: { "x*": "nothing-like-it" } }, /no model or group is named "nothing-like-it"/],
      [{ spend: "2eur/day" }, /`spend` must be an amount and a window/],
      [{ expires: "2020-01-01" }, /`expires` must be a period such as 90d/],
      [{ tier: "gratis" }, /`tier` must be some of free/],
      [{ model: "team" }, /`model` is no rule of a client: did you mean models\?/],
    ] as const) {
      const { status, json } = await admin("PATCH", "/admin/clients/cline", body);
      expect(status).toBe(400);
      expect((json as { error: { message: string } }).error.message).toMatch(message);
    }
    for (const name of ["master", "a b", ""])
      expect((await admin("POST", "/admin/clients", { name })).status, name).toBe(400);
    expect((await admin("POST", "/admin/clients", { name: "cline" })).status).toBe(409);
    expect((await admin("POST", "/admin/clients/nobody-here/revoke")).status).toBe(404);
    expect((await admin("POST", "/admin/clients/cline/rotate", { grace: "soon" })).status).toBe(400);
  });
});

describe("a day of three clients", () => {
  it("ends with answers, 429, 403 and usage that agree with their limits to the request", async () => {
    const daily = await add("daily", { rpd: 20 });
    const free = await add("free", { tier: "free", models: "a,paid" });
    const bursty = await add("bursty", { rpm: 3 });
    const counts: Record<string, Record<number, number>> = { daily: {}, free: {}, bursty: {} };
    let lastRefused = "";
    const ask = async (key: IssuedKey, model: string): Promise<void> => {
      const response = await gateway.chat({ model, max_tokens: 5 }, as(key));
      await response.arrayBuffer();
      const own = counts[key.name] ?? {};
      own[response.status] = (own[response.status] ?? 0) + 1;
      if (response.status === 429) lastRefused = response.headers.get("x-request-id") ?? "";
    };
    // From noon to noon (UTC).
    for (let hour = 0; hour < 24; hour += 1) {
      for (let more = 0; more < 2; more += 1) {
        await ask(daily, "b");
        await ask(free, more === 0 ? "a" : "paid");
      }
      for (let more = 0; more < 5; more += 1) await ask(bursty, "b");
      gateway.clock.nowMs += 3_600_000;
    }
    expect(counts).toEqual({
      daily: { 200: 40, 429: 8 },
      free: { 200: 24, 403: 24 },
      bursty: { 200: 72, 429: 48 },
    });
    const rows = await records.usage({ by: "client", sinceMs: 0, untilMs: 1e14 });
    expect(rows.map(({ name, requests, succeeded }) => [name, requests, succeeded])).toEqual([
      ["bursty", 120, 72],
      ["daily", 48, 40],
      ["free", 48, 24],
    ]);
    const { stdout } = await runHeadgate(["why", lastRefused, "--url", gateway.url], folder, {
      HEADGATE_API_KEY: CLIENT_KEY,
      HEADGATE_STATE_DIR: folder,
    });
    expect(stdout).toMatch(/The client bursty has a limit of 3 requests a minute/);
  }, 60_000);
});
