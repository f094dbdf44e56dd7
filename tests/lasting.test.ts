/** Stored state: over a kill, over several processes, over several gateways on one Redis. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RedisServer, redisIsHere } from "@headgate/state/testing/redis-server";
import { healthy, type Lab, startLab, status } from "@headgate/upstream-lab";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clientAt, headgate, makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

/** OVH without a key: two requests a minute for each model and address. */
const ALIAS = "ovh-qwen3.5-397b";
const UPSTREAM = "Qwen3.5-397B-A17B";
const KEY = "hg-test-client-key-0123456789-abcdefghij";
const OFF = { HEADGATE_PROBES: "off", HEADGATE_API_KEY: KEY };

let lab: Lab;
let root: string;
const running: Running[] = [];

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(() => {
  root = makeRoot(["ovh", "demo"]);
  writeFileSync(join(root, ".env"), `OVH=1\nOVH_BASE_URL=${lab.baseUrl}\n`);
});
afterEach(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all(running.map(({ exited }) => exited));
  running.length = 0;
  lab.reset();
  removeRoot(root);
});

const serve = async (env: Record<string, string> = {}): Promise<{ gateway: Running; client: OpenAI }> => {
  const gateway = await startServe(root, [], { ...OFF, ...env });
  running.push(gateway);
  return { gateway, client: clientAt(gateway, KEY) };
};
/** The status of one answer. */
const ask = async (client: OpenAI, content = "Hello"): Promise<number> => {
  try {
    const { response } = await client.chat.completions
      .create({ model: ALIAS, messages: [{ role: "user", content }] })
      .withResponse();
    return response.status;
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error.status ?? 0;
    throw error;
  }
};
const upstreamCalls = (): number => lab.requests.filter(({ model }) => model === UPSTREAM).length;

describe("a kill in mid-traffic", () => {
  it("loses no cooldown", async () => {
    const { gateway, client } = await serve();
    lab.script(UPSTREAM, [status(429, { retryAfterS: 3_600 }), healthy()]);
    expect(await ask(client)).toBe(429);
    gateway.child.kill("SIGKILL");
    await gateway.exited;
    const again = await serve();
    expect(await ask(again.client)).toBe(429);
    expect(upstreamCalls()).toBe(1);
  });

  it("and a clean stop loses no count", async () => {
    const { gateway, client } = await serve();
    expect([await ask(client), await ask(client)]).toEqual([200, 200]);
    gateway.child.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
    const again = await serve();
    expect(await ask(again.client)).toBe(429);
    expect(upstreamCalls()).toBe(2);
  });
});

describe("a stored response", () => {
  it("exists after a restart, and so do responses that build on it", async () => {
    const { gateway, client } = await serve();
    const first = await client.responses.create({ model: ALIAS, input: "Remember the gate." });
    gateway.child.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
    const again = await serve();
    expect((await again.client.responses.retrieve(first.id)).output_text).toBe(first.output_text);
    await again.client.responses.create({ model: ALIAS, input: "And?", previous_response_id: first.id });
    expect(JSON.stringify(lab.requests.at(-1)?.body)).toContain("Remember the gate.");
  });
});

describe("headgate explain --live", () => {
  it("prints the cooldowns of the running gateway with their ends", async () => {
    const { gateway, client } = await serve();
    const explain = (...args: string[]): string =>
      headgate(["explain", ALIAS, "--live", "--root", root, "--url", gateway.url, ...args], OFF);
    expect(explain()).toMatch(/1\. +ovh-qwen3\.5-397b +ovh\/Qwen3\.5-397B-A17B +no key +100 % left/);
    await ask(client);
    expect(explain()).toContain("50 % left");
    await ask(client);
    expect(explain()).toContain("its 2 requests a minute are used until ");
    lab.script(UPSTREAM, [status(429, { retryAfterS: 3_600 })]);
    expect(JSON.parse(explain("--json"))).toMatchObject({
      candidates: [{ room: 0, full: { reason: "quota" } }],
    });
    expect(() =>
      headgate(["explain", "unknown", "--live", "--root", root, "--url", gateway.url], OFF),
    ).toThrow(/does not exist here/);
    expect(() =>
      headgate(["explain", ALIAS, "--live", "--root", root, "--url", "http://127.0.0.1:1"], OFF),
    ).toThrow(/no gateway answers at http:\/\/127\.0\.0\.1:1/);
  });
});

