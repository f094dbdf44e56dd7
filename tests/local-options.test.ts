/** Load options that clients choose, through the whole gateway: an Ollama whose memory grows with the context, and runs out. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { present } from "@headgate/contract";
import { gpuProbe, machineProbe, ramProbe } from "@headgate/resources";
import { FakeMachine, fakeNvidiaSmi, fakeProc, type LocalBackend, startOllama } from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, type ModelSketch, startGateway, type TestGateway } from "./support/gateway.ts";
import { type Resources, resourcesOf, untilResources } from "./support/local.ts";
import { PROGRAM } from "./support/program.ts";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** With 16384 tokens `a` takes 6 + 12 GiB, with 4096 or less 6. */
const A = { bytes: 6 * GIB, contextTokenBytes: MIB };
const B = { bytes: 7 * GIB };

let machine: FakeMachine;
let ollama: LocalBackend;
let gateway: TestGateway;

beforeEach(async () => {
  machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 20 * GIB } });
  const models = {
    "a:1b": { ...A, contextTokens: 65_536 },
    "small:1b": { ...A, contextTokens: 8192 },
    "b:1b": B,
    "vectors:1b": { bytes: GIB, operation: "embedding" as const },
  };
  ollama = await startOllama({ machine, models, parallel: 1 });
});
afterEach(async () => {
  await gateway.close();
  await ollama.close();
  // After every test: no memory was overcommitted, and Ollama itself reloaded nothing.
  expect(machine.overcommits).toEqual([]);
  expect(eventsOf("reload")).toEqual([]);
});

type Memory = NonNullable<ModelSketch["memory"]>;

const memory = (more: Partial<Memory> = {}): Memory => ({
  device: "cuda",
  ...A,
  idleUnloadMs: 3_600_000,
  loadMs: 20,
  ...more,
});

/** A local provider with these models, and a cloud provider as the fallback. */
const start = async (models: readonly ModelSketch[]): Promise<void> => {
  const smi = fakeNvidiaSmi(machine);
  const probe = machineProbe({
    gpus: gpuProbe({ run: (command, args) => smi.run(command, args) }),
    ram: ramProbe(fakeProc(machine)),
  });
  gateway = await startGateway(
    [
      {
        id: "box",
        adapter: "ollama",
        baseUrl: ollama.url,
        keys: [],
        local: { driver: "ollama", bringUp: { way: "external" } },
        models,
      },
      { id: "far", adapter: "demo", keys: [], models: [{ alias: "cloud" }] },
    ],
    { memory: { probe } },
  );
};
const a = (more: Partial<ModelSketch> = {}): ModelSketch => ({
  alias: "a",
  upstream: "a:1b",
  memory: memory(),
  ...more,
});
const b: ModelSketch = { alias: "b", upstream: "b:1b", memory: memory(B) };

const messages = [{ role: "user", content: "hi" }];
type Options = Readonly<Record<string, unknown>>;

const post = (path: string, body: object): Promise<Response> =>
  gateway.fetch(path, { method: "POST", body: JSON.stringify(body) });
const chat = (model: string, options?: Options): Promise<Response> =>
  post("/api/chat", { model, messages, stream: false, ...present({ options }) });
const via = async (pending: Promise<Response>): Promise<string> => {
  const response = await pending;
  const text = await response.text();
  return response.status === 200 ? (response.headers.get("x-routed-via") ?? "") : text;
};

const resources = (): Promise<Resources> => resourcesOf(gateway);
const until = (so: (now: Resources) => boolean): Promise<Resources> => untilResources(gateway, so);
const ready = ({ residencies }: Resources): string[] =>
  residencies.filter(({ state }) => state === "ready").map(({ key }) => key);
const eventsOf = (...kinds: readonly string[]): string[] =>
  machine.events.filter(({ kind }) => kinds.includes(kind)).map(({ kind, model }) => `${kind} ${model}`);
/** The options of jobs, without those of loads. */
const sentTo = (path: string): unknown[] =>
  ollama.calls.filter(({ url }) => url === path).map(({ body }) => body.options);
const ps = async (): Promise<string> => {
  const args = [PROGRAM, "ps", "--once", "--url", gateway.url];
  const env = { PATH: process.env.PATH, HEADGATE_API_KEY: CLIENT_KEY };
  return (await promisify(execFile)(process.execPath, args, { env })).stdout;
};

