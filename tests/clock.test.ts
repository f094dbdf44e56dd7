/** A clock that is set while gateways run: what was counted stays counted, for as long as it would have been. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RedisServer, redisIsHere } from "@headgate/state/testing/redis-server";
import { type Lab, stall, startLab, status } from "@headgate/upstream-lab";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

const KEY = "hg-test-client-key-0123456789-abcdefghij";
const MODEL = "groq-llama-3.1-8b";
const UPSTREAM = "llama-3.1-8b-instant";
const A_DAY = 3;
const HOUR_MS = 3_600_000;

let lab: Lab;
let root: string;
let gateway: Running | undefined;

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(() => {
  root = makeRoot(["groq"]);
  writeFileSync(
    join(root, ".env"),
    `GROQ=1\nGROQ_API_KEY=test-key\nGROQ_BASE_URL=${lab.baseUrl}\nHEADGATE_PROBES=off\n`,
  );
  setClock(0);
});
afterEach(async () => {
  await stop("SIGKILL");
  lab.reset();
  removeRoot(root);
});

/** Every process of the gateway reads its clock through this module: the machine's, set by what the file holds. */
const CLOCK = `
  import { readFileSync } from "node:fs";
  const machineMs = Date.now;
  Date.now = () => machineMs() + Number(readFileSync(process.env.TEST_CLOCK, "utf8"));
`;
const setClock = (byMs: number): void => writeFileSync(join(root, "clock"), String(byMs));

/** Gives a model one limit, of a day. */
function limitTo(
  reset: string,
  limit = `unit: requests, window: day, amount: ${A_DAY}`,
  model = MODEL,
): void {
  const path = join(root, "providers", "groq", "provider.yaml");
  const text = readFileSync(path, "utf8");
  const [before = "", after = ""] = text.split(`alias: ${model}\n`);
  const rates = / {4}rates: .*\n/;
  expect(after).toMatch(rates);
  const limited = after.replace(rates, `    limits:\n      - { scope: model, ${limit}${reset} }\n`);
  writeFileSync(path, `${before}alias: ${model}\n${limited}`);
}

async function serve(env: Readonly<Record<string, string>>): Promise<void> {
  gateway = await startServe(root, [], {
    HEADGATE_API_KEY: KEY,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CLOCK)}`,
    TEST_CLOCK: join(root, "clock"),
    ...env,
  });
}
async function stop(signal: NodeJS.Signals): Promise<void> {
  gateway?.child.kill(signal);
  await gateway?.exited;
  gateway = undefined;
}

/** On a connection of its own: workers alternate. */
const chat = (more: object = {}, of = gateway): Promise<Response> =>
  fetch(`${of?.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", connection: "close" },
    body: JSON.stringify({ model: MODEL, messages: [{ role: "user", content: "Hello" }], ...more }),
  });

/** The status of each of several requests, one after the other. */
async function ask(times: number, of = gateway, model = MODEL): Promise<number[]> {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const response = await chat({ model }, of);
    await response.text();
    statuses.push(response.status);
  }
  return statuses;
}

/** Each on a model of its own, so that one gateway shows them all. */
const SHAPES = {
  "a sliding window": ["groq-llama-3.3-70b", ""],
  "a bucket": ["groq-gpt-oss-20b", ", reset: bucket"],
  "a calendar day": ["groq-gpt-oss-120b", ', reset: "00:00 UTC"'],
} as const;
/** What several requests get, by the shape of the limit. */
async function askEach(times: number): Promise<Record<string, number[]>> {
  const got: Record<string, number[]> = {};
  for (const [shape, [model]] of Object.entries(SHAPES)) got[shape] = await ask(times, gateway, model);
  return got;
}
const each = (statuses: readonly number[]) =>
  Object.fromEntries(Object.keys(SHAPES).map((shape) => [shape, statuses]));
const PROCESSES = [
  ["one process", {}],
  ["workers", { HEADGATE_WORKERS: "2" }],
] as const;

