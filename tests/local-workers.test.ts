/** Local models with several workers or gateways: one resource manager for all of them, and another when its process is killed. */
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { FakeMachine, type LocalBackend, startOllama } from "@headgate/upstream-lab";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

const KEY = "hg-test-client-key-0123456789-abcdefghij";
const GB = 1e9;
const GIB = 2 ** 30;
/** As in the catalogue: two that fit, and one that fits beside neither. */
const MODELS = { "qwen3:8b": 5 * GB, "llama3.1:8b": 5 * GB, "gemma4:e4b": 9.6 * GB };
const [QWEN, LLAMA, GEMMA] = ["qwen3-8b", "llama3.1-8b", "gemma4-e4b"].map(
  (name) => `local-ollama-cuda-${name}`,
) as [string, string, string];

let machine: FakeMachine;
let ollama: LocalBackend;
let root: string;
const running: Running[] = [];

beforeEach(async () => {
  machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 13 * GIB } });
  const models = Object.fromEntries(Object.entries(MODELS).map(([id, bytes]) => [id, { bytes }]));
  ollama = await startOllama({ machine, models, parallel: 1 });
  root = makeRoot(["ollama-cuda"]);
  writeFileSync(join(root, ".env"), `OLLAMA_CUDA=1\nOLLAMA_CUDA_BASE_URL=${ollama.url}\n`);
});
afterEach(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  await Promise.all(running.map(({ exited }) => exited));
  running.length = 0;
  await ollama.close();
  removeRoot(root);
});

async function serve(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const gateway = await startServe(root, [], {
    HEADGATE_API_KEY: KEY,
    HEADGATE_PROBES: "off",
    HEADGATE_VRAM_BUDGET: "0:13GiB,cpu:32GiB",
    ...env,
  });
  running.push(gateway);
  return gateway;
}

/** On a connection of its own: the workers alternate. */
function ask({ url }: Running, path: string, body?: object): Promise<{ status: number; json: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${path}`,
      {
        agent: false,
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.once("error", reject);
        response.once("end", () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) }));
      },
    );
    sent.once("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
async function chat(gateway: Running, alias: string): Promise<number> {
  const body = { model: alias, messages: [{ role: "user", content: "Hello" }] };
  return (await ask(gateway, "/v1/chat/completions", body)).status;
}
const loadsOf = (model: string): number =>
  machine.events.filter((event) => event.kind === "loaded" && event.model === model).length;

it("two workers load a model once between them, and never more than fits", async () => {
  const gateway = await serve({ HEADGATE_WORKERS: "2" });
  const all = (aliases: readonly string[]) => Promise.all(aliases.map((alias) => chat(gateway, alias)));
  const statuses = await all([QWEN, LLAMA, QWEN, LLAMA, QWEN, LLAMA, QWEN, LLAMA]);
  expect(statuses).toEqual(statuses.map(() => 200));
  expect([loadsOf("qwen3:8b"), loadsOf("llama3.1:8b")]).toEqual([1, 1]);

  const mixed = await all([GEMMA, QWEN, GEMMA, LLAMA, GEMMA, LLAMA, QWEN, GEMMA]);
  expect(mixed).toEqual(mixed.map(() => 200));
  expect(machine.overcommits).toEqual([]);
  // Either worker reports all sixteen.
  const seen = await Promise.all(Array.from({ length: 4 }, () => ask(gateway, "/admin/resources")));
  for (const { json } of seen) expect(json).toMatchObject({ counts: { granted: 16, strayReleases: 0 } });
}, 60_000);

/** A leader lock expires at least four seconds after its holder ended: it lasts six and is renewed every two. */
const RUNS_OUT_MS = 4_000;

for (const [who, env] of [
  ["a gateway alone", {}],
  ["a gateway with workers, and they with it,", { HEADGATE_WORKERS: "2" }],
] as const)
  it(`${who} is killed while it is the leader: another takes over the models before the leader lock expires`, async () => {
    const first = await serve(env);
    expect(await chat(first, QWEN)).toBe(200);
    const second = await serve();
    expect(await chat(second, LLAMA)).toBe(200);
    expect(await ask(second, "/admin/resources")).toMatchObject({ json: { counts: { granted: 2 } } });

    first.child.kill("SIGKILL");
    const killedMs = performance.now();
    expect(await Promise.all([chat(second, QWEN), chat(second, LLAMA)])).toEqual([200, 200]);
    // A worker may still have answered for the first; the next leader counts anew.
    const granted = async (): Promise<number | undefined> =>
      ((await ask(second, "/admin/resources")).json as { counts?: { granted: number } }).counts?.granted;
    await expect.poll(granted, { interval: 100, timeout: 2 * RUNS_OUT_MS }).toBeLessThanOrEqual(2);
    expect(performance.now() - killedMs).toBeLessThan(RUNS_OUT_MS);
    // It kept the models that it found loaded.
    expect([loadsOf("qwen3:8b"), loadsOf("llama3.1:8b")]).toEqual([1, 1]);
    expect(await chat(second, GEMMA)).toBe(200);
    expect(machine.overcommits).toEqual([]);
  }, 60_000);