describe("clients with their own contexts", () => {
  it("that alternate: each change is one load and one unload by the manager", async () => {
    await start([a()]);
    for (const num_ctx of [16_384, 2048, 16_384, 2048])
      expect(await via(chat("a", { num_ctx }))).toBe("box/a:1b");
    const now = await resources();
    expect(now.counts).toMatchObject({ loads: 4, evictions: 3, strayReleases: 0 });
    expect(eventsOf("load", "unload")).toEqual([
      "load a:1b",
      ...[1, 2, 3].flatMap(() => ["unload a:1b", "load a:1b"]),
    ]);
    expect(now.residencies).toMatchObject([
      { key: "box/a:1b?num_ctx=2048", options: { num_ctx: 2048 }, state: "ready", chargeBytes: 6 * GIB },
    ]);
    expect(await ps()).toMatch(/^a\?num_ctx=2048 +ready +cuda:0 +6\.4 GB +0\/1 +0 /m);
    expect(sentTo("/api/chat")).toEqual([16_384, 2048, 16_384, 2048].map((num_ctx) => ({ num_ctx })));
  });

  it("that come at once: one waits until the other's job is done, and both are served", async () => {
    await start([a()]);
    const hold = ollama.hold("a:1b");
    const small = via(chat("a"));
    await hold.reached();
    const large = via(chat("a", { num_ctx: 8192 }));
    const waiting = await until(({ queues }) => queues.length === 1);
    expect(waiting.queues[0]?.key).toBe("box/a:1b?num_ctx=8192");
    expect(await ps()).toMatch(/^a\?num_ctx=8192: 1 waiting/m);
    const metrics = await (await gateway.fetch("/metrics")).text();
    expect(metrics).toContain('headgate_local_jobs{model="a",state="ready"} 1');
    expect(metrics).not.toContain("num_ctx");
    hold.open();
    expect(await Promise.all([small, large])).toEqual(["box/a:1b", "box/a:1b"]);
    expect((await resources()).counts.loads).toBe(2);
  });

  it("share one residency with equal options, on every route, and with options that reload nothing", async () => {
    await start([a()]);
    const options = { num_ctx: 8192 };
    const answers = await Promise.all([
      via(chat("a", { ...options, temperature: 0.5 })),
      via(post("/api/generate", { model: "a", prompt: "hi", stream: false, options })),
      via(post("/v1/chat/completions", { model: "a", messages, options })),
      via(chat("a", { ...options, mirostat: 1, num_gpu: null })),
    ]);
    expect(answers).toEqual(answers.map(() => "box/a:1b"));
    expect([...sentTo("/api/chat"), ...sentTo("/api/generate")]).toEqual(
      // The first of them is the load.
      ["load", ...answers].map(() => expect.objectContaining(options)),
    );
    expect((await resources()).counts.loads).toBe(1);
    expect(await via(chat("a", { temperature: 1 }))).toBe("box/a:1b");
    expect(ready(await resources())).toEqual(["box/a:1b"]);
  });

  it("are counted with their context's memory: other models are evicted first", async () => {
    await start([a(), b]);
    expect(await via(chat("b"))).toBe("box/b:1b");
    expect(await via(chat("a"))).toBe("box/a:1b");
    expect(ready(await resources())).toEqual(["box/b:1b", "box/a:1b"]);
    expect(await via(chat("a", { num_ctx: 16_384 }))).toBe("box/a:1b");
    const now = await resources();
    expect(ready(now)).toEqual(["box/a:1b?num_ctx=16384"]);
    expect(now.residencies.find(({ state }) => state === "ready")?.chargeBytes).toBe(18 * GIB);
    expect(eventsOf("unload").sort()).toEqual(["unload a:1b", "unload b:1b"]);
  });

  it("embed with theirs, on Ollama's route too", async () => {
    const vectors = { alias: "vectors", upstream: "vectors:1b", memory: memory({ bytes: GIB }) };
    await start([{ ...vectors, operation: "embedding" }]);
    const options = { num_ctx: 512 };
    expect(await via(post("/api/embed", { model: "vectors", input: "hi", options }))).toBe("box/vectors:1b");
    expect(await via(post("/v1/embeddings", { model: "vectors", input: "hi", options }))).toBe(
      "box/vectors:1b",
    );
    expect(sentTo("/api/embed").slice(-2)).toEqual([options, options]);
    expect(ready(await resources())).toEqual(["box/vectors:1b?num_ctx=512"]);
    expect((await resources()).counts.loads).toBe(1);
  });

  it("get the model's own window where they request more, and keep that residency", async () => {
    await start([{ alias: "a", upstream: "small:1b", memory: memory(), contextTokens: 8192 }]);
    for (let at = 0; at < 2; at += 1) expect(await via(chat("a", { num_ctx: 131_072 }))).toBe("box/small:1b");
    gateway.clock.nowMs += 60_000;
    const { counts, residencies } = await resources();
    expect(counts.loads).toBe(1);
    expect(residencies).toMatchObject([{ key: "box/small:1b?num_ctx=131072", chargeBytes: 10 * GIB }]);
  });

  it("may keep a model off the GPU, which then counts as RAM", async () => {
    await start([a()]);
    machine.grow("cuda:0", 18 * GIB);
    expect(await via(chat("a", { num_gpu: 0, num_ctx: 16_384 }))).toBe("box/a:1b");
    expect((await resources()).residencies).toMatchObject([
      { key: "box/a:1b?num_ctx=16384&num_gpu=0", device: "cpu", chargeBytes: 18 * GIB },
    ]);
    expect(machine.usedBytes("cpu")).toBe(18 * GIB);
  });
});

