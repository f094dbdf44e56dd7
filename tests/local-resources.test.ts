/** Local models on scarce memory, through the whole gateway: fakes whose memory can run out, real sockets. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { DRIVERS, type LocalDriver, present } from "@headgate/contract";
import { gpuProbe, machineProbe, parseBudget, ramProbe } from "@headgate/resources";
import {
  FakeMachine,
  fakeNvidiaSmi,
  fakeProc,
  type LocalBackend,
  startOllama,
  startSdcpp,
  startTalkies,
} from "@headgate/upstream-lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLIENT_KEY, type ProviderSketch, startGateway, type TestGateway } from "./support/gateway.ts";
import { type Resources, resourcesOf, untilResources } from "./support/local.ts";
import { PROGRAM } from "./support/program.ts";

const GIB = 2 ** 30;
const MODELS = { a: 6 * GIB, b: 7 * GIB, c: 9 * GIB };

let machine: FakeMachine;
let ollama: LocalBackend;
let gateway: TestGateway;
const others: LocalBackend[] = [];

const cuda = (bytes: number) => ({ device: "cuda" as const, bytes, idleUnloadMs: 3_600_000, loadMs: 20 });
const backend = (driver: LocalDriver): NonNullable<ProviderSketch["local"]> => {
  const { slots } = DRIVERS[driver];
  return { driver, ...present({ slots }), bringUp: { way: "external" } };
};
const fakes = Object.fromEntries(Object.entries(MODELS).map(([name, bytes]) => [`${name}:1b`, { bytes }]));

const box = (): ProviderSketch => ({
  id: "box",
  adapter: "ollama",
  baseUrl: ollama.url,
  keys: [],
  local: backend("ollama"),
  models: Object.entries(MODELS).map(([alias, bytes]) => ({
    alias,
    upstream: `${alias}:1b`,
    memory: cuda(bytes),
  })),
});

beforeEach(async () => {
  machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 20 * GIB } });
  ollama = await startOllama({ machine, models: fakes, parallel: 1 });
});
afterEach(async () => {
  await gateway.close();
  await ollama.close();
  await Promise.all(others.map((backend) => backend.close()));
  others.length = 0;
});

/** Called by hand: each call is a half of the longest silence. */
let tick: () => void = () => {};
const ticker = (then: () => void) => {
  tick = then;
  return () => {};
};

const start = async (...providers: readonly ProviderSketch[]): Promise<void> => {
  const smi = fakeNvidiaSmi(machine);
  const probe = machineProbe({
    gpus: gpuProbe({ run: (command, args) => smi.run(command, args) }),
    ram: ramProbe(fakeProc(machine)),
  });
  gateway = await startGateway(providers.length === 0 ? [box()] : providers, { memory: { probe }, ticker });
};

const via = async (model: string, init?: RequestInit): Promise<string> => {
  const response = await gateway.chat({ model }, init);
  await response.text();
  return response.status === 200 ? (response.headers.get("x-routed-via") ?? "") : String(response.status);
};

const resources = (): Promise<Resources> => resourcesOf(gateway);
const until = (so: (now: Resources) => boolean): Promise<Resources> => untilResources(gateway, so);
/** The operator's view. */
const ps = async (): Promise<string> => {
  const args = [PROGRAM, "ps", "--once", "--url", gateway.url];
  const env = { PATH: process.env.PATH, HEADGATE_API_KEY: CLIENT_KEY };
  return (await promisify(execFile)(process.execPath, args, { env })).stdout;
};
const waitingFor = (now: Resources, key: string): number =>
  now.queues.find((queue) => queue.key === key)?.waiters.length ?? 0;
const loadsOf = (model: string): number =>
  machine.events.filter((event) => event.kind === "loaded" && event.model.startsWith(model)).length;
const unloaded = (): string[] =>
  machine.events.filter(({ kind }) => kind === "unload").map(({ model }) => model.replace(":1b", ""));

/** After every test: no memory was overcommitted, and no lease is held. */
const allGivenBack = async (): Promise<void> => {
  const now = await until(({ leases, queues }) => leases.length === 0 && queues.length === 0);
  expect(now.counts.strayReleases).toBe(0);
  expect(machine.overcommits).toEqual([]);
};

