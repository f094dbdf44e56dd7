/** The routes about models: /api/tags, /api/show, /api/ps. */
import { hash } from "node:crypto";
import { present } from "@headgate/contract";
import type { IndexedRoute, RouteIndex } from "@headgate/router";

const describe = (route: IndexedRoute, modifiedAt: string): Record<string, unknown> | undefined => {
  const first = route.chain[0];
  if (first === undefined) return undefined;
  const { provider } = first;
  return {
    name: route.name,
    model: route.name,
    modified_at: modifiedAt,
    // No model is stored here. Clients need a number and a stable digest.
    size: 0,
    digest: hash("sha256", `${provider.id}/${route.name}`),
    details: detailsOf(route),
  };
};

const detailsOf = (route: IndexedRoute): Record<string, unknown> => {
  const family = route.chain[0]?.provider.id ?? "";
  return {
    parent_model: "",
    format: "",
    family,
    families: [family],
    parameter_size: "",
    quantization_level: "",
  };
};

export function tags(index: RouteIndex, createdAtS: number): unknown {
  const modifiedAt = new Date(createdAtS * 1000).toISOString();
  const models = index.table.routes.flatMap(({ name, operation, kind }) => {
    // A client cannot choose a pattern of the model map.
    const listed = kind !== "map" && (operation === "chat" || operation === "embedding");
    const route = listed ? index.find(name) : undefined;
    return (route === undefined ? undefined : describe(route, modifiedAt)) ?? [];
  });
  return { models };
}

export function show(route: IndexedRoute): unknown {
  const deployment = route.chain[0]?.deployment;
  const has = (capability: string): boolean =>
    deployment?.capabilities.some((one) => one === capability) ?? false;
  const kind = route.operation === "embedding" ? ["embedding"] : ["completion"];
  const family = route.chain[0]?.provider.id ?? "";
  return {
    modelfile: "",
    parameters: "",
    template: "",
    details: detailsOf(route),
    model_info: {
      "general.architecture": family,
      "general.basename": deployment?.upstream ?? route.name,
      ...present({
        [`${family}.context_length`]: deployment?.contextTokens,
        [`${family}.embedding_length`]: deployment?.dimensions,
      }),
    },
    capabilities: [
      ...kind,
      ...(has("tools") ? ["tools"] : []),
      ...(has("vision") ? ["vision"] : []),
      ...(has("reasoning") ? ["thinking"] : []),
    ],
  };
}
