/** `models refresh` of an Ollama of one's own: facts come from its descriptions, and nothing is loaded. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeMachine, type LocalBackend, startOllama } from "@headgate/upstream-lab";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runMain } from "../testing/run-main.ts";

const GIB = 2 ** 30;

let root: string;
let ollama: LocalBackend;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "headgate-own-"));
  ollama = await startOllama({
    machine: new FakeMachine({ devices: { cpu: 64 * GIB } }),
    models: { "known:1b": { bytes: GIB }, "fresh:4b": { bytes: 4 * GIB, contextTokens: 32_768 } },
  });
  mkdirSync(join(root, "providers", "shed"), { recursive: true });
  mkdirSync(join(root, "fallbacks"));
  writeFileSync(
    join(root, "providers", "shed", "provider.yaml"),
    `name: Shed
summary: For tests.
flag: SHED
tier: local
adapter: ollama
base_url: { default: "${ollama.url}", env: SHED_BASE_URL }
local:
  driver: ollama
sources:
  - { what: all, from: this repository, date: "2026-01-02" }

models:
  - alias: shed-known
    upstream: known:1b
    operation: chat
    memory: { device: cuda, bytes: 1 GB }
`,
  );
  writeFileSync(
    join(root, "fallbacks", "fallbacks.json"),
    '{\n  "chains": {\n    "shed-known": []\n  }\n}\n',
  );
});
afterEach(async () => {
  await ollama.close();
  rmSync(root, { recursive: true, force: true });
});

it("fills in window, capabilities and memory of a new model without loading it", async () => {
  const args = [
    "models",
    "refresh",
    "--catalogue",
    "--yes",
    "--root",
    root,
    "--state-dir",
    join(root, "state"),
  ];
  const { code, stdout, stderr } = await runMain(args, { cwd: root, env: { SHED: "1" } });
  expect(code, stdout + stderr).toBe(0);
  const text = readFileSync(join(root, "providers", "shed", "provider.yaml"), "utf8");
  expect(text).toMatch(/upstream: fresh:4b\n {4}operation: chat\n {4}context_tokens: 32768\n/);
  expect(text).toMatch(/capabilities: \[json, tools\]\n/);
  // 4 GiB of weights, the usual context and buffers; the fragment's other model is on the GPU.
  expect(text).toMatch(/memory: \{ ?device: cuda, bytes: 4\d{3} MB, context_token: 42 KiB ?\}\n/);
  expect(ollama.residents.residents).toEqual([]);
  const loads = ollama.calls.filter(({ url }) => url === "/api/chat" || url === "/api/generate");
  expect(loads).toEqual([]);
});
