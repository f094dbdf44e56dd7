/** A registry with one model, from which a real Ollama pulls: https://distribution.github.io/distribution/spec/api/ */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScriptedModel, writeScriptedModel } from "./scripted-model.ts";

export interface Registry extends AsyncDisposable {
  /** The model's name at an Ollama: `127.0.0.1:20123/own/model:latest`. */
  readonly name: string;
}

const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export async function startRegistry(model: ScriptedModel): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), "headgate-registry-"));
  const path = join(folder, "model.gguf");
  await writeScriptedModel(path, model);
  const weights = await readFile(path);
  await rm(folder, { recursive: true });
  const config = Buffer.from(
    JSON.stringify({
      model_format: "gguf",
      model_family: "llama",
      model_families: ["llama"],
      model_type: "1B",
    }),
  );
  const blobs = new Map([weights, config].map((bytes) => [digestOf(bytes), bytes]));
  const layer = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: layer("application/vnd.docker.container.image.v1+json", config),
    layers: [layer("application/vnd.ollama.image.model", weights)],
  });
  const server = createServer((request, response) => {
    const { url = "", headers, method } = request;
    if (url === "/v2/own/model/manifests/latest") return void response.end(manifest);
    const digest = url.slice(url.lastIndexOf("/") + 1);
    const bytes = blobs.get(digest);
    if (bytes === undefined) return void response.writeHead(404).end();
    // Ollama expects to be sent on to another host, where the bytes are.
    if (url.startsWith("/v2/") && method !== "HEAD") {
      const port = headers.host?.split(":")[1] ?? "";
      return void response.writeHead(307, { location: `http://localhost:${port}/bytes/${digest}` }).end();
    }
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
    const part = first === undefined ? bytes : bytes.subarray(Number(first), Number(last) + 1);
    response.writeHead(first === undefined ? 200 : 206, { "content-length": part.length });
    response.end(method === "HEAD" ? undefined : part);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("there is no port");
  return {
    name: `127.0.0.1:${address.port}/own/model:latest`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