describe("a stream that waits in a queue", () => {
  it("tells its place as a comment, and nothing of it once it is served", async () => {
    await start();
    const held = ollama.hold("a:1b");
    const first = via("a");
    await held.reached();
    const second = gateway.chat({ model: "a", stream: true });
    await until((now) => waitingFor(now, "box/a:1b") === 1);
    const third = gateway.chat({ model: "a", stream: true });
    await until((now) => waitingFor(now, "box/a:1b") === 2);
    tick();
    tick();
    const response = await third;
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("place ")) text += (await reader?.read())?.value ?? "";
    expect(text).toMatch(/^: keep-alive\n\n: waiting for a: place 2 of 2, about \d+ s \(.+\)\n\n$/);
    held.open();
    await Promise.all([first, (await second).text()]);
    let after = "";
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
      after += next.value;
    expect(after).toContain("data: [DONE]");
    expect(after).not.toContain("place ");
    await allGivenBack();
  });
});

describe("two models that fit and one that does not", () => {
  it("run side by side without a reload; the third waits, evicts only what it needs, and runs", async () => {
    await start();
    const holdA = ollama.hold("a:1b");
    const holdB = ollama.hold("b:1b");
    const [a, b] = [via("a"), via("b")];
    await Promise.all([holdA.reached(), holdB.reached()]);
    expect([loadsOf("a"), loadsOf("b")]).toEqual([1, 1]);

    const leaving = new AbortController();
    const left = via("c", { signal: leaving.signal }).catch(() => "left");
    const c = via("c");
    const during = await until((now) => waitingFor(now, "box/c:1b") === 2);
    expect(during.leases).toHaveLength(2);
    const shown = await ps();
    expect(shown).toMatch(/cuda:0 +21 GB +14 GB for models/);
    expect(shown).toMatch(/^a +ready +cuda:0 +6\.4 GB +1\/1 +0 /m);
    expect(shown).toMatch(/^b +ready +cuda:0 +7\.5 GB +1\/1 +0 /m);
    expect(shown).toMatch(/^c: 2 waiting, the first for /m);
    const metrics = await (await gateway.fetch("/metrics")).text();
    expect(metrics).toContain('headgate_local_jobs{model="a",state="ready"} 1');
    expect(metrics).toMatch(/headgate_local_waiting\{model="c",state="[a-z]+"\} 2/);
    leaving.abort();
    expect(await left).toBe("left");
    // Nothing of it is left.
    await until((now) => waitingFor(now, "box/c:1b") === 1);
    expect(loadsOf("c")).toBe(0);

    holdA.open();
    expect(await a).toBe("box/a:1b");
    expect(await c).toBe("box/c:1b");
    expect(unloaded()).toEqual(["a"]);
    holdB.open();
    expect(await b).toBe("box/b:1b");
    expect(loadsOf("b")).toBe(1);
    await allGivenBack();
  });

  it("a request that comes while a model is loaded shares the load", async () => {
    await start();
    expect(await Promise.all([via("a"), via("a"), via("a")])).toEqual(["box/a:1b", "box/a:1b", "box/a:1b"]);
    expect(loadsOf("a")).toBe(1);
    await allGivenBack();
  });
});

describe("a backend that is killed in the middle of a job", () => {
  it("fails its job, and serves again when it is back", async () => {
    await start();
    const hold = ollama.hold("a:1b");
    const job = via("a");
    await hold.reached();
    await ollama.kill();
    expect(await job).toBe("503");
    await allGivenBack();
    hold.open();
    await ollama.restart();
    gateway.clock.nowMs += 60_000;
    await until(({ backends }) => backends.every(({ status }) => status === "up"));
    expect(await via("a")).toBe("box/a:1b");
    await allGivenBack();
  });

  it("hands the request to the next candidate, which may be in the cloud", async () => {
    await start(
      { ...box(), models: [{ alias: "a", upstream: "a:1b", memory: cuda(MODELS.a), chain: ["cloud"] }] },
      { id: "far", adapter: "demo", keys: [], models: [{ alias: "cloud" }] },
    );
    await ollama.kill();
    expect(await via("a")).toBe("far/cloud");
    await allGivenBack();
  });
});

