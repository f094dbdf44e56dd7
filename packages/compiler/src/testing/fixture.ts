/**
 * A small catalogue without findings. Every code's example in `@headgate/diagnostics` is an edit of one of these
 * texts, so each must keep the strings that the examples replace.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Diagnostic } from "@headgate/diagnostics";
import { compile, type Installation } from "../compile.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

export const GROQ = "providers/groq/provider.yaml";
export const CEREBRAS = "providers/cerebras/provider.yaml";
export const LOCAL = "providers/local/provider.yaml";
export const DEMO = "providers/demo/provider.yaml";
const OLDIE = "providers/oldie/provider.yaml";
export const OWN = "providers/own/provider.yaml";
export const BASE = "models/llama-70b.yaml";
export const CHAINS = "fallbacks/fallbacks.json";
export const GROUPS = "fallbacks/groups.json";
export const MODEL_MAP = "fallbacks/model-map.json";
export const POLICIES = "fallbacks/policies.json";

export const FIXTURE = {
  [GROQ]: `name: Groq
summary: Very fast inference.
flag: GROQ
tier: free
adapter: openai-compatible
base_url: { default: https://api.groq.com/openai/v1, env: GROQ_BASE_URL }
auth: { scheme: bearer, env: GROQ_API_KEY, mistaken: [GROQ_KEY] }
limits_page: https://console.groq.com/docs/rate-limits
limits:
  - { scope: model, unit: requests, window: minute, amount: 30 }
  - { scope: model, unit: requests, window: day, amount: 1000 }
sources:
  - what: models and limits
    url: https://console.groq.com/docs/rate-limits
    date: 2026-11-21
models:
  - alias: groq-llama
    upstream: llama-3.3-70b-versatile
    operation: chat
    context_tokens: 131072
    max_output_tokens: 32768
    capabilities: [tools]
plans:
  developer:
    description: with a card
    limits: [{ scope: model, unit: requests, window: minute, amount: 300 }]
    models: { groq-llama: [{ scope: model, unit: tokens, window: day, amount: 2000000 }] }
`,
  [CEREBRAS]: `name: Cerebras
summary: Inference on a wafer.
flag: CEREBRAS
tier: free
adapter: openai-compatible
base_url: { default: https://api.cerebras.ai/v1, env: CEREBRAS_BASE_URL }
auth: { scheme: bearer, env: CEREBRAS_API_KEY }
sources:
  - { what: models, url: https://inference-docs.cerebras.ai, date: 2026-11-21 }
models:
  - alias: cerebras-llama
    upstream: llama-3.3-70b
    base: llama-70b
    context_tokens: 65536
    departs: the free tier has a smaller window
models_env: CEREBRAS_MODELS
`,
  [LOCAL]: `name: Local
summary: Models on your own hardware.
flag: LOCAL
tier: local
adapter: ollama
base_url: { default: http://127.0.0.1:11434, env: LOCAL_BASE_URL }
local: { driver: ollama, bring_up: { default: external, env: LOCAL_BRING_UP, health: /api/version } }
models_env: LOCAL_MODELS
sources:
  - { what: "unverified: models", from: the machine's own list, date: 2026-11-21 }
models:
  - alias: local-llama
    upstream: llama3.1:8b
    operation: chat
    context_tokens: 8192
    memory: { device: cuda, bytes: 5 GB, options: { num_ctx: 8192 } }
  - alias: local-bge
    upstream: bge-m3
    operation: embedding
    vector_space: bge-m3
    dimensions: 1024
    memory: { device: cpu, bytes: 570 MB }
  - alias: local-minilm
    upstream: all-minilm
    operation: embedding
    vector_space: all-minilm-l6-v2
    dimensions: 384
    memory: { device: cpu, bytes: 90 MB }
`,
  [DEMO]: `name: Demo
summary: Canned answers from inside the gateway.
flag: DEMO
tier: local
adapter: demo
sources:
  - { what: everything, from: this repository, date: 2026-11-21 }
models:
  - { alias: demo, upstream: canned, operation: chat, capabilities: [tools] }
`,
  [OLDIE]: `name: Oldie
summary: Was good while it lasted.
flag: OLDIE
tier: free
adapter: openai-compatible
base_url: { default: https://api.oldie.example/v1, env: OLDIE_BASE_URL }
status: { state: unusable, reason: the service was retired, since: 2026-07-30 }
sources:
  - { what: "unverified: everything", from: its last letter, date: 2026-11-21 }
models:
  - { alias: oldie, upstream: old-llama, operation: chat }
`,
  [OWN]: `name: Own
summary: Servers that only .env knows.
flag: OWN
tier: local
adapter: openai-compatible
instances: { prefix: OWN, capabilities: [tools] }
local: { driver: llamacpp }
sources:
  - { what: "unverified: everything", from: their operator, date: 2026-11-21 }
`,
  [BASE]: `names: [meta/llama-3.3-70b]
operation: chat
context_tokens: 200000
capabilities: [tools]
sources: [{ what: all, url: "https://llama.example", date: 2026-11-21 }]
`,
  [CHAINS]: `{
  "chains": {
    "groq-llama": ["cerebras-llama"],
    "cerebras-llama": ["groq-llama"],
    "local-llama": [], "local-bge": [],
    "demo": [], "oldie": "@spare"
  },
  "default": { "embedding": [] },
  "context_window": { "local-llama": ["groq-llama"] },
  "ladders": { "spare": ["oldie", "cerebras-llama"] }
}
`,
  [GROUPS]: `{
  "groups": {
    "fast-mode": {
      "description": "The fastest.",
      "operation": "chat", "members": ["groq-llama", "cerebras-llama"]
    },
    "own-mode": {
      "description": "One's own first.",
      "operation": "chat", "members": ["local-llama", "groq-llama"],
      "fallback": ["back-mode"]
    },
    "back-mode": { "description": "Else.", "operation": "chat", "members": ["groq-llama", "local-llama"] }
  },
  "direct": { "groq-alone": { "alias": "groq-llama" } }
}
`,
  [MODEL_MAP]: `{
  "map": {
    "claude-*": ["groq-llama", "local-llama"],
    "gpt-*": ["cerebras-llama"],
    "text-embedding": ["local-bge"]
  }
}
`,
  [POLICIES]: `{
  "policies": {
    "*": { "midstream": "continue" },
    "groq-llama": { "first_token_ms": 4000, "hedge_after_ms": 1500 },
    "local-bge": { "first_token_ms": 9000 }
  }
}
`,
} as const satisfies Files;

/** The schemas and adapters of this repository. */
export const INSTALLATION: Installation = {
  schemasDir: join(import.meta.dirname, "../../../../schemas"),
  adaptersDir: join(import.meta.dirname, "../../../adapters"),
};

