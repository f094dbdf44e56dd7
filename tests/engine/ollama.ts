/** A real Ollama over models that are written for a test, on a port and in a folder of its own. CPU only. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type ScriptedModel, writeScriptedModel } from "./scripted-model.ts";

/** The program: `.build/bin/ollama`, where `.ci/run` installs it, or one on the PATH. */
export function ollamaProgram(): string | undefined {
  const folders = [join(process.cwd(), ".build", "bin"), ...(process.env.PATH ?? "").split(delimiter)];
  return folders.map((folder) => join(folder, "ollama")).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export const NO_OLLAMA =
  "real Ollama: skipped, since there is no ollama in .build/bin or on the PATH; GOBIN=$PWD/.build/bin go install github.com/ollama/ollama@v0.11.4 puts it there";

/** A model, with what its Modelfile would state. */
export interface OllamaModel extends ScriptedModel {
  readonly template?: string;
  /** Parameters such as `num_ctx`. */
  readonly parameters?: Readonly<Record<string, number | string | readonly string[]>>;
}

export interface RealOllama extends AsyncDisposable {
  readonly url: string;
  /** Its folder of models, as OLLAMA_MODELS. */
  readonly folder: string;
  /** What it wrote, for a message when something fails. */
  readonly log: () => string;
  /** Kills the server alone; its runners stay, as after a crash. */
  kill(): Promise<void>;
  /** Starts the server again, after `kill`. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const START_MS = 20_000;
const LOOK_MS = 20;
const LOG_CHARS = 200_000;

/** @param variables such as OLLAMA_MAX_LOADED_MODELS */
export async function startRealOllama(
  models: Readonly<Record<string, OllamaModel>>,
  variables: Readonly<Record<string, string>> = {},
): Promise<RealOllama> {
  const program = ollamaProgram();
  if (program === undefined) throw new Error(NO_OLLAMA);
  const home = await mkdtemp(join(tmpdir(), "headgate-ollama-"));
  const folder = join(home, "models");
  for (const [name, model] of Object.entries(models)) await addModel(folder, name, model);
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}`;
  const env = { PATH: process.env.PATH, HOME: home, OLLAMA_HOST: host, OLLAMA_MODELS: folder, ...variables };
  let log = "";
  const groups: number[] = [];
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    // Its runners are of its process group, so that they can be ended with it.
    server = spawn(program, ["serve"], { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    if (server.pid !== undefined) groups.push(server.pid);
    for (const stream of [server.stdout, server.stderr])
      stream?.on("data", (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-LOG_CHARS);
      });
    for (const endMs = Date.now() + START_MS; ; await wait(LOOK_MS)) {
      if (await answers(url)) return;
      if (server.exitCode !== null || Date.now() > endMs) throw new Error(`ollama does not start:\n${log}`);
    }
  };
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  };
  const close = async (): Promise<void> => {
    await kill();
    for (const group of groups) {
      try {
        process.kill(-group, "SIGKILL");
      } catch {
        // None of it is left.
      }
    }
    await rm(home, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url, folder, log: () => log, kill, restart: start, close, [Symbol.asyncDispose]: close };
}

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/api/version`)).ok;
  } catch {
    return false;
  }
};

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("there is no port");
  return address.port;
}

const MEDIA = "application/vnd.ollama.image";

/** Puts a model into Ollama's folder, as `ollama create` leaves it, without reading it for its digest. */
export async function addModel(folder: string, name: string, model: OllamaModel): Promise<void> {
  const blobs = join(folder, "blobs");
  await mkdir(blobs, { recursive: true });
  const [id = name, tag = "latest"] = name.split(":");
  const digest = `sha256:${createHash("sha256")
    .update(JSON.stringify([name, model]))
    .digest("hex")}`;
  const path = join(blobs, digest.replace(":", "-"));
  await writeScriptedModel(`${path}.part`, model);
  await rename(`${path}.part`, path);
  const { size } = await stat(path);
  const layers = [{ mediaType: `${MEDIA}.model`, digest, size }];
  const add = async (kind: string, text: string): Promise<(typeof layers)[number]> => {
    const own = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    await writeFile(join(blobs, own.replace(":", "-")), text);
    return { mediaType: kind, digest: own, size: Buffer.byteLength(text) };
  };
  if (model.template !== undefined) layers.push(await add(`${MEDIA}.template`, model.template));
  if (model.parameters !== undefined)
    layers.push(await add(`${MEDIA}.params`, JSON.stringify(model.parameters)));
  const config = await add(
    "application/vnd.docker.container.image.v1+json",
    JSON.stringify({
      model_format: "gguf",
      model_family: "llama",
      model_families: ["llama"],
      model_type: "1B",
      file_type: "F16",
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.digest) },
    }),
  );
  const manifest = join(folder, "manifests", "registry.ollama.ai", "library", id, tag);
  await mkdir(dirname(manifest), { recursive: true });
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
  await writeFile(manifest, JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
}
