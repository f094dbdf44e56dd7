/** Usage records over real HTTP: what each request leaves behind, and what the commands and admin routes say of it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FoundRecord, UsageRecord, UsageRow } from "@headgate/contract";
import { type OpenRecords, openRecords } from "@headgate/records";
import {
  type Behaviour,
  cleanTruncation,
  contextTooLong,
  cut,
  empty200,
  errorFrame,
  healthy,
  html200,
  html502,
  type Lab,
  malformedFrame,
  modelMissing,
  openRouterDailyCap,
  resetBeforeHeaders,
  silence,
  stall,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  CLIENT_KEY,
  type ModelSketch,
  secretsOf,
  startGateway,
  type TestGateway,
} from "./support/gateway.ts";
import { runHeadgate } from "./support/serve.ts";
import { withoutLastComment } from "./support/stream.ts";

let lab: Lab;
let gateway: TestGateway;
let folder: string;
let records: OpenRecords;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-usage-"));
  records = await openRecords({
    place: { kind: "sqlite", path: join(folder, "records.db") },
    retention: { keepMs: 1e12, maxBytes: 1e9 },
    warn: (text) => expect.fail(text),
  });
});
afterEach(async () => {
  await lab.idle();
  await gateway.close();
  await records.close();
  rmSync(folder, { recursive: true });
  lab.reset();
});

const provider = (id: string, ...models: ModelSketch[]) => ({ id, baseUrl: lab.baseUrl, models });
const admin = async (path: string) => (await gateway.fetch(path)).json() as Promise<never>;
const recordOf = async (response: Response): Promise<UsageRecord> => {
  const found: FoundRecord = await admin(`/admin/requests/${response.headers.get("x-request-id")}`);
  return found.record;
};

/** Sixteen ways of a provider to fail, a dead key, no credit and an overflow; each with the class that it must be told as. */
const FAULTS: readonly (readonly [name: string, behaviour: Behaviour, stream: boolean, cause: string])[] = [
  ["a rate limit that states its wait", status(429, { retryAfterS: 20 }), false, "rate_limit"],
  ["a rate limit that states none", status(429), true, "rate_limit"],
  ["a server error", status(500), false, "server_error"],
  ["an overload", status(503), false, "overloaded"],
  ["a reset connection", resetBeforeHeaders(), false, "network"],
  ["silence", silence(), true, "timeout"],
  ["a page of a proxy", html502(), false, "server_error"],
  ["a stream that is cut", cut({ after: 2 }), true, "network"],
  ["a stream that stalls", stall({ after: 2 }), true, "timeout"],
  ["an event that is no JSON", malformedFrame({ after: 2 }), true, "malformed"],
  ["a stream without its end", cleanTruncation({ after: 2 }), true, "network"],
  ["an error inside a stream", errorFrame({ after: 2 }), true, "server_error"],
  ["a model that is gone", modelMissing(), false, "model_gone"],
  ["an empty answer", empty200(), false, "malformed"],
  ["a page in place of an answer", html200(), false, "server_error"],
  ["a daily quota", openRouterDailyCap(), false, "daily_quota"],
  ["a dead key", status(401, { code: "invalid_api_key" }), false, "dead_key"],
  ["no credit", status(402), false, "out_of_credit"],
  ["an overflow", contextTooLong({ maxTokens: 8_192 }), false, "context_window"],
];

