import { startLlamacpp, startSdcpp, startSdServer, startTalkies, startVllm } from "@headgate/upstream-lab";
import { describe, expect, it } from "vitest";
import { residencySpec } from "../residency.ts";
import { post } from "../testing/driver-contract.ts";
import { failsAs, fakeMachine, GIB, never } from "../testing/local-machine.ts";
import { llamacppDriver } from "./llamacpp.ts";
import { sdServerDriver } from "./sd-server.ts";
import { sdcppDriver } from "./sdcpp.ts";
import { talkiesDriver } from "./talkies.ts";
import { vllmDriver } from "./vllm.ts";

const A = { "a:1": { bytes: GIB } };
const AB = { ...A, "b:1": { bytes: GIB } };
const spec = (model: string) => residencySpec("local", model);
const messages = [{ role: "user", content: "hi" }];

describe("the sd.cpp driver", () => {
  it("is not fooled by already_unloaded while the backend works", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startSdcpp({ machine, models: A });
    const driver = sdcppDriver(options(fake));
    await driver.load(spec("a:1"), never);
    const gate = fake.hold("a:1");
    let job: Promise<number> | undefined;
    // The job comes between the driver's first look and its order.
    let looks = 0;
    fake.interfere(({ path }) => {
      if (path !== "/sdcpp/v1/status" || job !== undefined) return undefined;
      looks += 1;
      job = post(`${fake.url}/v1/images/generations`, { model: "a:1", prompt: "x" });
      return {
        status: 200,
        body: { loaded: true, current_model: "a:1", generating: false, process_running: true },
      };
    });
    await Promise.all([
      gate.reached().then(() => expect(looks).toBe(1)),
      failsAs(driver.unload(spec("a:1"), never), "busy", /unload a:1: it is working with a:1/),
    ]);
    expect(machine.usedBytes("cuda:0")).toBe(GIB);
    gate.open();
    expect(await job).toBe(200);
  });

  it("separates busy from broken, which the wrapper does not", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startSdcpp({ machine, models: AB });
    const driver = sdcppDriver(options(fake));
    const gate = fake.hold("a:1");
    const job = post(`${fake.url}/v1/images/generations`, { model: "a:1", prompt: "x" });
    await gate.reached();
    expect(await driver.loaded(never)).toMatchObject([{ model: "a:1", busy: 1, loading: false }]);
    await failsAs(driver.load(spec("b:1"), never), "busy", /it is working with a:1/);
    gate.open();
    await job;
    fake.interfere(({ method }) =>
      method === "POST" ? { status: 503, body: { error: "load failed: exit 1" } } : undefined,
    );
    await failsAs(driver.load(spec("b:1"), never), "failed", /503: load failed: exit 1/);
  });

  it("leaves the model alone that has taken the other's place", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startSdcpp({ machine, models: AB });
    const driver = sdcppDriver(options(fake));
    await driver.load(spec("a:1"), never);
    await driver.load(spec("b:1"), never);
    await driver.unload(spec("a:1"), never);
    expect(await driver.loaded(never)).toMatchObject([{ model: "b:1" }]);
  });

  it("shows a process that starts or stops as memory that serves nothing", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startSdcpp({ machine, models: A });
    fake.interfere(() => ({
      status: 200,
      body: { loaded: false, current_model: "a:1", process_running: true },
    }));
    expect(await sdcppDriver(options(fake)).loaded(never)).toMatchObject([{ model: "a:1", loading: true }]);
  });

  it("aborts an image without waiters", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startSdcpp({ machine, models: A });
    const driver = sdcppDriver(options(fake));
    const gate = fake.hold("a:1");
    const job = post(`${fake.url}/v1/images/generations`, { model: "a:1", prompt: "x" });
    await gate.reached();
    expect(await driver.cancel(never)).toBe(true);
    expect(await job).toBe(502);
    expect(machine.usedBytes("cuda:0")).toBe(0);
    expect(await driver.cancel(never)).toBe(false);
  });
});

