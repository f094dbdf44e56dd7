/** The first draft of a fragment: it validates as it is, and its comments name what is still to be filled in. */
import { scalarText } from "@headgate/compiler/edit";

export interface ProviderDraft {
  readonly id: string;
  readonly name?: string;
  readonly baseUrl?: string;
  readonly tier: "free" | "subscription" | "paid" | "local";
  readonly adapter: string;
  /** The upstream id of the first model. */
  readonly model?: string;
  /** The day, ISO 8601. */
  readonly date: string;
}

/** What a fragment without `adapter` has. */
const DEFAULT_ADAPTER = "openai-compatible";

/** Where a server of one's own of this wire usually listens, and what loads and unloads its models. */
const OWN_SERVERS: Readonly<Record<string, { readonly address: string; readonly driver: string }>> = {
  ollama: { address: "http://127.0.0.1:11434", driver: "ollama" },
};

/** Where servers of these wires take the key; the others take it as a bearer token. */
const KEY_HEADERS: Readonly<Record<string, string>> = { anthropic: "x-api-key", gemini: "x-goog-api-key" };

/** What a provider of this wire costs, where the user does not say. */
export const usualTier = (adapter: string): ProviderDraft["tier"] =>
  OWN_SERVERS[adapter] === undefined ? "free" : "local";

const titled = (id: string): string =>
  id
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");

export function draftProvider(draft: ProviderDraft): {
  readonly yaml: string;
  readonly alias: string;
  readonly flag: string;
  /** Absent for a local provider, which needs no key. */
  readonly keyVar: string | undefined;
} {
  const { id, tier, adapter, date } = draft;
  const local = tier === "local";
  const flag = id.toUpperCase().replaceAll("-", "_");
  const upstream = draft.model ?? "example-model";
  const tail = upstream.split("/").at(-1) ?? upstream;
  const named = tail.replace(/[^A-Za-z0-9._-]+/g, "-");
  const alias = named.startsWith(`${id}-`) ? named : `${id}-${named}`;
  const { address, driver } = OWN_SERVERS[adapter] ?? {
    address: "http://127.0.0.1:8000/v1",
    driver: "process",
  };
  const baseUrl = draft.baseUrl ?? (local ? address : `https://api.${id}.example/v1`);
  const keyVar = local ? undefined : `${flag}_API_KEY`;
  const keyHeader = local ? undefined : KEY_HEADERS[adapter];
  const auth = keyHeader === undefined ? "" : `\nauth: { scheme: header, header: ${keyHeader} }`;
  const yaml = `# yaml-language-server: $schema=../../schemas/provider.schema.json
name: ${scalarText(draft.name ?? titled(id))}
summary: What it is good for, in one line.
tier: ${tier}
${adapter === DEFAULT_ADAPTER ? "" : `adapter: ${adapter}\n`}base_url: ${scalarText(baseUrl.replace(/\/+$/, ""))}${auth}
${
  local
    ? `
# Who loads and unloads its models, and how it comes up: see schemas/local.schema.json.
local:
  driver: ${driver}
${
  driver === "ollama"
    ? `
# Without this variable it offers every model that it has; with it, those that it lists.
models_env: ${flag}_OFFER
`
    : ""
}`
    : ""
}
# What the official limits page states; a figure without a page gets \`verified: false\`.
# limits_page: https://…
# limits:
#   - { scope: account, unit: requests, window: minute, amount: 30, reset: rolling }

# Where the wire departs from the adapter's, as data: see schemas/provider.schema.json. Prove each rule in
# fixtures/exchanges.json beside this file.
# dialect:
#   drop: [logprobs]

sources:
  - what: "unverified: first draft"
    from: headgate new provider
    date: "${date}"

models:
  - alias: ${scalarText(alias)}
    upstream: ${scalarText(upstream)}
    operation: chat
    # context_tokens: 131072
    # capabilities: [tools, json]
${tier === "paid" ? "    # Dollars for a million tokens: price: { input: 1, output: 5, date: …, source: … }\n    price_unknown: its price was not looked up yet\n" : ""}${local ? `    memory: { device: cpu, bytes: ${draftGb(upstream)} GB }\n` : ""}    unverified: [upstream${local ? ", memory" : ""}]
`;
  return { yaml, alias, flag, keyVar };
}

/** A first figure for a model at four bits a parameter with a small context; its size stands in most ids, as in `qwen3:4b`. */
function draftGb(upstream: string): number {
  const billions = Number(/(?:^|[^0-9a-z.])([0-9]+(?:\.[0-9]+)?)b(?![a-z])/i.exec(upstream)?.[1] ?? 0);
  return Math.ceil(0.7 * billions) + 1;
}
