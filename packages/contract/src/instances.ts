/** Servers that an environment adds: `CUSTOM_1_BASE_URL`, `CUSTOM_1_API_KEY`, `CUSTOM_1_MODELS`, then `CUSTOM_2_…`. */
import type { Capability } from "./fragment.ts";

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
  /** Comma-separated upstream ids. */
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