describe("why", () => {
  it("tells the injected fault, 19 of 19", async () => {
    const faulty = FAULTS.map((_, at) =>
      provider(`p${at}`, { alias: `m${at}`, chain: ["spare"], contextChain: ["spare"] }),
    );
    gateway = await startGateway([...faulty, provider("good", { alias: "spare" })], {
      records,
      options: { firstTokenTimeoutMs: 300, streamIdleTimeoutMs: 300 },
    });
    const told: (readonly [string, string | undefined])[] = [];
    for (const [at, [name, behaviour, stream]] of FAULTS.entries()) {
      lab.behave(`m${at}`, behaviour);
      const response = await gateway.chat({ model: `m${at}`, stream });
      await response.text();
      const record = await recordOf(response);
      expect(record.attempts.at(-1)).toMatchObject({ provider: "good", outcome: "answered" });
      expect(record.attempts[0]).toMatchObject({ provider: `p${at}`, key: `P${at}_API_KEY` });
      told.push([name, record.attempts[0]?.class]);
    }
    expect(told).toEqual(FAULTS.map(([name, , , cause]) => [name, cause]));
  });

  it("is printed from the gateway, and without it from the state directory", async () => {
    gateway = await startGateway(
      [
        provider("first", { alias: "a", chain: ["b"] }),
        provider("second", { alias: "b", tier: "paid", price: { input: 2, output: 6 } }),
      ],
      { records },
    );
    lab.behave("a", status(503));
    const response = await gateway.chat({ model: "a" }, { headers: { "user-agent": "my-app/1.2 (Linux)" } });
    const id = response.headers.get("x-request-id") ?? "";
    const record = await recordOf(response);
    const tokens = record.usage;
    expect(record).toMatchObject({
      client: "master",
      program: "my-app/1.2",
      surface: "openai",
      model: "a",
      route: "a",
      outcome: "answered",
      status: 200,
      served: { provider: "second", model: "b", upstream: "b", key: "SECOND_API_KEY" },
      counted: "upstream",
      costNanoUsd: ((tokens?.inputTokens ?? 0) * 2 + (tokens?.outputTokens ?? 0) * 6) * 1_000,
    });
    const env = { HEADGATE_API_KEY: CLIENT_KEY, HEADGATE_STATE_DIR: folder };
    const live = await runHeadgate(["why", id, "--url", gateway.url], folder, env);
    expect(live.stdout).toMatch(/Cause: moved on from first\/a: overloaded/);
    expect(live.stdout).toMatch(/2\. {2}second\/b {2}SECOND_API_KEY {2}answered/);
    await records.close();
    await gateway.close();
    const alone = await runHeadgate(["why", id], folder, { ...env, HEADGATE_PORT: "1" });
    expect(alone.stdout).toBe(live.stdout);
    const unknown = await runHeadgate(["why", "nothing"], folder, { ...env, HEADGATE_PORT: "1" });
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/no usage record of request "nothing".*x-request-id/);
  });
});

