import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { addressOf, Cache } from "../cache/cache.ts";
import { FIXTURE, GROQ, INSTALLATION } from "../testing/fixture.ts";
import { readSchemas } from "../validate/schemas.ts";
import { SoundFragments } from "./sound.ts";
import type { SoundWorkerData, SoundWorkerMessage } from "./sound-worker.ts";

const schemaTexts = readSchemas(INSTALLATION.schemasDir);
let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "headgate-sound-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

it("a worker thread takes what no other has taken, keeps what is sound and tells of what is not", async () => {
  const secret = `${FIXTURE[GROQ]}# gsk_${"a1".repeat(20)}\n`;
  const base = "operation: chat\n";
  const texts = ["taken: already\n", FIXTURE[GROQ], "name: fast: very\n", "name: Groq\n", secret, base];
  const kinds = texts.map((text) => (text === base ? "base" : "provider"));
  const shared = new Uint8Array(new SharedArrayBuffer(Buffer.byteLength(texts.join(""))));
  shared.set(Buffer.from(texts.join("")));
  const ends = texts.map((_, index) => Buffer.byteLength(texts.slice(0, index + 1).join("")));
  const next = new Int32Array(new SharedArrayBuffer(4));
  next[0] = 1;
  const addresses = texts.map((text) => addressOf(text));
  const workerData: SoundWorkerData = { shared, ends, next, addresses, kinds, directory, schemaTexts };
  const messages: SoundWorkerMessage[] = [];
  await new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./sound-worker.ts", import.meta.url), {
      workerData,
      execArgv: ["--conditions=@headgate/source"],
    });
    worker.on("message", (message: SoundWorkerMessage) => messages.push(message));
    worker.on("error", reject);
    worker.on("exit", resolve);
  });
  const json = messages.find(({ index }) => index === 1)?.json;
  expect(JSON.parse(json ?? "")).toMatchObject({ name: "Groq", flag: "GROQ" });
  const baseJson = '{"operation":"chat"}';
  expect(messages).toEqual([
    { index: 1, json },
    { index: 2 },
    { index: 3 },
    { index: 4 },
    { index: 5, json: baseJson },
  ]);
  const cache = new Cache(directory);
  expect(addresses.map((address) => cache.read(address))).toEqual([
    undefined,
    json,
    undefined,
    undefined,
    undefined,
    baseJson,
  ]);
});

it("what a worker cannot do is done here", async () => {
  const files = ["a", "b"].map((path) => ({ path, text: `a: 1\n#${"x".repeat(200_000)}` }));
  // Schemas that no worker can compile end it at once.
  const broken = new Map([["provider.schema.json", "{"]]);
  const sound = new SoundFragments({
    files: { provider: files, base: [] },
    schemaTexts: broken,
    cache: undefined,
    basis: "",
    maxWorkers: 1,
  });
  expect(await sound.values(() => '{"a":1}')).toEqual(
    new Map([
      ["a", { a: 1 }],
      ["b", { a: 1 }],
    ]),
  );
});

it("leaves the only parse to its caller where there is neither a cache nor a worker", async () => {
  const files = [{ path: "a", text: "a: 1\n" }];
  const sound = new SoundFragments({
    files: { provider: files, base: [] },
    schemaTexts,
    cache: undefined,
    basis: "",
    maxWorkers: 0,
  });
  expect(await sound.values(() => "{}")).toEqual(new Map());
});
