/**
 * Models that servers of the operator's own have, as the servers describe them. The gateway asks for them; `resolve` gives
 * them names. No fragment knows them.
 */
import type { Capability } from "./fragment.ts";
import type { JsonValue } from "./json.ts";
import type { ModelMemory } from "./local.ts";

export interface FoundModel {
  /** As requests name it: `qwen3:4b`. */
  readonly upstream: string;
  /** Changes with the model's content. */
  readonly digest: string;
  readonly operation: "chat" | "embedding";
  readonly capabilities: readonly Capability[];
  readonly contextTokens?: number;
  readonly dimensions?: number;
  /** Estimated from its file and its shape, or measured once it was loaded. */
  readonly memory?: Pick<ModelMemory, "bytes"> & Partial<Pick<ModelMemory, "device" | "contextTokenBytes">>;
}

export interface FoundServer {
  readonly baseUrl: string;
  readonly models: readonly FoundModel[];
}

/** By the provider's id. */
export type FoundModels = Readonly<Record<string, FoundServer>>;

/** The offer of everything that the server lists. */
export const OFFER_ALL = "*";

/** A name with its tag: `bge-m3` is `bge-m3:latest`; what comes before the last slash may hold a port. */
export const withTag = (model: string): string => (/:[^/]*$/.test(model) ? model : `${model}:latest`);

/** A name as its users write it: without the tag that none means. */
export const withoutLatest = (model: string): string => model.replace(/:latest$/, "");

/** Reads what `JSON.stringify` wrote; undefined for anything else. A model that cannot be read is left out. */
export function readFoundModels(value: JsonValue | undefined): FoundModels | undefined {
  if (!isRecord(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([id, server]): [string, FoundServer][] => {
      if (!isRecord(server) || typeof server.baseUrl !== "string" || !Array.isArray(server.models)) return [];
      return [[id, { baseUrl: server.baseUrl, models: server.models.filter(isModel) }]];
    }),
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: unknown): boolean =>
  value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= 0);

function isModel(value: unknown): value is FoundModel {
  if (!isRecord(value)) return false;
  const { upstream, digest, operation, capabilities, memory } = value;
  return (
    typeof upstream === "string" &&
    upstream !== "" &&
    typeof digest === "string" &&
    (operation === "chat" || operation === "embedding") &&
    Array.isArray(capabilities) &&
    capabilities.every((one) => typeof one === "string") &&
    isCount(value.contextTokens) &&
    isCount(value.dimensions) &&
    (memory === undefined ||
      (isRecord(memory) &&
        typeof memory.bytes === "number" &&
        isCount(memory.bytes) &&
        isCount(memory.contextTokenBytes) &&
        (memory.device === undefined || memory.device === "cpu" || memory.device === "cuda")))
  );
}
