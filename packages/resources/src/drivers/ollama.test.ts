import { startOllama } from "@headgate/upstream-lab";
import { describe, expect, it } from "vitest";
import { residencySpec } from "../residency.ts";
import { post } from "../testing/driver-contract.ts";
import { failsAs, fakeMachine, GIB, never } from "../testing/local-machine.ts";
import { ollamaDriver } from "./ollama.ts";

describe("a residency of Ollama", () => {
  it("is the model and the options that reload it", () => {
    expect(residencySpec("ollama", "m:1b", { use_mmap: false, num_ctx: 8192 })).toEqual({
      key: "ollama/m:1b?num_ctx=8192&use_mmap=false",
      backend: "ollama",
      model: "m:1b",
      options: { num_ctx: 8192, use_mmap: false },
    });
    expect(residencySpec("ollama", "m:1b").key).toBe("ollama/m:1b");
  });
});

describe("the Ollama driver", () => {
  it("loads with the requested options, for as long as Headgate wants, and shows the context it got", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startOllama({ machine, models: { "m:1b": { bytes: GIB } } });
    const driver = ollamaDriver(options(fake));
    const loaded = await driver.load(residencySpec("local", "m:1b", { num_ctx: 8192 }), never);
    expect(loaded).toMatchObject({ options: { num_ctx: 8192 }, bytes: GIB, gpuBytes: GIB });
    expect(fake.calls[0]?.body).toMatchObject({ keep_alive: -1, options: { num_ctx: 8192 } });
    expect(await driver.load(residencySpec("local", "m:1b", { num_ctx: 2048 }), never)).toMatchObject({
      options: { num_ctx: 2048 },
    });
    expect(machine.usedBytes("cuda:0")).toBe(GIB);
  });

  it("recognises a context of which the model has only a part", async () => {
    const { machine, options } = fakeMachine();
    const models = { "m:1b": { bytes: GIB, contextTokens: 8192 } };
    await using fake = await startOllama({ machine, models });
    const driver = ollamaDriver(options(fake));
    const contextOf = async () => (await driver.loaded(never))[0]?.options.num_ctx;
    const huge = await driver.load(residencySpec("local", "m:1b", { num_ctx: 131_072 }), never);
    expect(huge.options).toEqual({ num_ctx: 131_072 });
    expect(await contextOf()).toBe(131_072);
    await driver.load(residencySpec("local", "m:1b", { num_ctx: 8192 }), never);
    expect(await contextOf()).toBe(8192);
    // Another client changed it.
    await driver.load(residencySpec("local", "m:1b", { num_ctx: 131_072 }), never);
    await post(`${fake.url}/api/generate`, { model: "m:1b", options: { num_ctx: 512 } });
    expect(await contextOf()).toBe(512);
  });

  it("names models as its caller spells them", async () => {
    const { machine, options } = fakeMachine();
    const models = {
      "phi4-mini": { bytes: GIB },
      "org/dolphin:latest": { bytes: GIB },
      "other:1b": { bytes: GIB },
    };
    await using fake = await startOllama({ machine, models });
    for (const model of Object.keys(models)) await post(`${fake.url}/api/generate`, { model });
    const names = async (known: readonly string[]) =>
      (await ollamaDriver({ ...options(fake), models: known }).loaded(never)).map(({ model }) => model);
    expect(await names([])).toEqual(["phi4-mini:latest", "org/dolphin:latest", "other:1b"]);
    expect(await names(["phi4-mini", "org/dolphin"])).toEqual(["phi4-mini", "org/dolphin", "other:1b"]);
    const driver = ollamaDriver(options(fake));
    expect(await driver.load(residencySpec("local", "phi4-mini"), never)).toMatchObject({
      model: "phi4-mini",
    });
    await driver.unload(residencySpec("local", "phi4-mini"), never);
    expect(fake.residents.get("phi4-mini:latest")).toBeUndefined();
  });

  it("loads a model that only embeds", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startOllama({
      machine,
      models: { "bge-m3": { bytes: GIB, operation: "embedding" } },
    });
    const driver = ollamaDriver(options(fake));
    expect(await driver.load(residencySpec("local", "bge-m3"), never)).toMatchObject({
      model: "bge-m3",
      bytes: GIB,
    });
    expect(fake.calls.map(({ url }) => url)).toEqual(["/api/generate", "/api/embed", "/api/ps"]);
  });

  it("shows what spilled to RAM", async () => {
    const { machine, options } = fakeMachine(4 * GIB);
    await using fake = await startOllama({ machine, models: { "m:1b": { bytes: 6 * GIB } }, spills: true });
    const driver = ollamaDriver(options(fake));
    expect(await driver.load(residencySpec("local", "m:1b"), never)).toMatchObject({
      bytes: 6 * GIB,
      gpuBytes: 4 * GIB,
    });
    expect(machine.usedBytes("cpu")).toBe(2 * GIB);
    await driver.unload(residencySpec("local", "m:1b"), never);
    expect(machine.usedBytes("cpu")).toBe(0);
  });

  it("separates a full queue from a full device", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startOllama({ machine, models: { "m:1b": { bytes: GIB } }, maxQueue: 0 });
    const gate = fake.hold("m:1b");
    const job = post(`${fake.url}/api/chat`, { model: "m:1b", messages: [] });
    await gate.reached();
    const driver = ollamaDriver(options(fake));
    await failsAs(driver.load(residencySpec("local", "m:1b"), never), "busy", /503: server busy/);
    gate.open();
    await job;
  });

  it.each([
    "model requires more system memory (9.9 GiB) than is available (3.1 GiB)",
    "llama runner process has terminated: cudaMalloc failed: out of memory",
    "failed to allocate compute buffers",
  ])("takes '%s' for a lack of memory, also in the body of a 200", async (error) => {
    const { machine, options } = fakeMachine();
    await using fake = await startOllama({ machine, models: { "m:1b": { bytes: GIB } } });
    const driver = ollamaDriver(options(fake));
    for (const status of [500, 200]) {
      fake.interfere(() => ({ status, body: { error } }));
      await failsAs(driver.load(residencySpec("local", "m:1b"), never), "out-of-memory", /load m:1b/);
    }
    fake.interfere(() => ({ status: 500, body: { error: "no such tensor" } }));
    await failsAs(driver.load(residencySpec("local", "m:1b"), never), "failed", /500: no such tensor/);
  });

  it("reports a model that was deleted while it was loaded as orphaned, and as gone once it is", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startOllama({ machine, models: { "m:1b": { bytes: GIB } } });
    const driver = ollamaDriver(options(fake));
    await driver.load(residencySpec("local", "m:1b"), never);
    fake.interfere(({ path }) =>
      path === "/api/generate" ? { status: 404, body: { error: "not found" } } : undefined,
    );
    await failsAs(driver.unload(residencySpec("local", "m:1b"), never), "orphaned", /404: not found/);
    fake.residents.remove("m:1b");
    await driver.unload(residencySpec("local", "m:1b"), never);
  });

  it("reports what listens there when it is no Ollama", async () => {
    const { machine, options } = fakeMachine();
    await using fake = await startOllama({ machine, models: {} });
    fake.interfere(() => ({ status: 200, body: { hello: "world" } }));
    expect(await ollamaDriver(options(fake)).health(never)).toEqual({
      ok: false,
      why: "local: GET /api/version: another program answers there",
    });
  });
});