describe("options that the fragment fixes", () => {
  const fixed = a({ memory: memory({ options: { num_ctx: 8192 }, bytes: 10 * GIB }) });

  it("win on every route, so that clients' own change nothing", async () => {
    await start([fixed]);
    expect(await via(chat("a", { num_ctx: 512, temperature: 0.5 }))).toBe("box/a:1b");
    expect(await via(chat("a"))).toBe("box/a:1b");
    expect(
      await via(post("/v1/chat/completions", { model: "a", messages, options: { num_ctx: "many" } })),
    ).toBe("box/a:1b");
    expect(sentTo("/api/chat")).toEqual([
      { num_ctx: 8192, temperature: 0.5 },
      { num_ctx: 8192 },
      { num_ctx: 8192 },
    ]);
    expect(ready(await resources())).toEqual(["box/a:1b?num_ctx=8192"]);
    expect((await resources()).counts.loads).toBe(1);
  });

  it("do not bind the other options", async () => {
    await start([fixed]);
    expect(await via(chat("a", { num_thread: 2 }))).toBe("box/a:1b");
    expect(ready(await resources())).toEqual(["box/a:1b?num_ctx=8192&num_thread=2"]);
  });
});

describe("a context that cannot be served", () => {
  it("because it never fits is refused at once, with the reason, and the chain goes on", async () => {
    await start([a(), a({ alias: "chained", chain: ["cloud"] })]);
    const refused = await chat("a", { num_ctx: 60_000 });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, null]);
    expect(await refused.text()).toMatch(/a:1b\?num_ctx=60000 needs 60\.6 GiB.*a smaller context/);
    expect(await via(chat("chained", { num_ctx: 60_000 }))).toBe("far/cloud");
    expect(sentTo("/api/chat")).toEqual([]);
    expect((await resources()).residencies).toEqual([]);
  });

  it("because the model is pinned as it is is refused at once, and the chain goes on", async () => {
    await start([a({ memory: memory({ pinned: true }), chain: ["cloud"] })]);
    expect(await via(chat("a", { num_ctx: 8192 }))).toBe("far/cloud");
    expect(await via(chat("a"))).toBe("box/a:1b");
    expect(await via(chat("a", { num_ctx: 8192 }))).toBe("far/cloud");
    expect((await resources()).counts.loads).toBe(1);
  });

  it.each([
    [{ num_ctx: -1 }, "options.num_ctx must be a whole number from 1 to 2147483647, not -1"],
    [{ num_ctx: 4096.5 }, "not 4096.5"],
    [{ num_ctx: "8192" }, 'not \\"8192\\"'],
    [{ num_ctx: 1e12 }, "not 1000000000000"],
    [{ num_ctx: true }, "not true"],
    [{ num_gpu: -2 }, "options.num_gpu must be a whole number from -1"],
    [{ use_mmap: 1 }, "options.use_mmap must be true or false, not 1"],
  ])("because of %j is a 400 on every route that carries it", async (options, words) => {
    await start([a()]);
    const answers = await Promise.all([
      chat("a", options),
      post("/api/generate", { model: "a", prompt: "hi", options }),
      post("/v1/chat/completions", { model: "a", messages, options }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain(words);
    }
    expect(ollama.calls.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("behind another key of the same name never reaches the backend", async () => {
    await start([a()]);
    const twice = `{"model":"a","stream":false,"messages":${JSON.stringify(messages)},"options":{"num_ctx":8192},"options":{}}`;
    expect(await via(gateway.fetch("/api/chat", { method: "POST", body: twice }))).toBe("box/a:1b");
    expect(sentTo("/api/chat")).toEqual([{}]);
    for (const name of ["Options", "OPTIONS", "optionſ", "Model"]) {
      const response = await post("/api/chat", { model: "a", messages, [name]: { num_ctx: 8192 } });
      expect(response.status).toBe(400);
      expect(await response.text()).toMatch(/must be written (?:options|model)/);
    }
  });
});

describe("a prompt longer than the usual context", () => {
  const long = (tokens: number): object[] => [{ role: "user", content: "word ".repeat((tokens * 4) / 5) }];
  const ask = (model: string, tokens: number): Promise<string> =>
    via(post("/v1/chat/completions", { model, messages: long(tokens), max_tokens: 100 }));

  it("makes the model grow once, and shorter ones share that context instead of alternating", async () => {
    await start([a({ contextTokens: 65_536 })]);
    expect(await ask("a", 100)).toBe("box/a:1b");
    expect(await ask("a", 5_000)).toBe("box/a:1b");
    expect(await ask("a", 100)).toBe("box/a:1b");
    expect(await ask("a", 5_000)).toBe("box/a:1b");
    expect(ready(await resources())).toEqual(["box/a:1b?num_ctx=8192"]);
    expect((await resources()).counts).toMatchObject({ loads: 2, evictions: 1 });
    const ps = (await (await gateway.fetch("/api/ps")).json()) as { models: { context_length: number }[] };
    expect(ps.models).toMatchObject([{ context_length: 8192 }]);
  });

  it("goes to a larger window where the memory for it is not there", async () => {
    await start([
      a({ contextTokens: 65_536, chain: ["cloud"] }),
      { alias: "alone", upstream: "a:1b", contextTokens: 65_536, memory: memory() },
    ]);
    // 6 + 28 GiB, of 20.
    expect(await ask("a", 24_000)).toBe("far/cloud");
    const refused = await post("/v1/chat/completions", { model: "alone", messages: long(24_000) });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringMatching(/context_length_exceeded/),
    ]);
  });

  it("is not cut in silence where the context is fixed", async () => {
    await start([a({ contextTokens: 65_536, memory: memory({ options: { num_ctx: 2048 } }) })]);
    const refused = await post("/v1/chat/completions", { model: "a", messages: long(5_000) });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringMatching(/do not fit the context of 2048/),
    ]);
    expect(await ask("a", 100)).toBe("box/a:1b");
  });
});

