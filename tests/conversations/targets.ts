/** The providers that conversations are sent to: the catalogue's own fragments in front of their strict twins. */
import { join, resolve as resolvePath } from "node:path";
import { compile } from "@headgate/compiler";
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
  alone("openai", "gpt-5"),
  alone("openai", "gpt-5.1"),
  of("openai", "gpt-5.4"),
  alone("openai", "gpt-5.6"),
  of("anthropic", "claude-sonnet-4-6"),
  alone("anthropic", "claude-opus-4-7"),
  alone("anthropic", "claude-opus-4-8"),
  alone("gemini", "gemini-2.5-flash"),
  of("gemini", "gemini-3.5-flash"),
  of("mistral", "mistral-small-2603"),
  alone("mistral", "mistral-large-2512"),
  alone("groq", "meta-llama/llama-4-scout-17b-16e-instruct"),
  of("groq", "openai/gpt-oss-120b"),
  alone("groq", "qwen/qwen3-32b"),
  alone("deepseek", "deepseek-chat"),
  alone("deepseek", "deepseek-reasoner"),
  of("deepseek", "deepseek-v4-pro"),
  alone("moonshot", "kimi-k2-0905-preview"),
  of("moonshot", "kimi-k2.6"),
  alone("moonshot", "kimi-k3"),
  of("cerebras", "gpt-oss-120b"),
  alone("xai", "grok-4"),
  alone("xai", "grok-4.5"),
  of("openrouter", "qwen/qwen3-coder:free"),
  alone("openrouter", "openai/gpt-4o"),
  of("openrouter", "google/gemini-3-flash"),
  of("cohere", "command-a-03-2025"),
  alone("cohere", "command-r-08-2024"),
  alone("qwen", "qwen-plus"),
  of("qwen", "qwen3-32b"),
  of("zai", "glm-4.5"),
  alone("zai", "glm-5.3"),
  of("minimax", "MiniMax-M2.5"),
  alone("minimax", "MiniMax-M3"),
  of("nvidia", "meta/llama-3.3-70b-instruct"),
  of("cloudflare", "@cf/openai/gpt-oss-120b"),
  alone("sambanova", "DeepSeek-V3.2"),
  alone("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
  alone("fireworks", "accounts/fireworks/models/kimi-k2p5"),
  of("ollama", "qwen3:4b"),
  alone("ollama", "gpt-oss:20b"),
  alone("ollama", "llama3.2:3b"),
  of("vllm", "Qwen3.6-35B-A3B-NVFP4"),
  of("llama-cpp", "devstral-small", "llamacpp-1"),
];

/** The catalogue with models that a user adds, which the providers' rules must fit too. @throws on its errors. */
async function catalog(): Promise<Catalog> {
  const root = resolvePath(".");
  const { catalog: compiled, diagnostics } = await compile({
    root,
    installation: { schemasDir: join(root, "schemas"), adaptersDir: join(root, "packages", "adapters") },
    overlayDir: join(root, "tests", "conversations", "overlay"),
    maxWorkers: 1,
  });
  if (compiled === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return compiled;
}

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
export async function twinTable(labUrl: string): Promise<RoutingTable> {
  const all = await catalog();
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
