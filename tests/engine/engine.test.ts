/** The llama.cpp driver in front of the real engine: a real load, real tokens, real memory, a real unload. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import { type Driver, llamacppDriver, residencySpec } from "@headgate/resources";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineFolder } from "./engine.ts";
import { writeTinyModel } from "./gguf.ts";

const missing = engineFolder() === undefined || process.platform !== "linux";
if (missing) {
  console.warn(
    "real engine: skipped, since @node-llama-cpp/linux-x64 is not installed here (npm has it for x64 Linux)",
  );
}

const MIB = 2 ** 20;
const never = new AbortController().signal;
const spec = (model: string) => residencySpec("engine", model);

describe.skipIf(missing)("a real engine behind the llama.cpp driver", () => {
  let folder: string;
  let router: ChildProcess;
  let driver: Driver;
  let weightBytes: number;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headgate-engine-"));
    const shape = { layers: 4, width: 512, hidden: 2048, heads: 8, context: 256 };
    weightBytes = await writeTinyModel(join(folder, "tiny.gguf"), shape);
    await writeFile(join(folder, "broken.gguf"), "GGUF, but no more");
    router = fork(new URL("./router.ts", import.meta.url), [folder], { execArgv: [], stdio: "ignore" });
    const [address]: { port: number }[] = await once(router, "message");
    url = `http://127.0.0.1:${address?.port}`;
    driver = llamacppDriver({
      backend: "engine",
      baseUrl: url,
      nowMs: Date.now,
      // The engine runs in real time, and is fast.
      wait: async (ms, signal) => void (await timer(Math.min(ms, 5), undefined, { signal })),
    });
  });
  afterAll(async () => {
    if (router?.exitCode === null && router.signalCode === null) {
      router.disconnect();
      await once(router, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** Of the engine's process. */
  const residentBytes = async (): Promise<number> => {
    const status = await readFile(`/proc/${router.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  };
  const generate = async () => {
    const body = JSON.stringify({ model: "tiny.gguf", prompt: "Hi", n_predict: 8 });
    const answer = await fetch(`${url}/completion`, { method: "POST", body });
    const generated = (await answer.json()) as {
      readonly text?: string;
      readonly tokens?: readonly number[];
    };
    return { status: answer.status, ...generated };
  };

  it("takes the memory of a model when it loads it, and frees it", async () => {
    expect(await driver.health(never)).toEqual({ ok: true });
    expect(await driver.loaded(never)).toEqual([]);
    const before = await residentBytes();
    await driver.load(spec("tiny.gguf"), never);
    const loaded = await residentBytes();
    expect(loaded - before).toBeGreaterThan(0.9 * weightBytes);
    expect(loaded - before).toBeLessThan(weightBytes + 64 * MIB);
    expect(await driver.loaded(never)).toMatchObject([{ model: "tiny.gguf", loading: false }]);

    const generated = await generate();
    expect(generated).toMatchObject({ status: 200, text: expect.any(String) });
    expect(generated.tokens).toHaveLength(8);

    await driver.unload(spec("tiny.gguf"), never);
    const after = await residentBytes();
    expect(after - before).toBeLessThan(0.3 * weightBytes);
    expect(await driver.loaded(never)).toEqual([]);
    expect(await generate()).toMatchObject({ status: 400 });

    await driver.load(spec("tiny.gguf"), never);
    expect((await generate()).tokens).toEqual(generated.tokens);
    await driver.unload(spec("tiny.gguf"), never);
  });

  it("refuses a file that is no model, and a missing one", async () => {
    await expect(driver.load(spec("broken.gguf"), never)).rejects.toMatchObject({ kind: "failed" });
    await expect(driver.load(spec("none.gguf"), never)).rejects.toMatchObject({ kind: "missing" });
  });

  it("is reported as gone when its process is killed with a loaded model", async () => {
    await driver.load(spec("tiny.gguf"), never);
    router.kill("SIGKILL");
    await once(router, "exit");
    await expect(driver.loaded(never)).rejects.toMatchObject({ kind: "unreachable" });
  });
});
