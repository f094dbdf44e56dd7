/** Local models with several workers: one resource manager for all of them. */
import { rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { FakeMachine, type LocalBackend, startOllama } from "@headgate/upstream-lab";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

const KEY = "hg-test-client-key-0123456789-abcdefghij";
const GB = 1e9;
const GIB = 2 ** 30;
/** As the catalogue has them: two that fit, and one that does not beside either. */
const MODELS = { "qwen3:8b": 5 * GB, "llama3.1:8b": 5 * GB, "gemma4:e4b": 9.6 * GB };

let machine: FakeMachine;
let ollama: LocalBackend;
let root: string;
let gateway: Running | undefined;

beforeEach(async () => {
  machine = new FakeMachine({ devices: { cpu: 64 * GIB, "cuda:0": 13 * GIB } });
  const models = Object.fromEntries(Object.entries(MODELS).map(([id, bytes]) => [id, { bytes }]));
  ollama = await startOllama({ machine, models, parallel: 1 });
  root = makeRoot();
  writeFileSync(join(root, ".env"), `OLLAMA_CUDA=1\nOLLAMA_CUDA_BASE_URL=${ollama.url}\n`);
  // The models alone: what stands in for one would hide that it was refused.
  for (const part of ["fallbacks.json", "groups.json", "model-map.json"])
    rmSync(join(root, "fallbacks", part), { force: true });
});
afterEach(async () => {
  gateway?.child.kill("SIGKILL");
  await gateway?.exited;
  await ollama.close();
  removeRoot(root);
});

/** On a connection of its own: the workers take turns. */
function ask(path: string, body?: object): Promise<{ status: number; json: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${gateway?.url}${path}`,
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
const chat = async (alias: string): Promise<number> =>
  (await ask("/v1/chat/completions", { model: alias, messages: [{ role: "user", content: "Hello" }] }))
    .status;
const loadsOf = (model: string): number =>
  machine.events.filter((event) => event.kind === "loaded" && event.model === model).length;

it("two workers load a model once between them, and never more than fits", async () => {
  gateway = await startServe(root, [], {
    HEADGATE_API_KEY: KEY,
    HEADGATE_PROBES: "off",
    HEADGATE_WORKERS: "2",
    HEADGATE_VRAM_BUDGET: "0:13GiB,cpu:32GiB",
  });
  const [qwen, llama, gemma] = ["qwen3-8b", "llama3.1-8b", "gemma4-e4b"].map(
    (name) => `local-ollama-cuda-${name}`,
  ) as [string, string, string];
  const statuses = await Promise.all([qwen, llama, qwen, llama, qwen, llama, qwen, llama].map(chat));
  expect(statuses).toEqual(statuses.map(() => 200));
  expect([loadsOf("qwen3:8b"), loadsOf("llama3.1:8b")]).toEqual([1, 1]);

  const mixed = await Promise.all([gemma, qwen, gemma, llama, gemma, llama, qwen, gemma].map(chat));
  expect(mixed).toEqual(mixed.map(() => 200));
  expect(machine.overcommits).toEqual([]);
  // Whichever worker answers, it tells of all sixteen.
  const seen = await Promise.all(Array.from({ length: 4 }, () => ask("/admin/resources")));
  for (const { json } of seen) expect(json).toMatchObject({ counts: { granted: 16, strayReleases: 0 } });
}, 60_000);
