/** Usage records over real HTTP: what each request leaves behind, and what the commands and admin routes say of it. */
import { mkdtempSync, rmSync } from "node:fs";
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
import { CLIENT_KEY, type ModelSketch, startGateway, type TestGateway } from "./support/gateway.ts";
import { runHeadgate } from "./support/serve.ts";

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