/** The different statuses of six answers, which come from both workers. */
const askMany = async (client: OpenAI): Promise<Set<number>> =>
  new Set(await Promise.all(Array.from({ length: 6 }, (_, at) => ask(client, `Request ${at}`))));

describe("headgate clear", () => {
  const clear = (gateway: Running): string =>
    headgate(["clear", "ovh", "--root", root, "--url", gateway.url], OFF);
  const refusal = status(402, { message: "add credit" });

  it("ends a cooldown in every worker, and after a kill it stays ended", async () => {
    const { gateway, client } = await serve({ HEADGATE_WORKERS: "2" });
    lab.script(UPSTREAM, [refusal, healthy()]);
    expect(await ask(client)).toBe(503);
    expect(await askMany(client)).toEqual(new Set([503]));
    expect(upstreamCalls()).toBe(1);
    expect(clear(gateway)).toContain("ovh: 1 cooldown ended, 0 learned limits forgotten");
    // Two of the limit are granted, and no cooldown is left in either worker.
    expect(await askMany(client)).toEqual(new Set([200, 429]));
    gateway.child.kill("SIGKILL");
    await gateway.exited;
    const again = await serve();
    expect(await ask(again.client)).not.toBe(503);
  });

  it.skipIf(!redisIsHere)("ends it in every gateway on one Redis", async () => {
    const redis = await new RedisServer().start();
    try {
      const env = { HEADGATE_REDIS_URL: redis.url };
      const [one, two] = [
        await serve(env),
        await serve({ ...env, HEADGATE_STATE_DIR: join(root, ".second") }),
      ];
      lab.script(UPSTREAM, [refusal, healthy()]);
      expect(await ask(one.client)).toBe(503);
      await expect.poll(() => ask(two.client)).toBe(503);
      expect(upstreamCalls()).toBe(1);
      expect(clear(two.gateway)).toContain("1 cooldown ended");
      await expect.poll(() => ask(one.client)).toBe(200);
    } finally {
      await redis.stop();
    }
  });
});

describe("two workers", () => {
  it("share one limit, and stop together", async () => {
    const { gateway, client } = await serve({ HEADGATE_WORKERS: "2" });
    const statuses = await Promise.all(Array.from({ length: 12 }, (_, at) => ask(client, `Request ${at}`)));
    expect(statuses.filter((one) => one === 200)).toHaveLength(2);
    expect(statuses.filter((one) => one === 429)).toHaveLength(10);
    expect(upstreamCalls()).toBe(2);
    gateway.child.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
  });

  it("apply a change together", async () => {
    const { gateway, client } = await serve({ HEADGATE_WORKERS: "2" });
    writeFileSync(join(root, ".env"), "DEMO=1\n");
    await gateway.logged("applied the change");
    // On either worker.
    const models = await Promise.all(
      Array.from({ length: 6 }, async () => (await client.models.list()).data.map(({ id }) => id)),
    );
    for (const ids of models) expect(ids).toContain("demo");
  });
});

describe.skipIf(!redisIsHere)("two gateways on one Redis", () => {
  // Redis that takes longer than 150 ms, on a busy machine, leaves each gateway to count for itself.
  it("share one limit under load", { retry: 3 }, async () => {
    const redis = await new RedisServer().start();
    try {
      const env = { HEADGATE_REDIS_URL: redis.url };
      const [one, two] = [
        await serve(env),
        await serve({ ...env, HEADGATE_STATE_DIR: join(root, ".second") }),
      ];
      const statuses = await Promise.all(
        Array.from({ length: 16 }, (_, at) => ask(at % 2 === 0 ? one.client : two.client, `Request ${at}`)),
      );
      expect(statuses.filter((one_) => one_ === 200)).toHaveLength(2);
      expect(upstreamCalls()).toBe(2);
    } finally {
      await redis.stop();
    }
  });
});