describe("an operator", () => {
  it("evicts a client's residency by the name that ps prints", async () => {
    await start([a()]);
    await via(chat("a", { num_ctx: 8192 }));
    const evict = (model: string) => post("/admin/resources/evict", { model });
    expect((await evict("a")).status).toBe(409);
    const done = await evict("a?num_ctx=8192");
    expect(await done.json()).toEqual({ ok: true, key: "box/a:1b?num_ctx=8192" });
    await until(({ residencies }) => residencies.length === 0);
  });
});

describe("many contexts at once", () => {
  it("are bounded: one more than 64 is refused, and a request for one of the 64 still joins", async () => {
    await start([a()]);
    const hold = ollama.hold("a:1b");
    const contexts = Array.from({ length: 64 }, (_, at) => 100 + at);
    const waiting = contexts.map((num_ctx) => via(chat("a", { num_ctx })));
    await until(({ leases, queues }) => leases.length + queues.length === 64);
    expect(await via(chat("a", { num_ctx: 99 }))).toMatch(/64 models with load options of clients' own/);
    waiting.push(via(chat("a", { num_ctx: 100 })));
    await until(({ queues }) => queues.reduce((sum, { waiters }) => sum + waiters.length, 0) === 64);
    hold.open();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(["box/a:1b"]));
    expect(await via(chat("a", { num_ctx: 99 }))).toBe("box/a:1b");
    expect((await resources()).counts.strayReleases).toBe(0);
  });
});
