/** Servers that an environment adds: `CUSTOM_1_BASE_URL`, `CUSTOM_1_API_KEY`, `CUSTOM_1_MODELS`, then `CUSTOM_2_…`. */
import type { Capability, Operation } from "./fragment.ts";

export interface CatalogInstances {
  /** The prefix of every instance's variables: `CUSTOM`. */
  readonly prefix: string;
  /** The capabilities assumed of every model of an instance: no source states them. */
  readonly capabilities: readonly Capability[];
}

/** The variables of one instance; further keys follow as `<apiKey>_2`, … */
export interface InstanceVariables {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Comma-separated upstream ids, each with `:operation` where it is not for chat; see `instanceModels`. */
  readonly models: string;
  /** Device and size of the largest of them, loaded: `cuda 6 GB`; only where the provider has `local`. */
  readonly memory: string;
}

export const instanceVariables = (prefix: string, number: number): InstanceVariables => ({
  baseUrl: `${prefix}_${number}_BASE_URL`,
  apiKey: `${prefix}_${number}_API_KEY`,
  models: `${prefix}_${number}_MODELS`,
  memory: `${prefix}_${number}_MEMORY`,
});

/** What may follow the last colon of an entry; anything else there belongs to the id. */
export const INSTANCE_OPERATIONS: readonly Operation[] = [
  "chat",
  "embedding",
  "rerank",
  "transcription",
  "speech",
  "image",
];

export interface InstanceModel {
  readonly upstream: string;
  readonly operation: Operation;
}

/** `big, my-embed:embedding, qwen3:4b` → chat, embedding and chat. The same id for the same operation counts once. */
export function instanceModels(text: string | undefined): InstanceModel[] {
  const models = new Map<string, InstanceModel>();
  for (const entry of (text ?? "").split(",")) {
    const colon = entry.lastIndexOf(":");
    const last = entry.slice(colon + 1).trim();
    const named = colon === -1 ? undefined : INSTANCE_OPERATIONS.find((operation) => operation === last);
    const upstream = (named === undefined ? entry : entry.slice(0, colon)).trim();
    const operation = named ?? "chat";
    if (upstream !== "") models.set(`${operation} ${upstream}`, { upstream, operation });
  }
  return [...models.values()];
}

const INSTANCE = /^_([1-9][0-9]?)_(?:BASE_URL|MODELS|MEMORY|API_KEY(?:_[1-9][0-9]?)?)$/;

/** The number of the instance that a variable belongs to; undefined when it belongs to none. */
export function instanceNumber(prefix: string, name: string): number | undefined {
  const digits = name.startsWith(prefix) ? INSTANCE.exec(name.slice(prefix.length))?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/** The numbers of all instances that an environment mentions, ascending. */
export function instanceNumbers(prefix: string, values: Readonly<Record<string, string>>): number[] {
  const numbers = Object.keys(values).flatMap((name) => instanceNumber(prefix, name) ?? []);
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** `custom-1-org-model.v2`: an upstream id as a part of an alias, which has no slashes, colons or spaces. */
export const instanceAlias = (id: string, upstream: string): string =>
  `${id}-${upstream.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^-+|-+$/g, "") || "model"}`.slice(0, 120);
