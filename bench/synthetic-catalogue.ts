/** A catalogue of any size, shaped like the real one, written to a folder. It compiles without a finding. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface CatalogueSize {
  readonly providers: number;
  readonly modelsEach: number;
}

/** The number of each provider's models with a chain of their own; the others have the default, as in the real catalogue. */
const CHAINED_MODELS = 10;
const CHAIN_LENGTH = 12;
const TIERS = ["free", "subscription", "paid"] as const;

const aliasOf = (provider: number, model: number): string => `p${provider}-model-${model}`;

function fragment(index: number, modelsEach: number): string {
  const tier = tierOf(index);
  return `# yaml-language-server: $schema=../../schemas/provider.schema.json
name: Provider ${index}
summary: A synthetic provider, one of many.
flag: P${index}
tier: ${tier}
adapter: openai-compatible

base_url:
  default: https://p${index}.example/v1
  env: P${index}_BASE_URL

auth:
  scheme: bearer
  env: P${index}_API_KEY
  mistaken: [P${index}_KEY, P${index}_TOKEN]

dialect:
  drop: [logit_bias, logprobs, store]

errors:
  - status: 429
    contains: per day
    class: daily_quota
    why: The daily budget is gone, though the status says that the minute is.

limits_page: https://p${index}.example/limits

notes: |
  Windows roll. Of the header pairs, \`-requests\` counts the day and \`-tokens\` the minute.
  Unknown request fields are answered with 400, so those that it does not have are left out.

sources:
  - what: everything
    url: https://p${index}.example/docs
    date: 2026-11-21

models:
${Array.from({ length: modelsEach }, (_, model) => modelText(index, model)).join("\n")}`;
}

const modelText = (provider: number, model: number): string => `  - alias: ${aliasOf(provider, model)}
    upstream: vendor-${provider}/model-${model}-instruct
    operation: chat
    context_tokens: ${8192 * (1 + (model % 16))}
    max_output_tokens: 8192
    capabilities: [tools, json]
    ${tierOf(provider) === "paid" ? "price: { input: 1, output: 4, date: 2026-11-21, source: https://p.example/prices }" : "price_unknown: a free tier"}
    limits:
      - { scope: model, unit: requests, window: minute, amount: 30, reset: rolling }
      - { scope: model, unit: requests, window: day, amount: 1000, reset: rolling }
      - { scope: model, unit: tokens, window: minute, amount: 12000, reset: rolling }
    unverified: [context_tokens, capabilities]
    notes: general chat, number ${model}
`;

const tierOf = (provider: number): (typeof TIERS)[number] => TIERS[provider % TIERS.length] ?? "free";

/** Targets in tier order, spread over the whole catalogue. */
function chainOf(provider: number, model: number, { providers, modelsEach }: CatalogueSize): string[] {
  const targets = Array.from({ length: Math.min(CHAIN_LENGTH, providers - 1) }, (_, step) => {
    const other = (provider + (step + 1) * (1 + Math.floor((providers - 2) / CHAIN_LENGTH))) % providers;
    return { other, alias: aliasOf(other, (model + step) % modelsEach) };
  });
  return targets
    .filter(({ other }) => other !== provider)
    .sort((a, b) => (a.other % TIERS.length) - (b.other % TIERS.length) || a.other - b.other)
    .map(({ alias }) => alias);
}

/** @returns the number of written bytes. */
export function writeCatalogue(root: string, size: CatalogueSize): number {
  let bytes = 0;
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    bytes += Buffer.byteLength(text);
  };
  const chains: Record<string, string[]> = {};
  for (let provider = 0; provider < size.providers; provider += 1) {
    put(`providers/p${provider}/provider.yaml`, fragment(provider, size.modelsEach));
    for (let model = 0; model < Math.min(CHAINED_MODELS, size.modelsEach); model += 1) {
      chains[aliasOf(provider, model)] = chainOf(provider, model, size);
    }
  }
  const first = size.modelsEach - 1;
  put(
    "fallbacks/fallbacks.json",
    `${JSON.stringify({ chains, default: { chat: TIERS.map((_, tier) => aliasOf(tier, first)) } }, null, 1)}\n`,
  );
  return bytes;
}
