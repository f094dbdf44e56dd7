/** The cache over HTTP: what is given again, what never is, and what equal requests share. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import type { CacheStore, FoundRecord, StoredClient, UsageRecord, UsageRow } from "@headgate/contract";
import { type OpenClients, type OpenRecords, openLiveClients, openRecords } from "@headgate/records";
import { keptCache, openStore, sqliteCache, systemClock } from "@headgate/state";
import { RedisServer, redisIsHere } from "@headgate/state/testing/redis-server";
import {
  cleanTruncation,
  cut,
  healthy,
  type Lab,
  slowFirstToken,
  stall,
  startLab,
  status,
} from "@headgate/upstream-lab";
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, startGateway, type TestGateway } from "./support/gateway.ts";

let lab: Lab;
let gateway: TestGateway;
let folder: string;
let records: OpenRecords;
let clients: OpenClients;
const stores: CacheStore[] = [];

beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "headgate-cache-"));
  const place = { kind: "sqlite", path: join(folder, "records.db") } as const;
  const warn = (text: string) => expect.fail(text);
  records = await openRecords({ place, retention: { keepMs: 1e12, maxBytes: 1e9 }, warn });
  clients = await openLiveClients({ place, warn, nowMs: Date.now });
  await serve();
});
afterEach(async () => {
  await lab.idle();
  await gateway.close();
  for (const store of stores.splice(0)) await store.close();
  await clients.close();
  await records.close();
  rmSync(folder, { recursive: true });
  lab.reset();
});

async function serve(cacheStore?: CacheStore, options: object = {}): Promise<void> {
  if (cacheStore !== undefined) stores.push(cacheStore);
  gateway = await startGateway(
    [
      {
        id: "first",
        baseUrl: lab.baseUrl,
        models: [
          { alias: "a", tier: "paid", price: { input: 1, output: 1 } },
          { alias: "b", policy: { cache: { forMs: 60_000 } } },
          { alias: "never", policy: { cache: { off: true } } },
          { alias: "vectors", operation: "embedding", tier: "paid", price: { input: 1, output: 0 } },
        ],
      },
      { id: "claude", adapter: "anthropic", baseUrl: lab.url, models: [{ alias: "c" }] },
    ],
    {
      records,
      clients,
      options: { cache: "memory", ...options },
      ...(cacheStore === undefined ? {} : { cacheStore }),
    },
  );
}
const again = async (...args: Parameters<typeof serve>): Promise<void> => {
  await gateway.close();
  await serve(...args);
};

async function collected<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

const COLD = { model: "a", temperature: 0 };
const calls = (model: string): number => lab.requests.filter((one) => one.model === model).length;
const stateOf = (response: Response): string | null => response.headers.get("x-headgate-cache");
const asking = (headers: Record<string, string>) => ({ headers });
const recordOf = async (response: Response): Promise<UsageRecord> => {
  const path = `/admin/requests/${response.headers.get("x-request-id")}`;
  return ((await (await gateway.fetch(path)).json()) as FoundRecord).record;
};

describe("a chat", () => {
  it("is answered again without a call, at no cost, with its age, and counts as saved", async () => {
    const first = await gateway.chat(COLD);
    expect(stateOf(first)).toBe("miss");
    const said = (await first.json()) as OpenAI.ChatCompletion;
    gateway.clock.nowMs += 7_000;
    const second = await gateway.chat(COLD);
    expect([stateOf(second), second.headers.get("age")]).toEqual(["hit", "7"]);
    expect(second.headers.get("x-headgate-cost-usd")).toBe("0");
    const repeated = (await second.json()) as OpenAI.ChatCompletion;
    expect(repeated.choices[0]?.message.content).toBe(said.choices[0]?.message.content);
    expect(repeated.usage).toMatchObject({ prompt_tokens: said.usage?.prompt_tokens });
    expect(calls("a")).toBe(1);
    const record = await recordOf(second);
    expect(record).toMatchObject({ cache: "hit", outcome: "answered", attempts: [], costNanoUsd: 0 });
    expect(record.saved?.tokens).toBe(said.usage?.total_tokens);
    expect(record.saved?.listNanoUsd).toBe((said.usage?.total_tokens ?? 0) * 1_000);
    const { total } = (await (
      await gateway.fetch("/admin/usage?since=2026-11-01&until=2026-12-01")
    ).json()) as { total: UsageRow };
    expect(total.saved).toMatchObject({ requests: 1, tokens: said.usage?.total_tokens });
    expect(total.attempts).toBe(1);
  });

  it("is replayed as a stream where one is wanted, and whole where the stream was first", async () => {
    const stream = await gateway.chat({ ...COLD, stream: true, stream_options: { include_usage: true } });
    expect(await stream.text()).toContain("[DONE]");
    const whole = await gateway.chat(COLD);
    expect(stateOf(whole)).toBe("hit");
    const text = ((await whole.json()) as OpenAI.ChatCompletion).choices[0]?.message.content;
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY });
    const chunks = await collected(
      await client.chat.completions.create({
        ...COLD,
        messages: [{ role: "user", content: "Hello" }],
        stream: true,
      }),
    );
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(text);
    expect(calls("a")).toBe(1);
  });

  it.each([
    ["openai", "c"],
    ["anthropic", "a"],
  ] as const)("asked on one surface is a hit on the other, first %s", async (first, model) => {
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY });
    const anthropic = new Anthropic({ baseURL: gateway.url, apiKey: CLIENT_KEY });
    const question = { model, temperature: 0, max_tokens: 50 };
    const messages = [{ role: "user", content: "The same?" }] as const;
    const byOpenAi = async () =>
      (await openai.chat.completions.create({ ...question, messages: [...messages] })).choices[0]?.message
        .content;
    const byAnthropic = async () => {
      const { content } = await anthropic.messages.create({ ...question, messages: [...messages] });
      return content.map((block) => (block.type === "text" ? block.text : "")).join("");
    };
    const order = first === "openai" ? [byOpenAi, byAnthropic] : [byAnthropic, byOpenAi];
    const texts = [await order[0]?.(), await order[1]?.()];
    expect(texts[0]).toBeTruthy();
    expect(texts[1]).toBe(texts[0]);
    expect(calls(model)).toBe(1);
  });

  it("at another temperature is cached where it is asked for: by the request or by its name", async () => {
    for (let n = 0; n < 2; n += 1) expect(stateOf(await gateway.chat({ model: "a" }))).toBeNull();
    await gateway.chat({ model: "a" }, asking({ "x-headgate-cache": "on" }));
    expect(stateOf(await gateway.chat({ model: "a" }, asking({ "x-headgate-cache": "on" })))).toBe("hit");
    await gateway.chat({ model: "b" });
    expect(stateOf(await gateway.chat({ model: "b" }))).toBe("hit");
    gateway.clock.nowMs += 60_001;
    expect(stateOf(await gateway.chat({ model: "b" }))).toBe("miss");
  });

  it("goes past the cache where the request or its name says so", async () => {
    await gateway.chat(COLD);
    for (const headers of [{ "x-headgate-cache": "off" }, { "cache-control": "no-store" }])
      expect(stateOf(await gateway.chat(COLD, { headers }))).toBeNull();
    await gateway.chat({ ...COLD, model: "never" });
    expect(stateOf(await gateway.chat({ ...COLD, model: "never" }))).toBeNull();
    expect(calls("a") + calls("never")).toBe(5);
    const wrong = await gateway.chat(COLD, asking({ "x-headgate-cache": "maybe" }));
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining("on, off, tools")]);
  });

  it("with no-cache is made anew, and what is kept is replaced", async () => {
    lab.script("a", [healthy(), healthy()]);
    await gateway.chat(COLD);
    expect(stateOf(await gateway.chat(COLD, asking({ "cache-control": "no-cache" })))).toBe("miss");
    const response = await gateway.chat(COLD);
    expect(stateOf(response)).toBe("hit");
    expect(calls("a")).toBe(2);
  });

  it("does not depend on who asks within a client, nor on the session or the stream", async () => {
    await gateway.chat({ ...COLD, user: "x" }, asking({ "x-session-id": "1" }));
    const other = await gateway.chat({ ...COLD, user: "y", stream: true }, asking({ "x-session-id": "2" }));
    expect(stateOf(other)).toBe("hit");
  });

  it("is another one under other fallbacks, another strategy or another data policy", async () => {
    const others = [{}, { disable_fallbacks: true }, { fallbacks: ["b"] }];
    for (const other of others) expect(stateOf(await gateway.chat({ ...COLD, ...other }))).toBe("miss");
    for (const other of others) expect(stateOf(await gateway.chat({ ...COLD, ...other }))).toBe("hit");
  });

  it("that was cut, filtered, refused or failed is not kept", async () => {
    const faults = [
      cleanTruncation(),
      cut({ after: 2 }),
      status(400),
      healthy({ finish: "length" }),
      healthy({ finish: "content_filter" }),
    ];
    for (const fault of faults) {
      for (const stream of [true, false]) {
        lab.behave("a", fault);
        await (await gateway.chat({ ...COLD, stream })).text();
        lab.behave("a", healthy());
        const next = await gateway.chat({ ...COLD, stream });
        expect(stateOf(next), JSON.stringify(fault)).toBe("miss");
        await next.text();
        gateway.clock.nowMs += 10 * 86_400_000;
      }
    }
  });

  it("with a tool call is kept only where that is asked for", async () => {
    const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
    const asked = { ...COLD, tools, tool_choice: "required" };
    const first = (await (await gateway.chat(asked)).json()) as OpenAI.ChatCompletion;
    expect(first.choices[0]?.message.tool_calls?.length).toBe(1);
    expect(stateOf(await gateway.chat(asked))).toBe("miss");
    await gateway.chat(asked, asking({ "x-headgate-cache": "tools" }));
    const hit = await gateway.chat(asked, asking({ "x-headgate-cache": "tools" }));
    expect(stateOf(hit)).toBe("hit");
    const repeated = (await hit.json()) as OpenAI.ChatCompletion;
    expect(repeated.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [{ function: { name: "look" } }] },
    });
    expect(stateOf(await gateway.chat(asked))).toBe("miss");
  });

  it("with a field that may change the answer's form goes past", async () => {
    for (const field of [{ n: 2 }, { logprobs: true }, { modalities: ["text", "audio"] }])
      expect(stateOf(await gateway.chat({ ...COLD, ...field }))).toBe("bypass");
  });
});

describe("clients", () => {
  const keyOf = async (name: string, rules: StoredClient["rules"]) =>
    ({ authorization: `Bearer ${(await clients.add({ name, rules })).key}` }) as const;

  it("have answers of their own, unless they share", async () => {
    const [one, two] = [await keyOf("one", {}), await keyOf("two", {})];
    const [three, four] = [
      await keyOf("three", { cache: "1h,shared" }),
      await keyOf("four", { cache: "on,shared" }),
    ];
    const states: (string | null)[] = [];
    for (const headers of [one, two, one, three, four])
      states.push(stateOf(await gateway.chat(COLD, { headers })));
    expect(states).toEqual(["miss", "miss", "hit", "miss", "hit"]);
    expect(stateOf(await gateway.chat({ model: "a" }, { headers: three }))).toBe("miss");
    expect(stateOf(await gateway.chat({ model: "a" }, { headers: four }))).toBe("hit");
  });

  it("keep an answer as long as their rule says, and none where it is off", async () => {
    const [hour, off] = [await keyOf("hour", { cache: "1h" }), await keyOf("off", { cache: "off" })];
    await gateway.chat(COLD, { headers: hour });
    gateway.clock.nowMs += 3_599_000;
    expect(stateOf(await gateway.chat(COLD, { headers: hour }))).toBe("hit");
    gateway.clock.nowMs += 2_000;
    expect(stateOf(await gateway.chat(COLD, { headers: hour }))).toBe("miss");
    await gateway.chat(COLD, { headers: off });
    expect(stateOf(await gateway.chat(COLD, { headers: { ...off, "x-headgate-cache": "on" } }))).toBeNull();
  });

  it("do not use up their limits with hits", async () => {
    const headers = await keyOf("few", { rpd: 1 });
    await gateway.chat(COLD, { headers });
    for (let n = 0; n < 3; n += 1) expect(stateOf(await gateway.chat(COLD, { headers }))).toBe("hit");
    expect((await gateway.chat({ model: "a" }, { headers })).status).toBe(429);
  });
});

describe("equal requests at once", () => {
  it("make one call, whose stream goes to all as it comes", async () => {
    const gate = lab.gate();
    lab.behave("a", stall({ after: 3, gate }));
    const first = await gateway.chat({ ...COLD, stream: true });
    await gate.reached();
    const others = await Promise.all([1, 2, 3].map(() => gateway.chat({ ...COLD, stream: true })));
    // They have the beginning while the call still runs.
    for (const other of others) expect(stateOf(other)).toBe("joined");
    const whole = gateway.chat(COLD);
    gate.open();
    const texts = await Promise.all([first, ...others].map((response) => response.text()));
    expect(texts.every((text) => text.includes("[DONE]"))).toBe(true);
    const content = (text: string) =>
      [...text.matchAll(/"content":"([^"]*)"/g)].map(([, one]) => one).join("");
    expect(new Set(texts.map(content)).size).toBe(1);
    expect(["joined", "hit"]).toContain(stateOf(await whole));
    expect(calls("a")).toBe(1);
    const [other] = others;
    expect(other && (await recordOf(other))).toMatchObject({ cache: "joined", attempts: [] });
  });

  it("go on when the client that was first leaves, and end when all have left", async () => {
    const gate = lab.gate();
    lab.behave("a", slowFirstToken({ gate }));
    const leaving = new AbortController();
    const first = gateway.chat(COLD, { signal: leaving.signal });
    await gate.reached();
    const second = gateway.chat(COLD);
    const also = new AbortController();
    const third = gateway.chat({ ...COLD, stream: true }, { signal: also.signal });
    leaving.abort();
    await expect(first).rejects.toThrow();
    gate.open();
    expect(((await (await second).json()) as OpenAI.ChatCompletion).choices).toHaveLength(1);
    await (await third).text();
    expect(calls("a")).toBe(1);
    const shut = lab.gate("shut");
    lab.behave("b", slowFirstToken({ gate: shut }));
    const leavers = [new AbortController(), new AbortController()];
    const gone = leavers.map(({ signal }) => gateway.chat({ model: "b" }, { signal }).catch(() => "gone"));
    await shut.reached();
    for (const leaver of leavers) leaver.abort();
    expect(await Promise.all(gone)).toEqual(["gone", "gone"]);
    await lab.aborted("b");
  });

  it("get the same error, each on its own surface", async () => {
    lab.behave("a", status(400));
    const answers = await Promise.all([
      gateway.chat(COLD),
      gateway.chat(COLD),
      gateway.chat({ ...COLD, stream: true }),
    ]);
    for (const answer of answers) expect(answer.status).toBe(400);
  });

  it("get the error of a stream that breaks, and nothing of it is kept", async () => {
    lab.behave("a", cut({ after: 3 }));
    const texts = await Promise.all(
      [1, 2].map(async () => (await gateway.chat({ ...COLD, stream: true })).text()),
    );
    for (const text of texts) expect(text).toContain("error");
    lab.behave("a", healthy());
    gateway.clock.nowMs += 86_400_000;
    expect(stateOf(await gateway.chat(COLD))).toBe("miss");
  });
});

describe("embeddings", () => {
  const embed = (input: unknown, body: object = {}, headers: Record<string, string> = {}) =>
    gateway.fetch("/v1/embeddings", {
      method: "POST",
      body: JSON.stringify({ model: "vectors", input, ...body }),
      headers,
    });
  const inputsOf = (at: number): unknown =>
    (lab.requests[at]?.body as { input?: unknown } | undefined)?.input;

  it("are cached input by input: only what is missing goes upstream", async () => {
    const first = (await (await embed(["one", "two", "three"])).json()) as OpenAI.CreateEmbeddingResponse;
    const response = await embed(["three", "four", "one", "four"]);
    expect([stateOf(response), response.headers.get("x-headgate-cached-inputs")]).toEqual(["part", "2"]);
    const second = (await response.json()) as OpenAI.CreateEmbeddingResponse;
    expect(inputsOf(1)).toEqual(["four"]);
    expect(second.data.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(second.data[0]?.embedding).toEqual(first.data[2]?.embedding);
    expect(second.data[2]?.embedding).toEqual(first.data[0]?.embedding);
    expect(second.data[1]?.embedding).toEqual(second.data[3]?.embedding);
    expect(stateOf(await embed("two"))).toBe("hit");
    expect(lab.requests).toHaveLength(2);
    expect(await recordOf(response)).toMatchObject({ cache: "part", attempts: [{ outcome: "answered" }] });
  });

  it("of a repository of 5,000 chunks are made once; one changed chunk makes one call", async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY });
    const chunks = Array.from({ length: 5_000 }, (_, at) => `chunk ${at}`);
    const run = async (): Promise<readonly (readonly number[])[]> => {
      const all: (readonly number[])[] = [];
      for (let from = 0; from < chunks.length; from += 500) {
        const input = chunks.slice(from, from + 500);
        const { data } = await client.embeddings.create({ model: "vectors", input });
        all.push(...data.map(({ embedding }) => embedding));
      }
      return all;
    };
    const first = await run();
    expect([first.length, lab.requests.length]).toEqual([5_000, 10]);
    expect(await run()).toEqual(first);
    expect(lab.requests).toHaveLength(10);
    chunks[1_234] = "another chunk";
    const third = await run();
    expect(lab.requests).toHaveLength(11);
    expect(inputsOf(10)).toEqual(["another chunk"]);
    expect(third.filter((vector, at) => vector.join() !== first[at]?.join())).toHaveLength(1);
  });

  it("come in the form that is asked for, from the same entry", async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: CLIENT_KEY });
    const ask = async (encoding_format: "float" | "base64") =>
      (await client.embeddings.create({ model: "vectors", input: ["x"], encoding_format })).data[0]
        ?.embedding;
    const unpacked = (text: unknown) => [
      ...new Float32Array(new Uint8Array(Buffer.from(String(text), "base64")).buffer),
    ];
    const floats = (await ask("float")) as number[];
    const rounded = floats.map((value) => Math.fround(value));
    expect(unpacked(await ask("base64"))).toEqual(rounded);
    const other = await (await embed(["y"], { encoding_format: "base64" })).json();
    const { data } = (await (await embed(["y"])).json()) as OpenAI.CreateEmbeddingResponse;
    expect(data[0]?.embedding).toEqual(
      unpacked((other as never as { data: { embedding: string }[] }).data[0]?.embedding),
    );
    expect(lab.requests).toHaveLength(2);
  });

  it("are other ones with other dimensions, other fields or another model", async () => {
    for (const body of [{}, { dimensions: 4 }, { input_type: "query" }])
      expect(stateOf(await embed("x", body))).toBe("miss");
    for (const body of [{}, { dimensions: 4 }, { input_type: "query" }, { user: "me" }])
      expect(stateOf(await embed("x", body))).toBe("hit");
    expect(stateOf(await embed([[1, 2]]))).toBe("miss");
    expect(stateOf(await embed([1, 2]))).toBe("hit");
  });

  it("are one entry on every surface: OpenAI's, Gemini's and Ollama's", async () => {
    const post = (path: string, body: object) =>
      gateway.fetch(path, { method: "POST", body: JSON.stringify(body) });
    const content = (text: string) => ({ content: { parts: [{ text }] } });
    const { data } = (await (await embed(["one"])).json()) as OpenAI.CreateEmbeddingResponse;
    const gemini = await post("/v1beta/models/vectors:batchEmbedContents", {
      requests: [content("one"), content("two")],
    });
    expect([stateOf(gemini), gemini.headers.get("x-headgate-cached-inputs")]).toEqual(["part", "1"]);
    const { embeddings } = (await gemini.json()) as { embeddings: { values: number[] }[] };
    expect(embeddings[0]?.values).toEqual(data[0]?.embedding);
    const ollama = await post("/api/embed", { model: "vectors", input: ["two", "one"] });
    expect(stateOf(ollama)).toBe("hit");
    const own = (await ollama.json()) as { embeddings: number[][] };
    expect(own.embeddings).toEqual([embeddings[1]?.values, data[0]?.embedding]);
    const single = await post("/v1beta/models/vectors:embedContent", content("two"));
    expect(stateOf(single)).toBe("hit");
    expect(((await single.json()) as { embedding: { values: number[] } }).embedding).toEqual(embeddings[1]);
    const hinted = await post("/v1beta/models/vectors:embedContent", {
      ...content("two"),
      taskType: "RETRIEVAL_QUERY",
    });
    expect(stateOf(hinted)).toBe("miss");
    expect(lab.requests).toHaveLength(3);
  });

  it("that another request fetches are waited for, and its leaving does not end the call", async () => {
    const gate = lab.gate();
    lab.behave("vectors", slowFirstToken({ gate }));
    const leaving = new AbortController();
    const first = gateway
      .fetch("/v1/embeddings", {
        method: "POST",
        body: JSON.stringify({ model: "vectors", input: ["one", "two"] }),
        signal: leaving.signal,
      })
      .catch(() => "gone");
    await gate.reached();
    const second = embed(["two", "three"]);
    await gate.reached(2);
    leaving.abort();
    expect(await first).toBe("gone");
    gate.open();
    const response = await second;
    expect([stateOf(response), response.headers.get("x-headgate-cached-inputs")]).toEqual(["part", "1"]);
    expect(inputsOf(1)).toEqual(["three"]);
    expect(stateOf(await embed(["one"]))).toBe("hit");
  });

  it("of a failed call are not kept", async () => {
    lab.behave("vectors", status(400));
    expect((await embed(["x", "y"])).status).toBe(400);
    lab.behave("vectors", healthy());
    expect(stateOf(await embed(["x"]))).toBe("miss");
  });
});

describe("the store", () => {
  const clock = { ...systemClock, nowMs: () => Date.UTC(2026, 10, 21, 12) };
  const input = (warn: (text: string) => void = () => {}) => ({
    maxBytes: 1e9,
    secret: "s".repeat(20),
    warn,
    clock,
  });
  const path = () => join(folder, "cache.db");

  it("keeps answers in a file across restarts, encrypted", async () => {
    await again(sqliteCache(path(), input()));
    await (await gateway.chat(COLD)).text();
    await gateway.close();
    await stores.splice(0)[0]?.close();
    await serve(sqliteCache(path(), input()));
    const response = await gateway.chat(COLD);
    expect(stateOf(response)).toBe("hit");
    expect(calls("a")).toBe(1);
    const { readFileSync } = await import("node:fs");
    const text = (await response.json()) as OpenAI.ChatCompletion;
    const said = text.choices[0]?.message.content ?? "";
    expect(said.length).toBeGreaterThan(5);
    for (const suffix of ["", "-wal"])
      expect(readFileSync(path() + suffix, "latin1").includes(said.slice(0, 12))).toBe(false);
  });

  it("that is damaged, or sealed with another secret, is a miss", async () => {
    writeFileSync(path(), Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(8_000, 7)]));
    const warned: string[] = [];
    await again(
      sqliteCache(
        path(),
        input((text) => warned.push(text)),
      ),
    );
    expect(warned.join()).toContain("is damaged");
    await (await gateway.chat(COLD)).text();
    await gateway.close();
    await stores.splice(0)[0]?.close();
    await serve(sqliteCache(path(), { ...input(), secret: "t".repeat(20) }));
    expect(stateOf(await gateway.chat(COLD))).toBe("miss");
  });

  it.runIf(redisIsHere)("is shared by replicas in Redis; a server that vanishes is a miss", async () => {
    const server = await new RedisServer().start();
    const open = () => openStore({ redisUrl: server.url, warn: () => {} });
    const [mine, theirs] = [await open(), await open()];
    try {
      await again(keptCache(mine.kept, input()), { cacheTtlMs: 2_000_000_000 });
      await (await gateway.chat(COLD)).text();
      // Written behind, within a quarter of a second.
      const other = keptCache(theirs.kept, input());
      await gateway.close();
      await mine.close();
      await serve(other, { cacheTtlMs: 2_000_000_000 });
      expect(stateOf(await gateway.chat(COLD))).toBe("hit");
      await server.stop();
      expect(stateOf(await gateway.chat({ ...COLD, seed: 2 }))).toBe("miss");
      expect(calls("a")).toBe(2);
    } finally {
      await theirs.close();
      await server.stop();
    }
  });
});
