/** The providers that conversations are sent to: the catalogue's own fragments in front of their strict twins. */
import { readFileSync } from "node:fs";
import { type Catalog, type Deployment, type RoutingTable, resolve } from "@headgate/contract";
import { type TwinId, twinUrl } from "@headgate/upstream-lab";

export interface Target {
  /** What a cell is printed under. */
  readonly name: string;
  /** The name that requests use. */
  readonly alias: string;
  readonly provider: string;
  readonly upstream: string;
  readonly twin: TwinId;
  /** Stands for its wire and dialect in the pairs. */
  readonly family: boolean;
}

/** A model that stands for its family, and one that is tried alone. */
const of = (twin: TwinId, upstream: string, provider: string = twin): Target => ({
  ...alone(twin, upstream, provider),
  family: true,
});
const alone = (twin: TwinId, upstream: string, provider: string = twin): Target => ({
  name: `${provider}: ${upstream}`,
  alias: `${provider}-${upstream}`.toLowerCase().replace(/[^a-z0-9.]+/g, "-"),
  provider,
  upstream,
  twin,
  family: false,
});

/** One or two models of each wire and family of dialects. */
export const TARGETS: readonly Target[] = [
  of("openai", "gpt-4o"),
  of("openai", "o3"),
  of("anthropic", "claude-sonnet-4-6"),
  alone("gemini", "gemini-2.5-flash"),
  of("gemini", "gemini-3.5-flash"),
  of("mistral", "mistral-small-2603"),
  alone("groq", "meta-llama/llama-4-scout-17b-16e-instruct"),
  of("groq", "openai/gpt-oss-120b"),
  alone("groq", "qwen/qwen3-32b"),
  alone("deepseek", "deepseek-chat"),
  of("deepseek", "deepseek-reasoner"),
  of("moonshot", "kimi-k2-0905-preview"),
  of("cerebras", "gpt-oss-120b"),
  alone("xai", "grok-4"),
  of("openrouter", "qwen/qwen3-coder:free"),
  of("cohere", "command-a-03-2025"),
  alone("qwen", "qwen-plus"),
  of("zai", "glm-4.5"),
  of("minimax", "MiniMax-M2.5"),
  of("nvidia", "meta/llama-3.3-70b-instruct"),
  of("cloudflare", "@cf/openai/gpt-oss-120b"),
  alone("sambanova", "DeepSeek-V3.2"),
  alone("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
  alone("fireworks", "accounts/fireworks/models/kimi-k2p5"),
  of("ollama", "qwen3:4b"),
  of("vllm", "Qwen3.6-35B-A3B-NVFP4"),
  of("llama-cpp", "devstral-small", "llamacpp-1"),
];

const catalog = (): Catalog => JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

function environment(providers: Catalog["providers"]): Record<string, string> {
  const values: Record<string, string> = {
    LLAMACPP_1_BASE_URL: "http://127.0.0.1:9/v1",
    LLAMACPP_1_MODELS: "devstral-small",
  };
  const wanted = new Set(TARGETS.map(({ provider }) => provider.replace(/-1$/, "")));
  for (const { id, flag, auth } of providers) {
    if (!wanted.has(id)) continue;
    values[flag] = "1";
    // A key of Cloudflare is an account and a token.
    if (auth !== undefined) values[auth.env] = `${"0".repeat(32)}:key-of-${id}`;
  }
  return values;
}

/** @param labUrl The lab whose twins stand in for the providers. @throws where the catalogue lacks a target. */
export function twinTable(labUrl: string): RoutingTable {
  const all = catalog();
  const { table } = resolve(all, environment(all.providers));
  const found = TARGETS.map((target): Deployment => {
    const deployment = table.deployments.find(
      ({ provider, upstream, operation }) =>
        operation === "chat" &&
        upstream === target.upstream &&
        table.providers[provider]?.id === target.provider,
    );
    if (deployment === undefined) throw new Error(`the catalogue has no ${target.name}`);
    const { memory: _, ...rest } = deployment;
    // One window for all: a refusal goes to no other model for a larger one.
    return { ...rest, alias: target.alias, limits: [], contextTokens: 1_000_000 };
  });
  return {
    ...table,
    // Without limits and loading, so that a refusal is a refusal of the conversation.
    providers: table.providers.map(({ local: _, ...provider }) => {
      const twin = TARGETS.find((target) => target.provider === provider.id)?.twin;
      return twin === undefined ? provider : { ...provider, baseUrl: twinUrl(labUrl, twin), limits: [] };
    }),
    deployments: found,
    routes: found
      .map(({ alias }, index) => ({
        name: alias,
        kind: "alias" as const,
        operation: "chat" as const,
        chain: [index],
        contextChain: [],
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

export const capabilitiesOf = (table: RoutingTable, target: Target): readonly string[] =>
  table.deployments.find(({ alias }) => alias === target.alias)?.capabilities ?? [];
