/** Clients' limits over real workers and real replicas: 10,000 requests at once, and what is counted afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type IssuedKey, present } from "@headgate/contract";
import { openLiveClients } from "@headgate/records";
import { redisStore, systemClock } from "@headgate/state";
import { RedisServer, redisIsHere } from "@headgate/state/testing/redis-server";
import { healthy, type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startGateway } from "./support/gateway.ts";
import { headgate, makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

const KEY = "hg-test-client-key-0123456789-abcdefghij";
const MANY = 10_000;
const AT_ONCE = 200;

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
afterEach(() => lab.reset());

interface Asked {
  readonly urls: readonly string[];
  readonly key: string;
  readonly model: string;
  readonly maxTokens?: number;
}

/** Sends many requests, hundreds at once, in turn to each gateway. @returns how often each status came, and all tokens used */
async function flood(count: number, { urls, key, model, maxTokens }: Asked) {
  const statuses: Record<number, number> = {};
  let tokens = 0;
  let next = 0;
  const body = JSON.stringify({
    model,
    messages: [{ role: "user", content: "Hello" }],
    ...present({ max_tokens: maxTokens }),
  });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  // Thousands of requests by fetch take three times the time.
  const agent = new Agent({ keepAlive: true });
  const post = (url: string): Promise<void> =>
    new Promise((done, failed) => {
      const sent = request(`${url}/v1/chat/completions`, { agent, method: "POST", headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.once("error", failed);
        response.once("end", () => {
          const { statusCode = 0 } = response;
          statuses[statusCode] = (statuses[statusCode] ?? 0) + 1;
          tokens += (JSON.parse(text) as { usage?: { total_tokens: number } }).usage?.total_tokens ?? 0;
          done();
        });
      });
      sent.once("error", failed);
      sent.end(body);
    });
  const sender = async (): Promise<void> => {
    while (next < count) {
      const url = urls[next % urls.length] ?? "";
      next += 1;
      await post(url);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, sender));
  agent.destroy();
  return { statuses, tokens };
}

describe("four workers", () => {
  let root: string;
  let gateway: Running;
  let key: string;
  beforeEach(async () => {
    root = makeRoot(["custom"]);
    writeFileSync(
      join(root, ".env"),
      `CUSTOM=1\nCUSTOM_1_BASE_URL=${lab.baseUrl}\nCUSTOM_1_API_KEY=k\nCUSTOM_1_MODELS=m\n`,
    );
    // No gateway runs yet.
    key = clients("add", "many", "--rpd", "500", "--models", "custom-1-m");
    gateway = await startServe(root, [], {
      HEADGATE_API_KEY: KEY,
      HEADGATE_PROBES: "off",
      HEADGATE_WORKERS: "4",
    });
  }, 60_000);
  afterEach(async () => {
    gateway.child.kill("SIGTERM");
    await gateway.exited;
    removeRoot(root);
  });
  const clients = (...args: string[]): string => headgate(["clients", ...args, "--root", root]);

  // Slow: 10,000 requests over HTTP through four processes.
  it("let through exactly what a limit allows of 10,000 requests, and forget a revoked key within a second", async () => {
    const asked = { urls: [gateway.url], key, model: "custom-1-m" };
    const { statuses } = await flood(MANY, asked);
    expect(statuses).toEqual({ 200: 500, 429: MANY - 500 });
    const usage = async (): Promise<unknown> => {
      const authorization = `Bearer ${KEY}`;
      const answer = await fetch(`${gateway.url}/admin/usage?by=client`, { headers: { authorization } });
      return ((await answer.json()) as { rows: unknown }).rows;
    };
    // The worker that is asked stores its own records first; those of the others follow within a second.
    await expect
      .poll(usage, { timeout: 10_000, interval: 100 })
      .toMatchObject([{ name: "many", succeeded: 500 }]);
    const late = clients("add", "late");
    await expect
      .poll(async () => (await flood(4, { ...asked, key: late, model: "none" })).statuses, { timeout: 2_000 })
      .toEqual({ 404: 4 });
    clients("revoke", "many");
    await expect
      .poll(async () => (await flood(40, asked)).statuses, { timeout: 1_500, interval: 100 })
      .toEqual({ 401: 40 });
  }, 120_000);
});

describe.skipIf(!redisIsHere)("two gateways on one Redis", () => {
  const server = new RedisServer();
  beforeAll(() => server.start());
  afterAll(() => server.stop());

  // Slow: 10,000 requests over HTTP.
  it("let through exactly what limits allow of 10,000 requests", async () => {
    const folder = mkdtempSync(join(tmpdir(), "headgate-replicas-"));
    const place = { kind: "sqlite", path: join(folder, "clients.db") } as const;
    const open = () => openLiveClients({ place, warn: (text) => expect.fail(text), nowMs: Date.now });
    // The gateways' own clock, which stands still: what one minute allows is all.
    const clock = { ...systemClock, nowMs: () => Date.UTC(2026, 10, 21, 12) };
    const stores = await Promise.all(
      [1, 2].map(() => redisStore({ url: server.url, timeoutMs: 20_000, clock })),
    );
    const lists = await Promise.all([open(), open()]);
    const add = async (name: string, rules: object): Promise<IssuedKey> => {
      const issued = await lists[0]?.add({ name, rules });
      if (issued === undefined) throw new Error("no list");
      return issued;
    };
    const requests = await add("requests", { rpm: 700 });
    const tokens = await add("tokens", { tpm: 20_000 });
    const once = await add("once", { concurrency: 7 });
    const gateways = await Promise.all(
      stores.map((store, at) =>
        startGateway([{ id: "first", baseUrl: lab.baseUrl, models: [{ alias: "a" }] }], {
          store,
          logLevel: "error",
          ...present({ clients: lists[at] }),
        }),
      ),
    );
    const urls = gateways.map(({ url }) => url);
    const idOf = ({ id }: IssuedKey): boolean => lists[1]?.current()?.some((one) => one.id === id) ?? false;
    await expect.poll(() => [requests, tokens, once].every(idOf), { timeout: 2_000 }).toBe(true);

    const first = await flood(MANY / 2, { urls, key: requests.key, model: "a" });
    expect(first.statuses).toEqual({ 200: 700, 429: MANY / 2 - 700 });

    const second = await flood(MANY / 4, { urls, key: tokens.key, model: "a", maxTokens: 100 });
    const reservation = 140;
    expect(second.tokens).toBeLessThanOrEqual(20_000 + reservation);
    // All of it is used, but for less than one request's reservation for each request that runs.
    expect(second.tokens).toBeGreaterThan(20_000 - reservation * AT_ONCE);
    expect(second.statuses[429]).toBeGreaterThan(0);

    lab.behave("a", healthy({ everyMs: 5 }));
    let most = 0;
    const counting = setInterval(() => {
      most = Math.max(most, lab.open);
    }, 1);
    const third = await flood(MANY / 4, { urls, key: once.key, model: "a" });
    clearInterval(counting);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(7);
    expect(third.statuses[200]).toBeGreaterThan(0);

    for (const gateway of gateways) await gateway.close();
    await Promise.all([...lists.map((list) => list.close()), ...stores.map((store) => store.close())]);
    rmSync(folder, { recursive: true });
  }, 120_000);
});
