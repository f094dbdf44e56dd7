/** Answers that are given again: where they are kept, and the rules by which they are. */
import { periodMs } from "./clients/period.ts";

/** Entries by key, outside of the gateway's own memory. */
export interface CacheStore {
  /** Never rejects: what cannot be read is absent. */
  get(key: string): Promise<string | undefined>;
  /** Written behind. */
  put(key: string, text: string, expiresAtMs: number): void;
  close(): Promise<void>;
}

/** The rule of a name or of a client. */
export interface CacheRule {
  /** Nothing is read and nothing is stored. */
  readonly off?: true;
  /** How long an answer is given again, in ms; absent: as long as HEADGATE_CACHE_TTL_MS. */
  readonly forMs?: number;
  /** Answers are shared with the other clients that share. */
  readonly shared?: true;
  /** Answers with tool calls are stored too. */
  readonly tools?: true;
}

export const CACHE_RULE = "off, on or a period such as 1h, with shared and tools where wanted: 1h,shared";

/** Undefined for a text that is no rule. */
export function parseCacheRule(text: string): CacheRule | undefined {
  const [first = "", ...words] = text.split(",").map((word) => word.trim());
  if (words.some((word) => word !== "shared" && word !== "tools")) return undefined;
  if (first === "off") return words.length === 0 ? { off: true } : undefined;
  const forMs = first === "on" ? undefined : periodMs(first);
  if (first !== "on" && (forMs === undefined || forMs === 0)) return undefined;
  return {
    ...(forMs === undefined ? {} : { forMs }),
    ...(words.includes("shared") ? { shared: true as const } : {}),
    ...(words.includes("tools") ? { tools: true as const } : {}),
  };
}
