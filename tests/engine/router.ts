/**
 * A process that serves a folder of GGUF files by the real engine, with the management routes of llama-server's router
 * mode: loads and unloads are answered before they are done. It sends its port to the parent.
 */
import { readdir } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { type EngineModel, engineFolder, startEngine } from "./engine.ts";

const [folder = "."] = process.argv.slice(2);
const binaries = engineFolder();
if (binaries === undefined) throw new Error("there is no engine for this machine");
const open = await startEngine(binaries);
const known = (await readdir(folder)).filter((name) => name.endsWith(".gguf"));

interface State {
  value: "unloaded" | "loading" | "loaded" | "unloading";
  failed?: boolean;
  model?: EngineModel;
}
const states = new Map(known.map((name): [string, State] => [name, { value: "unloaded" }]));

async function load(name: string, state: State): Promise<void> {
  Object.assign(state, { value: "loading", failed: false });
  try {
    state.model = await open(join(folder, name));
    state.value = "loaded";
  } catch {
    Object.assign(state, { value: "unloaded", failed: true });
  }
}

async function unload(state: State): Promise<void> {
  state.value = "unloading";
  await state.model?.dispose();
  delete state.model;
  state.value = "unloaded";
}

const listing = (): object => ({
  data: [...states].map(([id, { value, failed }]) => ({
    id,
    status: { value: value === "unloading" ? "loaded" : value, ...(failed ? { failed, exit_code: 1 } : {}) },
  })),
});

async function answer(request: IncomingMessage): Promise<readonly [number, object]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const route = `${request.method} ${request.url}`;
  if (route === "GET /health") return [200, { status: "ok" }];
  if (route === "GET /models") return [200, listing()];
  const body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
  const state = states.get(body.model);
  if (state === undefined) return [404, { error: { message: "model not found" } }];
  if (route === "POST /models/load") {
    if (state.value !== "unloaded") return [400, { error: { message: "model is already loaded" } }];
    void load(body.model, state);
    return [200, { success: true }];
  }
  if (state.model === undefined) return [400, { error: { message: "model is not running" } }];
  if (route === "POST /models/unload") {
    void unload(state);
    return [200, { success: true }];
  }
  return [200, await state.model.generate(body.prompt, body.n_predict)];
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  answer(request)
    .catch((error: unknown) => [500, { error: { message: String(error) } }] as const)
    .then(([status, body]) => response.writeHead(status).end(JSON.stringify(body)));
});
server.listen(0, "127.0.0.1", () => process.send?.(server.address()));
process.on("disconnect", () => process.exit());