describe("the talkies driver", () => {
  const speaking = { "hexgrad/Kokoro-82M": { bytes: GIB, operation: "speech" as const } };
  const speech = (url: string) =>
    post(`${url}/v1/audio/speech`, { model: "hexgrad/Kokoro-82M", input: "hi" });

  it("unloads everything at once, but nothing that works", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startTalkies({ machine, models: speaking });
    const driver = talkiesDriver(options(fake));
    const gate = fake.hold("hexgrad/Kokoro-82M");
    const job = speech(fake.url);
    await gate.reached();
    expect(await driver.loaded(never)).toMatchObject([{ busy: 1 }]);
    await failsAs(driver.unloadAll(never), "busy", /409: models have active inference requests/);
    gate.open();
    await job;
    fake.lie({ unload: "nothing" });
    await failsAs(driver.unloadAll(never), "unverified", /still shows it/);
    fake.lie({});
    await driver.unloadAll(never);
    expect(machine.usedBytes("cuda:0")).toBe(0);
  });

  it("writes an id with a slash as one part of the path", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startTalkies({ machine, models: speaking });
    await speech(fake.url);
    await talkiesDriver(options(fake)).unload(spec("hexgrad/Kokoro-82M"), never);
    expect(fake.calls.map(({ url }) => url)).toContain("/api/ps/hexgrad%2FKokoro-82M");
  });

  it("does not take a model that is listed for one that is loaded", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startTalkies({ machine, models: speaking });
    fake.interfere(() => ({ status: 200, body: { models: [{ id: "a", loaded: false }, { id: "b" }] } }));
    expect(await talkiesDriver(options(fake)).loaded(never)).toMatchObject([{ model: "b" }]);
  });

  it("is let in with its token only", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startTalkies({ machine, models: speaking, token: "t0ken" });
    await failsAs(
      talkiesDriver(options(fake)).loaded(never),
      "unreachable",
      /401 \(it wants another token\)/,
    );
    expect(await talkiesDriver({ ...options(fake), token: "t0ken" }).loaded(never)).toEqual([]);
  });
});

describe("the llama.cpp driver", () => {
  it("asks a loaded model once for its slots, and loads none to ask", async () => {
    const { machine, options } = fakeMachine();
    const models = { "a:1": { bytes: GIB }, "b/c:2": { bytes: GIB } };
    await using fake = await startLlamacpp({ machine, models, slots: 4 });
    const driver = llamacppDriver(options(fake));
    expect(await driver.load(spec("b/c:2"), never)).toMatchObject({ concurrency: 4 });
    for (let look = 0; look < 2; look += 1)
      expect(await driver.loaded(never)).toMatchObject([{ model: "b/c:2", concurrency: 4 }]);
    const asked = () => fake.calls.map(({ url }) => url).filter((url) => url.startsWith("/props"));
    expect(asked()).toEqual(["/props?model=b%2Fc%3A2&autoload=false"]);
    await driver.unload(spec("b/c:2"), never);
    expect(await driver.loaded(never)).toEqual([]);
    await driver.load(spec("b/c:2"), never);
    expect(asked()).toHaveLength(2);
  });

  it("joins a load that another client began", async () => {
    const { machine, options, clock } = fakeMachine();
    await using fake = await startLlamacpp({ machine, models: { "a:1": { bytes: GIB, loadMs: 5_000 } } });
    await post(`${fake.url}/models/load`, { model: "a:1" });
    const startedMs = clock.nowMs();
    expect(await llamacppDriver(options(fake)).loaded(never)).toMatchObject([
      { model: "a:1", loading: true },
    ]);
    expect(await llamacppDriver(options(fake)).load(spec("a:1"), never)).toMatchObject({ loading: false });
    expect(clock.nowMs() - startedMs).toBeGreaterThanOrEqual(5_000);
    expect(fake.calls.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("wakes a model that sleeps, which takes no memory and is not shown", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startLlamacpp({ machine, models: A });
    const driver = llamacppDriver(options(fake));
    await driver.load(spec("a:1"), never);
    await post(`${fake.url}/fake/sleep`, { model: "a:1" });
    expect(await driver.loaded(never)).toEqual([]);
    expect(await driver.load(spec("a:1"), never)).toMatchObject({ model: "a:1", loading: false });
    expect(machine.usedBytes("cuda:0")).toBe(GIB);
  });

  it("gives up on a load that does not end", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startLlamacpp({ machine, models: { "a:1": { bytes: GIB, loadMs: 1e9 } } });
    const driver = llamacppDriver({ ...options(fake), loadTimeoutMs: 60_000 });
    await failsAs(driver.load(spec("a:1"), never), "unverified", /not show it loaded after 60000 ms/);
  });

  it("gives up also when the clock stands still", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startLlamacpp({ machine, models: { "a:1": { bytes: GIB, loadMs: 1e9 } } });
    const stopped = { ...options(fake), nowMs: () => 0, wait: async () => undefined, loadTimeoutMs: 10_000 };
    await failsAs(llamacppDriver(stopped).load(spec("a:1"), never), "unverified", /after 10000 ms/);
  });

  it("reports that it is not in router mode", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startLlamacpp({ machine, models: A });
    fake.interfere(() => ({ status: 200, body: { data: [{ id: "a:1", object: "model" }] } }));
    await failsAs(llamacppDriver(options(fake)).loaded(never), "unreachable", /router mode/);
  });
});