/** The fixture with one text replaced in one file; a file that is not there yet is added with `was` = `*`. */
export function edited(file: string, was: string, shows: string, files: Files = FIXTURE): Files {
  const text = files[file];
  if (was === "*") return { ...files, [file]: shows };
  if (typeof text !== "string" || text.split(was).length !== 2)
    throw new Error(`${file} must hold ${JSON.stringify(was)} exactly once`);
  return { ...files, [file]: text.replace(was, () => shows) };
}

/** Writes files under a fresh root, calls `use`, and removes them. */
export async function withRoot<T>(files: Files, use: (root: string) => T | Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "headgate-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return await use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** One text of one file, replaced by another. */
export type Edit = readonly [file: string, was: string, shows: string];

/** After every date of the fixture. */
export const TODAY = "2027-01-01";

/** Compiles the files of a root, with what is below its `overlay/`. */
export const compiled = (files: Files) =>
  withRoot(files, (root) =>
    compile({
      root,
      installation: INSTALLATION,
      overlayDir: join(root, "overlay"),
      today: TODAY,
    }),
  );

/** Findings of the fixture after edits, as `HG305 providers/groq/provider.yaml:3:7`. */
export async function findingsAfter(...edits: Edit[]): Promise<string[]> {
  return (await diagnosticsAfter(...edits)).map(
    ({ code, file, span }) =>
      `${code} ${file}${span === undefined ? "" : `:${span.start.line}:${span.start.column}`}`,
  );
}

/** As `findingsAfter`, whole. */
export async function diagnosticsAfter(...edits: Edit[]): Promise<readonly Diagnostic[]> {
  const files = edits.reduce<Files>((sofar, [file, was, shows]) => edited(file, was, shows, sofar), FIXTURE);
  return (await compiled(files)).diagnostics;
}