describe("a record", () => {
  beforeEach(async () => {
    gateway = await startGateway(
      [
        provider("first", { alias: "a", price: { input: 1, output: 1 } }),
        provider(
          "second",
          { alias: "paid", tier: "paid", price: { input: 1, output: 1 } },
          { alias: "unpriced", tier: "paid" },
        ),
      ],
      { records },
    );
  });

  it("of a refused request says what the client was told", async () => {
    const response = await gateway.chat({ model: "nothing-like-it" });
    expect(await recordOf(response)).toMatchObject({
      model: "nothing-like-it",
      outcome: "refused",
      status: 404,
      error: { code: "model_not_found" },
      attempts: [],
      costNanoUsd: 0,
    });
    const broken = await gateway.fetch("/v1/chat/completions", { method: "POST", body: "{" });
    expect(await recordOf(broken)).toMatchObject({ model: "", outcome: "refused", status: 400 });
    const usage: { rows: UsageRow[] } = await admin("/admin/usage?by=model");
    expect(usage.rows.map(({ name, requests }) => [name, requests])).toEqual([["(unknown)", 2]]);
  });

  it("of a client that went away has status 499, and cost 0", async () => {
    lab.behave("a", silence());
    const leaving = new AbortController();
    const asked = gateway.chat(
      { model: "a" },
      { signal: leaving.signal, headers: { "x-request-id": "left" } },
    );
    await lab.received("a");
    leaving.abort();
    await asked.catch(() => {});
    await lab.aborted("a");
    await expect
      .poll(() => records.find("left"))
      .toMatchObject({
        record: { outcome: "aborted", status: 499, attempts: [{ outcome: "cancelled" }], costNanoUsd: 0 },
      });
  });

  it("costs 0 on a free tier, the list price on a paid one, and nothing known without a price", async () => {
    const costs = async (model: string) => {
      const { usage, listNanoUsd, costNanoUsd } = await recordOf(await gateway.chat({ model }));
      return [
        listNanoUsd === ((usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0)) * 1_000,
        costNanoUsd === 0,
        costNanoUsd === undefined,
      ];
    };
    expect(await costs("a")).toEqual([true, true, false]);
    expect(await costs("paid")).toEqual([true, false, false]);
    expect(await costs("unpriced")).toEqual([false, false, true]);
    const usage: { total: UsageRow } = await admin("/admin/usage?by=provider");
    expect(usage.total).toMatchObject({ requests: 3, unpriced: 1 });
  });

  it("estimates the tokens that no upstream counted, and says so", async () => {
    lab.behave("a", healthy({ usage: "never", text: ["one ", "two ", "three ", "four"] }));
    const response = await gateway.chat({ model: "a", stream: true });
    await response.text();
    const record = await recordOf(response);
    expect(record.counted).toBe("estimated");
    expect(record.usage?.outputTokens).toBeGreaterThanOrEqual(3);
    expect(record.firstTokenMs).toBeGreaterThan(0);
  });

  it("is listed by filter; a wrong one is named", async () => {
    await gateway.chat({ model: "a" });
    await gateway.chat({ model: "paid" });
    const listed: { requests: UsageRecord[] } = await admin("/admin/requests?provider=second");
    expect(listed.requests.map(({ model }) => model)).toEqual(["paid"]);
    for (const query of ["requests?limit=0", "requests?since=soon", "usage?by=colour"])
      expect((await gateway.fetch(`/admin/${query}`)).status, query).toBe(400);
    expect((await gateway.fetch("/admin/requests/none")).status).toBe(404);
    expect((await fetch(`${gateway.url}/admin/requests`)).status).toBe(401);
  });
});