describe("memory that is not available", () => {
  it("is reported at once, and the chain goes on", async () => {
    await start(
      { ...box(), models: [{ alias: "huge", memory: cuda(40 * GIB), chain: ["cloud"] }] },
      { id: "far", adapter: "demo", keys: [], models: [{ alias: "cloud" }] },
    );
    expect(await via("huge")).toBe("far/cloud");
    expect(ollama.calls.filter(({ url }) => url === "/api/chat")).toEqual([]);
  });

  it("is waited for while other programs use it", async () => {
    const game = machine.grow("cuda:0", 15 * GIB);
    await start();
    const waiting = via("b");
    await until((now) => waitingFor(now, "box/b:1b") === 1);
    game.release();
    expect(await waiting).toBe("box/b:1b");
    await allGivenBack();
  });

  it("is what a budget says, whatever other programs use", async () => {
    // 20 GiB, of which others use 4: a (6) and b (7) fit into the budget, and into what is left.
    machine.grow("cuda:0", 4 * GIB);
    const vramBudget = "0:14GiB";
    const parsed = parseBudget(vramBudget);
    if (!parsed.ok) throw new Error(parsed.message);
    const smi = fakeNvidiaSmi(machine);
    const probe = machineProbe({
      gpus: gpuProbe({ run: (command, args) => smi.run(command, args) }),
      ram: ramProbe(fakeProc(machine)),
      budget: parsed.budget,
    });
    gateway = await startGateway([box()], { memory: { probe }, options: { vramBudget } });
    expect([await via("a"), await via("b"), await via("a")]).toEqual(["box/a:1b", "box/b:1b", "box/a:1b"]);
    expect(unloaded()).toEqual([]);
    expect(await via("c")).toBe("box/c:1b");
    expect(unloaded().length).toBeGreaterThan(0);
    await allGivenBack();
  });
});

describe("an operator", () => {
  const order = async (what: string, model: string): Promise<number> =>
    (await gateway.fetch(`/admin/resources/${what}`, { method: "POST", body: JSON.stringify({ model }) }))
      .status;

  it("evicts, pins and unpins by alias", async () => {
    await start();
    await via("a");
    expect(await order("pin", "a")).toBe(200);
    expect(await order("evict", "a")).toBe(409);
    expect(await order("unpin", "a")).toBe(200);
    expect(await order("evict", "a")).toBe(200);
    await until(({ residencies }) => residencies.length === 0);
    expect(unloaded()).toEqual(["a"]);
    expect(await order("evict", "unknown")).toBe(409);
    expect(await order("pin", "")).toBe(400);
  });
});

describe("an operator at the command line", () => {
  const headgate = async (...args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env.PATH, HEADGATE_API_KEY: CLIENT_KEY };
    const all = [PROGRAM, ...args, "--url", gateway.url];
    return (await promisify(execFile)(process.execPath, all, { env })).stdout.trim();
  };

  it("loads, pins, unpins and unloads a model", async () => {
    await start();
    expect(await headgate("load", "a")).toBe("is loaded: box/a:1b");
    expect(loadsOf("a")).toBe(1);
    expect(await headgate("pin", "a")).toBe("stays loaded: box/a:1b");
    await expect(headgate("unload", "a")).rejects.toThrow("is pinned; unpin it first");
    expect(await headgate("unpin", "a")).toBe("may be evicted again: box/a:1b");
    expect(await headgate("unload", "a")).toBe("is unloaded as soon as it has no job: box/a:1b");
    await until(({ residencies }) => residencies.length === 0);
    await expect(headgate("load", "none")).rejects.toThrow("no model none is known");
    await allGivenBack();
  });
});

describe("a model that stays for a time after its load", () => {
  it.each([
    [undefined, /^others are making room$/],
    [600_000, /too little on cuda:0$/],
  ])("of %s ms, makes room for another one only after it", async (minLoadedMs, why) => {
    const smi = fakeNvidiaSmi(machine);
    const probe = machineProbe({
      gpus: gpuProbe({ run: (command, args) => smi.run(command, args) }),
      ram: ramProbe(fakeProc(machine)),
    });
    const options = minLoadedMs === undefined ? {} : { minLoadedMs };
    gateway = await startGateway([box()], { memory: { probe }, options });
    expect([await via("a"), await via("b")]).toEqual(["box/a:1b", "box/b:1b"]);
    const unload = ollama.hold("c:1b");
    const leaving = new AbortController();
    const c = via("c", { signal: leaving.signal }).catch(() => "left");
    const now = await until(({ queues }) => queues.some(({ key }) => key === "box/c:1b"));
    expect(now.queues.map(({ why: reason }) => reason)).toEqual([expect.stringMatching(why)]);
    leaving.abort();
    unload.open();
    expect(await c).toBe("left");
    await allGivenBack();
  });
});

