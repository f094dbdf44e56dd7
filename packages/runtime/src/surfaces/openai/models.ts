/** GET /v1/models: every name that a request may use, with the union of the fields that clients read. */
import { type Deployment, present } from "@headgate/contract";
import type { IndexedRoute, RouteIndex } from "@headgate/router";

export interface ModelList {
  /** The whole list as JSON text, made once per table. */
  readonly list: string;
  one(id: string): string | undefined;
  /** The list in the form of LiteLLM's proxy, for its clients. */
  readonly info: string;
  /** When the table was swapped in; the catalogue knows no release dates. */
  readonly createdAtS: number;
}

/**
 * @param createdAtS the table's time; the catalogue knows no release dates
 */
export function modelList(index: RouteIndex, createdAtS: number): ModelList {
  const descriptions = new Map<string, string>();
  for (const { kind, name, description } of index.table.routes)
    if (kind !== "alias" && description !== undefined && !descriptions.has(name))
      descriptions.set(name, description);
  const describe = (route: IndexedRoute): Record<string, unknown> | undefined => {
    const first = route.chain[0];
    if (first === undefined) return undefined;
    const { deployment, provider } = first;
    const description = descriptions.get(route.name);
    return {
      id: route.name,
      object: "model",
      created: createdAtS,
      created_at: new Date(createdAtS * 1000).toISOString(),
      owned_by: isOurs(route) ? "headgate" : provider.id,
      name: isOurs(route) ? route.name : `${provider.name}: ${deployment.upstream}`,
      display_name: route.name,
      ...present({ description, maps_to: route.target, retired: route.retired }),
      ...(route.retired === undefined || route.kind !== "alias" || deployment.alias === route.name
        ? {}
        : { replaced_by: deployment.alias }),
      operation: route.operation,
      served: route.chain.some((entry) => entry.deployment.served),
      ...(isOurs(route) ? {} : { tier: deployment.tier, upstream: deployment.upstream }),
      ...windows(deployment),
      architecture: architecture(deployment),
      supported_parameters: parameters(deployment),
      fallbacks: route.chain.slice(1).map((entry) => entry.deployment.alias),
    };
  };
  const names = index.table.routes.map((route) => route.name);
  const entries = names.flatMap((name) => {
    const route = index.find(name);
    const entry = route === undefined ? undefined : describe(route);
    return entry === undefined ? [] : [entry];
  });
  return {
    createdAtS,
    list: JSON.stringify({ object: "list", data: entries }),
    info: JSON.stringify({ data: names.flatMap((name) => infoOf(index.find(name)) ?? []) }),
    one(id) {
      const route = index.find(id);
      // The answer has the name that the client sent, not the pattern that matched.
      const entry =
        route === undefined ? undefined : describe(route.kind === "map" ? { ...route, name: id } : route);
      return entry === undefined ? undefined : JSON.stringify(entry);
    },
  };
}

/** https://docs.litellm.ai/docs/proxy/model_management#get-model-information---modelinfo */
function infoOf(route: IndexedRoute | undefined): Record<string, unknown> | undefined {
  const first = route?.chain[0];
  if (route === undefined || first === undefined) return undefined;
  const { deployment, provider } = first;
  const { contextTokens, maxOutputTokens, operation, capabilities } = deployment;
  return {
    model_name: route.name,
    litellm_params: { model: route.name },
    model_info: {
      id: route.name,
      mode: operation,
      litellm_provider: provider.id,
      max_tokens: maxOutputTokens ?? null,
      max_input_tokens: contextTokens ?? null,
      max_output_tokens: maxOutputTokens ?? null,
      supports_function_calling: capabilities.includes("tools"),
      supports_vision: capabilities.includes("vision"),
      supports_reasoning: capabilities.includes("reasoning"),
    },
  };
}

/** Groups and patterns of the model map: several providers may answer under these names. */
const isOurs = ({ kind }: IndexedRoute): boolean => kind === "group" || kind === "map";

const windows = ({ contextTokens, maxOutputTokens }: Deployment): Record<string, unknown> =>
  present({
    context_length: contextTokens,
    context_window: contextTokens,
    max_model_len: contextTokens,
    max_input_tokens: contextTokens,
    max_output_tokens: maxOutputTokens,
    // LiteLLM's older name of the longest answer.
    max_tokens: maxOutputTokens,
    // Where OpenRouter's clients look.
    top_provider: { context_length: contextTokens ?? null, max_completion_tokens: maxOutputTokens ?? null },
  });

function architecture({ operation, capabilities }: Deployment): {
  input_modalities: string[];
  output_modalities: string[];
} {
  const input = operation === "transcription" ? ["audio"] : ["text"];
  if (capabilities.includes("vision")) input.push("image");
  if (capabilities.includes("audio-input")) input.push("audio");
  const output = {
    chat: "text",
    embedding: "embedding",
    transcription: "text",
    speech: "audio",
    image: "image",
    rerank: "scores",
    moderation: "scores",
  }[operation];
  return { input_modalities: input, output_modalities: [output] };
}

const parameters = ({ operation, capabilities }: Deployment): string[] => {
  if (operation !== "chat") return [];
  const names = ["max_tokens", "temperature", "top_p", "stop"];
  if (capabilities.includes("tools")) names.push("tools", "tool_choice");
  if (capabilities.includes("json")) names.push("response_format");
  if (capabilities.includes("reasoning")) names.push("reasoning_effort");
  return names;
};