describe("the questions", () => {
  const run = (...args: string[]) =>
    runHeadgate([...args, "--url", gateway.url], folder, {
      HEADGATE_API_KEY: CLIENT_KEY,
      HEADGATE_STATE_DIR: folder,
    });
  const limits = [
    {
      unit: "requests",
      amount: 40,
      window: "day",
      scope: "account",
      source: "https://a.example",
      verified: true,
    },
  ] as never;

  beforeEach(async () => {
    gateway = await startGateway(
      [
        { ...provider("first", { alias: "a", chain: ["b"] }), limits },
        provider("second", { alias: "b", tier: "paid", price: { input: 1, output: 1 } }),
      ],
      { records, groups: [{ name: "team", members: ["a", "b"] }] },
    );
  });

  it("usage: a row for each, and what it would have cost as asked", async () => {
    for (const model of ["a", "b", "team"]) await gateway.chat({ model });
    const [text, json] = await Promise.all([
      run("usage", "--by", "provider", "--since", "3650d"),
      run("usage", "--by", "model", "--since", "2020-01-01", "--json"),
    ]);
    expect(text.stdout).toMatch(/PROVIDER +REQUESTS +SUCCESS/);
    expect(text.stdout).toMatch(/^first +2 +100 %/m);
    expect(text.stdout).toMatch(/^total +3 +100 %/m);
    const { rows, total } = JSON.parse(json.stdout) as { rows: UsageRow[]; total: UsageRow };
    expect(rows.map(({ name, requests }) => [name, requests])).toEqual([
      ["a", 1],
      ["b", 1],
      ["team", 1],
    ]);
    expect(total.cost_usd).toBeGreaterThan(0);
    expect((await run("usage", "--since", "soon")).stderr).toMatch(/--since takes 30m, 24h, 7d/);
  });

  it("quota: what is left, until when it lasts, and whose second account would help", async () => {
    for (let more = 0; more < 30; more += 1) await gateway.chat({ model: "a" });
    const quota: { limits: { used: number; left: number }[]; free: Record<string, unknown> } =
      await admin("/admin/quota");
    expect(quota.limits[0]).toMatchObject({
      provider: "first",
      keys: ["FIRST_API_KEY"],
      amount: 40,
      used: 30,
      left: 10,
    });
    expect(quota.free).toMatchObject({
      left: { requests: 10, tokens: null },
      rate_per_hour: { requests: 10 },
      lasts_until: new Date(gateway.clock.nowMs + 3_600_000).toISOString(),
      second_account: { provider: "first" },
    });
    const { stdout } = await run("quota");
    expect(stdout).toMatch(/last until 2026-11-21 13:00Z/);
    const table = gateway.table();
    const free = (amount: number) => ({
      upstream: "up",
      operation: "chat" as const,
      limits: [{ scope: "model", unit: "requests", window: "day", amount } as const],
      providerLimits: [],
    });
    const offered = [
      {
        alias: "small",
        provider: "tiny",
        fix: "set TINY=1 in .env",
        free: free(5),
      },
      { alias: "large", provider: "vast", fix: "set VAST=1 in .env", free: free(100) },
      { alias: "paid", provider: "dear", fix: "set DEAR=1 in .env" },
    ];
    await gateway.gateway.swap({ ...table, fingerprint: "other", inactive: offered }, secretsOf(table));
    // Ten an hour: the hundred of a day last ten hours longer.
    const moved: { free: unknown } = await admin("/admin/quota");
    expect(moved.free).toMatchObject({
      switch_on: {
        provider: "vast",
        fix: "set VAST=1 in .env",
        lasts_until: new Date(gateway.clock.nowMs + 11 * 3_600_000).toISOString(),
      },
    });
    const told = await run("quota");
    expect(told.stdout).toMatch(
      /^vast is off \(set VAST=1 in \.env\); it would move that most: to 2026-11-21 23:00Z\.$/m,
    );
    expect(stdout).toMatch(/second account at first.*to 2026-11-21 17:00Z/);
    expect(stdout).toMatch(/first +FIRST_API_KEY +a +requests a day +10 of 40/);
  });

  it("status: groups, cooldowns and the log's last lines", async () => {
    lab.behave("a", status(429, { retryAfterS: 300 }));
    await gateway.chat({ model: "team" });
    const { stdout } = await run("status");
    expect(stdout).toMatch(/headgate 0\.0\.0-test/);
    expect(stdout).toMatch(/^team +2 +1 +1 +1 +DEGRADED$/m);
    expect(stdout).toMatch(/first +FIRST_API_KEY +a +rate_limit/);
    expect(stdout).toMatch(/fallback.*because=rate_limit/);
    const providers: { providers: { id: string }[] } = await admin("/admin/providers");
    expect(providers.providers.map(({ id }) => id)).toEqual(["first", "second"]);
  });

  it("tail: one line per request, moves and failures told", async () => {
    await gateway.chat({ model: "b" }, { headers: { "x-request-id": "plain" } });
    lab.behave("a", status(500));
    gateway.clock.nowMs += 1_000;
    await gateway.chat({ model: "a" }, { headers: { "x-request-id": "moved" } });
    gateway.clock.nowMs += 1_000;
    await gateway.chat({ model: "none" }, { headers: { "x-request-id": "refused" } });
    const lines = (await run("tail", "2", "--once")).stdout.trim().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/moved +200 +\d+ ms {2}a +second\/b .*after first:server_error/),
      expect.stringMatching(/refused +404 .*none +- +model_not_found/),
    ]);
  });

  it("test: real requests, the upstreams that answered, and a failing exit code", async () => {
    const good = await run("test", "team", "2");
    expect(good).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/team: 2 of 2 requests answered by 1 upstream/),
    });
    lab.behave("b", status(400));
    const bad = await run("test", "b", "1", "--json");
    expect(bad.code).not.toBe(0);
    expect(JSON.parse(bad.stdout)).toMatchObject({ model: "b", answered: 0, requests: [{ status: 400 }] });
  });

  it("health has LiteLLM's shape too", async () => {
    lab.behave("a", status(401));
    await gateway.chat({ model: "a" });
    const health = await admin("/health");
    expect(health).toMatchObject({
      healthy_endpoints: [{ model: "second/b", model_name: "b" }],
      unhealthy_endpoints: [{ model: "first/a", error: expect.any(String) }],
      healthy_count: 1,
      unhealthy_count: 1,
    });
    for (const path of ["liveliness", "readiness"])
      expect((await fetch(`${gateway.url}/health/${path}`)).status).toBe(200);
  });
});