describe.each(PROCESSES)("in %s, a clock that is set forward", (_processes, env) => {
  it("keeps what every shape of limit has counted, and gives back what a request in flight did not use", async () => {
    // One request reserves some 400 tokens and uses far fewer.
    limitTo("", "unit: tokens, window: day, amount: 410");
    for (const [model, reset] of Object.values(SHAPES)) limitTo(reset, undefined, model);
    await serve(env);
    const gate = lab.gate("in flight");
    lab.behave(UPSTREAM, stall({ after: 2, gate }));
    const answer = await chat({ stream: true, stream_options: { include_usage: true } });
    expect(await ask(1)).toEqual([429]);
    expect(await askEach(A_DAY + 1)).toEqual(each([200, 200, 200, 429]));
    setClock(5 * 24 * HOUR_MS);
    // From the next request on, and after the gateway has seen it, by either worker.
    expect(await askEach(2)).toEqual(each([429, 429]));
    await gateway?.logged("the clock was set");
    expect(await askEach(2)).toEqual(each([429, 429]));
    expect(lab.requests.filter(({ model }) => model !== UPSTREAM)).toHaveLength(A_DAY * 3);
    gate.open();
    expect(await answer.text()).toContain("[DONE]");
    lab.reset();
    expect(await ask(1)).toEqual([200]);
  }, 120_000);
});

it("keeps what was counted when the clock is set back, and holds it no longer", async () => {
  limitTo("");
  await serve({});
  await ask(A_DAY);
  setClock(-5 * 24 * HOUR_MS);
  const refused = await chat();
  expect(refused.status).toBe(429);
  // A day, and one part of the window.
  expect(Number(refused.headers.get("retry-after"))).toBeLessThan(24 * 3_600 + 600);
});

it("keeps what was counted over a restart after the clock was set forward", async () => {
  limitTo("");
  await serve({});
  await ask(A_DAY);
  setClock(5 * 24 * HOUR_MS);
  await gateway?.logged("the clock was set");
  await stop("SIGTERM");
  await serve({});
  expect(await ask(2)).toEqual([429, 429]);
});

describe.skipIf(!redisIsHere)("with Redis", () => {
  let redis: RedisServer;
  let other: Running | undefined;

  beforeEach(async () => {
    redis = await new RedisServer().start();
    limitTo("");
  });
  afterEach(async () => {
    await stop("SIGKILL");
    other?.child.kill("SIGKILL");
    await other?.exited;
    await redis.stop();
  });
  /** A second gateway, whose clock is the machine's. */
  const serveBeside = async (): Promise<void> => {
    other = await startServe(root, ["--state-dir", join(root, "other")], {
      HEADGATE_API_KEY: KEY,
      HEADGATE_REDIS_URL: redis.url,
    });
  };

  it("a gateway whose clock is set forward ends no count of the others, and keeps theirs and its own", async () => {
    await serve({ HEADGATE_REDIS_URL: redis.url });
    await serveBeside();
    expect(await ask(1)).toEqual([200]);
    expect(await ask(2, other)).toEqual([200, 200]);
    setClock(5 * 24 * HOUR_MS);
    expect(await ask(2)).toEqual([429, 429]);
    expect(await ask(2, other)).toEqual([429, 429]);
    await gateway?.logged("the clock was set");
    expect([...(await ask(2)), ...(await ask(2, other))]).toEqual([429, 429, 429, 429]);
    expect(lab.requests).toHaveLength(A_DAY);
  });

  it.each([5 * 24 * HOUR_MS, -5 * 24 * HOUR_MS])(
    "a gateway that starts with its clock %d ms off counts with the others",
    async (byMs) => {
      setClock(byMs);
      await serve({ HEADGATE_REDIS_URL: redis.url });
      await serveBeside();
      expect(await ask(2, other)).toEqual([200, 200]);
      expect(await ask(2)).toEqual([200, 429]);
      expect(await ask(1, other)).toEqual([429]);
      const after = Number((await chat()).headers.get("retry-after"));
      expect(after).toBeGreaterThan(23 * 3_600);
      expect(after).toBeLessThan(24 * 3_600 + 600);
    },
  );

  it("a cooldown that a gateway with a wrong clock reports lasts as long for the others", async () => {
    setClock(5 * 24 * HOUR_MS);
    await serve({ HEADGATE_REDIS_URL: redis.url });
    await serveBeside();
    lab.behave(UPSTREAM, status(429, { retryAfterS: 30 }));
    expect(await ask(1)).toEqual([429]);
    const refused = await chat({}, other);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThan(60);
  });
});