describe("the vLLM driver", () => {
  it("leaves the weights in RAM at level 1, and brings them back", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startVllm({ machine, models: A });
    const driver = vllmDriver({ ...options(fake), model: "a:1" });
    await driver.unload(spec("a:1"), never);
    expect([machine.usedBytes("cuda:0"), machine.usedBytes("cpu")]).toEqual([0, GIB]);
    await driver.load(spec("a:1"), never);
    expect([machine.usedBytes("cuda:0"), machine.usedBytes("cpu")]).toEqual([GIB, 0]);
  });

  it("reads the weights again after level 2, so that no nonsense is served", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startVllm({ machine, models: A });
    const driver = vllmDriver({ ...options(fake), model: "a:1", sleepLevel: 2 });
    await driver.unload(spec("a:1"), never);
    expect([machine.usedBytes("cuda:0"), machine.usedBytes("cpu")]).toEqual([0, 0]);
    await driver.load(spec("a:1"), never);
    expect(await post(`${fake.url}/v1/chat/completions`, { model: "a:1", messages })).toBe(200);
    expect(machine.events.filter(({ kind }) => kind === "rubbish")).toEqual([]);
  });

  it("states how to start it when it has no sleep mode", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startVllm({ machine, models: A, sleepMode: false });
    const driver = vllmDriver({ ...options(fake), model: "a:1" });
    await failsAs(driver.loaded(never), "unreachable", /--enable-sleep-mode and VLLM_SERVER_DEV_MODE=1/);
    expect(await driver.health(never)).toMatchObject({ ok: false });
  });

  it("reports that it was started with another model", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startVllm({ machine, models: A });
    const driver = vllmDriver({ ...options(fake), model: "other" });
    await failsAs(driver.load(spec("other"), never), "missing", /started with another model/);
  });
});

describe("the sd-server driver", () => {
  it("can neither load nor unload what another program runs", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startSdServer({ machine, models: A });
    const driver = sdServerDriver({ ...options(fake), model: "a:1" });
    await failsAs(driver.load(spec("a:1"), never), "failed", /not run by Headgate/);
    await fake.restart();
    expect(await driver.load(spec("a:1"), never)).toMatchObject({ model: "a:1" });
    await failsAs(driver.unload(spec("a:1"), never), "failed", /not run by Headgate/);
  });

  it("finds out a process that was stopped and goes on answering", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startSdServer({ machine, models: A });
    const process = { start: () => fake.restart(), stop: async () => undefined };
    const driver = sdServerDriver({ ...options(fake), model: "a:1", process });
    await driver.load(spec("a:1"), never);
    await failsAs(driver.unload(spec("a:1"), never), "unverified", /still answers/);
  });
});
