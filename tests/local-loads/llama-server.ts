/** llama-server in router mode, over a folder of models: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../engine/ollama.ts";
import { writeScriptedModel } from "../engine/scripted-model.ts";
import { CLIENT_KEY, startGateway } from "../support/gateway.ts";
import type { Load } from "./loads.ts";
import { chatAt, perform, SCRIPT, type Target } from "./run.ts";

const START_MS = 20_000;
const LOOK_MS = 20;

async function start(program: string, { models, modelBytes, fit }: Load) {
  const folder = await mkdtemp(join(tmpdir(), "headgate-llama-server-"));
  for (const name of models)
    await writeScriptedModel(join(folder, `${name}.gguf`), { bytes: modelBytes, script: SCRIPT });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ["--models-dir", folder, "--models-max", String(fit), "--port", String(port)];
  const server = spawn(program, [...args, "--ctx-size", "512", "--threads", "1"], { stdio: "ignore" });
  const close = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  for (const endMs = Date.now() + START_MS; ; await wait(LOOK_MS)) {
    const up = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return { url, [Symbol.asyncDispose]: close };
    if (server.exitCode === null && Date.now() < endMs) continue;
    await close();
    throw new Error(`${program} does not start in router mode`);
  }
}

export const llamaServerAlone =
  (program: string): Target =>
  async (load) => {
    await using server = await start(program, load);
    return await perform(load, chatAt(server.url));
  };

export const llamaServerThrough =
  (program: string): Target =>
  async (load) => {
    await using server = await start(program, load);
    await using gateway = await startGateway([
      {
        id: "box",
        baseUrl: `${server.url}/v1`,
        keys: [],
        local: { driver: "llamacpp", slots: load.fit, bringUp: { way: "external" } },
        models: load.models.map((alias) => ({
          alias,
          memory: { device: "cpu", bytes: Math.round(load.modelBytes * 1.1) },
        })),
      },
    ]);
    return await perform(load, chatAt(gateway.url, CLIENT_KEY));
  };
