/** The three set-ups that are judged: each a folder and an .env as a user has them, with every option at its default. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FALLBACKS, PRIMARIES, SCENARIOS } from "./scenarios.ts";

export type SetupId = "fragment" | "custom" | "one-account";

export interface Setup {
  readonly id: SetupId;
  readonly title: string;
  /** How many of the sixteen must pass. */
  readonly bar: number;
  /** Writes fragments and chains into the root. @returns the lines of its .env */
  prepare(root: string, baseUrl: string): readonly string[];
  /** The fields of a request for a primary and its fallback. */
  request(primary: string, fallback: string): Readonly<Record<string, unknown>>;
  /** The fields of a request for a fallback alone. */
  direct(fallback: string): Readonly<Record<string, unknown>>;
}

const PRIMARY_KEY = "test-key-of-the-first-account";
const FALLBACK_KEY = "test-key-of-the-second-account";
const PRIMARY_WINDOW_TOKENS = 8_192;
const FALLBACK_WINDOW_TOKENS = 131_072;

export const SETUPS: readonly Setup[] = [
  {
    id: "fragment",
    title: "two fragments, two accounts",
    bar: 16,
    prepare(root, baseUrl) {
      writeChains(root);
      return [
        ...addFragment(root, "failover-a", baseUrl, PRIMARY_KEY, models(PRIMARIES, PRIMARY_WINDOW_TOKENS)),
        ...addFragment(root, "failover-b", baseUrl, FALLBACK_KEY, models(FALLBACKS, FALLBACK_WINDOW_TOKENS)),
      ];
    },
    request: (primary) => ({ model: primary }),
    direct: (fallback) => ({ model: fallback }),
  },
  {
    id: "custom",
    title: "two CUSTOM servers",
    bar: 15,
    prepare: (_root, baseUrl) => [
      "CUSTOM=1",
      `CUSTOM_1_BASE_URL=${baseUrl}`,
      `CUSTOM_1_API_KEY=${PRIMARY_KEY}`,
      `CUSTOM_1_MODELS=${PRIMARIES.join(",")}`,
      `CUSTOM_2_BASE_URL=${baseUrl}`,
      `CUSTOM_2_API_KEY=${FALLBACK_KEY}`,
      `CUSTOM_2_MODELS=${FALLBACKS.join(",")}`,
    ],
    // A chain cannot name what only the .env knows; the request can.
    request: (primary, fallback) => ({
      model: `custom-1-${primary}`,
      fallbacks: [`custom-2-${fallback}`],
    }),
    direct: (fallback) => ({ model: `custom-2-${fallback}` }),
  },
  {
    id: "one-account",
    title: "one fragment, one account",
    bar: 16,
    prepare(root, baseUrl) {
      writeChains(root);
      return addFragment(
        root,
        "failover-a",
        baseUrl,
        PRIMARY_KEY,
        models(PRIMARIES, PRIMARY_WINDOW_TOKENS) + models(FALLBACKS, FALLBACK_WINDOW_TOKENS),
      );
    },
    request: (primary) => ({ model: primary }),
    direct: (fallback) => ({ model: fallback }),
  },
];

const models = (names: readonly string[], windowTokens: number): string =>
  names
    .map(
      (name) => `
  - alias: ${name}
    upstream: ${name}
    operation: chat
    context_tokens: ${windowTokens}
    capabilities: [tools, json]
    notes: fails as its name states
`,
    )
    .join("");

/** @returns the lines of .env that switch it on */
function addFragment(root: string, id: string, baseUrl: string, key: string, modelLines: string): string[] {
  const prefix = id.toUpperCase().replaceAll("-", "_");
  const folder = join(root, "providers", id);
  mkdirSync(folder);
  writeFileSync(
    join(folder, "provider.yaml"),
    `name: ${id}
summary: A provider of the failover scenarios.
flag: ${prefix}
tier: free
adapter: openai-compatible

base_url:
  default: https://${id}.example/v1
  env: ${prefix}_BASE_URL

auth:
  scheme: bearer
  env: ${prefix}_API_KEY

sources:
  - what: everything
    from: this repository
    date: 2026-12-01

models:${modelLines}`,
  );
  return [`${prefix}=1`, `${prefix}_API_KEY=${key}`, `${prefix}_BASE_URL=${baseUrl}`];
}

function writeChains(root: string): void {
  const path = join(root, "fallbacks", "fallbacks.json");
  const file = JSON.parse(readFileSync(path, "utf8")) as { chains: Record<string, readonly string[]> };
  for (const name of FALLBACKS) file.chains[name] = [];
  for (const { primary, fallback } of SCENARIOS) file.chains[primary] = [fallback];
  writeFileSync(path, JSON.stringify(file, undefined, 2));
}