describe("a model whose fragment says that it is warm", () => {
  it("is loaded at the start, and the others are not", async () => {
    const plain = box();
    const models = plain.models.map((model) =>
      model.alias === "b" ? { ...model, memory: { ...cuda(MODELS.b), warm: true as const } } : model,
    );
    await start({ ...plain, models });
    const now = await until(({ residencies }) => residencies.some(({ state }) => state === "ready"));
    expect(now.residencies.map(({ key }) => key)).toEqual(["box/b:1b"]);
    await allGivenBack();
  });
});

describe("a model that is kept warm", () => {
  it("is loaded at the start and again after a bigger one left", async () => {
    const smi = fakeNvidiaSmi(machine);
    const probe = machineProbe({
      gpus: gpuProbe({ run: (command, args) => smi.run(command, args) }),
      ram: ramProbe(fakeProc(machine)),
    });
    gateway = await startGateway([box()], { memory: { probe }, options: { warm: "a, other" } });
    await until(({ residencies }) =>
      residencies.some(({ key, state }) => key === "box/a:1b" && state === "ready"),
    );
    expect(await via("b")).toBe("box/b:1b");
    expect(await via("c")).toBe("box/c:1b");
    expect(unloaded()).toEqual(["a"]);
    const evicted = await gateway.fetch("/admin/resources/evict", {
      method: "POST",
      body: JSON.stringify({ model: "c" }),
    });
    expect(evicted.status).toBe(200);
    await until(({ residencies }) =>
      residencies.some(({ key, state }) => key === "box/a:1b" && state === "ready"),
    );
    expect(loadsOf("a")).toBe(2);
    await allGivenBack();
  });
});

describe("a gateway without local models", () => {
  it("has nothing to manage and nothing to lease", async () => {
    await start({ id: "far", adapter: "demo", keys: [], models: [{ alias: "cloud" }] });
    expect(await via("cloud")).toBe("far/cloud");
    expect(await resources()).toMatchObject({ residencies: [], leases: [] });
  });
});

describe("mixed load", () => {
  it("of chat, images and speech with clients that leave and a backend that dies overcommits nothing and leaks nothing", async () => {
    const talkies = await startTalkies({
      machine,
      models: { voice: { bytes: 3 * GIB, operation: "speech", voices: ["v"] } },
    });
    const sdcpp = await startSdcpp({ machine, models: { picture: { bytes: 8 * GIB, operation: "image" } } });
    others.push(talkies, sdcpp);
    await start(
      box(),
      {
        id: "voice-box",
        baseUrl: `${talkies.url}/v1`,
        keys: [],
        local: backend("talkies"),
        models: [{ alias: "voice", operation: "speech", memory: cuda(3 * GIB) }],
      },
      {
        id: "picture-box",
        baseUrl: `${sdcpp.url}/v1`,
        keys: [],
        local: backend("sdcpp"),
        models: [{ alias: "picture", operation: "image", memory: cuda(8 * GIB) }],
      },
    );
    const post = (path: string, body: object, signal?: AbortSignal): Promise<number> =>
      gateway
        .fetch(path, {
          method: "POST",
          body: JSON.stringify(body),
          ...present({ signal }),
        })
        .then(async (response) => {
          await response.arrayBuffer();
          return response.status;
        });
    const ask = (at: number, signal?: AbortSignal): Promise<number> => {
      switch (at % 5) {
        case 3:
          return post("/v1/audio/speech", { model: "voice", input: "hi", voice: "v" }, signal);
        case 4:
          return post("/v1/images/generations", { model: "picture", prompt: "a gate" }, signal);
        default:
          return post(
            "/v1/chat/completions",
            { model: "abc"[at % 3], messages: [{ role: "user", content: `${at}` }] },
            signal,
          );
      }
    };
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        if (at % 8 !== 7) return ask(at);
        const leaving = new AbortController();
        const pending = ask(at, leaving.signal).catch(() => 0);
        await until(({ leases, queues }) => leases.length + queues.length > 0);
        leaving.abort();
        return pending;
      }),
    );
    expect(answers.map((status, at) => (at % 8 === 7 ? 0 : status))).toEqual(
      answers.map((_, at) => (at % 8 === 7 ? 0 : 200)),
    );
    await allGivenBack();
  }, 60_000);
});
