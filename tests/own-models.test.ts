/** A gateway as a process in front of an Ollama that has models of its own, which no fragment names. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakeMachine, type LocalBackend, startOllama } from "@headgate/upstream-lab";
import { Ollama } from "ollama";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { clientKeyOf, headgate, makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

const GIB = 2 ** 30;

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let root: string;
let ollama: LocalBackend;
let running: Running | undefined;

beforeEach(async () => {
  root = makeRoot();
  const machine = new FakeMachine({ devices: { cpu: 64 * GIB } });
  ollama = await startOllama({
    machine,
    models: {
      "hermes3:8b": { bytes: GIB, contextTokens: 32_768 },
      mine: { bytes: GIB },
      "qwen3:4b": { bytes: GIB },
      "vectors:1b": { bytes: GIB, operation: "embedding" },
    },
    registry: { "new:1b": { bytes: GIB } },
  });
});
afterEach(async () => {
  running?.child.kill("SIGTERM");
  await running?.exited;
  running = undefined;
  await ollama.close();
  removeRoot(root);
});

const serve = async (lines: readonly string[] = []): Promise<Running> => {
  const env = [
    "DEMO=0",
    "OLLAMA=1",
    `OLLAMA_BASE_URL=${ollama.url}`,
    "HEADGATE_VRAM_BUDGET=cpu:16GiB",
    ...lines,
  ];
  writeFileSync(join(root, ".env"), `${env.join("\n")}\n`);
  running = await startServe(root);
  return running;
};
const post = async (path: string, body: object): Promise<Response> =>
  fetch(`${running?.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${clientKeyOf(root)}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const chat = (model: string): Promise<Response> =>
  post("/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }] });
const clientOf = ({ url }: Running): Ollama =>
  new Ollama({ host: url, headers: { authorization: `Bearer ${clientKeyOf(root)}` } });
/** The names that `/api/tags` has, those of groups left out. */
const named = async (gateway: Running): Promise<string[]> =>
  (await clientOf(gateway).list()).models
    .map(({ name }) => name)
    .filter((name) => !/-mode|^auto|^claude/.test(name));

it("serves them all by their names from the first request on, in groups too, and warns of nothing", async () => {
  const gateway = await serve();
  expect(await named(gateway)).toEqual([
    "hermes3:8b",
    "local-ollama-cpu-qwen3-4b",
    "mine",
    "qwen3:4b",
    "vectors:1b",
  ]);
  for (const name of ["hermes3:8b", "mine", "mine:latest", "qwen3:4b"]) {
    const response = await chat(name);
    expect([name, response.status]).toEqual([name, 200]);
    expect(response.headers.get("x-routed-via")).toBe(`ollama/${name === "mine" ? "mine:latest" : name}`);
  }
  for (const group of ["local-mode", "auto"]) expect((await chat(group)).status).toBe(200);
  const embedded = await post("/v1/embeddings", { model: "vectors:1b", input: "hi" });
  expect(embedded.status).toBe(200);
  // The memory is managed: what is loaded is the gateway's own list.
  const loaded = (await clientOf(gateway).ps()).models.map(({ name }) => name);
  expect(loaded).toContain("vectors:1b");
  expect(headgate(["explain", "hermes3:8b", "--root", root])).toMatch(/hermes3:8b/);
  gateway.child.kill("SIGTERM");
  const said = await gateway.logged("stopping");
  expect(said).not.toMatch(/warn|HG5/);
});

it("takes up a model that is pulled through it before the pull is over, and forgets one that is deleted", async () => {
  const gateway = await serve();
  expect((await chat("new:1b")).status).toBe(404);
  for await (const _ of await clientOf(gateway).pull({ model: "new:1b", stream: true }));
  expect((await chat("new:1b")).status).toBe(200);
  await clientOf(gateway).delete({ model: "new:1b" });
  await gateway.logged("applied the change");
  await gateway.logged("applied the change");
  expect(await named(gateway)).not.toContain("new:1b");
});

it("says once that it is down, and serves its models within seconds of its return", async () => {
  await ollama.kill();
  const gateway = await serve();
  await gateway.logged(`ollama at ${ollama.url}: nothing listens there`);
  await ollama.restart();
  await gateway.logged("ollama is there");
  await gateway.logged("applied the change");
  expect((await chat("hermes3:8b")).status).toBe(200);
});

it("offers tags of .env that no fragment knows, and those alone", async () => {
  const gateway = await serve(["OLLAMA_OFFER=hermes3:8b,qwen3:4b,absent:1b"]);
  expect(await named(gateway)).toEqual(["hermes3:8b", "local-ollama-cpu-qwen3-4b"]);
  await gateway.logged("ollama does not have absent:1b; run headgate models pull absent:1b");
  expect((await chat("hermes3:8b")).status).toBe(200);
  const missing = await chat("absent:1b");
  expect(missing.status).toBe(404);
  expect(await missing.text()).toMatch(/run headgate models pull absent:1b/);
});