describe("the traffic of three programs", () => {
  it("has the same numbers in records, rollups, metrics and at the upstreams", async () => {
    gateway = await startGateway(
      [
        provider("first", { alias: "a", chain: ["b"], price: { input: 1, output: 2 } }),
        provider("second", { alias: "b", tier: "paid", price: { input: 3, output: 4 } }),
      ],
      { records },
    );
    lab.script("a", [healthy(), healthy(), status(500), healthy(), cut({ after: 2 }), healthy()]);
    const post = async (path: string, program: string, body: object) => {
      const response = await gateway.fetch(path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "user-agent": program },
      });
      await response.text();
    };
    const messages = [{ role: "user", content: "Hello" }];
    for (let round = 0; round < 6; round += 1) {
      // The first provider opens again for each round.
      gateway.clock.nowMs += 3_600_000;
      await post("/v1/chat/completions", "one/1.0", { model: "a", messages, stream: round % 2 === 0 });
      await post("/v1/messages", "two/2.0", { model: "b", messages, max_tokens: 50 });
      await post("/v1beta/models/a:generateContent", "three/3.0", {
        contents: [{ parts: [{ text: "Hello" }] }],
      });
      await post("/v1/chat/completions", "one/1.0", { model: "unknown", messages });
    }
    await lab.idle();
    const all: { requests: UsageRecord[] } = await admin("/admin/requests?limit=1000");
    const usage: { total: UsageRow } = await admin("/admin/usage?since=2026-11-01&until=2026-12-01");
    const metrics = await (await gateway.fetch("/metrics")).text();
    const metric = (name: string) =>
      [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      );
    const attempts = all.requests.flatMap((one) => one.attempts);
    const sum = (of: (one: UsageRecord) => number | undefined) =>
      all.requests.reduce((total, one) => total + (of(one) ?? 0), 0);
    const input = sum((one) => one.usage?.inputTokens);
    const cost = sum((one) => one.costNanoUsd) / 1e9;

    expect(all.requests).toHaveLength(24);
    expect(new Set(all.requests.map(({ program }) => program))).toEqual(
      new Set(["one/1.0", "two/2.0", "three/3.0"]),
    );
    expect(attempts).toHaveLength(lab.requests.length);
    expect(usage.total).toMatchObject({
      requests: 24,
      succeeded: sum((one) => (one.outcome === "answered" ? 1 : 0)),
      attempts: attempts.length,
    });
    expect(usage.total.tokens.input).toBe(input);
    expect(usage.total.cost_usd).toBeCloseTo(cost, 12);
    expect(metric("headgate_requests_total")).toBe(24);
    expect(metric("headgate_attempts_total")).toBe(lab.requests.length);
    expect(metric("headgate_request_duration_seconds_count")).toBe(24);
    expect(metrics).toContain('headgate_requests_total{surface="openai",outcome="refused"} 6');
    expect(metric('headgate_tokens_total\\{provider="(?:first|second)",kind="input"\\}')).toBe(input);
    expect(metric("headgate_cost_usd_total")).toBeCloseTo(cost, 12);
    const dashboard = readFileSync(join(import.meta.dirname, "..", "docs", "grafana-dashboard.json"), "utf8");
    const named = new Set(
      (dashboard.match(/headgate_[a-z_]+/g) ?? []).map((name) => name.replace(/_bucket$/, "")),
    );
    const exported = new Set([...metrics.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
    expect([...named].filter((name) => !exported.has(name))).toEqual([]);
    expect(JSON.parse(dashboard)).toMatchObject({ title: "Headgate", schemaVersion: 39 });
    expect(metrics).toMatch(/^headgate_in_flight [01]$/m);
    expect(metrics).toMatch(/^headgate_event_loop_lag_seconds \S+$/m);
  });
});

