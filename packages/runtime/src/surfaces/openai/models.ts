/** GET /v1/models: every name that a request may use, with the union of the fields that clients read. */
import { type Deployment, present } from "@headgate/contract";
import type { IndexedRoute, RouteIndex } from "@headgate/router";

export interface ModelList {
  /** The whole list as JSON text, made once per table. */
  readonly list: string;
  one(id: string): string | undefined;
  /** When the table was swapped in; the catalogue knows no release dates. */
  readonly createdAtS: number;
}

/**
 * @param createdAtS the table's time; the catalogue knows no release dates
 */
export function modelList(index: RouteIndex, createdAtS: number): ModelList {
  const describe = (route: IndexedRoute): Record<string, unknown> | undefined => {
    const first = route.chain[0];
    if (first === undefined) return undefined;
    const { deployment, provider } = first;
    const description = index.table.routes.find(
      (entry) => entry.kind !== "alias" && entry.name === route.name,
    )?.description;
    return {
      id: route.name,
      object: "model",
      created: createdAtS,
      created_at: new Date(createdAtS * 1000).toISOString(),
      owned_by: isOurs(route) ? "headgate" : provider.id,
      name: isOurs(route) ? route.name : `${provider.name}: ${deployment.upstream}`,
      display_name: route.name,
      ...present({ description, maps_to: route.target }),
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
    one(id) {
      const route = index.find(id);
      // The answer has the name that the client sent, not the pattern that matched.
      const entry =
        route === undefined ? undefined : describe(route.kind === "map" ? { ...route, name: id } : route);
      return entry === undefined ? undefined : JSON.stringify(entry);
    },
  };
}

/** Groups and patterns of the model map: several providers may answer under these names. */
const isOurs = ({ kind }: IndexedRoute): boolean => kind === "group" || kind === "map";

const windows = ({ contextTokens, maxOutputTokens }: Deployment): Record<string, number> =>
  present({
    context_length: contextTokens,
    context_window: contextTokens,
    max_model_len: contextTokens,
    max_input_tokens: contextTokens,
    max_output_tokens: maxOutputTokens,
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
