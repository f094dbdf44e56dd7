/** `headgate models pull` in front of a stateful fake of Ollama, over sockets. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../main.ts";
import { runMain } from "../testing/run-main.ts";

let root: string;
let server: Server;
let baseUrl: string;
let downloaded: Set<string>;
let pulled: string[];
/** Models whose download does not end. */
let endless: Set<string>;
let closed: Promise<void>;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "headgate-pull-"));
  downloaded = new Set(["bge-m3:latest"]);
  pulled = [];
  endless = new Set();
  const gone = Promise.withResolvers<void>();
  closed = gone.promise;
  server = createServer(async (request, response) => {
    if (request.url === "/api/tags") {
      response.end(JSON.stringify({ models: [...downloaded].map((name) => ({ name })) }));
      return;
    }
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { model } = JSON.parse(body) as { model: string };
    const send = (event: object): void => void response.write(`${JSON.stringify(event)}\n`);
    pulled.push(model);
    send({ status: "pulling manifest" });
    if (model === "gone:1b") {
      send({ error: "pull model manifest: file does not exist" });
    } else {
      for (const completed of [0, 1e9, 2e9])
        send({ status: "pulling x", digest: "sha256:x", total: 2e9, completed });
      if (endless.has(model)) {
        response.on("close", () => gone.resolve());
        return;
      }
      downloaded.add(model);
      send({ status: "success" });
    }
    response.end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  put(
    "providers/box/provider.yaml",
    `name: Box
summary: A box.
flag: BOX
tier: local
adapter: ollama
base_url: { default: http://127.0.0.1:11434, env: BOX_BASE_URL }
local: { driver: ollama }
sources: [{ what: everything, from: a test, date: 2026-11-21 }]
models:
  - { alias: box-small, upstream: "small:1b", operation: chat, memory: { device: cpu, bytes: 1 GB } }
  - { alias: box-gone, upstream: "gone:1b", operation: chat, memory: { device: cpu, bytes: 1 GB } }
  - { alias: box-bge, upstream: bge-m3, operation: embedding, vector_space: b, memory: { device: cpu, bytes: 1 GB } }
`,
  );
  put(
    "providers/voice/provider.yaml",
    `name: Voice
summary: A voice.
flag: VOICE
tier: local
adapter: openai-compatible
base_url: { default: http://127.0.0.1:8000/v1, env: VOICE_BASE_URL }
local: { driver: talkies }
sources: [{ what: everything, from: a test, date: 2026-11-21 }]
models:
  - { alias: voice-tts, upstream: tts, operation: speech, memory: { device: cpu, bytes: 1 GB } }
`,
  );
  put(
    "fallbacks/fallbacks.json",
    '{ "chains": { "box-small": [], "box-gone": [], "box-bge": [], "voice-tts": [] } }',
  );
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true, force: true });
});

const put = (path: string, content: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};
const env = (more: Record<string, string> = {}) => ({ BOX: "1", BOX_BASE_URL: baseUrl, ...more });
const run = (args: string, more: Record<string, string> = {}) =>
  runMain(["models", "pull", ...args.split(" ").filter((word) => word !== "")], {
    cwd: root,
    env: env(more),
  });

describe("headgate models pull", () => {
  it("downloads missing models, continues after a failure, and exits 1 for it", async () => {
    const { code, stdout, stderr } = await run("");
    expect(pulled).toEqual(["gone:1b", "small:1b"]);
    expect(stdout).toBe("1 of 3 models downloaded, 1 already downloaded, 1 failed\n");
    expect(stderr.trim().split("\n")).toEqual([
      "box gone:1b: pulling manifest",
      "box gone:1b: failed: pull model manifest: file does not exist",
      "box small:1b: pulling manifest",
      "box small:1b:  50 %  1.0 GB of 2.0 GB",
      "box small:1b: downloaded, 2.0 GB",
    ]);
    expect(code).toBe(1);
  });

  it("takes aliases and upstream ids, and with --update also downloaded models", async () => {
    expect((await run("box-bge small:1b --update")).code).toBe(0);
    expect(pulled).toEqual(["bge-m3", "small:1b"]);
    expect((await run("bge-m3")).stdout).toBe("0 of 1 model downloaded, 1 already downloaded\n");
    expect(pulled).toHaveLength(2);
  });

  it("prints JSON, also for backends that take no download request", async () => {
    const { code, stdout } = await run("box-bge voice-tts --json", { VOICE: "1" });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      models: [
        { provider: "box", alias: "box-bge", model: "bge-m3", state: "present" },
        {
          provider: "voice",
          alias: "voice-tts",
          model: "tts",
          state: "unmanaged",
          message: expect.stringContaining("fetches models itself"),
        },
      ],
    });
  });

  it("shows one line that changes on a terminal", async () => {
    let errors = "";
    const stderr = {
      isTTY: true,
      write(text: string) {
        errors += text;
      },
    };
    await main(["models", "pull", "box-small"], {
      env: { ...env(), TERM: "xterm" },
      cwd: () => root,
      stdout: { write: () => {} },
      stderr,
    });
    expect(errors).toContain("\r\u001b[2Kbox small:1b   50 %  1.0 GB of 2.0 GB");
  });

  it.each([
    ["box-smal", {}, /no active local model is called box-smal; did you mean box-small\?/],
    ["--provider vox", {}, /no active local backend is called vox; there is box/],
    ["", { BOX: "0" }, /no local backend is active; set OLLAMA=1/],
  ])("refuses %j with a message", async (args, more, words) => {
    const { code, stderr } = await run(args, more);
    expect(stderr).toMatch(words);
    expect(code).toBe(1);
  });

  it("reports a backend that is not running, with the remedy", async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    const { code, stderr } = await run("");
    expect(stderr).toMatch(/^box at http:\S+: it cannot be reached \(ECONNREFUSED\); start it/m);
    expect(code).toBe(1);
  });

  it("stops at once at Ctrl-C, with its download", async () => {
    endless.add("small:1b");
    const bin = fileURLToPath(new URL("../../bin/headgate.js", import.meta.url));
    const child = spawn(process.execPath, [bin, "models", "pull", "box-small"], {
      cwd: root,
      env: { PATH: process.env.PATH, ...env() },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
    await new Promise<void>((resolve) => {
      let text = "";
      child.stderr.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        if (text.includes("50 %")) resolve();
      });
    });
    child.kill("SIGINT");
    expect(await ended).toBe("SIGINT");
    await closed;
  });
});