describe("money", () => {
  const price = { input: 1_000, output: 2_000 };
  const begin = async (options: object) => {
    gateway = await startGateway(
      [
        provider("first", { alias: "free" }),
        provider("second", { alias: "paid", tier: "paid", price }, { alias: "unpriced", tier: "paid" }),
      ],
      { records, options },
    );
  };
  /** Of a stream: a client that reads trailers. */
  const trailersOf = (body: object): Promise<NodeJS.Dict<string>> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${CLIENT_KEY}`, "content-type": "application/json" };
      const request = httpRequest(
        `${gateway.url}/v1/chat/completions`,
        { method: "POST", headers },
        (response) =>
          response
            .resume()
            .on("end", () => resolve({ ...response.trailers, announced: String(response.headers.trailer) })),
      );
      request
        .on("error", reject)
        .end(JSON.stringify({ messages: [{ role: "user", content: "Hello" }], ...body }));
    });

  it("stands on every answer: 0 where nothing is charged, absent where the price is unknown", async () => {
    await begin({});
    const costs = async (model: string) => (await gateway.chat({ model })).headers.get("x-headgate-cost-usd");
    const paid = await gateway.chat({ model: "paid" });
    const { costNanoUsd = 0, durationMs } = await recordOf(paid);
    expect(Number(paid.headers.get("x-headgate-cost-usd"))).toBeCloseTo(costNanoUsd / 1e9, 9);
    expect(Number(paid.headers.get("x-headgate-duration-ms"))).toBeLessThanOrEqual(durationMs + 0.1);
    expect([await costs("free"), await costs("unpriced"), await costs("none")]).toEqual(["0", null, "0"]);
    expect(paid.headers.get("x-litellm-response-cost")).toBeNull();
  });

  it("is a trailer of a stream", async () => {
    await begin({});
    const { announced, ...trailers } = await trailersOf({
      model: "paid",
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(announced).toMatch(/x-headgate-cost-usd, x-headgate-duration-ms$/);
    const [record] = await records.list({ limit: 1 });
    expect(Number(trailers["x-headgate-cost-usd"])).toBeCloseTo((record?.costNanoUsd ?? 0) / 1e9, 9);
    expect(record?.costNanoUsd).toBeGreaterThan(0);
    expect(Number(trailers["x-headgate-duration-ms"])).toBeGreaterThan(0);
    expect(await trailersOf({ model: "unpriced", stream: true })).not.toHaveProperty("x-headgate-cost-usd");
  });

  it("is a last comment of a stream of events besides, and of no other stream", async () => {
    await begin({});
    const raw = await (await gateway.chat({ model: "paid", stream: true })).text();
    const [record] = await records.list({ limit: 1 });
    const cost = ((record?.costNanoUsd ?? 0) / 1e9).toFixed(9).replace(/\.?0+$/, "");
    const [, words] = raw.split("data: [DONE]\n\n");
    expect(words).toMatch(/^: x-headgate-duration-ms: [0-9.]+\n: x-headgate-cost-usd: [0-9.]+\n\n$/);
    expect(words).toContain(`: x-headgate-cost-usd: ${cost}\n`);
    const lines = await gateway.fetch("/api/chat", {
      method: "POST",
      body: JSON.stringify({ model: "paid", messages: [{ role: "user", content: "Hi" }] }),
    });
    for (const line of (await lines.text()).trim().split("\n"))
      expect(JSON.parse(line)).toHaveProperty("done");
  });

  it("has LiteLLM's names besides, where the operator wants them", async () => {
    await begin({ litellmHeaders: "1" });
    const { headers } = await gateway.chat({ model: "paid" });
    expect(headers.get("x-litellm-response-cost")).toBe(headers.get("x-headgate-cost-usd"));
    expect(headers.get("x-litellm-call-id")).toBe(headers.get("x-request-id"));
    expect(headers.get("x-litellm-response-duration-ms")).toBe(headers.get("x-headgate-duration-ms"));
  });

  it("is never more than the ceiling, with many requests at once, and a model without a price is refused by name", async () => {
    await begin({ spendLimit: "1usd/day" });
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => gateway.chat({ model: "paid", max_tokens: 20 })),
    );
    const statuses = answers.map((answer) => answer.status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const spent = await records.usage({ sinceMs: 0, untilMs: gateway.clock.nowMs + 60_000 });
    expect(spent[0]?.cost_usd).toBeLessThanOrEqual(1);
    expect(spent[0]?.cost_usd).toBeGreaterThan(0.5);
    expect((await gateway.chat({ model: "free" })).status).toBe(200);
    const unpriced = await gateway.chat({ model: "unpriced" });
    expect(unpriced.status).toBe(422);
    expect(await unpriced.text()).toMatch(/unpriced: it has no known price, and HEADGATE_SPEND_LIMIT/);
  });
});

describe("bodies", () => {
  const SECRET = "a-secret-of-the-test-0123456789";
  const open = () =>
    openRecords({
      place: { kind: "sqlite", path: join(folder, "records.db") },
      retention: { keepMs: 1e12, maxBytes: 1e9 },
      secret: SECRET,
      warn: (text) => expect.fail(text),
    });
  const found = (response: Response): Promise<FoundRecord> =>
    admin(`/admin/requests/${response.headers.get("x-request-id")}`);
  const begin = async (recordBodies: "off" | "errors" | "all") => {
    await records.close();
    records = await open();
    gateway = await startGateway([provider("first", { alias: "a" })], { records, options: { recordBodies } });
  };

  it("are kept of failed requests alone where only errors are asked for, and of none by default", async () => {
    await begin("errors");
    const good = await gateway.chat({ model: "a" });
    const bad = await gateway.chat({ model: "a", temperature: "hot" });
    expect((await found(good)).bodies).toBeUndefined();
    const { bodies } = await found(bad);
    expect(JSON.parse(bodies?.request ?? "")).toMatchObject({ model: "a", temperature: "hot" });
    expect(bodies?.answer).toBe(await bad.text());
    await gateway.close();
    await begin("off");
    const none = await gateway.chat({ model: "a", temperature: "hot" });
    expect((await found(none)).bodies).toBeUndefined();
  });

  it("are whole for streams, bounded, without keys, and encrypted on the disk", async () => {
    await begin("all");
    const key = `sk-proj-${"Ab3".repeat(12)}`;
    const content = `the password of the canal is ${key}. ${"é".repeat(100_000)}`;
    const response = await gateway.chat({
      model: "a",
      stream: true,
      messages: [{ role: "user", content }],
    });
    await response.text();
    const short = await gateway.chat({ model: "a", stream: true });
    const streamed = withoutLastComment(await short.text());
    expect((await found(short)).bodies?.answer).toBe(streamed);
    const { bodies } = await found(response);
    expect(bodies?.answer).not.toContain(key);
    expect(bodies?.request).toMatch(/the password of the canal is \[redacted\]/);
    expect(bodies?.request).toMatch(/… \d+ more bytes$/);
    expect(bodies?.request?.length).toBeLessThan(66_000);
    await records.close();
    const disk = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
    expect(disk.join("")).not.toContain("password of the canal");
    const env = { HEADGATE_STATE_DIR: folder, HEADGATE_PORT: "1" };
    const id = response.headers.get("x-request-id") ?? "";
    const opened = await runHeadgate(["why", id], folder, { ...env, HEADGATE_SECRET: SECRET });
    expect(opened.stdout).toContain("the password of the canal is [redacted]");
    const closed = await runHeadgate(["why", id], folder, { ...env, HEADGATE_SECRET: `${SECRET}-another` });
    expect(closed.stdout).toMatch(/bodies are kept, encrypted with a secret that this command does not have/);
    expect(closed.stdout).not.toContain("canal");
  });
});
